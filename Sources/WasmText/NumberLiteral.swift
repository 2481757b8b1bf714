/// Integers and floats (spec 6.3.2). Everything here takes the bytes of an atom and gives nil where they
/// are not that kind of number, or are out of its range.
enum NumberLiteral {
  /// Digits with single underscores between them, up to 2^64 - 1.
  static func magnitude(_ digits: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
    guard areDigits(digits, radix: radix) else { return nil }
    var result: UInt64 = 0
    for byte in digits {
      guard let digit = byte.hexValue else { continue }
      let (scaled, overflow) = result.multipliedReportingOverflow(by: radix)
      let (sum, carry) = scaled.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      result = sum
    }
    return result
  }

  /// An unsigned integer.
  static func unsigned(_ atom: ArraySlice<UInt8>) -> UInt64? {
    isHex(atom) ? magnitude(atom.dropFirst(2), radix: 16) : magnitude(atom, radix: 10)
  }

  /// An integer of `width` bits, signed or unsigned (spec: iN), as its bits.
  static func integer(_ atom: ArraySlice<UInt8>, width: UInt64) -> UInt64? {
    let (isNegative, rest) = sign(atom)
    guard let value = unsigned(rest) else { return nil }
    let limit: UInt64 = 1 << (width - 1)
    if isNegative { return value <= limit ? (0 &- value) & mask(width) : nil }
    let isSigned = rest.startIndex != atom.startIndex
    return value <= (isSigned ? limit - 1 : mask(width)) ? value : nil
  }

  static func mask(_ width: UInt64) -> UInt64 { width == 64 ? .max : (1 << width) - 1 }

  static func f32(_ atom: ArraySlice<UInt8>) -> UInt32? {
    let (isNegative, rest) = sign(atom)
    let signBit: UInt32 = isNegative ? 1 << 31 : 0
    switch special(rest, significandBits: 23) {
    case .infinity: return signBit | 0x7F80_0000
    case .nan(let payload): return signBit | 0x7F80_0000 | UInt32(payload)
    case .malformed: return nil
    case .number: break
    }
    // One conversion, from text to binary32: by way of binary64 it would be rounded twice.
    guard let digits = normalized(rest), let value = Float(digits), value.isFinite else {
      return nil
    }
    return signBit | value.bitPattern
  }

  static func f64(_ atom: ArraySlice<UInt8>) -> UInt64? {
    let (isNegative, rest) = sign(atom)
    let signBit: UInt64 = isNegative ? 1 << 63 : 0
    switch special(rest, significandBits: 52) {
    case .infinity: return signBit | 0x7FF0_0000_0000_0000
    case .nan(let payload): return signBit | 0x7FF0_0000_0000_0000 | payload
    case .malformed: return nil
    case .number: break
    }
    guard let digits = normalized(rest), let value = Double(digits), value.isFinite else {
      return nil
    }
    return signBit | value.bitPattern
  }

  private static func sign(
    _ atom: ArraySlice<UInt8>
  ) -> (isNegative: Bool, rest: ArraySlice<UInt8>) {
    switch atom.first {
    case UInt8(ascii: "-"): (true, atom.dropFirst())
    case UInt8(ascii: "+"): (false, atom.dropFirst())
    default: (false, atom)
    }
  }

  private static func isHex(_ atom: ArraySlice<UInt8>) -> Bool { atom.starts(with: "0x".utf8) }

  private static func areDigits(_ digits: ArraySlice<UInt8>, radix: UInt64) -> Bool {
    guard let first = digits.first, let last = digits.last else { return false }
    let underscore = UInt8(ascii: "_")
    if first == underscore || last == underscore { return false }
    var previous = first
    for byte in digits {
      if byte == underscore {
        if previous == underscore { return false }
      } else {
        guard let value = byte.hexValue, UInt64(value) < radix else { return false }
      }
      previous = byte
    }
    return true
  }

  private enum Special {
    case infinity
    /// The significand's bits, not zero.
    case nan(UInt64)
    case number
    case malformed
  }

  private static func special(_ atom: ArraySlice<UInt8>, significandBits: UInt64) -> Special {
    if atom.elementsEqual("inf".utf8) { return .infinity }
    if atom.elementsEqual("nan".utf8) { return .nan(1 << (significandBits - 1)) }
    guard atom.starts(with: "nan:0x".utf8) else { return .number }
    guard let payload = magnitude(atom.dropFirst(6), radix: 16), payload > 0,
      payload <= mask(significandBits)
    else { return .malformed }
    return .nan(payload)
  }

  /// The number as the standard library reads it: no underscores, no empty fraction. Nil if it is not a
  /// float of the text format.
  private static func normalized(_ atom: ArraySlice<UInt8>) -> String? {
    let isHex = isHex(atom)
    let radix: UInt64 = isHex ? 16 : 10
    let marks = (isHex ? "pP" : "eE").utf8
    var mantissa = isHex ? atom.dropFirst(2) : atom
    var exponent: ArraySlice<UInt8>?
    if let mark = mantissa.firstIndex(where: { marks.contains($0) }) {
      exponent = mantissa[(mark + 1)...]
      mantissa = mantissa[..<mark]
    }
    var fraction: ArraySlice<UInt8> = []
    if let dot = mantissa.firstIndex(of: UInt8(ascii: ".")) {
      fraction = mantissa[(dot + 1)...]
      mantissa = mantissa[..<dot]
    }
    guard areDigits(mantissa, radix: radix),
      fraction.isEmpty || areDigits(fraction, radix: radix)
    else { return nil }
    if let exponent, !areDigits(sign(exponent).rest, radix: 10) { return nil }
    var result = Array((isHex ? "0x" : "").utf8) + mantissa
    if !fraction.isEmpty { result += [UInt8(ascii: ".")] + fraction }
    if let exponent { result += [isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")] + exponent }
    result.removeAll { $0 == UInt8(ascii: "_") }
    return String(decoding: result, as: UTF8.self)
  }
}
