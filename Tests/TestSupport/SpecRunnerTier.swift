import Runtime
import Wasm

/// A way to run a module; the same tests run on each.
public struct Tier: Sendable, CustomStringConvertible {
  public let description: String
  /// A module ready to be instantiated on this tier.
  public let compile: @Sendable (Module) throws -> CompiledModule
  /// Given all modules of a file after its tests: what speaks against their code having run on this tier, nil if nothing
  /// does.
  public let complaint: @Sendable ([CompiledModule]) -> String?

  public init(
    _ description: String,
    compile: @escaping @Sendable (Module) throws -> CompiledModule,
    complaint: @escaping @Sendable ([CompiledModule]) -> String?
  ) {
    self.description = description
    self.compile = compile
    self.complaint = complaint
  }

  public static let baseline = Tier(
    "baseline", compile: { CompiledModule($0) },
    complaint: { modules in
      if modules.contains(where: { $0.hasOptimizedCode }) { return "optimized code was there" }
      let called = modules.contains { $0.baselineFunctionCount > 0 }
      return called ? nil : "no baseline code was compiled"
    })

  /// Baseline code that counts.
  public static let recording = Tier(
    "recording", compile: { CompiledModule($0, feedback: true) }, complaint: baseline.complaint)

  public static let all: [Tier] = [.baseline, .recording]
}
