import Contract
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

/// Several memories, and memories with addresses of 64 bits: each access is exact at the last byte, on the baseline and compiled.
@Suite struct MemoriesTests {
  typealias Call = DeoptComparison.Call

  struct Variant: Sendable, CustomStringConvertible {
    var description: String
    var program: @Sendable () -> AccessProgram

    /// - Parameter others: memories in front.
    init(
      _ type: String, _ length: UInt64, others: String = "", offset: UInt64 = 0
    ) {
      description = "\(others) \(type) \(length) offset=\(offset)"
      program = {
        AccessProgram(
          others: others, memory: type, length: length,
          addressType: type.hasPrefix("i64") ? .i64 : .i32, offset: offset)
      }
    }
  }

  private static let two = "(memory 3) (memory i64 2)"

  @Test(arguments: [
    Variant("1", 65_536, others: two), Variant("2 3", 131_072, others: two, offset: 4_294_967_295),
    Variant("1", 65_536, others: two, offset: 16),
    Variant("77 (pagesize 1)", 77, others: two, offset: 3),
    Variant("i64 1", 65_536), Variant("i64 0", 0), Variant("i64 1 3", 65_536, offset: 8),
    Variant("i64 1", 65_536, offset: 65_528), Variant("i64 1", 65_536, offset: 1 << 31),
    Variant("i64 1", 65_536, offset: (1 << 32) - 1), Variant("i64 1", 65_536, offset: 1 << 32),
    Variant("i64 1", 65_536, offset: 1 << 47), Variant("i64 1", 65_536, offset: 1 << 63),
    Variant("i64 1", 65_536, offset: .max), Variant("i64 1", 65_536, offset: .max - 16),
    Variant("i64 1", 65_536, others: two, offset: 24),
    Variant("i64 77 (pagesize 1)", 77), Variant("i64 4095 (pagesize 1)", 4_095, offset: 9),
    Variant("i64 77 (pagesize 1)", 77, offset: .max - 20),
  ])
  func accesses(_ variant: Variant) throws {
    let program = variant.program()
    let calls = program.calls
    let result = try AccessProgram.compare(program.text, calls.map(\.call))
    for (index, outcome) in result.baseline.outcomes.enumerated() {
      #expect(AccessProgram.code(outcome) == calls[index].trap, "\(calls[index].call)")
    }
    expectSame(result)
    #expect(result.baseline.memories["memory"]?.count == Int(program.length))
  }

  private func expectSame(_ result: DeoptComparison) {
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
    #expect(result.optimized.globals == result.baseline.globals)
  }

  /// A loop that leaves the memory has done what is before that, and nothing of what is behind it.
  @Test(arguments: [Variant("1", 65_536, others: two), Variant("i64 1", 65_536)])
  func loops(_ variant: Variant) throws {
    let program = variant.program()
    let calls: [Call] = [
      (0, 1_000), (60_000, 5_532), (60_000, 5_533), (60_000, 9_000), (UInt64.max - 3, 9),
    ].map { ("run", [program.address($0.0), program.address(UInt64($0.1))]) }
    let result = try AccessProgram.compare(program.text, calls, loopCount: 1_000)
    expectSame(result)
    #expect(
      result.baseline.outcomes.map(AccessProgram.code).map { $0 == nil } == [
        true, true, false, false, false,
      ])
  }

  /// An index that is a sum with something small, whose compare may be that of the other part: alone, behind an access at that part, and where
  /// the sum wraps.
  @Test func sums() throws {
    let parts =
      [
        ("chosen", "(select (i64.const 16) (i64.const 24) (local.get 1))", { $0 != 0 ? 16 : 24 }),
        ("masked", "(i64.and (i64.extend_i32_u (local.get 1)) (i64.const 255))", { $0 & 255 }),
        (
          "shifted", "(i64.shl (i64.extend_i32_u (i32.eqz (local.get 1))) (i64.const 31))",
          { $0 == 0 ? 1 << 31 : 0 }
        ),
        ("constant", "(i64.const 40)", { _ in 40 }),
        ("negative", "(i64.const -8)", { _ in UInt64(bitPattern: -8) }),
        ("wide", "(i64.extend_i32_u (local.get 1))", { UInt64(UInt32(truncatingIfNeeded: $0)) }),
      ] as [(String, String, (UInt64) -> UInt64)]
    let functions = parts.flatMap { name, part, _ in
      ["", "(drop (i64.load (local.get 0)))"].enumerated().map { number, before in
        """
        (func (export "\(name) \(number)") (param i64 i32) (result i32)
          \(before)
          (i32.store offset=8 (i64.add (local.get 0) \(part)) (i32.const 77))
          (i32.load offset=4 (i64.add (local.get 0) \(part))))
        """
      }
    }
    let places: [Int64] = [
      0, 100, 65_480, 65_484, 65_488, 65_500, 65_528, 65_529, 65_536, 196_608 - 16, 196_608,
      196_609,
      -1, -8, -15, -16, -17, -24, -40, -41, -48, -255, -(1 << 31), -(1 << 32) + 1, 1 << 32, 1 << 47,
      .min, .max,
    ]
    var calls: [(call: Call, traps: Bool)] = []
    for (name, _, value) in parts {
      for place in places {
        for choice in [0, 1, 255, -1] as [Int32] {
          let added = value(UInt64(UInt32(bitPattern: choice)))
          let index = UInt64(bitPattern: place) &+ added
          let traps = index > 65_536 - 12
          let first = UInt64(bitPattern: place) > 65_536 - 8
          let arguments: [Value] = [.i64(place), .i32(choice)]
          calls.append((("\(name) 0", arguments), traps))
          calls.append((("\(name) 1", arguments), traps || first))
        }
      }
    }
    let result = try AccessProgram.compare(
      "(module (memory (export \"memory\") i64 1 3) \(functions.joined()))", calls.map(\.call))
    expectSame(result)
    for (outcome, call) in zip(result.baseline.outcomes, calls) {
      #expect((AccessProgram.code(outcome) != nil) == call.traps, "\(call.call)")
    }
  }

  /// Sizes, and what the runtime does between memories of both kinds.
  @Test func bulkOperations() throws {
    let text = """
      (module
        (memory $a (export "a") 1 4) (memory $b (export "b") i64 1 4)
        (memory $c (export "c") 1 2)
        (data $passive "0123456789") (data (memory $b) (i64.const 8) "data of b")
        (data (memory $c) (i32.const 65530) "c")
        (func (export "sizes") (result i32 i64 i32)
          (memory.size $a) (memory.size $b) (memory.size $c))
        (func (export "grow a") (param i32) (result i32) (memory.grow $a (local.get 0)))
        (func (export "grow b") (param i64) (result i64) (memory.grow $b (local.get 0)))
        (func (export "grow c") (param i32) (result i32) (memory.grow $c (local.get 0)))
        (func (export "a to b") (param i64 i32 i32)
          (memory.copy $b $a (local.get 0) (local.get 1) (local.get 2)))
        (func (export "b to c") (param i32 i64 i32)
          (memory.copy $c $b (local.get 0) (local.get 1) (local.get 2)))
        (func (export "b to b") (param i64 i64 i64)
          (memory.copy $b $b (local.get 0) (local.get 1) (local.get 2)))
        (func (export "fill b") (param i64 i32 i64)
          (memory.fill $b (local.get 0) (local.get 1) (local.get 2)))
        (func (export "fill c") (param i32 i32 i32)
          (memory.fill $c (local.get 0) (local.get 1) (local.get 2)))
        (func (export "init b") (param i64 i32 i32)
          (memory.init $b $passive (local.get 0) (local.get 1) (local.get 2)))
        (func (export "init c") (param i32 i32 i32)
          (memory.init $c $passive (local.get 0) (local.get 1) (local.get 2)))
        (func (export "store") (param i32 i64 i32)
          (i32.store8 $a (local.get 0) (i32.load8_u $b (local.get 1)))
          (i32.store8 $c (local.get 2) (i32.add (i32.load8_u $a (local.get 0)) (i32.const 1)))))
      """
    let far = Int64(1) << 32
    let calls: [(call: Call, traps: Bool)] = [
      (("sizes", []), false), (("grow b", [.i64(2)]), false), (("grow b", [.i64(2)]), false),
      (("grow b", [.i64(-1)]), false), (("grow b", [.i64(far)]), false),
      (("grow c", [.i32(1)]), false), (("grow c", [.i32(1)]), false), (("sizes", []), false),
      (("grow a", [.i32(-1)]), false),
      (("fill b", [.i64(196_600), .i32(7), .i64(8)]), false),
      (("fill b", [.i64(196_600), .i32(7), .i64(9)]), true),
      (("fill b", [.i64(-8), .i32(7), .i64(16)]), true),
      (("fill b", [.i64(far), .i32(7), .i64(0)]), true),
      (("fill c", [.i32(131_000), .i32(3), .i32(72)]), false),
      (("fill c", [.i32(131_000), .i32(3), .i32(73)]), true),
      (("init b", [.i64(100_000), .i32(2), .i32(8)]), false),
      (("init b", [.i64(far), .i32(2), .i32(1)]), true),
      (("init c", [.i32(70_000), .i32(0), .i32(10)]), false),
      (("init c", [.i32(70_000), .i32(1), .i32(10)]), true),
      (("b to c", [.i32(80_000), .i64(8), .i32(9)]), false),
      (("b to c", [.i32(0), .i64(far + 8), .i32(9)]), true),
      (("b to c", [.i32(131_064), .i64(8), .i32(9)]), true),
      (("a to b", [.i64(50), .i32(65_530), .i32(6)]), false),
      (("a to b", [.i64(50), .i32(65_530), .i32(7)]), true),
      (("b to b", [.i64(12), .i64(8), .i64(9)]), false),
      (("b to b", [.i64(8), .i64(12), .i64(100_000)]), false),
      (("b to b", [.i64(8), .i64(-1), .i64(2)]), true),
      (("store", [.i32(65_535), .i64(16), .i32(131_071)]), false),
      // The store before the trap stays.
      (("store", [.i32(9), .i64(17), .i32(131_072)]), true),
      (("store", [.i32(10), .i64(far), .i32(0)]), true),
    ]
    let result = try AccessProgram.compare(text, calls.map(\.call))
    expectSame(result)
    for (outcome, call) in zip(result.baseline.outcomes, calls) {
      #expect((AccessProgram.code(outcome) != nil) == call.traps, "\(call.call)")
    }
    let sizes = result.baseline.outcomes.prefix(8).map { outcome -> [Value] in
      if case .returned(let values) = outcome { values } else { [] }
    }
    #expect(
      sizes == [
        [.i32(1), .i64(1), .i32(1)], [.i64(1)], [.i64(-1)], [.i64(-1)], [.i64(-1)], [.i32(1)],
        [.i32(-1)], [.i32(1), .i64(3), .i32(2)],
      ])
  }

  /// The same memory under two indices, and another instance's.
  @Test func imports() throws {
    let text = """
      (module
        (import "m" "memory" (memory $a 1)) (import "m" "memory" (memory $b 1))
        (import "m" "wide" (memory $c i64 1))
        (func (export "run") (param $at i32) (result i32) (local $sum i32)
          (loop $again
            (i32.store $a (local.get $at) (i32.const 5))
            (local.set $sum (i32.add (local.get $sum) (i32.load $b (local.get $at))))
            (i32.store $b (local.get $at) (i32.const 6))
            (local.set $sum (i32.add (local.get $sum) (i32.load $a (local.get $at))))
            (i32.store $c (i64.extend_i32_u (local.get $at)) (local.get $sum))
            (br_if $again
              (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 400))))
          (local.get $sum)))
      """
    let result = try DeoptComparison(
      DeoptCase(text, [], loopCount: 100), [("run", [.i32(0)])]
    ) { linker, _ in
      let store = linker.store
      linker.define(
        "m", "memory", .memory(try store.makeMemory(MemoryType(limits: Limits(min: 1)))))
      let wide = MemoryType(limits: Limits(min: 1), addressType: .i64)
      linker.define("m", "wide", .memory(try store.makeMemory(wide)))
    }
    expectSame(result)
    #expect(result.baseline.outcomes == [.returned([.i32(1_100)])])
    for memory in ["memory", "wide"] {
      let linker = Linker(try Store())
      let type = memory == "wide" ? MemoryType(limits: Limits(min: 1)) : nil
      let other = type ?? MemoryType(limits: Limits(min: 1), addressType: .i64)
      linker.define("m", memory, .memory(try linker.store.makeMemory(other)))
      let wanted = memory == "wide" ? "i64 1" : "1"
      let module = try Module(
        validating: assemble("(module (import \"m\" \"\(memory)\" (memory \(wanted))))"))
      #expect(throws: LinkError.self) { try linker.instantiate(CompiledModule(module)) }
    }
  }

  /// What the machine cannot reserve or the store does not allow is an error of instantiation.
  @Test func limits() throws {
    func instantiate(_ memory: String, _ limits: Store.Limits = Store.Limits()) throws -> Instance {
      let module = try Module(validating: assemble("(module (memory (export \"m\") \(memory)))"))
      let store = try Store(limits: limits)
      return try Linker(store).instantiate(CompiledModule(module))
    }
    for memory in ["i64 262145", "i64 0x1000000000000", "i64 0xffffffffffff 0x1000000000000"] {
      #expect(throws: ResourceError.self, "\(memory)") { try instantiate(memory) }
    }
    let greatest = "i64 0xffffffffffffffff (pagesize 1)"
    #expect(throws: ResourceError.self) { try instantiate(greatest) }
    var unlimited = Store.Limits()
    unlimited.memoryPages = .max
    for memory in ["i64 0 0x1000000000000", "i64 0x800000000", greatest] {
      #expect(throws: ResourceError.self, "\(memory)") { try instantiate(memory, unlimited) }
    }
    var few = Store.Limits()
    few.memoryPages = 3
    let module = try Module(validating: assemble("(module (memory (export \"m\") i64 1))"))
    let store = try Store(limits: few)
    let memory = try #require(
      try Linker(store).instantiate(CompiledModule(module)).exportedMemory("m"))
    #expect(memory.grow(by: 3) == nil)
    #expect(memory.grow(by: 2) == 1)
  }

  /// The base of memory 0, and those of the others, are right behind a deopt.
  @Test(arguments: DeoptCase.Kind.allCases)
  func deopts(kind: DeoptCase.Kind) throws {
    let text = """
      (module
        (memory $a (export "a") 1) (memory $b (export "b") i64 1) (memory $c (export "c") 1)
        (type $leaf (func (param i32) (result i32)))
        (table $t i64 4 4 funcref)
        (elem (table $t) (i64.const 1) func $usual $rare)
        (func $usual (export "usual") (type $leaf)
          (i32.store $c (local.get 0) (i32.const 1)) (local.get 0))
        (func $rare (export "rare") (type $leaf)
          (i32.store $b (i64.extend_i32_u (local.get 0)) (i32.const 2)) (i32.const 64))
        (func $inner (param $at i32) (param $i i64) (result i32)
          (i32.store $a offset=4 (local.get $at) (i32.const 3))
          (call_indirect $t (type $leaf) (local.get $at) (local.get $i)))
        (func (export "run") (param $at i32) (param $i i64) (result i32)
          (i32.store $b offset=8 (i64.extend_i32_u (local.get $at)) (i32.const 4))
          (local.set $at
            (call_indirect $t (type $leaf) (local.get $at) (local.get $i)))
          (i32.store $a offset=100 (local.get $at) (i32.const 5))
          (i32.store $b offset=200 (i64.extend_i32_u (local.get $at)) (i32.const 6))
          (i32.store $c offset=300 (local.get $at) (i32.const 7))
          (i32.add (i32.load $c offset=300 (local.get $at)) (i32.load $a offset=4 (i32.const 0)))))
      """
    let program = try DeoptCase(text, [.init("run", 0, "usual")], kind: kind)
    let indices: [Int64] = [1, 2, 1, 0, 3, 4, 1 << 32 | 1, -1, 1 << 33 | 2]
    let calls: [Call] = indices.map { ("run", [.i32(1_000), .i64($0)]) }
    let result = try DeoptComparison(program, calls)
    expectSame(result)
    let codes = result.baseline.outcomes.map(AccessProgram.code)
    #expect(
      codes == [
        nil, nil, nil, .uninitializedElement, .uninitializedElement, .undefinedElement,
        .undefinedElement, .undefinedElement, .undefinedElement,
      ])
    #expect(result.statistics.deopts >= 7)
  }
}
