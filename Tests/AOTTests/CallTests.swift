import Contract
import Runtime
import TestSupport
import Testing

/// Calls of compiled code to each other.
@Suite struct CallTests {
  /// Calls in tail position are calls: they take stack, and their callers are in backtraces.
  @Test func tailPositions() throws {
    let program = try DeoptCase(
      """
      (module
        (type $f (func (param i32) (result i32)))
        (table 2 2 funcref) (elem (i32.const 0) $even $divide)
        (func $runaway (export "runaway") (result i32) (call $runaway))
        (func $odd (export "odd") (type $f) (call $even (i32.add (local.get 0) (i32.const 1))))
        (func $even (export "even") (type $f) (call $odd (i32.mul (local.get 0) (i32.const 3))))
        (func $around (export "around") (type $f)
          (call_indirect (type $f) (local.get 0) (i32.const 0)))
        (func $divide (type $f) (i32.div_s (i32.const 1) (local.get 0)))
        (func $last (type $f) (call_indirect (type $f) (local.get 0) (i32.const 1)))
        (func (export "trap") (type $f) (call $last (local.get 0))))
      """, []
    ) { $0.inlinesDirectCalls = false }
    for name in ["runaway", "odd", "even", "around"] {
      let arguments: [Value] = name == "runaway" ? [] : [.i32(7)]
      let side = try DeoptComparison.run(program.artefact, [(name, arguments)])
      guard case .trapped(.stackOverflow, let places) = side.outcomes[0] else {
        Issue.record("\(name): \(side.outcomes[0])")
        continue
      }
      #expect(places.count == Trap.maximumFrameCount)
    }
    let result = try DeoptComparison(program, [("trap", [.i32(0)])])
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    guard case .trapped(_, let places) = result.optimized.outcomes[0] else { return }
    #expect(places.count == 3)
  }
}
