import Forcing
import Runtime
import TestSupport
import Testing
import Wasm

/// Random programs of tries (``RandomTries``): the artefact does what the baseline does, with the guards as they are and when each
/// fails once.
@Suite struct ExceptionRandomTests {
  private static let inputs: [Int32] = [0, 1, 2, 3, 5, 7, 10, -1]

  @Test(arguments: UInt64(0)..<24) func sameOnBothTiers(seed: UInt64) throws {
    let program = RandomTries(seed: seed)
    for (inlines, isForced) in [(true, false), (false, false), (true, true)] {
      var forcing = GuardForcing()
      forcing.failsEachTestOnce = true
      let compiled = try DeoptCase(
        program.text, program.sites, forcing: isForced ? forcing : nil
      ) { plan in
        plan.inlinesDirectCalls = inlines
        plan.depth = 2
      }
      let calls = Self.inputs.map { x -> DeoptComparison.Call in
        ("run", [.i32(x), .i32(x &* 7 &- 3)])
      }
      let result = try DeoptComparison(compiled, calls)
      for (index, call) in calls.enumerated() {
        #expect(
          result.optimized.outcomes[index] == result.baseline.outcomes[index],
          "\(call), inlining \(inlines), forced \(isForced)")
      }
    }
  }
}
