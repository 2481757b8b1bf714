import Contract
import Feedback
import Files
import Speculation
import Wasm

/// The plan of a module's last compilation, kept in the cache's folder so that the planner can reuse it
/// (``PlannerOptions/earlier``).
///
///     magic │ optimized functions: plan, counts │ checksum
struct PlanMemory {
  private static let magic: UInt64 = 0x3365_6863_6E61_6C70  // "planche3"

  private let path: HostString

  /// - Parameter hasProfile: plans made with and without a profile are kept apart.
  init(_ cache: PartitionCache, module: Module, hasProfile: Bool) {
    var writer = ArtefactWriter()
    writer.string(PartitionKey.compiler)
    writer.integer(module.hash)
    writer.integer(UInt8(hasProfile ? 1 : 0))
    path = cache.path(writer.bytes, "plan")
  }

  /// Failing to write the file is not an error.
  /// - Parameter counts: the counts that the code was compiled for, by position in the plan.
  func keep(_ plan: CompilationPlan, _ counts: [PredictedCounts]) {
    var writer = ArtefactWriter()
    writer.integer(Self.magic)
    writer.integer(UInt32(plan.functions.count { $0.isOptimized }))
    for (row, counts) in zip(plan.functions, counts) where row.isOptimized {
      row.encode(to: &writer)
      counts.encode(to: &writer)
    }
    PartitionCache.write(writer, to: path)
  }

  /// The plans by function; empty if the file is missing or cannot be read.
  func plans() -> [Int: FunctionPlan] {
    let rows = PartitionCache.read(path) {
      (reader: inout ArtefactReader) throws(ArtefactError) -> [FunctionPlan]? in
      guard try reader.integer(UInt64.self) == Self.magic else { return nil }
      var result: [FunctionPlan] = []
      for _ in 0..<(try reader.count(minimumSize: 16)) {
        var row = try FunctionPlan(decoding: &reader)
        row.counts = try PredictedCounts(decoding: &reader)
        result.append(row)
      }
      return result
    }
    return Dictionary((rows ?? []).map { ($0.function, $0) }) { first, _ in first }
  }
}

extension PartitionCache {
  /// The plans of the module's last compilation with this cache, for the planner to reuse. Empty if there was none.
  public func earlierPlans(of module: Module, for profile: ModuleProfile) -> [Int: FunctionPlan] {
    PlanMemory(self, module: module, hasProfile: !profile.functions.isEmpty).plans()
  }
}
