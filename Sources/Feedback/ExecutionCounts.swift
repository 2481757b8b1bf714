import Wasm

/// How often each instruction of a body was executed, from the few counts that a recording takes: what enters a block leaves it
/// (Knuth and Stevenson, "Optimal measurement points for program frequency counts", 1973). So the ways that are hot
/// mostly need no counter: of a `br_if` the way on, of an `if` the `else`, of a call site its first target.
///
/// Exact where all calls returned; a trap or an exit within a call leaves its callers' later instructions one too high for each
/// time.
struct ExecutionCounts {
  /// Of the next instruction; 0 in dead code.
  private(set) var current: UInt64
  /// By ``BodyWalker/Block/number``.
  private var blocks: [Block] = []

  private struct Block {
    /// By branches to its end, and the end of a first arm.
    var incoming: UInt64 = 0
    /// Of an `if` without `else` so far: times that the condition did not hold.
    var otherwise: UInt64 = 0
  }

  /// What is counted of an instruction.
  enum Count {
    case none
    /// Loop: all back-edges.
    case backEdges(UInt64)
    case taken(UInt64)
    case labels([UInt64])
  }

  init(entries: UInt64) { current = entries }

  /// To be called for every instruction in order, dead code included.
  mutating func pass(_ walker: BodyWalker, _ count: Count) {
    let instruction = walker.instruction
    let control = instruction.opcode.control
    if control.contains(.opensBlock) {
      open(count)
    } else if control.contains(.dividesBlock) {
      if let block = walker.blocks.last { beginElse(block.number) }
    } else if control.contains(.closesBlock) {
      if let block = walker.blocks.last { close(block) }
    }
    switch instruction.targets {
    case .label(let label):
      // What always branches does so each time; what may, as often as was counted.
      let taken = control.contains(.neverContinues) ? current : min(current, Self.taken(count))
      branch(walker.target(label), taken)
    case .labels(let labels):
      if case .labels(let counts) = count {
        for (label, count) in zip(labels, counts) { branch(walker.target(label), count) }
      }
    // No count tells how often a handler was entered: what follows its label counts too low.
    case .handlers, .none: break
    }
    if control.contains(.neverContinues) { current = 0 }
  }

  private static func taken(_ count: Count) -> UInt64 {
    if case .taken(let count) = count { count } else { 0 }
  }

  private mutating func open(_ count: Count) {
    var block = Block()
    switch count {
    // Nothing gets to a loop in dead code.
    case .backEdges(let turns): current = saturatingSum(current, turns)
    case .taken(let count):
      let taken = min(current, count)
      block.otherwise = current - taken
      current = taken
    case .none, .labels: break
    }
    blocks.append(block)
  }

  /// - Parameter target: nil: the body, which nothing comes behind.
  private mutating func branch(_ target: BodyWalker.Block?, _ count: UInt64) {
    if let target {
      blocks[target.number].incoming = saturatingSum(blocks[target.number].incoming, count)
    }
    current -= min(current, count)
  }

  private mutating func beginElse(_ number: Int) {
    blocks[number].incoming = saturatingSum(blocks[number].incoming, current)
    current = blocks[number].otherwise
    blocks[number].otherwise = 0
  }

  private mutating func close(_ block: BodyWalker.Block) {
    let counts = blocks[block.number]
    current = saturatingSum(current, counts.otherwise)
    // Branches to a loop went to its beginning, and are in its count.
    if !block.isLoop { current = saturatingSum(current, counts.incoming) }
  }
}
