import Contract
import Feedback
import Files
import Speculation
import Wasm

/// The plan of the last compilation of a module, in the cache's folder. Whether a call that is hardly ever reached is inlined hangs on single
/// counts, and a large function has hundreds of such calls. So where a profile predicts nearly what the last one did for a function,
/// the function keeps its plan, and with it the code in the cache.
///
///     magic │ hot functions: plan, weights │ checksum
struct PlanMemory {
  private static let magic: UInt64 = 0x3165_6863_6E61_6C70  // "planche1"

  let path: HostString
  let module: Module

  init(_ cache: PartitionCache, module: Module, hasProfile: Bool) {
    var writer = ArtefactWriter()
    writer.string(PartitionKey.compiler)
    writer.integer(module.hash)
    writer.integer(UInt8(hasProfile ? 1 : 0))
    path = cache.path(writer.bytes, "plan")
    self.module = module
  }

  /// - Returns: the plan with functions as they were where that does, and what each predicts: the profile
  ///   that their code was compiled for, not this one, so that many small steps do not lead far.
  func settle(
    _ plan: CompilationPlan, _ profile: ModuleProfile
  ) -> (plan: CompilationPlan, weights: [[PartitionWeights.Row]]) {
    let fresh = plan.functions.map { PartitionWeights.rows($0, profile) }
    var (settled, weights) = (plan, fresh)
    for (row, rows) in read() ?? [] {
      let position = row.function - module.importedFunctionCount
      guard plan.functions.indices.contains(position), plan.functions[position].isHot,
        PartitionWeights.overlap(rows, fresh[position]) >= PartitionWeights.sufficientOverlap,
        Self.speculates(row, as: profile)
      else { continue }
      settled.functions[position] = row
      weights[position] = rows
    }
    Planner.addOSREntries(to: &settled, module: module, profile: profile)
    // Unless the file was made by something else, there are none.
    guard PlanChecker.problems(in: settled, of: module).isEmpty else { return (plan, fresh) }
    return (settled, weights)
  }

  /// Whether no deopt of a plan has to be expected of what a profile saw.
  private static func speculates(_ plan: FunctionPlan, as profile: ModuleProfile) -> Bool {
    for node in plan.speculative?.nodes ?? [] {
      for (offset, site) in node.sites where site.miss == .deopt {
        guard let seen = profile.functions[node.function]?.callSites[offset] else { continue }
        let planned = Set(site.targets.map(\.function))
        guard seen.otherCount == 0, seen.foreignCount == 0,
          seen.targets.allSatisfy({ $0.count == 0 || planned.contains($0.function) })
        else { return false }
      }
    }
    return true
  }

  // MARK: In a file

  /// That it cannot be kept is no error.
  func keep(_ plan: CompilationPlan, _ weights: [[PartitionWeights.Row]]) {
    var writer = ArtefactWriter()
    writer.integer(Self.magic)
    writer.integer(UInt32(plan.functions.count { $0.isHot }))
    for (row, rows) in zip(plan.functions, weights) where row.isHot {
      row.encode(to: &writer)
      PartitionWeights(functions: [rows]).encode(to: &writer)
    }
    PartitionCache.write(writer, to: path)
  }

  private func read() -> [(FunctionPlan, [PartitionWeights.Row])]? {
    PartitionCache.read(path) { (reader: inout ArtefactReader) throws(ArtefactError) in
      guard try reader.integer(UInt64.self) == Self.magic else { return nil }
      var result: [(FunctionPlan, [PartitionWeights.Row])] = []
      for _ in 0..<(try reader.count(minimumSize: 16)) {
        let row = try FunctionPlan(decoding: &reader)
        let weights = try PartitionWeights(decoding: &reader).functions
        guard weights.count == 1 else { return nil }
        result.append((row, weights[0]))
      }
      return result
    }
  }
}
