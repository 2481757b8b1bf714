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
  private var open: [Block] = []

  private struct Block {
    var isLoop = false
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
  mutating func pass(_ instruction: Instruction, _ count: Count) {
    switch instruction.opcode {
    case .block: open.append(Block())
    case .loop:
      // Nothing gets to a loop in dead code.
      if case .backEdges(let turns) = count { current = saturatingSum(current, turns) }
      open.append(Block(isLoop: true))
    case .if:
      let taken = min(current, Self.taken(count))
      open.append(Block(otherwise: current - taken))
      current = taken
    case .else: beginElse()
    case .end: close()
    case .br: branch(instruction.index, current, ends: true)
    case .brIf: branch(instruction.index, min(current, Self.taken(count)), ends: false)
    case .brTable:
      if case .labels(let counts) = count {
        for (label, count) in zip(instruction.labels, counts) {
          branch(label, count, ends: false)
        }
      }
      current = 0
    case .return, .unreachable, .returnCall, .returnCallIndirect, .returnCallRef: current = 0
    default: break
    }
  }

  private static func taken(_ count: Count) -> UInt64 {
    if case .taken(let count) = count { count } else { 0 }
  }

  private mutating func branch(_ depth: Int, _ count: UInt64, ends: Bool) {
    if depth < open.count {
      let target = open.count - 1 - depth
      open[target].incoming = saturatingSum(open[target].incoming, count)
    }
    current = ends ? 0 : current - min(current, count)
  }

  private mutating func beginElse() {
    guard let last = open.indices.last else { return }
    open[last].incoming = saturatingSum(open[last].incoming, current)
    current = open[last].otherwise
    open[last].otherwise = 0
  }

  private mutating func close() {
    guard let block = open.popLast() else { return }
    current = saturatingSum(current, block.otherwise)
    // Branches to a loop went to its beginning, and are in its count.
    if !block.isLoop { current = saturatingSum(current, block.incoming) }
  }
}
