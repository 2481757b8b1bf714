import Contract
import Feedback
import Speculation

/// The plan's decisions for its call sites and what the profile says of them, by the numbers that the artefact uses.
func makeSiteReport(
  _ plan: CompilationPlan, _ profile: ModuleProfile, _ nodes: NodeNumbering
) -> SiteReport {
  var sites: [SiteReport.Site] = []
  func append(_ tree: InliningTree, base: Int) {
    for (index, node) in tree.nodes.enumerated() {
      let feedback = profile.functions[node.function]?.callSites ?? [:]
      for (offset, site) in node.sites.sorted(by: { $0.key < $1.key }) {
        let seen = feedback[offset] ?? CallSiteFeedback()
        sites.append(
          SiteReport.Site(
            node: UInt32(base + index), byteOffset: UInt32(offset),
            guardKind: number(site.guardKind), miss: number(site.miss),
            reason: site.reason.rawValue, missCount: site.missCount,
            otherCount: seen.otherCount, foreignCount: seen.foreignCount,
            targets: site.targets.map {
              SiteReport.Target(
                function: UInt32($0.function),
                node: $0.node.map { UInt32(base + $0) } ?? InlineNode.root, count: $0.count)
            },
            untested: seen.targets.filter { target in
              !site.targets.contains { $0.function == target.function }
            }.map {
              SiteReport.Target(
                function: UInt32($0.function), node: InlineNode.root, count: $0.count)
            }))
      }
    }
  }
  for function in plan.functions {
    if let tree = function.speculative {
      append(tree, base: nodes.base(function: function.function, isSpeculative: true))
    }
    append(function.generic, base: nodes.base(function: function.function, isSpeculative: false))
  }
  let functions = profile.functions.sorted { $0.key < $1.key }.map {
    SiteReport.Function(
      function: UInt32($0.key), entryCount: $0.value.entryCount, weight: $0.value.weight)
  }
  return SiteReport(sites: sites, functions: functions)
}

private func number<Case: CaseIterable & Equatable>(_ value: Case) -> UInt8 {
  UInt8(Array(Case.allCases).firstIndex(of: value) ?? 0)
}
