/// The parts of a finite float literal (spec 6.3.2). They may contain underscores.
struct FloatParts {
  var isHex: Bool
  var integer: ArraySlice<UInt8>
  /// The digits after the point. Also empty if there is no point.
  var fraction: ArraySlice<UInt8> = []
  /// Sign and decimal digits of the exponent. Its base is 2 for hexadecimal literals, otherwise 10.
  var exponent: ArraySlice<UInt8>?

  /// Nil if `atom`, which has no sign, is not a float of the text format.
  init?(_ atom: ArraySlice<UInt8>) {
    isHex = NumberLiteral.isHex(atom)
    integer = isHex ? atom.dropFirst(2) : atom
    let marks = (isHex ? "pP" : "eE").utf8
    if let mark = integer.firstIndex(where: { marks.contains($0) }) {
      exponent = integer[(mark + 1)...]
      integer = integer[..<mark]
    }
    if let point = integer.firstIndex(of: UInt8(ascii: ".")) {
      fraction = integer[(point + 1)...]
      integer = integer[..<point]
    }
    let radix: UInt64 = isHex ? 16 : 10
    guard NumberLiteral.areDigits(integer, radix: radix),
      fraction.isEmpty || NumberLiteral.areDigits(fraction, radix: radix)
    else { return nil }
    if let exponent, !NumberLiteral.areDigits(NumberLiteral.sign(exponent).rest, radix: 10) {
      return nil
    }
  }

  /// The decimal number in the form that the standard library parses: without underscores and without an empty fraction.
  var decimal: String {
    var result = Array(integer)
    if !fraction.isEmpty { result += [UInt8(ascii: ".")] + fraction }
    if let exponent { result += [UInt8(ascii: "e")] + exponent }
    result.removeAll { $0 == UInt8(ascii: "_") }
    return String(decoding: result, as: UTF8.self)
  }

  /// The exponent as a number. Clamped to a range that no number of digits can compensate for.
  var exponentValue: Int {
    guard let exponent else { return 0 }
    let (isNegative, digits) = NumberLiteral.sign(exponent)
    var value = 0
    for byte in digits where byte.isDigit {
      value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 1 << 40)
    }
    return isNegative ? -value : value
  }
}

/// An IEEE 754 binary format.
struct FloatFormat {
  /// Size of the fraction field.
  let fractionBits: UInt64
  let exponentBits: UInt64

  static let binary32 = FloatFormat(fractionBits: 23, exponentBits: 8)
  static let binary64 = FloatFormat(fractionBits: 52, exponentBits: 11)

  var signBit: UInt64 { 1 << (fractionBits + exponentBits) }
  var infinity: UInt64 { NumberLiteral.mask(exponentBits) << fractionBits }
  /// The exponent of the smallest subnormal.
  private var leastExponent: Int { 2 - (1 << (Int(exponentBits) - 1)) - Int(fractionBits) }

  /// The bits of a hexadecimal literal, rounded to nearest, ties to even; nil if it is too large. Does not use the C library:
  /// that of this platform rounds down some numbers just above half the smallest subnormal.
  func round(_ parts: FloatParts) -> UInt64? {
    var value: UInt64 = 0
    var exponent = parts.exponentValue
    var isInexact = false
    for (digits, step) in [(parts.integer, 0), (parts.fraction, -4)] {
      for digit in digits.lazy.compactMap(\.hexValue) {
        if value >> 60 == 0 {
          value = value << 4 | UInt64(digit)
          exponent += step
        } else {
          isInexact = isInexact || digit != 0
          exponent += step + 4
        }
      }
    }
    return round(value, exponent, isInexact: isInexact)
  }

  /// Rounds `value × 2^exponent`, or slightly more if it is inexact (only if `value` has more than 60 bits).
  private func round(_ value: UInt64, _ exponent: Int, isInexact: Bool) -> UInt64? {
    guard value != 0 else { return 0 }
    let highest = exponent + 63 - value.leadingZeroBitCount
    // The exponent of the last bit that the format can represent.
    let last = max(highest - Int(fractionBits), leastExponent)
    let shift = last - exponent
    guard highest < 1 << (Int(exponentBits) - 1) else { return nil }
    guard shift <= 64 else { return 0 }
    var significand = shift <= 0 ? value << UInt64(-shift) : value >> UInt64(shift)
    if shift > 0 {
      let half: UInt64 = 1 << UInt64(shift - 1)
      let isMore = value & (half - 1) != 0 || isInexact || significand & 1 == 1
      if value & half != 0 && isMore { significand += 1 }
    }
    // Adding the hidden bit, or a carry out of rounding, increments the exponent field.
    let bits = UInt64(last - leastExponent) << fractionBits + significand
    return bits < infinity ? bits : nil
  }
}
