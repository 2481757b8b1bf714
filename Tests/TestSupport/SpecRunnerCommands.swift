/// One command of a suite's file.
struct SpecCommand: Decodable {
  let type: String
  let line: Int
  /// Of a module; where a definition is instantiated, of the instance.
  let name: String?
  let instance: String?
  let module: String?
  let filename: String?
  let moduleType: String?
  let `as`: String?
  let action: SpecAction?
  let expected: [SpecValue]?
  /// The message of a failure.
  let text: String?

  enum CodingKeys: String, CodingKey {
    case type, line, name, instance, module, filename, `as`, action, expected, text
    case moduleType = "module_type"
  }
}

struct SpecAction: Decodable {
  /// `invoke` or `get`
  let type: String
  let module: String?
  let field: String
  let args: [SpecValue]?
}

struct SpecFileContents: Decodable {
  let commands: [SpecCommand]
}

/// A value as the suite writes it.
struct SpecValue: Decodable, CustomStringConvertible {
  let type: String
  /// A decimal bit pattern, `nan:canonical`, `nan:arithmetic`, `null`, or missing: anything but null.
  let value: String?
  /// Of type `either`.
  let values: [SpecValue]?

  var description: String { "\(type) \(value ?? values.map { "\($0)" } ?? "")" }
}
