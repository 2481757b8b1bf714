import Runtime

extension SpecValue {
  /// The value as an argument.
  func argument() throws -> Value {
    let bits = value.flatMap { UInt64($0) }
    switch (type, bits) {
    case ("i32", let bits?): return .i32(Int32(truncatingIfNeeded: bits))
    case ("i64", let bits?): return .i64(Int64(bitPattern: bits))
    case ("f32", let bits?): return .f32(UInt32(truncatingIfNeeded: bits))
    case ("f64", let bits?): return .f64(bits)
    // Handles are not 0.
    case ("externref", let number?): return .externref(number + 1)
    case ("externref", nil) where value == "null": return .externref(nil)
    case ("funcref", nil) where value == "null": return .funcref(nil)
    default: throw SpecFailure("argument \(self) is not understood")
    }
  }

  /// Whether a result is what the suite expects.
  func matches(_ result: Value) -> Bool {
    if let values { return values.contains { $0.matches(result) } }
    switch (type, result) {
    case ("f32", .f32(let bits)):
      return matchesFloat(UInt64(bits), exponent: 0x7F80_0000, quiet: 0x40_0000)
    case ("f64", .f64(let bits)):
      return matchesFloat(bits, exponent: 0x7FF0_0000_0000_0000, quiet: 0x8_0000_0000_0000)
    case ("refnull", .funcref(nil)), ("refnull", .externref(nil)): return true
    case ("funcref", .funcref(let function)):
      return value == nil ? function != nil : value == "null" && function == nil
    case ("externref", .externref(let handle)) where value == nil: return handle != nil
    default: return (try? argument()) == result
    }
  }

  private func matchesFloat(_ bits: UInt64, exponent: UInt64, quiet: UInt64) -> Bool {
    let payload = bits & (exponent | (2 * quiet - 1))
    switch value {
    case "nan:canonical": return payload == exponent | quiet
    case "nan:arithmetic": return payload & (exponent | quiet) == exponent | quiet
    default: return value.flatMap { UInt64($0) } == bits
    }
  }
}

struct SpecFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
