/// A call that may be inlined, and its benefit.
struct InliningCandidate {
  /// Index into the builder's sites, and into that site's targets.
  var site: Int
  var target: Int
  /// Predicted executions for each entry of the function being planned.
  var frequency: Double
  /// Executions per wasm byte of the callee. Orders the queue.
  var priority: Double
}

/// A heap with the most valuable candidate on top. Candidates of equal value keep their order of insertion.
struct InliningQueue {
  private var heap: [(candidate: InliningCandidate, sequence: Int)] = []
  private var nextSequence = 0

  mutating func push(_ candidate: InliningCandidate) {
    heap.append((candidate, nextSequence))
    nextSequence += 1
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> InliningCandidate? {
    guard let top = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return top.candidate }
    heap[0] = last
    var parent = 0
    while true {
      var best = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && precedes(child, best) {
        best = child
      }
      if best == parent { return top.candidate }
      heap.swapAt(parent, best)
      parent = best
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    let (left, right) = (heap[a], heap[b])
    if left.candidate.priority != right.candidate.priority {
      return left.candidate.priority > right.candidate.priority
    }
    return left.sequence < right.sequence
  }
}
