import Feedback
import Wasm

/// Builds the inlining tree of one function. Inlines the calls with the highest benefit for each byte first, until a budget is
/// used up. Sites are decided once the tree is complete.
struct TreeBuilder {
  private let context: PlanningContext
  private let tuning: Tuning
  private let root: Int
  private let entryCount: Double
  private var tree: InliningTree
  private var depths = [0]
  private var sites: [PendingSite] = []
  private var queue = InliningQueue()
  private var budget: Int
  /// Size of all bodies inlined so far, in wasm bytes.
  private(set) var inlinedSize = 0

  init(_ context: PlanningContext, root: Int, moduleBudget: Int) {
    self.context = context
    self.root = root
    tuning = context.tuning
    entryCount = Double(max(1, context.profile.functions[root]?.entryCount ?? 0))
    tree = context.plainPlan(root).generic
    let size = Double(context.facts.functions[root].size)
    let wanted = max(Double(tuning.minimumBudget), tuning.growthFactor * size)
    let cap = max(Double(tuning.budgetCap), tuning.capFactor * size)
    budget = min(Int(min(wanted, cap)), max(0, moduleBudget))
  }

  mutating func build() -> InliningTree {
    expand(0)
    while let candidate = queue.pop() {
      if let reason = obstacle(candidate) {
        sites[candidate.site].targets[candidate.target].reason = reason
      } else {
        inline(candidate)
      }
    }
    for var site in sites {
      if context.module.isTailCall(at: site.call.offset) { followTail(&site) }
      tree.nodes[site.node].sites[site.call.offset] = context.decide(site)
    }
    for node in tree.nodes.indices {
      tree.nodes[node].exits = context.exits(ofFunction: tree.nodes[node].function)
    }
    return tree.inOrderOfCode
  }

  /// Queues the calls of a body.
  private mutating func expand(_ node: Int) {
    let function = tree.nodes[node].function
    let frequency = tree.nodes[node].relativeFrequency
    let entries = Double(max(1, context.profile.functions[function]?.entryCount ?? 0))
    for var site in context.sites(ofFunction: function) {
      site.node = node
      sites.append(site)
      for target in site.targets.indices {
        enqueue(site, target, frequency: frequency, entries: entries)
      }
    }
  }

  private mutating func enqueue(
    _ site: PendingSite, _ index: Int, frequency: Double, entries: Double
  ) {
    let target = site.targets[index]
    let size = context.facts.functions[target.function].size
    if site.guardKind == .none,
      context.iterationsPerEntry(target.function) >= tuning.loopingCallee
    {
      return settle(index, .loops)
    }
    let executions: Double
    if site.isStatic {
      guard size <= tuning.staticCalleeSize else { return settle(index, .tooBig) }
      var factor = 1.0
      for _ in 0..<min(site.call.loopDepth, 4) { factor *= tuning.staticLoopFactor }
      executions = frequency * factor
    } else {
      // The heat of the whole site counts: a rare target should be inlined beside a frequent one.
      let total = frequency * Double(site.totalCount) / entries
      guard target.count > 0, total >= tuning.minimumFrequency,
        total * entryCount >= context.coldCount
      else { return }
      let share = Double(target.count) / Double(site.totalCount)
      let minimum =
        site.guardKind == .reference ? tuning.minimumInlineShare : tuning.minimumIndexedShare
      if let obstacle = site.obstacle, share < minimum {
        return settle(index, obstacle)
      }
      executions = total * share
    }
    // Inconsistent counts must not lead to infinities.
    let clamped = min(executions, 1e15)
    queue.push(
      InliningCandidate(
        site: sites.count - 1, target: index, frequency: clamped,
        priority: clamped / Double(max(1, size))))
  }

  private mutating func settle(_ target: Int, _ reason: Reason) {
    sites[sites.count - 1].targets[target].reason = reason
  }

  /// The reason why a candidate is not inlined; nil if it is.
  private func obstacle(_ candidate: InliningCandidate) -> Reason? {
    let site = sites[candidate.site]
    let callee = site.targets[candidate.target].function
    let size = context.facts.functions[callee].size
    let isTiny = size < tuning.tinyCalleeSize
    guard context.isTranslatable(callee) else { return .notTranslatable }
    if size > tuning.maximumCalleeSize { return .tooBig }
    if depths[site.node] >= tuning.maximumDepth { return .depth }
    var copies = 0
    var ancestor: Int? = site.node
    while let node = ancestor {
      if tree.nodes[node].function == callee { copies += 1 }
      ancestor = tree.nodes[node].parent
    }
    if copies >= tuning.maximumRecursion || isLoop(site, callee) { return .recursive }
    if tree.nodes.count > tuning.maximumInlinees { return .budget }
    return isTiny || size <= budget ? nil : .budget
  }

  /// The nodes whose frame a tail call of one would replace, itself first, and whether the last is the compiled function.
  private func tailChain(_ node: Int) -> (nodes: [Int], isRoot: Bool) {
    var nodes = [node]
    var node = node
    while let parent = tree.nodes[node].parent {
      guard context.module.isTailCall(at: tree.nodes[node].callOffset) else {
        return (nodes, false)
      }
      nodes.append(parent)
      node = parent
    }
    return (nodes, true)
  }

  /// Whether a call is a tail call that would replace the frame of the same function.
  private func isLoop(_ site: PendingSite, _ callee: Int) -> Bool {
    context.module.isTailCall(at: site.call.offset)
      && tailChain(site.node).nodes.contains { tree.nodes[$0].function == callee }
  }

  /// Sets what follows from where a tail call is.
  private func followTail(_ site: inout PendingSite) {
    let chain = tailChain(site.node)
    site.leaves = chain.isRoot
    let around = Set(chain.nodes.map { tree.nodes[$0].function })
    for index in site.targets.indices {
      site.targets[index].isLoop = around.contains(site.targets[index].function)
    }
  }

  private mutating func inline(_ candidate: InliningCandidate) {
    let site = sites[candidate.site]
    let callee = site.targets[candidate.target].function
    let size = context.facts.functions[callee].size
    let node = tree.nodes.count
    tree.nodes.append(
      .init(
        function: callee, parent: site.node, callOffset: site.call.offset,
        relativeFrequency: candidate.frequency))
    depths.append(depths[site.node] + 1)
    sites[candidate.site].targets[candidate.target].node = node
    budget -= size
    inlinedSize += size
    expand(node)
  }
}
