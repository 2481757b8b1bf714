import AOT
import Feedback
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

/// Memory accesses of compiled code, whose traps must survive what LLVM makes of them.
@Suite struct MemoryAccessTests {
  /// LLVM likes to move what two branches have in common behind them, and their places would be lost.
  @Test func accessesOfSeveralSizesInTwoBranches() throws {
    let program = try DeoptCase(
      """
      (module
        (memory (export "memory") 1)
        (func (export "probe") (param $address i32) (param $which i32)
          (if (local.get $which)
            (then (drop (i64.load8_u (local.get $address))))
            (else (drop (i64.load (local.get $address)))))))
      """, [])
    let calls: [DeoptComparison.Call] = [0, 65_528, 65_529, 65_535, 65_536, -1].flatMap {
      address in
      [0, 1].map { ("probe", [.i32(address), .i32($0)]) }
    }
    let result = try DeoptComparison(program, calls)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.baseline.outcomes.count { if case .returned = $0 { true } else { false } } == 6)
  }

  /// LLVM 19 vectorizes stores of two sizes to one address without looking at the next iteration's, which they overlap.
  @Test(arguments: [(0, 2), (0, 1), (1, 2), (0, 4)])
  func storesOfTwoSizesKeepTheirOrder(offset: Int, step: Int) throws {
    let program = try DeoptCase(
      """
      (module
        (memory (export "memory") 1)
        (func (export "run") (param $o i32) (param $n i32) (local $i i32)
          (loop $again
            (i32.store8 offset=\(offset)
              (i32.add (local.get $o) (i32.mul (local.get $i) (i32.const \(step)))) (local.get $i))
            (if (i32.and (local.get $i) (i32.const 3))
              (then
                (i64.store32 (i32.add (local.get $o) (i32.mul (local.get $i) (i32.const \(step))))
                  (i64.const 0))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (local.get $n))))))
      """, [])
    let calls: [DeoptComparison.Call] = [(1500, 100), (0, 64), (65_000, 400)].map {
      ("run", [.i32($0.0), .i32($0.1)])
    }
    let result = try DeoptComparison(program, calls)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.optimized.memories == result.baseline.memories)
  }

  /// A loop whose header loads what it branches on: partial unswitching makes that load in front of the loop.
  private static let loadInHeader = """
    (module
      (memory (export "memory") 1)
      (global $count (export "count") (mut i32) (i32.const 0))
      (func (export "run") (param $address i32) (param $n i32) (local $i i32)
        (loop $again
          (global.set $count (i32.add (local.get $i) (i32.const 1)))
          (if (i32.ne (i32.load (local.get $address)) (i32.const 100))
            (then (i32.store (local.get $address) (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (local.get $n))))))
    """

  /// The same without stores, so that nothing but the probe keeps the load in the loop.
  private static let invariantLoad = """
    (module
      (memory (export "memory") 1)
      (global $count (export "count") (mut i32) (i32.const 0))
      (func (export "run") (param $address i32) (param $n i32) (result i32) (local $i i32)
        (local $sum i32)
        (loop $again
          (global.set $count (i32.add (local.get $i) (i32.const 1)))
          (local.set $sum
            (i32.add (i32.mul (local.get $sum) (local.get $sum)) (i32.load (local.get $address))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $sum)))
    """

  private func compile(_ text: String, leavingOut passes: Set<OwnPass>) throws {
    let module = try Module(validating: assemble(text))
    var options = CompilerOptions()
    options.usesProcesses = false
    options.isVerifying = true
    options.leftOut = passes
    _ = try Compiler.compile(
      module, plan: Planner.plan(module: module), profile: ModuleProfile(), options: options)
  }

  /// `AccessCoverage` sees that an access stands in front of its check.
  @Test func accessThatLostItsCheckIsFoundWhenCompiling() throws {
    try compile(Self.loadInHeader, leavingOut: [])
    try compile(Self.invariantLoad, leavingOut: [])
    let error = #expect(throws: CompileError.self) {
      try compile(Self.invariantLoad, leavingOut: [.trappingProbes])
    }
    #expect("\(try #require(error))".contains("an access that no check covers"))
  }
}
