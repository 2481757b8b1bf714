import Runtime
import TestSupport
import Testing

/// Memory accesses of compiled code, whose traps must survive what LLVM makes of them.
@Suite struct MemoryAccessTests {
  /// LLVM moves what two branches have in common behind them: one access then, of the one or the other size.
  @Test func accessesOfSeveralSizesMerged() throws {
    let program = try DeoptCase(
      """
      (module
        (memory (export "memory") 1)
        (func (export "touch") (param $address i32) (param $which i32)
          (if (local.get $which)
            (then (drop (i64.load8_u (local.get $address))))
            (else (drop (i64.load (local.get $address)))))))
      """, [])
    let calls: [DeoptComparison.Call] = [0, 65_528, 65_529, 65_535, 65_536, -1].flatMap {
      address in
      [0, 1].map { ("touch", [.i32(address), .i32($0)]) }
    }
    let result = try DeoptComparison(program, calls)
    for (call, pair) in zip(calls, zip(result.optimized.outcomes, result.baseline.outcomes)) {
      #expect(pair.0.kind == pair.1.kind, "\(call.arguments)")
    }
    #expect(result.baseline.outcomes.count { $0.kind == "returned []" } == 6)
  }
}

extension DeoptCase.Outcome {
  /// Without the place, which merged accesses share.
  fileprivate var kind: String {
    switch self {
    case .returned(let values): "returned \(values)"
    case .trapped(let code, _): code.message
    }
  }
}
