/// String literals (spec 6.3.3): their escapes and contents.
enum StringLiteral {
  /// The length of the escape at the start of `text`, including the backslash; nil if there is none.
  static func escapeLength(_ text: ArraySlice<UInt8>) -> Int? {
    escape(text)?.length
  }

  /// The bytes that a literal denotes.
  /// - Parameter literal: Includes its quotes. The lexer has checked it.
  static func contents(_ literal: ArraySlice<UInt8>) -> [UInt8] {
    var rest = literal.dropFirst().dropLast()
    var result: [UInt8] = []
    result.reserveCapacity(rest.count)
    while let byte = rest.first {
      if byte == UInt8(ascii: "\\"), let escape = escape(rest) {
        append(escape.value, isScalar: escape.isScalar, to: &result)
        rest = rest.dropFirst(escape.length)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// Whether `bytes` are UTF-8 as defined by the specification: no surrogates, no overlong forms.
  static func isUTF8(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }

  private static func append(_ value: UInt32, isScalar: Bool, to result: inout [UInt8]) {
    if isScalar, let scalar = Unicode.Scalar(value) {
      result.append(contentsOf: String(Character(scalar)).utf8)
    } else {
      result.append(UInt8(truncatingIfNeeded: value))
    }
  }

  private static func escape(
    _ text: ArraySlice<UInt8>
  ) -> (length: Int, value: UInt32, isScalar: Bool)? {
    let start = text.startIndex
    guard text.count >= 2 else { return nil }
    switch text[start + 1] {
    case UInt8(ascii: "t"): return (2, 9, false)
    case UInt8(ascii: "n"): return (2, 10, false)
    case UInt8(ascii: "r"): return (2, 13, false)
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
      return (2, UInt32(text[start + 1]), false)
    case UInt8(ascii: "u"): return scalarEscape(text)
    default:
      guard text.count >= 3, let high = text[start + 1].hexValue,
        let low = text[start + 2].hexValue
      else { return nil }
      return (3, UInt32(high * 16 + low), false)
    }
  }

  /// `\u{hexnum}`, a Unicode scalar value.
  private static func scalarEscape(
    _ text: ArraySlice<UInt8>
  ) -> (length: Int, value: UInt32, isScalar: Bool)? {
    var position = text.startIndex + 2
    guard position < text.endIndex, text[position] == UInt8(ascii: "{") else { return nil }
    position += 1
    let digits = text[position...].prefix { $0.hexValue != nil || $0 == UInt8(ascii: "_") }
    position = digits.endIndex
    guard position < text.endIndex, text[position] == UInt8(ascii: "}"),
      let value = NumberLiteral.magnitude(digits, radix: 16),
      let scalar = UInt32(exactly: value), Unicode.Scalar(scalar) != nil
    else { return nil }
    return (position + 1 - text.startIndex, scalar, true)
  }
}

extension UInt8 {
  /// The value of a hexadecimal digit.
  var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
