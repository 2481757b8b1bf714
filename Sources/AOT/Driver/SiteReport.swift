import Contract
import Speculation

/// The plan's decisions for its call sites, by the numbers that the artefact uses.
func makeSiteReport(_ plan: CompilationPlan, _ nodes: NodeNumbering) -> SiteReport {
  var sites: [SiteReport.Site] = []
  func append(_ tree: InliningTree, base: Int) {
    for (index, node) in tree.nodes.enumerated() {
      for (offset, site) in node.sites.sorted(by: { $0.key < $1.key }) {
        sites.append(
          SiteReport.Site(
            node: UInt32(base + index), byteOffset: UInt32(offset),
            guardKind: number(site.guardKind), miss: number(site.miss),
            reason: site.reason.rawValue, missCount: site.missCount,
            targets: site.targets.map {
              SiteReport.Target(
                function: UInt32($0.function),
                node: $0.node.map { UInt32(base + $0) } ?? InlineNode.root, count: $0.count)
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
  return SiteReport(sites: sites)
}

private func number<Case: CaseIterable & Equatable>(_ value: Case) -> UInt8 {
  UInt8(Array(Case.allCases).firstIndex(of: value) ?? 0)
}
