/// A JSON value (RFC 8259) as commands print it: one document in one line. Counts are written with all their digits, also
/// beyond 2^53.
public indirect enum JSON: Sendable {
  case null
  case bool(Bool)
  /// As it is written: `12`, `0.25`.
  case number(String)
  case string(String)
  case array([JSON])
  /// Members in this order.
  case object([(String, JSON)])

  /// An integer.
  public static func integer(_ value: some BinaryInteger) -> JSON { .number("\(value)") }

  /// A number with so many decimal places.
  public static func decimal(_ value: Double, places: Int) -> JSON {
    .number(fixedPoint(value, places: places))
  }

  /// The document, with a line's end.
  public var document: String {
    var text = ""
    write(to: &text)
    return text + "\n"
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let digits): text += digits
    case .string(let string): Self.quote(string, to: &text)
    case .array(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += ", " }
        item.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += ", " }
        Self.quote(member.0, to: &text)
        text += ": "
        member.1.write(to: &text)
      }
      text += "}"
    }
  }

  /// Control characters beyond those that must be escaped are as well: a terminal could take them for its own.
  private static func quote(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

/// A number with so many decimal places, without Foundation.
public func fixedPoint(_ value: Double, places: Int) -> String {
  let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e18 else { return "\(value)" }
  let digits = String(Int(scaled))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard places > 0 else { return sign + padded }
  return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}
