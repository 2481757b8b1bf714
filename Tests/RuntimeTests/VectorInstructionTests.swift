import Baseline
import Contract
import Runtime
import Testing
import Wasm
import WasmText
import X64

/// Each vector instruction computes the same bits on every CPU and wherever its operands are. (That they are the right ones, the official
/// suite says.)
@Suite("Vector instructions")
struct VectorInstructionTests {
  /// Where operands are when the instruction comes.
  enum Place: CaseIterable {
    case locals, homes, registers, mixed, constants
  }

  /// A CPU's features, if this one has them.
  static let targets: [(name: String, features: [CPUFeature])] =
    CPUFeature.levels.filter {
      $0.key != X64.Machine.lowestLevel && Set(Processor.features).isSuperset(of: $0.value)
    }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("native", Processor.features)]

  private static let opcodes = Opcode.allCases.filter {
    [.simd, .relaxedSIMD].contains($0.info.feature) && $0 != .v128Const
  }

  @Test func allOpcodesAreCovered() {
    #expect(Self.opcodes.count == 255)
  }

  @Test func targetsAndPlacesAgree() throws {
    var random = Values()
    let cases = Self.opcodes.flatMap { opcode in
      Self.immediates(opcode).flatMap { immediate in
        (0..<6).map { _ in Case(opcode, immediate, &random) }
      }
    }
    let text = Self.module(cases)
    let module = try Module(validating: assemble(text))
    var expected: [[Value]] = []
    for (name, features) in Self.targets {
      let target = VectorTarget(features: features, relaxed: .deterministic)
      let machine = try RuntimeTests.Machine()
      let instance = try machine.linker.instantiate(CompiledModule(module, target: target))
      for (number, item) in cases.enumerated() {
        for place in Place.allCases {
          let result = try instance.exportedFunction("\(place) \(number)")!.call(item.operands)
          if expected.count == number { expected.append(result) }
          #expect(
            result == expected[number],
            "\(item.opcode.info.mnemonic) \(item.immediate) \(item.operands) on \(name), \(place)")
        }
      }
    }
  }

  // MARK: Cases

  struct Case {
    var opcode: Opcode
    var immediate: String
    var operands: [Value]

    init(_ opcode: Opcode, _ immediate: String, _ random: inout Values) {
      self.opcode = opcode
      self.immediate = immediate
      operands = opcode.info.signature!.operands.map { type in
        switch type {
        case .v128?: .v128(random.vector())
        case .i64?: .i64(Int64(bitPattern: random.qword()))
        case .f32?: .f32(UInt32(truncatingIfNeeded: random.vector().low))
        case .f64?: .f64(random.vector().low)
        case .i32?: .i32(Int32(truncatingIfNeeded: random.qword()))
        // An address.
        default: .i32(Int32(random.qword() % 64))
        }
      }
    }
  }

  /// Texts of immediates worth testing.
  private static func immediates(_ opcode: Opcode) -> [String] {
    func lanes(_ count: Int) -> [String] { [0, 1, count - 1].map { " \($0)" } }
    switch opcode.immediate {
    case .lane:
      let shape = opcode.info.mnemonic.prefix { $0 != "." }.split(separator: "x")[1]
      return lanes(Int(shape)!)
    case .memoryArgument: return [" offset=1", " offset=0"]
    case .memoryArgumentAndLane(let alignment):
      return lanes(16 / alignment).map { " offset=3" + $0 }
    case .shuffle: return shuffles.map { " " + $0.map(String.init).joined(separator: " ") }
    default: return [""]
    }
  }

  /// Patterns with an instruction of their own, and with none.
  private static let shuffles: [[Int]] = {
    func interleaved(_ size: Int, from start: Int) -> [Int] {
      (0..<16).map { byte in
        let lane = byte / size
        return start + lane / 2 * size + byte % size + lane % 2 * 16
      }
    }
    func lanes(_ size: Int, _ lanes: [Int]) -> [Int] {
      lanes.flatMap { lane in (0..<size).map { size * lane + $0 } }
    }
    var result = [1, 2, 4, 8].flatMap { size in
      [0, 8].flatMap { [interleaved(size, from: $0), interleaved(size, from: $0).map { $0 ^ 16 }] }
    }
    result += [1, 7, 15, 16, 17, 31].map { start in (0..<16).map { (start + $0) % 32 } }
    result += [0, 16].map { base in (0..<16).map { base + $0 } }
    result += [
      lanes(4, [3, 1, 2, 0]), lanes(4, [7, 7, 4, 5]), lanes(4, [1, 0, 6, 7]),
      lanes(4, [5, 4, 2, 2]),
      lanes(2, [3, 1, 2, 0, 4, 5, 6, 7]), lanes(2, [0, 1, 2, 3, 7, 7, 4, 5]),
      lanes(2, [0, 9, 2, 11, 12, 5, 6, 15]), lanes(2, [8, 1, 10, 3, 4, 13, 14, 7]),
      (0..<16).map { ($0 + 5) % 16 }, (0..<16).map { 31 - 2 * $0 }, (0..<16).map { $0 * 7 % 32 },
      Array(repeating: 5, count: 16), Array(repeating: 30, count: 16),
    ]
    return result.map { $0.map { ($0 % 32 + 32) % 32 } }
  }()

  // MARK: Text

  private static func module(_ cases: [Case]) -> String {
    var text = """
      (module
        (memory 1)
        (data (i32.const 0) "\((0..<128).map { "\\" + hexadecimal(UInt8($0 * 37 % 256)) }.joined())")

      """
    for (number, item) in cases.enumerated() {
      for place in Place.allCases { text += function(item, place, "\(place) \(number)") }
    }
    return text + ")"
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func function(_ item: Case, _ place: Place, _ name: String) -> String {
    let info = item.opcode.info
    let (types, results) = info.signature!
    let parameters = types.map { ($0 ?? .i32).description }.joined(separator: " ")
    let operands = types.indices.map { index in
      operand(index, types[index] ?? .i32, item.operands[index], place)
    }
    // A block leaves what is below it in its home.
    var parts = operands
    if place == .homes { parts.append("(block)") }
    if place == .mixed { parts.insert("(block)", at: parts.count - 1) }
    let body = parts.joined(separator: " ") + " " + info.mnemonic + item.immediate
    // A store: what memory holds then. The byte before and behind it stay.
    if results.isEmpty {
      let parts = ["0", "16", "32", "48", "64", "80"].map { "(v128.load (i32.const \($0)))" }
      let sum = parts.dropFirst().reduce(parts[0]) {
        "(i64x2.add (i64x2.mul \($0) (v128.const i64x2 3 5)) \($1))"
      }
      return """
        (func (export "\(name)") (param \(parameters)) (result v128)
          \(restore)
          \(body)
          \(sum))

        """
    }
    let result = results.map { ($0 ?? .i32).description }.joined(separator: " ")
    return "(func (export \"\(name)\") (param \(parameters)) (result \(result)) \(body))\n"
  }

  /// Fills the memory that stores reach.
  private static let restore = (0..<6).map {
    "(v128.store (i32.const \(16 * $0)) (v128.const i32x4 \($0 + 1) 0x8765 0x12345678 -1))"
  }.joined(separator: " ")

  private static func operand(
    _ index: Int, _ type: ValueType, _ value: Value, _ place: Place
  ) -> String {
    let local = "(local.get \(index))"
    switch place {
    case .locals, .homes: return local
    case .constants: return value.constantText
    case .registers, .mixed:
      // The result of an instruction. In a mixture, some are constants instead.
      if place == .mixed && index == 1 { return value.constantText }
      return switch type {
      case .v128: "(v128.xor \(local) (v128.const i64x2 0 0))"
      case .i64: "(i64.rotl \(local) (i64.const 64))"
      case .f32: "(f32.reinterpret_i32 (i32.reinterpret_f32 \(local)))"
      case .f64: "(f64.reinterpret_i64 (i64.reinterpret_f64 \(local)))"
      default: "(i32.rotl \(local) (i32.const 32))"
      }
    }
  }
}

extension Value {
  fileprivate var constantText: String {
    switch self {
    case .i32(let value): "(i32.const \(value))"
    case .i64(let value): "(i64.const \(value))"
    case .f32(let bits): "(f32.reinterpret_i32 (i32.const \(Int32(bitPattern: bits))))"
    case .f64(let bits): "(f64.reinterpret_i64 (i64.const \(Int64(bitPattern: bits))))"
    case .v128(let vector): "(v128.const \(vector))"
    default: preconditionFailure("no operand")
    }
  }
}

/// Vectors whose lanes are special values in one shape or another.
struct Values {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func qword() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 33) &* 0xFF51_AFD7_ED55_8CCD
  }

  private static let bytes: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x81, 0x0F, 0x10, 0x40]
  private static let words: [UInt16] = [0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x8001, 0x0100, 0x4000]
  private static let singles: [UInt32] =
    [0, 0x8000_0000, 0x7FC0_0000, 0xFFC1_2345, 0x7F80_0001, 0x7F80_0000, 0xFF80_0000, 1]
    + [
      1.5, -1.5, 2.5, 0.5, -0.5, 2_147_483_520, 2_147_483_648, -2_147_483_648, -2_147_483_904,
      4_294_967_040, 4_294_967_296, 1e20, -1e20, 3_000_000_000, 16_777_216,
    ].map { (value: Float) in value.bitPattern }
  private static let doubles: [UInt64] =
    [
      0, 1 << 63, 0x7FF8_0000_0000_0000, 0xFFF8_1234_5678_9ABC, 0x7FF0_0000_0000_0001,
      0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000,
    ]
    + [
      1.5, -2.5, 0.5, 2_147_483_647, 2_147_483_647.5, 2_147_483_648, -2_147_483_648, -2_147_483_649,
      4_294_967_295, 4_294_967_295.5, 4_294_967_296, 1e300, -1e300, 3_000_000_000.7, 0x1p-1030,
    ].map { (value: Double) in value.bitPattern }

  mutating func vector() -> V128 {
    func pick<Lane: FixedWidthInteger>(_ values: [Lane]) -> V128 {
      V128((0..<128 / Lane.bitWidth).map { _ in values[Int(qword() % UInt64(values.count))] })
    }
    switch qword() % 5 {
    case 0: return pick(Self.bytes)
    case 1: return pick(Self.words)
    case 2: return pick(Self.singles)
    case 3: return pick(Self.doubles)
    default: return V128(low: qword(), high: qword())
    }
  }
}
