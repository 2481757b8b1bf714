/// Integers and floats (spec 6.3.2). All functions take the bytes of an atom, and return nil if it is not a number of that kind
/// or is out of range.
enum NumberLiteral {
  /// Digits, which may be separated by single underscores; up to 2^64 - 1.
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
    float(atom, .binary32) { Float($0).flatMap { $0.isFinite ? UInt64($0.bitPattern) : nil } }
      .map { UInt32(truncatingIfNeeded: $0) }
  }

  static func f64(_ atom: ArraySlice<UInt8>) -> UInt64? {
    float(atom, .binary64) { Double($0).flatMap { $0.isFinite ? $0.bitPattern : nil } }
  }

  /// - Parameter decimal: Returns the bits of a decimal number. It must round only once: binary32 must not be converted from
  ///   binary64.
  private static func float(
    _ atom: ArraySlice<UInt8>, _ format: FloatFormat, decimal: (String) -> UInt64?
  ) -> UInt64? {
    let (isNegative, rest) = sign(atom)
    let signBit = isNegative ? format.signBit : 0
    switch special(rest, format) {
    case .infinity: return signBit | format.infinity
    case .nan(let payload): return signBit | format.infinity | payload
    case .malformed: return nil
    case .number: break
    }
    guard let parts = FloatParts(rest) else { return nil }
    return (parts.isHex ? format.round(parts) : decimal(parts.decimal)).map { signBit | $0 }
  }

  static func sign(
    _ atom: ArraySlice<UInt8>
  ) -> (isNegative: Bool, rest: ArraySlice<UInt8>) {
    switch atom.first {
    case UInt8(ascii: "-"): (true, atom.dropFirst())
    case UInt8(ascii: "+"): (false, atom.dropFirst())
    default: (false, atom)
    }
  }

  static func isHex(_ atom: ArraySlice<UInt8>) -> Bool { atom.starts(with: "0x".utf8) }

  static func areDigits(_ digits: ArraySlice<UInt8>, radix: UInt64) -> Bool {
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
    /// The bits of the significand, which are not zero.
    case nan(UInt64)
    case number
    case malformed
  }

  private static func special(_ atom: ArraySlice<UInt8>, _ format: FloatFormat) -> Special {
    if atom.elementsEqual("inf".utf8) { return .infinity }
    if atom.elementsEqual("nan".utf8) { return .nan(1 << (format.fractionBits - 1)) }
    guard atom.starts(with: "nan:0x".utf8) else { return .number }
    guard let payload = magnitude(atom.dropFirst(6), radix: 16), payload > 0,
      payload <= mask(format.fractionBits)
    else { return .malformed }
    return .nan(payload)
  }
}
