import Feedback

// Whether a rarely reached call is inlined depends on single counts, and a large function has hundreds of such calls. So if a
// profile predicts nearly the same counts for a function as an earlier one, the function may keep its plan, and with it the
// code that was compiled then.

extension FunctionPlan {
  /// Whether this plan, made by an earlier compilation of the same module, is as good for a profile as a fresh one. Compares
  /// the counts that the plan's code was compiled for, so that many small changes cannot add up.
  func isAsGood(as fresh: FunctionPlan, for profile: ModuleProfile) -> Bool {
    guard function == fresh.function, tier == fresh.tier, keepsGeneric == fresh.keepsGeneric,
      isOptimized, let counts,
      counts.resembles(PredictedCounts(fresh, profile))
    else { return false }
    return expectsNoDeopt(profile)
  }

  /// Whether the calls and branches in a profile would not have caused a deopt.
  private func expectsNoDeopt(_ profile: ModuleProfile) -> Bool {
    for node in speculative?.nodes ?? [] {
      guard expectsNoExit(node, profile.functions[node.function]) else { return false }
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

  private func expectsNoExit(_ node: InliningTree.Node, _ profile: FunctionProfile?) -> Bool {
    node.exits.allSatisfy { offset, exits in
      exits.allSatisfy { exit in
        if let table = profile?.branchTables[offset] {
          return !table.indices.contains(exit.way) || table[exit.way] == 0
        }
        guard let branch = profile?.branches[offset] else { return true }
        return (exit.way == 0 ? branch.notTaken : branch.taken) == 0
      }
    }
  }
}
