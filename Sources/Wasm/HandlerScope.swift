/// One way in which a block catches exceptions: a clause of a `try_table`, or a `catch` or `catch_all` of a legacy `try`.
public struct CatchClause: Sendable, Hashable {
  /// Where a caught exception leads.
  public enum Target: Sendable, Hashable {
    /// To a label, counted from outside of the block: the tag's values, and the exception behind them if it is kept, are passed as by a branch.
    case label(Int)
    /// To an arm of the block itself, by its number among the block's `catch` and `catch_all`. The exception is a hidden operand
    /// there, beneath the tag's values.
    case arm(Int)
  }

  /// The tag that it catches; nil: all exceptions.
  public var tag: Int?
  /// Whether the code that it leads to gets the exception itself, and not just its values. Of an arm: whether a `rethrow` names its block; the
  /// hidden operand means nothing otherwise.
  public var keepsException: Bool
  /// Where it leads.
  public var target: Target

  /// A clause.
  public init(tag: Int?, keepsException: Bool, target: Target) {
    self.tag = tag
    self.keepsException = keepsException
    self.target = target
  }

  // MARK: As words, in `Instruction.labels`

  static let wordCount = 3

  /// Only clauses with labels are parts of instructions.
  func append(to words: inout [Int]) {
    guard case .label(let label) = target else { preconditionFailure("an arm") }
    words += [tag ?? -1, keepsException ? 1 : 0, label]
  }

  fileprivate init(_ words: ArraySlice<Int>) {
    let first = words.startIndex
    tag = words[first] < 0 ? nil : words[first]
    keepsException = words[first + 1] != 0
    target = .label(words[first + 2])
  }
}

extension Instruction {
  /// The clauses of a `try_table`, in order.
  public var clauses: [CatchClause] {
    guard opcode == .tryTable else { return [] }
    return stride(from: 0, to: labels.count, by: CatchClause.wordCount).map {
      CatchClause(labels[$0..<$0 + CatchClause.wordCount])
    }
  }
}

extension Opcode {
  /// Whether the block that it begins has the exception that was caught as a hidden operand beneath its own, for `rethrow`.
  public var keepsException: Bool { self == .catch || self == .catchAll }
}

/// What a block does with exceptions that are thrown in its body: for `try_table` and legacy `try` the same. The body of a `try` ends at its
/// first arm.
public struct HandlerScope: Sendable, Hashable {
  /// The first that fits catches an exception.
  public var clauses: [CatchClause]
  /// Where exceptions go that no clause catches: to the scope of the block that this label names, counted from outside of this block, if that one
  /// has a scope and the label stands in its body, else further out from there. 0 but for `delegate`.
  public var outerLabel = 0

  /// Whether it catches all exceptions, so that none goes further out.
  public var catchesAll: Bool { clauses.contains { $0.tag == nil } }
}

/// Finds the scopes of a body's blocks. What a legacy `try` catches is known only at its end, so the first one makes this read the
/// whole body, once.
public struct HandlerScopes {
  private var reader: InstructionReader
  /// By byte offset of the `try`.
  private var tries: [Int: HandlerScope] = [:]
  private var hasRead = false

  /// - Parameter function: in the function index space.
  public init(_ module: Module, function: Int) {
    reader = InstructionReader(module, function: function)
  }

  /// The scope of the block that an instruction opens; nil if it opens none, or one that catches nothing.
  public mutating func opened(by instruction: Instruction) -> HandlerScope? {
    switch instruction.opcode {
    case .tryTable: return HandlerScope(clauses: instruction.clauses)
    case .try:
      if !hasRead { read() }
      return tries[instruction.offset]
    default: return nil
    }
  }

  private struct Block {
    /// Of a `try`.
    var offset: Int?
    /// The clause whose arm is being read.
    var arm: Int?
  }

  /// Whoever reads the body itself meets what is wrong with it.
  private mutating func read() {
    hasRead = true
    var blocks: [Block] = []
    while let instruction = try? reader.next() {
      let opcode = instruction.opcode
      if opcode.control.contains(.opensBlock) {
        let offset = opcode == .try ? instruction.offset : nil
        if let offset { tries[offset] = HandlerScope(clauses: []) }
        blocks.append(Block(offset: offset))
      } else if opcode.keepsException, let offset = blocks.last?.offset,
        let number = tries[offset]?.clauses.count
      {
        tries[offset]?.clauses.append(
          CatchClause(
            tag: opcode == .catch ? instruction.index : nil, keepsException: false,
            target: .arm(number)))
        blocks[blocks.count - 1].arm = number
      } else if opcode == .rethrow, instruction.index < blocks.count {
        let block = blocks[blocks.count - 1 - instruction.index]
        if let offset = block.offset, let arm = block.arm {
          tries[offset]?.clauses[arm].keepsException = true
        }
      } else if opcode.control.contains(.closesBlock), let block = blocks.popLast() {
        if opcode == .delegate, let offset = block.offset {
          tries[offset]?.outerLabel = instruction.index
        }
      }
    }
  }
}
