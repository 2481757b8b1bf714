import Runtime
import Wasm

/// A way to run a module; the same tests run on each.
public struct Tier: Sendable, CustomStringConvertible {
  /// Also names the tier's file of expected failures.
  public let description: String
  /// Deopts that all files together may come to.
  public let deopts: ClosedRange<Int>
  /// What runs one file's modules.
  let prepare: @Sendable (SpecSuite.File) throws -> any TierRun

  init(
    _ description: String, deopts: ClosedRange<Int> = 0...0,
    prepare: @escaping @Sendable (SpecSuite.File) throws -> any TierRun
  ) {
    self.description = description
    self.deopts = deopts
    self.prepare = prepare
  }

  public static let all: [Tier] = [
    .baseline, .recording, .compiled, .profiled, .wronglyProfiled, .forced,
  ]

  public static let baseline = Tier("baseline") { _ in BaselineRun(feedback: false) }

  /// Baseline code that counts.
  public static let recording = Tier("recording") { _ in BaselineRun(feedback: true) }
}

/// One file's modules on a tier.
protocol TierRun: AnyObject {
  /// Whether no machine code is made once a module is ready.
  var isAheadOfTime: Bool { get }
  /// A module ready to be instantiated; called in the file's order.
  func compile(_ module: Module) throws -> CompiledModule
  /// After the file's tests: what speaks against the modules' code having run on this tier, nil if nothing does.
  /// - Parameter callsAreExpected: whether the file calls anything.
  func complaint(_ run: SpecRun, callsAreExpected: Bool) -> String?
}

/// What a file's tests left behind.
struct SpecRun {
  var modules: [CompiledModule] = []
  /// All whose segments did not trap.
  var instances: [Instance] = []

  var deopts: Int { instances.reduce(0) { $0 + Int($1.deoptStatistics?.deopts ?? 0) } }
}

private final class BaselineRun: TierRun {
  private let feedback: Bool
  let isAheadOfTime = false

  init(feedback: Bool) { self.feedback = feedback }

  func compile(_ module: Module) -> CompiledModule { CompiledModule(module, feedback: feedback) }

  func complaint(_ run: SpecRun, callsAreExpected: Bool) -> String? {
    if run.modules.contains(where: { $0.hasOptimizedCode }) { return "optimized code was there" }
    guard callsAreExpected else { return nil }
    let called = run.modules.contains { $0.baselineFunctionCount > 0 }
    return called ? nil : "no baseline code was compiled"
  }
}
