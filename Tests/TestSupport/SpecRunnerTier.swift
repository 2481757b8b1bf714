import Baseline
import Contract
import Runtime
import Wasm
import X64

/// A way to run a module; the same tests run on each.
public struct Tier: Sendable, CustomStringConvertible {
  public let description: String
  /// Names the tier's file of expected failures.
  let expectations: String
  /// Deopts that all files together may come to.
  public let deopts: ClosedRange<Int>
  /// What runs one file's modules.
  let prepare: @Sendable (SpecSuite.File) throws -> any TierRun

  init(
    _ description: String, expectations: String? = nil, deopts: ClosedRange<Int> = 0...0,
    prepare: @escaping @Sendable (SpecSuite.File) throws -> any TierRun
  ) {
    self.description = description
    self.expectations = expectations ?? description
    self.deopts = deopts
    self.prepare = prepare
  }

  public static let all: [Tier] = [
    .baseline, .recording, .compiled, .profiled, .wronglyProfiled, .forced,
  ]

  public static let baseline = Tier("baseline") { _ in BaselineRun() }

  /// Baseline code that counts.
  public static let recording = Tier("recording") { _ in BaselineRun(feedback: true) }

  /// Baseline code with vectors for other CPUs, as far as this one can run it, and with all relaxed instructions deterministic.
  public static let vectorTargets: [Tier] = CPUFeature.levels.filter { name, features in
    name != Machine.lowestLevel && Set(Processor.features).isSuperset(of: features)
  }.sorted { $0.key < $1.key }.flatMap { name, features in
    [("", nil), (", deterministic", RelaxedSemantics.deterministic)].map { suffix, relaxed in
      let target = VectorTarget(features: features, relaxed: relaxed)
      return Tier("baseline for \(name)\(suffix)", expectations: "baseline") { _ in
        BaselineRun(target: target)
      }
    }
  }
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
  private let target: VectorTarget
  let isAheadOfTime = false

  init(
    feedback: Bool = false, target: VectorTarget = VectorTarget(features: Processor.features)
  ) {
    self.feedback = feedback
    self.target = target
  }

  func compile(_ module: Module) -> CompiledModule {
    CompiledModule(module, recorder: feedback ? Recorder(module) : nil, target: target)
  }

  func complaint(_ run: SpecRun, callsAreExpected: Bool) -> String? {
    if run.modules.contains(where: { $0.hasOptimizedCode }) { return "optimized code was there" }
    guard callsAreExpected else { return nil }
    let called = run.modules.contains { $0.baselineFunctionCount > 0 }
    return called ? nil : "no baseline code was compiled"
  }
}
