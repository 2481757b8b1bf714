import Glibc
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm

@testable import AOT

/// Random programs, whose calls miss one after the other: whatever a frame state holds, wherever its values are, the
/// result is the baseline's. `DEOPT_SEEDS=1000-2000` runs others.
@Suite struct DeoptRandomTests {
  static let seeds: [UInt64] = {
    guard let text = getenv("DEOPT_SEEDS").map({ String(cString: $0) }) else {
      return Array(1...8)
    }
    let bounds = text.split(separator: "-").compactMap { UInt64($0) }
    return bounds.count == 2 && bounds[0] <= bounds[1] ? Array(bounds[0]...bounds[1]) : []
  }()

  @Test(arguments: seeds) func everyCallMisses(seed: UInt64) throws {
    let random = RandomProgram(seed: seed)
    let guards: [SitePlan.Guard?] = [nil, .indexIfPristine, .reference]
    let kind = DeoptCase.Kind(isShared: seed % 2 == 0, guardKind: guards[Int(seed % 3)])
    let program = try DeoptCase(random.text, random.sites, kind: kind) { plan in
      plan.depth = Int(seed % 5)
      plan.usesDispatchTables = seed % 4 == 0
    }
    var deopts: UInt64 = 0
    func check(_ calls: [DeoptComparison.Call]) throws -> Int32 {
      let result = try DeoptComparison(program, calls)
      #expect(result.optimized.outcomes == result.baseline.outcomes, "\(calls)")
      #expect(result.optimized.memories == result.baseline.memories, "\(calls)")
      #expect(result.optimized.globals == result.baseline.globals, "\(calls)")
      deopts += result.statistics.deopts
      guard case .i32(let ticks)? = result.baseline.globals["ticks"] else { return 0 }
      return ticks
    }
    let never: DeoptComparison.Call = ("run", [.i32(1), .i32(1)])
    let ticks = try check([never])
    #expect(deopts == 0)
    for miss in 1...max(1, min(ticks, 80)) {
      let once: DeoptComparison.Call = ("run", [.i32(100_000), .i32(miss)])
      _ = try check([once, never])
    }
    // Many misses in one run, and run after run, up to the budget and beyond.
    for period in [2, 3, 7, 50] as [Int32] {
      let often: DeoptComparison.Call = ("run", [.i32(period), .i32(period - 1)])
      _ = try check([never] + Array(repeating: often, count: 6) + [never])
    }
    if ticks > 0 { #expect(deopts > 0) }
  }
}
