extension InliningTree {
  /// The same tree, numbered in depth-first order of the calls in the bodies, not in the order in which it grew: that follows
  /// the profile, and plans which make the same of a function should be equal.
  var inOrderOfCode: InliningTree {
    var order: [Int] = []
    // An own stack: trees are as deep as tuning allows.
    var work = [0]
    while let node = work.popLast() {
      order.append(node)
      for (_, site) in nodes[node].sites.sorted(by: { $0.key > $1.key }) {
        work += site.targets.reversed().compactMap(\.node)
      }
    }
    var numbers = Array(repeating: 0, count: nodes.count)
    for (number, node) in order.enumerated() { numbers[node] = number }
    return InliningTree(
      nodes: order.map { old in
        var node = nodes[old]
        node.parent = node.parent.map { numbers[$0] }
        node.sites = node.sites.mapValues { site in
          var site = site
          for index in site.targets.indices {
            site.targets[index].node = site.targets[index].node.map { numbers[$0] }
          }
          return site
        }
        return node
      })
  }
}
