import Feedback

/// Decides a site once it is known which of its targets are inlined.
extension PlanningContext {
  func decide(_ site: PendingSite) -> SitePlan {
    if case .direct = site.call.kind { return decideDirect(site) }
    let inlined = site.targets.filter(\.isInlined)
    if site.isClosed && (site.targets.count == 1 || inlined.count == site.targets.count) {
      return plan(site, site.targets, .trap, inlined.isEmpty ? site.targets[0].reason : .inlined)
    }
    // A target that was seen but not inlined rules out the deopt, although its direct call could follow a guard like an inlined
    // body does. The call and the merge after it cost a loop what the side exit would have saved, so a deopt could only add a
    // risk of failing.
    // Nor does a tail call that ends the function gain by a deopt: what misses leaves as well.
    let speculates =
      options.speculates && site.obstacle == nil && !inlined.isEmpty && !site.leaves
    if speculates && inlined.count == site.targets.count {
      return plan(site, inlined, .deopt, .inlined)
    }
    let kept = site.targets.filter { $0.isInlined || isWorthDirectCall($0, site) }
    let left = site.targets.first { !$0.isInlined }?.reason
    let reason = site.obstacle ?? left ?? .inlined
    guard !kept.isEmpty else {
      return SitePlan(
        guardKind: .none, targets: [], miss: .call, missCount: site.totalCount, reason: reason)
    }
    let miss: SitePlan.Miss = site.isClosed && kept.count == site.targets.count ? .trap : .call
    return plan(site, kept, miss, reason)
  }

  private func decideDirect(_ site: PendingSite) -> SitePlan {
    guard let target = site.targets.first, target.node != nil else {
      return SitePlan(
        guardKind: .none, targets: [], miss: .call, missCount: site.totalCount,
        reason: site.obstacle ?? site.targets.first?.reason ?? .cold)
    }
    return plan(site, [target], .call, .inlined)
  }

  /// Whether an index test and a direct call are better than the loads of an indirect call.
  private func isWorthDirectCall(_ target: PendingSite.Target, _ site: PendingSite) -> Bool {
    guard site.guardKind != .reference, target.reason != .cold else { return false }
    return Double(target.count) >= tuning.minimumDirectShare * Double(site.totalCount)
  }

  private func plan(
    _ site: PendingSite, _ targets: [PendingSite.Target], _ miss: SitePlan.Miss, _ reason: Reason
  ) -> SitePlan {
    let handled = targets.reduce(0) { saturatingSum($0, $1.count) }
    // Heaviest first, by powers of two, so that a slightly different profile rarely changes the order.
    let order = targets.sorted {
      ($0.count.leadingZeroBitCount, $0.function) < ($1.count.leadingZeroBitCount, $1.function)
    }
    return SitePlan(
      guardKind: site.guardKind,
      targets: order.map {
        .init(function: $0.function, tableIndices: $0.indices, node: $0.node, count: $0.count)
      },
      miss: miss, missCount: site.totalCount - min(handled, site.totalCount), reason: reason)
  }
}
