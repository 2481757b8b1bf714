import Feedback
import Wasm

/// A call site of a body in the tree whose targets are not yet decided.
struct PendingSite {
  struct Target {
    var function: Int
    var indices: [UInt32]
    var count: UInt64
    /// Set if its body is inlined.
    var node: Int?
    /// Why it is not inlined.
    var reason: Reason
    /// Whether a tail call of it is a branch to the start of its body, which encloses the call.
    var isLoop = false

    var isInlined: Bool { node != nil || isLoop }
  }

  /// Node of the tree; set when the builder adds the site.
  var node = 0
  var call: ModuleFacts.CallSite
  var guardKind: SitePlan.Guard
  /// In descending order of their counts.
  var targets: [Target] = []
  /// Calls to functions that are not among `targets`: beyond the recorder's slots, of other instances, or impossible.
  var otherCount: UInt64 = 0
  /// Why the site cannot speculate or has no targets.
  var obstacle: Reason?
  /// Whether nothing but `targets` can ever be called.
  var isClosed = false
  /// Whether it is a tail call that ends the compiled function, so that no control flow merges behind its targets.
  var leaves = false
  /// Whether nothing was counted, so that weights are derived from the module alone.
  var isStatic = false

  var totalCount: UInt64 { targets.reduce(otherCount) { saturatingSum($0, $1.count) } }
}

extension PlanningContext {
  /// A site with its possible targets. ``sites(ofFunction:)`` caches them.
  func site(_ call: ModuleFacts.CallSite, function: Int) -> PendingSite {
    let feedback = profile.functions[function]?.callSites[call.offset]
    switch call.kind {
    case .direct(let callee):
      return direct(call, callee, feedback, isStatic: isStatic(function))
    case .indirect(let typeIndex, let table):
      let possible = tables.possibleTargets(table: table, typeIndex: typeIndex)
      var site = observed(call, table, typeIndex, feedback, isStatic: isStatic(function))
      close(&site, possible, table)
      return site
    case .reference(let typeIndex):
      return observed(call, nil, typeIndex, feedback, isStatic: isStatic(function))
    }
  }

  private func direct(
    _ call: ModuleFacts.CallSite, _ callee: Int, _ feedback: CallSiteFeedback?,
    isStatic: Bool
  ) -> PendingSite {
    var site = PendingSite(call: call, guardKind: .none)
    site.isStatic = isStatic
    guard callee >= module.importedFunctionCount else {
      site.obstacle = .imported
      return site
    }
    site.targets = [
      .init(function: callee, indices: [], count: feedback?.totalCount ?? 0, reason: .cold)
    ]
    return site
  }

  /// The targets in the feedback that guards can distinguish, and the kind of guard.
  /// - Parameter table: nil for a call by reference.
  private func observed(
    _ call: ModuleFacts.CallSite, _ table: Int?, _ typeIndex: Int,
    _ feedback: CallSiteFeedback?, isStatic: Bool
  ) -> PendingSite {
    var site = PendingSite(call: call, guardKind: .reference)
    guard let feedback, feedback.totalCount > 0 else {
      site.isStatic = isStatic
      site.obstacle = .noFeedback
      return site
    }
    if feedback.isMegamorphic { site.obstacle = .megamorphic }
    if feedback.foreignCount > 0 { site.obstacle = site.obstacle ?? .foreignTarget }
    site.otherCount = saturatingSum(feedback.otherCount, feedback.foreignCount)
    var seen: Set<Int> = []
    for target in feedback.targets where target.count > 0 {
      let isPossible =
        module.functions.indices.contains(target.function)
        && target.function >= module.importedFunctionCount
        && tables.hasType(target.function, typeIndex)
        && table.map { mayHold($0, target.function) } ?? true
      // A function that cannot be called here was recorded for something else.
      guard isPossible, seen.insert(target.function).inserted else {
        site.otherCount = saturatingSum(site.otherCount, target.count)
        site.obstacle = site.obstacle ?? .typeMismatch
        continue
      }
      site.targets.append(
        .init(
          function: target.function,
          indices: table.flatMap { tables.indices(of: target.function, table: $0) } ?? [],
          count: target.count, reason: .cold))
    }
    if let table, feedback.isMegamorphic && feedback.foreignCount == 0 {
      inferTargets(&site, table, typeIndex)
    }
    if site.targets.contains(where: {
      facts.functions[$0.function].size > tuning.maximumCalleeSize
    }) {
      site.obstacle = site.obstacle ?? .tooBig
    }
    site.targets.sort { ($1.count, $0.function) < ($0.count, $1.function) }
    site.guardKind = table.map { guardKind(site.targets, $0) } ?? .reference
    return site
  }

  private func mayHold(_ table: Int, _ function: Int) -> Bool {
    !tables.facts[table].isImmutable
      || tables.indices(of: function, table: table)?.isEmpty != true
  }

  private func guardKind(_ targets: [PendingSite.Target], _ table: Int) -> SitePlan.Guard {
    let hasIndices = targets.allSatisfy {
      !$0.indices.isEmpty && $0.indices.count <= tuning.maximumIndicesPerTarget
    }
    guard tables.facts[table].contents != nil, hasIndices else { return .reference }
    if tables.facts[table].isImmutable { return .index }
    // If a writer has run, the table is not pristine; the guard then compares the entry itself.
    let wasWritten = facts.tableWriters[table].contains {
      isStatic($0) || (profile.functions[$0]?.entryCount ?? 0) > 0
    }
    return wasWritten ? .reference : .indexIfPristine
  }

  /// Marks a site whose possible targets are all known, and adds the target if there is only one.
  private func close(_ site: inout PendingSite, _ possible: [Int]?, _ table: Int) {
    guard let possible, !possible.isEmpty,
      possible.allSatisfy({ $0 >= module.importedFunctionCount })
    else { return }
    if possible.count == 1, site.targets.isEmpty {
      let indices = tables.indices(of: possible[0], table: table) ?? []
      let target = PendingSite.Target(
        function: possible[0], indices: indices, count: 0, reason: .cold)
      let kind = guardKind([target], table)
      guard kind == .index else { return }
      site.targets = [target]
      site.guardKind = kind
      site.obstacle = nil
    }
    site.isClosed =
      site.guardKind == .index && Set(possible) == Set(site.targets.map(\.function))
    if site.isClosed { site.obstacle = nil }
  }
}
