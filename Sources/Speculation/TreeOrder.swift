extension InliningTree {
  /// The same tree, numbered in depth-first order of the calls in the bodies. The builder's own order depends on the profile,
  /// but plans with the same decisions for a function should be equal.
  var inOrderOfCode: InliningTree {
    var order: [Int] = []
    // An explicit stack: trees may be deep.
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
