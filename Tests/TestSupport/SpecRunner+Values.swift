import Runtime
import Wasm

extension SpecValue {
  /// The value as an argument.
  func argument() throws -> Value {
    if type == "v128", let lanes { return .v128(try Self.vector(lanes)) }
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
    case ("exnref", nil) where value == "null": return .exnref(nil)
    default: throw SpecFailure("argument \(self) is not understood")
    }
  }

  private static func vector(_ lanes: [SpecValue]) throws -> V128 {
    let width = 128 / lanes.count
    let bits = try lanes.map { lane in
      // Integers may have a sign.
      guard let bits = lane.value.flatMap({ UInt64($0) ?? Int64($0).map(UInt64.init(bitPattern:)) })
      else { throw SpecFailure("lane \(lane) is not understood") }
      return bits
    }
    func half(_ lanes: ArraySlice<UInt64>) -> UInt64 {
      lanes.reversed().reduce(0) { $0 << UInt64(width) | $1 & (.max >> UInt64(64 - width)) }
    }
    return V128(
      low: half(bits.prefix(lanes.count / 2)), high: half(bits.suffix(lanes.count / 2)))
  }

  /// The lanes of a result as values of their own.
  private func lanes(of vector: V128) -> [Value] {
    switch lanes?.first?.type {
    case "f32": vector.lanes(UInt32.self).map { .f32($0) }
    case "f64": vector.lanes(UInt64.self).map { .f64($0) }
    default: []
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
    case ("v128", .v128(let vector)):
      let results = lanes(of: vector)
      guard let lanes, lanes.count == results.count else { break }
      return zip(lanes, results).allSatisfy { $0.matches($1) }
    case ("refnull", .funcref(nil)), ("refnull", .externref(nil)), ("refnull", .exnref(nil)):
      return true
    case ("funcref", .funcref(let function)):
      return value == nil ? function != nil : value == "null" && function == nil
    case ("externref", .externref(let handle)) where value == nil: return handle != nil
    default: break
    }
    return (try? argument()) == result
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
