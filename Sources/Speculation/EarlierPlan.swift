import Feedback

// Whether a call that is hardly ever reached is inlined hangs on single counts, and a large function has hundreds of such
// calls. So where a profile predicts nearly what an earlier one did for a function, the function may keep its plan, and with it
// code that was compiled then.

extension FunctionPlan {
  /// Whether this plan, of an earlier compilation of the same module, does as well as one that was made for a profile.
  /// Compared with the counts that its code was compiled for, so that many small steps do not lead far.
  func isAsGood(as fresh: FunctionPlan, for profile: ModuleProfile) -> Bool {
    guard function == fresh.function, isHot, fresh.isHot, let counts,
      counts.resembles(PredictedCounts(fresh, profile))
    else { return false }
    return expectsNoDeopt(profile)
  }

  /// Whether no deopt is to be expected of what a profile saw.
  private func expectsNoDeopt(_ profile: ModuleProfile) -> Bool {
    for node in speculative?.nodes ?? [] {
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
}
