import Wasm

/// Computes which locals a function still reads after each of its calls, and at other instructions where frames may resume.
/// Calls do not change locals, so one set is valid before and after each call. Backward dataflow over the blocks of structured
/// control.
struct LocalLiveness: Sendable {
  /// The size limit of a function's bit sets, in words. Beyond it, every local counts as live.
  private static let wordBudget = 1 << 22

  /// By byte offset of the instruction; nil: all locals are live.
  private var sets: [Int: [UInt64]]?

  /// Whether a local is live before an instruction, which is a call or one of those that were asked for.
  func isLive(_ local: Int, at byteOffset: Int) -> Bool {
    guard let sets, let set = sets[byteOffset] else { return true }
    return set[local >> 6] >> UInt64(local & 63) & 1 != 0
  }

  private enum Event {
    case get(Int)
    case set(Int)
    /// The live locals are wanted here; the byte offset of the instruction that follows.
    case point(Int)
  }

  private struct Block {
    var firstEvent: Int
    var successors: [Int] = []
  }

  /// - Parameter resumes: byte offsets of instructions other than calls at which the live locals are wanted.
  init(module: Module, function: Int, resumes: Set<Int> = []) throws(CompileError) {
    let type = module.type(ofFunction: function)
    let declared = module.functions[function].localGroups.reduce(0) { $0 + $1.count }
    let words = (type.parameters.count + declared + 63) / 64
    let graph = try Graph(module: module, function: function, resumes: resumes)
    guard words * graph.blocks.count <= Self.wordBudget
    else { return }
    sets = Self.solve(graph, words: words)
  }

  // MARK: Graph

  /// Blocks in program order, and the events of each in program order.
  private struct Graph {
    var blocks: [Block] = [Block(firstEvent: 0)]
    var events: [Event] = []
    /// The body's structured blocks, by ``BodyWalker/Block/number``.
    private var controls: [Control] = []
    private let resumes: Set<Int>

    private struct Control {
      /// Loops only.
      var header: Int?
      /// Blocks that branch to its end, or that reach the end of an `if` without `else`.
      var pending: [Int] = []
      var elseSource: Int?
      /// Of a block that handles exceptions: the empty block that they come to, and which leads to all handlers.
      var handler: Int?
    }

    init(module: Module, function: Int, resumes: Set<Int>) throws(CompileError) {
      self.resumes = resumes
      var walker = BodyWalker(module, function: function)
      while try walker.nextToCompile() {
        pass(walker)
      }
    }

    func events(of block: Int) -> ArraySlice<Event> {
      let end = block + 1 < blocks.count ? blocks[block + 1].firstEvent : events.count
      return events[blocks[block].firstEvent..<end]
    }

    /// The block that is being filled.
    private var last: Int { blocks.count - 1 }

    /// Starts a block. The previous one falls through to it if `fallsThrough`.
    private mutating func start(fallsThrough: Bool = true) {
      if fallsThrough { blocks[last].successors.append(blocks.count) }
      blocks.append(Block(firstEvent: events.count))
    }

    private mutating func pass(_ walker: BodyWalker) {
      let instruction = walker.instruction
      appendEvents(instruction)
      let control = instruction.opcode.control
      if control.contains(.opensBlock) {
        open(walker)
      } else if control.contains(.dividesBlock) {
        if let block = walker.blocks.last { beginArm(instruction.opcode, block.number) }
      } else if control.contains(.closesBlock) {
        close(walker.blocks.last?.number)
      }
      switch instruction.targets {
      case .none: if instruction.mayThrow { enterHandlers(walker) }
      case .label(let label):
        branch(walker.target(label))
        if !control.contains(.neverContinues) { start() }
      case .labels(let labels):
        for label in Set(labels).sorted() { branch(walker.target(label)) }
      case .handlers: break
      }
      // The following code is unreachable and gets a block of its own.
      if control.contains(.neverContinues) { start(fallsThrough: false) }
    }

    private mutating func appendEvents(_ instruction: Instruction) {
      let effects = instruction.opcode.effects
      if resumes.contains(instruction.offset) { events.append(.point(instruction.offset)) }
      if effects.contains(.readsLocal) { events.append(.get(instruction.index)) }
      if effects.contains(.writesLocal) { events.append(.set(instruction.index)) }
      if effects.contains(.calls) { events.append(.point(instruction.offset)) }
    }

    private mutating func open(_ walker: BodyWalker) {
      let opcode = walker.instruction.opcode
      var control = Control()
      if let scope = walker.openedScope {
        control.handler = beginHandlers(scope, walker)
      }
      if opcode == .loop {
        start()
        control.header = last
      } else if opcode == .if {
        control.elseSource = last
        start()
      }
      controls.append(control)
    }

    /// - Returns: the block that leads to the handlers of a scope. Legacy arms are added when they begin.
    private mutating func beginHandlers(_ scope: HandlerScope, _ walker: BodyWalker) -> Int {
      let source = last
      start(fallsThrough: false)
      let handler = last
      for clause in scope.clauses {
        if case .label(let label) = clause.target { branch(walker.target(label)) }
      }
      if !scope.catchesAll, let outer = walker.handler(outside: scope.outerLabel),
        let next = controls[outer.number].handler
      {
        blocks[handler].successors.append(next)
      }
      start(fallsThrough: false)
      blocks[source].successors.append(last)
      return handler
    }

    /// Ends the block with an edge to the handlers around the current instruction.
    private mutating func enterHandlers(_ walker: BodyWalker) {
      guard let block = walker.handler(), let handler = controls[block.number].handler else {
        return
      }
      blocks[last].successors.append(handler)
      if !walker.instruction.opcode.control.contains(.neverContinues) { start() }
    }

    private mutating func beginArm(_ opcode: Opcode, _ number: Int) {
      controls[number].pending.append(last)
      start(fallsThrough: false)
      if opcode != .else, let handler = controls[number].handler {
        return blocks[handler].successors.append(last)
      }
      if let source = controls[number].elseSource { blocks[source].successors.append(last) }
      controls[number].elseSource = nil
    }

    private mutating func close(_ number: Int?) {
      // Nothing follows the body.
      guard let number else { return }
      start()
      let control = controls[number]
      for source in control.pending { blocks[source].successors.append(last) }
      if let source = control.elseSource { blocks[source].successors.append(last) }
    }

    /// - Parameter target: nil if the branch leaves the body.
    private mutating func branch(_ target: BodyWalker.Block?) {
      guard let number = target?.number else { return }
      if let header = controls[number].header {
        blocks[last].successors.append(header)
      } else {
        controls[number].pending.append(last)
      }
    }
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
        case .point: break
        }
      }
    }
    // `reads` grows to the set of locals live at each block's start.
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
        case .point(let offset): sets[offset] = live
        }
      }
    }
    return sets
  }
}
