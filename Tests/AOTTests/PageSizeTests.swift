import Contract
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

/// Memories with pages of a byte: each access is exact at the last byte, on the baseline and compiled.
@Suite struct PageSizeTests {
  typealias Call = DeoptComparison.Call

  /// Every load and store, vectors and atomics among them, as `locals N`, `homes N` and, of a fixed address, `constant N`.
  private static let accesses = Opcode.allCases.map(\.info).filter { info in
    switch info.immediate {
    case .memoryArgument, .memoryArgumentAndLane: true
    case .atomicArgument: AtomicAccess(info.opcode) != nil || info.opcode == .memoryAtomicNotify
    default: false
    }
  }

  private static func size(_ info: OpcodeInfo) -> Int {
    switch info.immediate {
    case .memoryArgument(let size), .memoryArgumentAndLane(let size), .atomicArgument(let size):
      size
    default: 0
    }
  }

  private static func module(_ memory: String, constant: Int = 0, offset: Int = 0) -> String {
    var functions = ""
    for (number, info) in accesses.enumerated() {
      let signature = info.signature!
      let operands = signature.operands.dropFirst().map { type in
        type == .v128 ? "(v128.const i64x2 -1 -2)" : "(\(type!).const 77)"
      }.joined(separator: " ")
      let result = signature.results.isEmpty ? "" : "drop"
      var immediates = "offset=\(offset)"
      if case .memoryArgumentAndLane = info.immediate { immediates += " 0" }
      for (place, address) in [
        ("locals", "(local.get 0)"), ("homes", "(call $same (local.get 0)) (call $nothing)"),
        ("constant", "(i32.const \(constant))"),
      ] {
        functions += """
          (func (export "\(place) \(number)") (param i32)
            \(address) \(operands) (\(info.mnemonic) \(immediates)) \(result))

          """
      }
    }
    return """
      (module
        (memory (export "memory") \(memory))
        (data $passive "0123456789")
        (global $count (export "count") (mut i32) (i32.const 0))
        (func $nothing)
        (func $same (param i32) (result i32) (local.get 0))
        (func (export "size") (result i32) (memory.size))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "fill") (param i32 i32)
          (memory.fill (local.get 0) (i32.const 5) (local.get 1)))
        (func (export "copy") (param i32 i32)
          (memory.copy (local.get 0) (i32.const 0) (local.get 1)))
        (func (export "init") (param i32 i32)
          (memory.init $passive (local.get 0) (i32.const 0) (local.get 1)))
        (func (export "run") (param $at i32) (param $n i32) (result i64) (local $sum i64)
          (loop $again
            (i32.store16 offset=3 (local.get $at) (local.get $n))
            (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $at))))
            (global.set $count (local.get $n))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $sum))
        \(functions))
      """
  }

  private func compare(_ text: String, _ calls: [Call], loopCount: UInt64? = nil) throws
    -> DeoptComparison
  {
    let result = try DeoptComparison(DeoptCase(text, [], loopCount: loopCount), calls)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
    #expect(result.optimized.globals == result.baseline.globals)
    return result
  }

  private func code(_ outcome: DeoptComparison.Outcome) -> TrapCode? {
    if case .trapped(let code, _) = outcome { code } else { nil }
  }

  @Test(arguments: [(0, 0), (1, 0), (15, 0), (16, 8), (4_096, 16), (4_095, 0), (65_537, 65_528)])
  func accesses(length: Int, offset: Int) throws {
    var calls: [Call] = []
    var expected: [TrapCode?] = []
    let constant = max(0, length - 8 - offset)
    for (number, info) in Self.accesses.enumerated() {
      let size = Self.size(info)
      func expect(_ place: String, _ address: Int) {
        calls.append(("\(place) \(number)", [.i32(Int32(truncatingIfNeeded: address))]))
        var isAtomic = false
        if case .atomicArgument = info.immediate { isAtomic = true }
        let start = (place == "constant" ? constant : address) + offset
        expected.append(
          isAtomic && start % size != 0
            ? .unalignedAtomic : start + size > length ? .outOfBoundsMemoryAccess : nil)
      }
      for place in ["locals", "homes"] {
        for distance in [size - 1, size, size + 1, 0] where length - distance - offset >= 0 {
          expect(place, length - distance - offset)
        }
        expect(place, 0xFFFF_FFFF)
        expect(place, 0xFFFF_FFF8)
      }
      expect("constant", 0)
    }
    let text = Self.module("\(length) (pagesize 1)", constant: constant, offset: offset)
    let result = try compare(text, calls)
    for (index, outcome) in result.baseline.outcomes.enumerated() {
      #expect(code(outcome) == expected[index], "\(calls[index])")
    }
    #expect(result.baseline.memories["memory"]?.count == length)
  }

  @Test func growing() throws {
    let calls: [Call] = [
      ("size", []), ("grow", [.i32(4_090)]), ("size", []), ("fill", [.i32(0), .i32(4_095)]),
      ("grow", [.i32(0)]), ("grow", [.i32(1)]), ("grow", [.i32(2)]), ("size", []),
      ("fill", [.i32(4_090), .i32(9)]), ("copy", [.i32(10), .i32(4_088)]),
      ("copy", [.i32(10), .i32(4_089)]), ("init", [.i32(4_088), .i32(10)]),
      ("init", [.i32(4_089), .i32(10)]), ("grow", [.i32(902)]), ("grow", [.i32(903)]),
      ("grow", [.i32(-1)]), ("size", []),
    ]
    let result = try compare(Self.module("5 5000 (pagesize 1)"), calls)
    let outOfBounds: [Int] = result.baseline.outcomes.indices.filter {
      code(result.baseline.outcomes[$0]) == .outOfBoundsMemoryAccess
    }
    #expect(outOfBounds == [8, 10, 12])
    let numbers = result.baseline.outcomes.map { outcome -> Int32? in
      if case .returned(let values) = outcome, case .i32(let number)? = values.first {
        number
      } else {
        nil
      }
    }
    #expect(
      numbers.compactMap { $0 } == [5, 5, 4_095, 4_095, 4_095, 4_096, 4_098, 4_098, -1, -1, 5_000])
    // What was not there before is zero.
    #expect(result.baseline.memories["memory"]?.suffix(902).allSatisfy { $0 == 0 } == true)
  }

  /// A loop that leaves the memory has done what is before that, and nothing of what is behind it.
  @Test func loops() throws {
    let calls: [Call] = [(0, 1_000), (100, 996), (900, 96), (900, 200), (0, 5_000), (-3, 9)].map {
      ("run", [.i32($0.0), .i32($0.1)])
    }
    let result = try compare(Self.module("1000 (pagesize 1)"), calls, loopCount: 1_000)
    #expect(
      result.baseline.outcomes.map(code).map { $0 == nil } == [
        false, false, true, false, false, false,
      ])
  }

  /// The named standard size is the usual one.
  @Test func standardSize() throws {
    let calls: [Call] = [
      ("size", []), ("grow", [.i32(1)]), ("locals 0", [.i32(131_068)]),
      ("locals 0", [.i32(131_069)]),
    ]
    let result = try compare(Self.module("1 2 (pagesize 65536)"), calls)
    #expect(result.baseline.outcomes.prefix(2) == [.returned([.i32(1)]), .returned([.i32(1)])])
    #expect(code(result.baseline.outcomes[3]) == .outOfBoundsMemoryAccess)
  }

  /// The store's limit is in standard pages; types of imports have to agree in the page size.
  @Test func limitsAndImports() throws {
    var limits = Store.Limits()
    limits.memoryPages = 2
    let program = try DeoptCase(Self.module("5 (pagesize 1)"), [])
    let calls: [Call] = [("grow", [.i32(131_068)]), ("grow", [.i32(131_067)]), ("size", [])]
    let side = try DeoptComparison.run(program.baseline, calls, limits: limits)
    #expect(
      side.outcomes == [.returned([.i32(-1)]), .returned([.i32(5)]), .returned([.i32(131_072)])])
    let store = try Store()
    let linker = Linker(store)
    let bytes = MemoryType(limits: Limits(min: 65_536), pageSizeExponent: 0)
    linker.define("m", "bytes", .memory(try store.makeMemory(bytes)))
    linker.define("m", "pages", .memory(try store.makeMemory(MemoryType(limits: Limits(min: 1)))))
    for (name, size, isRight) in [
      ("bytes", 1, true), ("bytes", 65_536, false), ("pages", 1, false), ("pages", 65_536, true),
    ] {
      let text = "(module (import \"m\" \"\(name)\" (memory 1 (pagesize \(size)))))"
      let module = CompiledModule(try Module(validating: assemble(text)))
      if isRight {
        _ = try linker.instantiate(module)
      } else {
        #expect(throws: LinkError.self) { try linker.instantiate(module) }
      }
    }
  }
}
