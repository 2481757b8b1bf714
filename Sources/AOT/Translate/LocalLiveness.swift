import Wasm

/// Which locals a function still reads after each of its calls. Calls change no locals, so that one set
/// holds before and after them. Backward dataflow over the blocks that structured control makes.
struct LocalLiveness: Sendable {
  /// Words of all bit sets that a function may cost; above, every local counts as live.
  private static let wordBudget = 1 << 22

  /// By byte offset of the call; nil: all live.
  private var sets: [Int: [UInt64]]?

  func isLive(_ local: Int, at callOffset: Int) -> Bool {
    guard let sets, let set = sets[callOffset] else { return true }
    return set[local >> 6] >> UInt64(local & 63) & 1 != 0
  }

  private enum Event {
    case get(Int)
    case set(Int)
    case call(Int)
  }

  private struct Block {
    var firstEvent: Int
    var successors: [Int] = []
  }

  /// Blocks in program order, the events of each in program order too.
  private struct Graph {
    var blocks: [Block] = [Block(firstEvent: 0)]
    var events: [Event] = []

    /// Starts a block that the last one falls into, if it can.
    mutating func start(fallsThrough: Bool) -> Int {
      let index = blocks.count
      if fallsThrough { blocks[index - 1].successors.append(index) }
      blocks.append(Block(firstEvent: events.count))
      return index
    }

    func events(of block: Int) -> ArraySlice<Event> {
      let end = block + 1 < blocks.count ? blocks[block + 1].firstEvent : events.count
      return events[blocks[block].firstEvent..<end]
    }
  }

  init(module: Module, function: Int) throws(CompileError) {
    let type = module.type(ofFunction: function)
    let declared = module.functions[function].localGroups.reduce(0) { $0 + $1.count }
    let words = (type.parameters.count + declared + 63) / 64
    let graph = try Self.makeGraph(module: module, function: function)
    guard words * graph.blocks.count <= Self.wordBudget else { return }
    sets = Self.solve(graph, words: words)
  }

  // MARK: Graph

  private struct Control {
    /// Of a loop.
    var header: Int?
    /// Blocks that branch to its end, or (an if's) reach it past a missing else.
    var pending: [Int] = []
    var elseSource: Int?
  }

  private static func makeGraph(module: Module, function: Int) throws(CompileError) -> Graph {
    var graph = Graph()
    var controls = [Control()]
    var falls = true
    func branch(_ depth: Int) {
      let index = controls.count - 1 - depth
      let source = graph.blocks.count - 1
      if let header = controls[index].header {
        graph.blocks[source].successors.append(header)
      } else {
        controls[index].pending.append(source)
      }
    }
    var reader = InstructionReader(module, function: function)
    while !controls.isEmpty, let i = try reader.nextToCompile() {
      switch i.opcode {
      case .localGet: graph.events.append(.get(i.index))
      case .localSet, .localTee: graph.events.append(.set(i.index))
      case .call, .callIndirect: graph.events.append(.call(i.offset))
      case .block: controls.append(Control())
      case .loop:
        controls.append(Control(header: graph.start(fallsThrough: falls)))
        falls = true
      case .if:
        controls.append(Control(elseSource: graph.blocks.count - 1))
        _ = graph.start(fallsThrough: falls)
        falls = true
      case .else:
        let top = controls.count - 1
        if falls { controls[top].pending.append(graph.blocks.count - 1) }
        let block = graph.start(fallsThrough: false)
        if let source = controls[top].elseSource { graph.blocks[source].successors.append(block) }
        controls[top].elseSource = nil
        falls = true
      case .end:
        let control = controls.removeLast()
        let block = graph.start(fallsThrough: falls)
        for source in control.pending { graph.blocks[source].successors.append(block) }
        if let source = control.elseSource { graph.blocks[source].successors.append(block) }
        falls = true
      case .br:
        branch(i.index)
        falls = false
      case .brIf:
        branch(i.index)
        _ = graph.start(fallsThrough: true)
      case .brTable:
        for depth in Set(i.labels).sorted() { branch(depth) }
        falls = false
      case .return, .unreachable: falls = false
      default: continue
      }
      if !falls && i.opcode != .end {
        // What follows is unreachable: a block of its own.
        _ = graph.start(fallsThrough: false)
        falls = true
      }
    }
    return graph
  }

  // MARK: Solution

  private static func solve(_ graph: Graph, words: Int) -> [Int: [UInt64]] {
    let count = graph.blocks.count
    var reads = [UInt64](repeating: 0, count: count * words)
    var writes = reads
    for block in 0..<count {
      for event in graph.events(of: block) {
        switch event {
        case .get(let local):
          let word = block * words + local >> 6
          reads[word] |= (1 << UInt64(local & 63)) & ~writes[word]
        case .set(let local): writes[block * words + local >> 6] |= 1 << UInt64(local & 63)
        case .call: break
        }
      }
    }
    // `reads` grows into the set that is live at each block's start.
    func liveOut(_ block: Int, _ word: Int) -> UInt64 {
      graph.blocks[block].successors.reduce(0) { $0 | reads[$1 * words + word] }
    }
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for block in stride(from: count - 1, through: 0, by: -1) {
        for word in 0..<words {
          let place = block * words + word
          let live = reads[place] | (liveOut(block, word) & ~writes[place])
          if live != reads[place] {
            reads[place] = live
            hasChanged = true
          }
        }
      }
    }
    var sets: [Int: [UInt64]] = [:]
    for block in 0..<count {
      var live = (0..<words).map { liveOut(block, $0) }
      for event in graph.events(of: block).reversed() {
        switch event {
        case .get(let local): live[local >> 6] |= 1 << UInt64(local & 63)
        case .set(let local): live[local >> 6] &= ~(1 << UInt64(local & 63))
        case .call(let offset): sets[offset] = live
        }
      }
    }
    return sets
  }
}
