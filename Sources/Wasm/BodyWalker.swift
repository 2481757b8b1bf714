/// Reads a function's body, and says of each instruction where it stands: in which blocks, in how many loops, whether it can be reached.
/// For passes that follow the structure of a body and not its types.
///
/// A block belongs to the instruction that opens it: while that one is current, ``blocks`` does not have it yet; at what divides or closes it
/// (`else`, `catch`, `catch_all`, `end`, `delegate`) it still does. The body's own `end` is the last instruction, with no block around it.
public struct BodyWalker {
  /// What a block instruction around the current instruction opened.
  public struct Block: Sendable {
    /// What opened it.
    public var opcode: Opcode
    /// Of that, in the module.
    public var offset: Int
    /// Its number among the instructions of the body, from 0.
    public var ordinal: Int
    /// The block's number among the blocks of the body, from 0: an index for what a pass knows of each block.
    public var number: Int
    /// Whether control reaches what opened it.
    public var isReachable: Bool
    /// Whether its `else` has been passed, or the first `catch` or `catch_all` of a legacy `try`.
    public var isDivided = false
    /// Whether the `catch_all` of a legacy `try` has been passed, behind which it has no other arm.
    public var isComplete = false
    /// Whether it has a ``HandlerScope``.
    var hasScope = false
    /// The position of the block around it that gets exceptions which it does not; negative: the caller does.
    var outerHandler: Int

    /// Whether branches to it go to its start.
    public var isLoop: Bool { opcode == .loop }
    /// Whether exceptions that the current instruction throws get to its scope: not behind the body of a `try`.
    var handlesExceptions: Bool { hasScope && !(opcode == .try && isDivided) }
  }

  /// The current instruction.
  public private(set) var instruction = Instruction(opcode: .nop, offset: 0, end: 0)
  /// Its number in the body, from 0.
  public private(set) var ordinal = -1
  /// Around the current instruction, outermost first.
  public private(set) var blocks: [Block] = []
  /// Loops among ``blocks``.
  public private(set) var loopDepth = 0
  /// Whether control gets to the current instruction, as far as the structure tells (spec 3.3, "unreachable code"): false behind one that never
  /// continues, up to the `else` or `end` of its block.
  public private(set) var isReachable = true
  /// Blocks that began before the current instruction; the number of the block that it opens, if it opens one.
  public private(set) var blockCount = 0
  /// What the block that the current instruction opens does with exceptions, if it does anything. Labels in it are labels of the instruction.
  public private(set) var openedScope: HandlerScope?

  private var reader: InstructionReader
  private var scopes: HandlerScopes
  /// Of the instruction that was current before.
  private var role: ControlRole = []

  /// - Parameter function: in the function index space. An imported one has no instructions.
  public init(_ module: Module, function: Int) {
    reader = InstructionReader(module, function: function)
    scopes = HandlerScopes(module, function: function)
  }

  /// Goes to the next instruction; false after the body's `end`.
  public mutating func next() throws(WasmError) -> Bool {
    leave()
    guard try reader.next(&instruction) else { return false }
    ordinal += 1
    role = instruction.opcode.control
    if role.contains(.opensBlock) { openedScope = scopes.opened(by: instruction) }
    if !role.isDisjoint(with: [.dividesBlock, .closesBlock]) {
      isReachable = blocks.last?.isReachable ?? true
    }
    return true
  }

  /// The block that a label of the current instruction names; nil: the body.
  public func target(_ label: Int) -> Block? {
    label < blocks.count ? blocks[blocks.count - 1 - label] : nil
  }

  /// The innermost block that handles exceptions, of the one that a label names and those around it; nil: the caller handles them.
  /// - Parameter label: 0 for exceptions that the current instruction throws.
  public func handler(outside label: Int = 0) -> Block? {
    let position = handlerPosition(outside: label)
    return position < 0 ? nil : blocks[position]
  }

  private func handlerPosition(outside label: Int) -> Int {
    guard label < blocks.count else { return -1 }
    let position = blocks.count - 1 - label
    return blocks[position].handlesExceptions ? position : blocks[position].outerHandler
  }

  /// What the current instruction does to the blocks takes effect behind it.
  private mutating func leave() {
    if role.contains(.opensBlock) {
      let block = Block(
        opcode: instruction.opcode, offset: instruction.offset, ordinal: ordinal,
        number: blockCount, isReachable: isReachable, hasScope: openedScope != nil,
        outerHandler: handlerPosition(outside: 0))
      blocks.append(block)
      blockCount += 1
      if block.isLoop { loopDepth += 1 }
    } else if role.contains(.dividesBlock), !blocks.isEmpty {
      blocks[blocks.count - 1].isDivided = true
      if instruction.opcode == .catchAll { blocks[blocks.count - 1].isComplete = true }
    } else if role.contains(.closesBlock), let block = blocks.popLast() {
      if block.isLoop { loopDepth -= 1 }
    }
    if role.contains(.neverContinues) { isReachable = false }
  }
}
