import Contract
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

/// Memories with pages of a byte: each access is exact at the last byte, on the baseline and compiled.
@Suite struct PageSizeTests {
  typealias Call = DeoptComparison.Call

  private func compare(_ text: String, _ calls: [Call], loopCount: UInt64? = nil) throws
    -> DeoptComparison
  {
    let result = try AccessProgram.compare(text, calls, loopCount: loopCount)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
    #expect(result.optimized.globals == result.baseline.globals)
    return result
  }

  private func code(_ outcome: DeoptComparison.Outcome) -> TrapCode? {
    AccessProgram.code(outcome)
  }

  private func program(_ length: Int, _ memory: String = "") -> AccessProgram {
    let type = memory.isEmpty ? "\(length) (pagesize 1)" : memory
    return AccessProgram(memory: type, length: UInt64(length))
  }

  @Test(arguments: [(0, 0), (1, 0), (15, 0), (16, 8), (4_096, 16), (4_095, 0), (65_537, 65_528)])
  func accesses(length: Int, offset: Int) throws {
    var program = program(length)
    program.offset = UInt64(offset)
    let calls = program.calls
    let result = try compare(program.text, calls.map(\.call))
    for (index, outcome) in result.baseline.outcomes.enumerated() {
      #expect(code(outcome) == calls[index].trap, "\(calls[index].call)")
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
    let result = try compare(program(5, "5 5000 (pagesize 1)").text, calls)
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
    let result = try compare(program(1_000).text, calls, loopCount: 1_000)
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
    let result = try compare(program(65_536, "1 2 (pagesize 65536)").text, calls)
    #expect(result.baseline.outcomes.prefix(2) == [.returned([.i32(1)]), .returned([.i32(1)])])
    #expect(code(result.baseline.outcomes[3]) == .outOfBoundsMemoryAccess)
  }

  /// The store's limit is in standard pages; types of imports have to agree in the page size.
  @Test func limitsAndImports() throws {
    var limits = Store.Limits()
    limits.memoryPages = 2
    let program = try DeoptCase(program(5).text, [])
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
