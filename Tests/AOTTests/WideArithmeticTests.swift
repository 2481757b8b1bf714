import Runtime
import TestSupport
import Testing
import Wasm

/// Sums, differences and products of 128 bits, on the baseline and compiled, wherever their operands are.
@Suite struct WideArithmeticTests {
  static let names = ["add128", "sub128", "mul_wide_s", "mul_wide_u"]

  /// Where operands are: locals, homes, registers, each of them, or one local for all.
  private static let places: [[String]] = [
    ["local"], ["home"], ["register"], ["local", "home", "register", "local"],
    ["home", "register", "local", "home"], ["register", "local", "home", "constant"],
    ["constant", "home", "local", "register"], ["local", "local", "constant", "constant"],
    ["first"],
    ["home", "spilled", "spilled", "spilled"],
  ]

  /// What `constant` stands for.
  private static let constant = Int64(bitPattern: 0xFFFF_FFFF_8000_0001)

  private static func operandCount(_ name: String) -> Int { name.hasSuffix("128") ? 4 : 2 }

  private static func place(_ index: Int, _ places: [String]) -> String {
    places[index % places.count]
  }

  private static let text: String = {
    var functions = ""
    for name in names {
      for (number, places) in places.enumerated() {
        let operands = (0..<operandCount(name)).map { index in
          switch place(index, places) {
          case "spilled": "(local.get \(index)) (call $nothing)"
          case "home": "(call $same (local.get \(index)))"
          case "register": "(i64.add (local.get \(index)) (i64.const 0))"
          case "constant": "(i64.const \(constant))"
          case "first": "(local.get 0)"
          default: "(local.get \(index))"
          }
        }.joined(separator: " ")
        functions += """
          (func (export "\(name) \(number)") (param i64 i64 i64 i64) (result i64 i64)
            (i64.\(name) \(operands)))

          """
      }
    }
    return """
      (module
        (func $nothing)
        (func $same (param i64) (result i64) (local.get 0))
        \(functions)
        (func (export "sum") (param i64 i64 i64) (result i64 i64) (local i64 i64)
          (loop $again
            (i64.add128 (local.get 3) (local.get 4) (i64.mul_wide_u (local.get 0) (local.get 1)))
            (local.set 4) (local.set 3)
            (local.set 0 (i64.add (local.get 0) (i64.const 0x123456789abcdef)))
            (br_if $again
              (i64.ne (i64.const 0) (local.tee 2 (i64.sub (local.get 2) (i64.const 1))))))
          (local.get 3) (local.get 4)))
      """
  }()

  private static func model(_ name: String, _ operands: [Int64]) -> [Value] {
    let halves: (low: UInt64, high: Int64)
    let bits = operands.map { UInt64(bitPattern: $0) }
    switch name {
    case "add128":
      let (low, carry) = bits[0].addingReportingOverflow(bits[2])
      halves = (low, operands[1] &+ operands[3] &+ (carry ? 1 : 0))
    case "sub128":
      let (low, borrow) = bits[0].subtractingReportingOverflow(bits[2])
      halves = (low, operands[1] &- operands[3] &- (borrow ? 1 : 0))
    case "mul_wide_s":
      let product = operands[0].multipliedFullWidth(by: operands[1])
      halves = (product.low, product.high)
    default:
      let product = bits[0].multipliedFullWidth(by: bits[1])
      halves = (product.low, Int64(bitPattern: product.high))
    }
    return [.i64(Int64(bitPattern: halves.low)), .i64(halves.high)]
  }

  @Test func results() throws {
    var random = TestRandom(seed: 128)
    let edges: [Int64] = [0, 1, -1, 2, .min, .max, Self.constant]
    var calls: [DeoptComparison.Call] = []
    var expected: [[Value]] = []
    for name in Self.names {
      for (number, places) in Self.places.enumerated() {
        for _ in 0..<200 {
          let arguments = (0..<4).map { _ in
            random.next() % 4 == 0
              ? Int64(bitPattern: random.next()) : edges.randomElement(using: &random)!
          }
          calls.append(("\(name) \(number)", arguments.map { .i64($0) }))
          let operands = (0..<4).map { index in
            switch Self.place(index, places) {
            case "constant": Self.constant
            case "first": arguments[0]
            default: arguments[index]
            }
          }
          expected.append(Self.model(name, operands))
        }
      }
    }
    let result = try DeoptComparison(DeoptCase(Self.text, []), calls)
    for (index, outcome) in result.baseline.outcomes.enumerated() {
      #expect(outcome == .returned(expected[index]), "\(calls[index])")
    }
    #expect(result.optimized.outcomes == result.baseline.outcomes)
  }

  /// What bignum code does, in a loop.
  @Test func sumOfProducts() throws {
    let program = try DeoptCase(Self.text, [], loopCount: 1_000)
    let calls: [DeoptComparison.Call] = [("sum", [.i64(-5), .i64(.min + 3), .i64(1_000)])]
    let result = try DeoptComparison(program, calls)
    var (low, high) = (UInt64(0), UInt64(0))
    var factor = UInt64(bitPattern: -5)
    for _ in 0..<1_000 {
      let product = factor.multipliedFullWidth(by: UInt64(bitPattern: .min + 3))
      let (sum, carry) = low.addingReportingOverflow(product.low)
      low = sum
      high = high &+ product.high &+ (carry ? 1 : 0)
      factor &+= 0x123_4567_89AB_CDEF
    }
    let right: [Value] = [.i64(Int64(bitPattern: low)), .i64(Int64(bitPattern: high))]
    #expect(result.baseline.outcomes == [.returned(right)])
    #expect(result.optimized.outcomes == result.baseline.outcomes)
  }
}
