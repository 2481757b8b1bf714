import CLLVM

/// The dominator tree of a function, after Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". LLVM's C interface
/// does not expose its own.
struct Dominators {
  /// Reachable blocks in reverse postorder; the entry first.
  let blocks: [LLVMBasicBlockRef]
  /// The immediate dominator of each block, as positions in `blocks`. The entry block is its own.
  let parents: [Int]
  /// The blocks that each block immediately dominates.
  let children: [[Int]]
  /// By position.
  private let predecessors: [[Int]]
  private let positions: [LLVMBasicBlockRef: Int]

  init(_ function: LLVMValueRef) {
    let order = Self.postorder(function)
    blocks = order.reversed()
    var position: [LLVMBasicBlockRef: Int] = [:]
    for (index, block) in blocks.enumerated() { position[block] = index }
    var predecessors = [[Int]](repeating: [], count: blocks.count)
    for (index, block) in blocks.enumerated() {
      for next in Self.successors(block) { predecessors[position[next]!].append(index) }
    }
    var parents = [Int](repeating: -1, count: blocks.count)
    if !parents.isEmpty { parents[0] = 0 }
    func meet(_ left: Int, _ right: Int) -> Int {
      var (left, right) = (left, right)
      while left != right {
        if left > right { left = parents[left] } else { right = parents[right] }
      }
      return left
    }
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for index in parents.indices.dropFirst() {
        var parent = -1
        for other in predecessors[index] where parents[other] >= 0 {
          parent = parent < 0 ? other : meet(parent, other)
        }
        if parents[index] != parent {
          parents[index] = parent
          hasChanged = true
        }
      }
    }
    var children = [[Int]](repeating: [], count: blocks.count)
    for index in parents.indices.dropFirst() { children[parents[index]].append(index) }
    self.parents = parents
    self.children = children
    self.predecessors = predecessors
    positions = position
  }

  /// Position in ``blocks``; nil if the block is not reachable.
  func position(of block: LLVMBasicBlockRef) -> Int? { positions[block] }

  /// The blocks that branch to a block, each once.
  func predecessors(of block: LLVMBasicBlockRef) -> [LLVMBasicBlockRef] {
    guard let position = positions[block] else { return [] }
    var result: [LLVMBasicBlockRef] = []
    for other in predecessors[position] where !result.contains(blocks[other]) {
      result.append(blocks[other])
    }
    return result
  }

  /// Whether `to` has a single incoming edge, which comes from `from`. Both are positions in ``blocks``.
  func isOnlyWay(_ from: Int, _ to: Int) -> Bool { predecessors[to] == [from] }

  /// Whether each path to `lower` passes through `upper`. Both are positions in ``blocks``.
  func dominates(_ upper: Int, _ lower: Int) -> Bool {
    var lower = lower
    while lower > upper { lower = parents[lower] }
    return lower == upper
  }

  /// The latches of each loop header, by position; headers in ascending order.
  func backEdges() -> [(header: Int, latches: [Int])] {
    var latches = [[Int]](repeating: [], count: blocks.count)
    for (index, block) in blocks.enumerated() {
      for next in Self.successors(block) {
        guard let header = positions[next], dominates(header, index) else { continue }
        if latches[header].last != index { latches[header].append(index) }
      }
    }
    return latches.enumerated().compactMap { $1.isEmpty ? nil : ($0, $1) }
  }

  /// The blocks of a natural loop in the order of `blocks`, the header first.
  func loop(_ header: Int, _ latches: [Int]) -> [LLVMBasicBlockRef] {
    var members: Set<Int> = [header]
    var waiting = latches
    while let block = waiting.popLast() {
      if members.insert(block).inserted { waiting += predecessors[block] }
    }
    return members.sorted().map { blocks[$0] }
  }

  static func successors(_ block: LLVMBasicBlockRef) -> [LLVMBasicBlockRef] {
    guard let terminator = LLVMGetBasicBlockTerminator(block) else { return [] }
    return (0..<LLVMGetNumSuccessors(terminator)).compactMap { LLVMGetSuccessor(terminator, $0) }
  }

  private static func postorder(_ function: LLVMValueRef) -> [LLVMBasicBlockRef] {
    guard let entry = LLVMGetEntryBasicBlock(function) else { return [] }
    var order: [LLVMBasicBlockRef] = []
    var seen: Set<LLVMBasicBlockRef> = [entry]
    var stack = [(block: entry, next: successors(entry)[...])]
    while var top = stack.popLast() {
      guard let next = top.next.popFirst() else {
        order.append(top.block)
        continue
      }
      stack.append(top)
      if seen.insert(next).inserted { stack.append((next, successors(next)[...])) }
    }
    return order
  }
}
