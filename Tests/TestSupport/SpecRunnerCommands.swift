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
  /// Of type `v128`: its lanes, each with the `lane_type`.
  let lanes: [SpecValue]?
  /// Of type `either`.
  let values: [SpecValue]?

  private enum CodingKeys: String, CodingKey {
    case type, value, values
    case laneType = "lane_type"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    type = try container.decode(String.self, forKey: .type)
    values = try container.decodeIfPresent([SpecValue].self, forKey: .values)
    if let laneType = try container.decodeIfPresent(String.self, forKey: .laneType) {
      value = nil
      lanes = try container.decode([String].self, forKey: .value).map {
        SpecValue(type: laneType, value: $0)
      }
    } else {
      value = try container.decodeIfPresent(String.self, forKey: .value)
      lanes = nil
    }
  }

  private init(type: String, value: String) {
    self.type = type
    self.value = value
    lanes = nil
    values = nil
  }

  var description: String {
    let parts = lanes ?? values
    return "\(type) \(value ?? parts.map { "\($0)" } ?? "")"
  }
}
