import Feedback
import Speculation

/// Counts as LLVM gets them: what is left of a profile once it is rounded. Only the ratios of a branch's or a site's
/// counts guide LLVM, and roughly; so a longer run, or another one of the same kind, mostly gives the same code, and a
/// partition compiled for the one can be taken from the cache for the other.
enum WeightClasses {
  /// Shares of the greatest count, and the class that each begins: even, likely, very likely, rare, hardly ever. Few, so that
  /// few counts of a function are near to a border.
  private static let classes: [(from: Double, weight: UInt64)] = [
    (1 / 2, 4096), (1 / 8, 1024), (1 / 32, 256), (1 / 512, 64), (0, 1),
  ]

  /// Counts as shares of the greatest; what was counted stays above 0.
  static func ratios(_ counts: [UInt64]) -> [UInt64] {
    guard let greatest = counts.max(), greatest > 0 else { return counts }
    return counts.map { count in
      guard count > 0 else { return 0 }
      let share = Double(count) / Double(greatest)
      return classes.first { share >= $0.from }?.weight ?? 1
    }
  }

  static func classify(_ profile: ModuleProfile) -> ModuleProfile {
    var result = profile
    result.functions = profile.functions.mapValues(classify)
    return result
  }

  private static func classify(_ profile: FunctionProfile) -> FunctionProfile {
    var result = FunctionProfile()
    // Of loops only whether they go round is asked; how often, the weights of their back-edges tell.
    result.loops = profile.loops.mapValues { min($0, 1) }
    result.branches = profile.branches.mapValues {
      let ratios = ratios([$0.taken, $0.notTaken])
      return .init(taken: ratios[0], notTaken: ratios[1])
    }
    result.branchTables = profile.branchTables.mapValues(ratios)
    // Call sites are the planner's; what it made of them is in the plan.
    return result
  }

  static func classify(_ plan: FunctionPlan) -> FunctionPlan {
    var result = plan
    // LLVM asks only whether there is a count: it is given no summary to hold it against.
    result.entryCount = min(plan.entryCount, 1)
    result.speculative = plan.speculative.map(classify)
    result.generic = classify(plan.generic)
    return result
  }

  private static func classify(_ tree: InliningTree) -> InliningTree {
    InliningTree(
      nodes: tree.nodes.map { node in
        var node = node
        node.relativeFrequency = 0
        node.sites = node.sites.mapValues(classify)
        return node
      })
  }

  private static func classify(_ site: SitePlan) -> SitePlan {
    var result = site
    let counts = ratios(site.targets.map(\.count) + [site.missCount])
    for index in result.targets.indices { result.targets[index].count = counts[index] }
    result.missCount = counts[counts.count - 1]
    return result
  }
}
