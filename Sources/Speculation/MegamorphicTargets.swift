import Feedback
import Wasm

/// How often each function was entered by calls that no feedback attributes to it. The recorder keeps four targets a site and
/// sums up the others, but it counts the entries of every function.
struct UnattributedEntries {
  private var counts: [Int: UInt64] = [:]

  init(_ profile: ModuleProfile, _ facts: ModuleFacts) {
    var attributed: [Int: UInt64] = [:]
    for (function, own) in profile.functions where facts.functions.indices.contains(function) {
      for site in facts.functions[function].sites {
        guard let feedback = own.callSites[site.offset] else { continue }
        switch site.kind {
        case .direct(let callee):
          attributed[callee] = saturatingSum(attributed[callee] ?? 0, feedback.totalCount)
        case .indirect, .reference:
          for target in feedback.targets {
            let sum = saturatingSum(attributed[target.function] ?? 0, target.count)
            attributed[target.function] = sum
          }
        }
      }
    }
    for (function, own) in profile.functions {
      let known = attributed[function] ?? 0
      if own.entryCount > known { counts[function] = own.entryCount - known }
    }
  }

  subscript(function: Int) -> UInt64 { counts[function] ?? 0 }
}

extension PlanningContext {
  /// Infers the targets of a megamorphic site that did not fit into its feedback: the functions of its type in the table that
  /// were entered more often than all feedback accounts for. Each gets a share of the site's unattributed calls. A function
  /// that was never entered cannot have been called, so if all candidates become targets, the site counts as polymorphic.
  func inferTargets(_ site: inout PendingSite, _ table: Int, _ typeIndex: Int) {
    let known = Set(site.targets.map(\.function))
    let candidates = tables.initialTargets(table: table, typeIndex: typeIndex).filter {
      $0 >= module.importedFunctionCount && !known.contains($0) && unattributed[$0] > 0
    }
    let total = candidates.reduce(0.0) { $0 + Double(unattributed[$1]) }
    let room = tuning.maximumTargets - site.targets.count
    guard total > 0, total >= Double(site.otherCount), room > 0 else { return }
    let heaviest = candidates.sorted {
      (unattributed[$1], $0) < (unattributed[$0], $1)
    }
    let calls = Double(site.otherCount)
    for function in heaviest.prefix(room) {
      let share = max(1, (calls * Double(unattributed[function]) / total).rounded(.down))
      let count = min(site.otherCount, UInt64(clamping: Int64(min(share, 9e18))))
      site.otherCount -= count
      site.targets.append(
        .init(
          function: function, indices: tables.indices(of: function, table: table) ?? [],
          count: count, reason: .cold))
    }
    guard candidates.count <= room else { return }
    // Ignore what is left over from rounding.
    site.otherCount = 0
    if site.obstacle == .megamorphic { site.obstacle = nil }
  }
}
