import Feedback

/// What becomes of a site once it is known which of its targets are inlined.
extension PlanningContext {
  func decide(_ site: PendingSite) -> SitePlan {
    if case .direct = site.call.kind { return decideDirect(site) }
    let inlined = site.targets.filter { $0.node != nil }
    if site.isClosed && (site.targets.count == 1 || inlined.count == site.targets.count) {
      return plan(site, site.targets, .trap, inlined.isEmpty ? site.targets[0].reason : .inlined)
    }
    // A target that was seen and is not inlined rules the deopt out, though its direct call could stand behind a
    // guard as well as a body: that call and the merge behind it cost the loop what a side exit
    // would have saved it, so that all a deopt could add there is a way to fail.
    let speculates = options.speculates && site.obstacle == nil && !inlined.isEmpty
    if speculates && inlined.count == site.targets.count {
      return plan(site, inlined, .deopt, .inlined)
    }
    let kept = site.targets.filter { $0.node != nil || isWorthDirectCall($0, site) }
    let left = site.targets.first { $0.node == nil }?.reason
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

  /// An index test and a direct call, instead of the loads of an indirect one.
  private func isWorthDirectCall(_ target: PendingSite.Target, _ site: PendingSite) -> Bool {
    guard site.guardKind != .reference, target.reason != .cold else { return false }
    return Double(target.count) >= tuning.minimumDirectShare * Double(site.totalCount)
  }

  private func plan(
    _ site: PendingSite, _ targets: [PendingSite.Target], _ miss: SitePlan.Miss, _ reason: Reason
  ) -> SitePlan {
    let handled = targets.reduce(0) { saturatingSum($0, $1.count) }
    // Heaviest first, by powers of two: a slightly different profile leaves the order as it is, mostly.
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
