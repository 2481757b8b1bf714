import Wasm

// Instruction sequences, flat and folded (spec 6.5). Uses an explicit stack of frames instead of recursion, so that deep
// nesting cannot overflow the native stack.

/// An open construct in an instruction sequence.
private struct Frame {
  enum Kind {
    /// `(op imm* folded*`: the instruction is emitted at the `)`.
    case plain
    /// `(block …` and `(loop …`
    case block
    /// `(if …` before its `(then`: the instruction is not yet emitted.
    case condition
    case thenArm
    case afterThen
    case elseArm
    case afterElse
    /// `(try …` before its `(do`, and behind each of its arms.
    case beforeDo
    case doArm
    case catchArm
    case catchAllArm
    /// Behind the body: other arms may follow.
    case afterArm
    /// Behind `(catch_all …)` or `(delegate …)`.
    case afterLastArm
    /// `block …` and `loop …`, up to `end`
    case flatBlock
    case flatIf
    case flatElse
    case flatTry
    case flatCatch
    case flatCatchAll
  }

  var kind: Kind
  var opening: Token
  /// The start in `pending` of the instruction to be emitted later.
  var pendingStart = 0
  var label: [UInt8]?
  /// Whether a `delegate` has closed the block.
  var isDelegated = false
  /// Whether the block has a `catch`, so that no `delegate` can close it.
  var hasCatch = false

  /// Whether instructions that are not folded are allowed here.
  var takesFlat: Bool {
    switch kind {
    case .block, .thenArm, .elseArm, .doArm, .catchArm, .catchAllArm, .flatBlock, .flatIf,
      .flatElse, .flatTry, .flatCatch, .flatCatchAll:
      true
    case .plain, .condition, .afterThen, .afterElse, .beforeDo, .afterArm, .afterLastArm: false
    }
  }

  var takesFolded: Bool { takesFlat || kind == .plain || kind == .condition }
}

/// The state of translating one expression.
private struct ExpressionState {
  var frames: [Frame] = []
  /// Instructions of open folded forms that wait for their operands.
  var pending: [UInt8] = []
  /// Whether the expression ends after one folded instruction.
  let isSingle: Bool
  var isDone = false
}

extension Assembler {
  /// Appends instructions to `output`, up to the `)` that closes the enclosing form. Does not consume it.
  mutating func instructions() throws(WasmTextError) { try expression(isSingle: false) }

  /// Appends one folded instruction to `output`.
  mutating func foldedInstruction() throws(WasmTextError) {
    guard parser.peek.kind == .leftParenthesis else { throw parser.unexpected("'('") }
    try expression(isSingle: true)
  }

  private mutating func expression(isSingle: Bool) throws(WasmTextError) {
    var state = ExpressionState(isSingle: isSingle)
    while !state.isDone {
      switch parser.peek.kind {
      case .leftParenthesis: try openFolded(&state)
      case .rightParenthesis: try closeFolded(&state)
      case .atom: try flat(&state)
      default: throw parser.unexpected("an instruction")
      }
    }
  }

  // MARK: Folded

  private mutating func openFolded(_ state: inout ExpressionState) throws(WasmTextError) {
    if let frame = state.frames.last {
      if frame.kind == .condition, parser.takeForm("then") { return then(&state) }
      if frame.kind == .afterThen, parser.takeForm("else") {
        output.byte(Self.elseByte)
        state.frames[state.frames.count - 1].kind = .elseArm
        return
      }
      if try openArm(frame, &state) { return }
      guard frame.takesFolded else { throw parser.unexpected("')'") }
    }
    let opening = parser.next()
    let (opcode, keyword) = try opcode()
    switch opcode {
    case .block, .loop, .tryTable:
      try openBlock(opcode, .block, opening, &state)
    case .try: try openBlock(opcode, .beforeDo, opening, &state)
    case .if:
      let label = parser.takeId().map { parser.identifier($0) }
      let start = output.bytes.count
      output.byte(UInt8(truncatingIfNeeded: opcode.info.code))
      try blockType()
      state.frames.append(postpone(.condition, opening, from: start, &state))
      state.frames[state.frames.count - 1].label = label
    case .else, .end, .catch, .catchAll, .delegate:
      throw parser.error("unexpected '\(opcode.info.mnemonic)'", keyword)
    default:
      let start = output.bytes.count
      try encode(opcode, keyword)
      state.frames.append(postpone(.plain, opening, from: start, &state))
    }
  }

  /// Moves the bytes emitted since `start` to the pending instructions.
  private mutating func postpone(
    _ kind: Frame.Kind, _ opening: Token, from start: Int, _ state: inout ExpressionState
  ) -> Frame {
    let frame = Frame(kind: kind, opening: opening, pendingStart: state.pending.count)
    state.pending.append(contentsOf: output.bytes[start...])
    output.bytes.removeSubrange(start...)
    return frame
  }

  private mutating func emitPending(_ frame: Frame, _ state: inout ExpressionState) {
    output.bytes.append(contentsOf: state.pending[frame.pendingStart...])
    state.pending.removeSubrange(frame.pendingStart...)
  }

  /// The condition is complete and the `if` follows it. Its label is only in scope from here on.
  private mutating func then(_ state: inout ExpressionState) {
    let last = state.frames.count - 1
    emitPending(state.frames[last], &state)
    labels.push(state.frames[last].label)
    state.frames[last].kind = .thenArm
  }

  private mutating func closeFolded(_ state: inout ExpressionState) throws(WasmTextError) {
    guard let frame = state.frames.last else {
      state.isDone = true
      return
    }
    let last = state.frames.count - 1
    switch frame.kind {
    case .condition: throw parser.unexpected("'(then'")
    case .beforeDo: throw parser.unexpected("'(do'")
    case .doArm, .catchArm: state.frames[last].kind = .afterArm
    case .catchAllArm: state.frames[last].kind = .afterLastArm
    case .flatBlock, .flatIf, .flatElse, .flatTry, .flatCatch, .flatCatchAll:
      throw parser.unexpected("'end' of '\(parser.string(frame.opening))'")
    case .thenArm: state.frames[last].kind = .afterThen
    case .elseArm: state.frames[last].kind = .afterElse
    case .plain:
      emitPending(frame, &state)
      pop(&state)
    case .block, .afterThen, .afterElse, .afterArm:
      endBlock(&state)
    case .afterLastArm:
      // The label of a `delegate` has left its block's scope already.
      if frame.isDelegated { pop(&state) } else { endBlock(&state) }
    }
    parser.position += 1
    if state.isSingle && state.frames.isEmpty { state.isDone = true }
  }

  private func pop(_ state: inout ExpressionState) { state.frames.removeLast() }

  // MARK: Blocks

  private static let endByte = UInt8(truncatingIfNeeded: Opcode.end.info.code)
  private static let elseByte = UInt8(truncatingIfNeeded: Opcode.else.info.code)

  private mutating func openBlock(
    _ opcode: Opcode, _ kind: Frame.Kind, _ opening: Token, _ state: inout ExpressionState
  ) throws(WasmTextError) {
    let label = parser.takeId().map { parser.identifier($0) }
    output.byte(UInt8(truncatingIfNeeded: opcode.info.code))
    try blockType()
    if opcode == .tryTable { try catchClauses() }
    labels.push(label)
    state.frames.append(Frame(kind: kind, opening: opening, label: label))
  }

  private mutating func endBlock(_ state: inout ExpressionState) {
    output.byte(Self.endByte)
    labels.pop(state.frames.removeLast().label)
  }

  // MARK: Flat

  private mutating func flat(_ state: inout ExpressionState) throws(WasmTextError) {
    if let frame = state.frames.last {
      guard frame.takesFlat else { throw parser.unexpected("'(' or ')'") }
    } else if state.isSingle {
      throw parser.unexpected("'('")
    }
    let (opcode, keyword) = try opcode()
    switch opcode {
    case .block, .loop, .tryTable: try openBlock(opcode, .flatBlock, keyword, &state)
    case .try: try openBlock(opcode, .flatTry, keyword, &state)
    case .catch, .catchAll, .delegate: try flatArm(opcode, keyword, &state)
    case .if: try openBlock(opcode, .flatIf, keyword, &state)
    case .else: try flatElse(keyword, &state)
    case .end: try flatEnd(keyword, &state)
    default: try encode(opcode, keyword)
    }
  }

  private mutating func flatElse(
    _ keyword: Token, _ state: inout ExpressionState
  ) throws(WasmTextError) {
    guard let frame = state.frames.last, frame.kind == .flatIf else {
      throw parser.error("'else' without 'if'", keyword)
    }
    try repeatedLabel(frame)
    output.byte(Self.elseByte)
    state.frames[state.frames.count - 1].kind = .flatElse
  }

  private mutating func flatEnd(
    _ keyword: Token, _ state: inout ExpressionState
  ) throws(WasmTextError) {
    guard let frame = state.frames.last,
      [.flatBlock, .flatIf, .flatElse, .flatTry, .flatCatch, .flatCatchAll].contains(frame.kind)
    else { throw parser.error("'end' without block", keyword) }
    try repeatedLabel(frame)
    endBlock(&state)
  }

  // MARK: Legacy try

  /// Opens `(do`, `(catch x`, `(catch_all` or reads `(delegate l)` if the frame takes it and it follows.
  private mutating func openArm(
    _ frame: Frame, _ state: inout ExpressionState
  ) throws(WasmTextError) -> Bool {
    let last = state.frames.count - 1
    let keyword = parser.peek(1)
    switch frame.kind {
    case .beforeDo where parser.takeForm("do"): state.frames[last].kind = .doArm
    case .afterArm where parser.takeForm("catch"):
      try encode(.catch, keyword)
      state.frames[last].kind = .catchArm
    case .afterArm where parser.takeForm("catch_all"):
      try encode(.catchAll, keyword)
      state.frames[last].kind = .catchAllArm
    case .afterArm where !frame.hasCatch && parser.takeForm("delegate"):
      labels.pop(frame.label)
      try encode(.delegate, keyword)
      try parser.close()
      state.frames[last].kind = .afterLastArm
      state.frames[last].isDelegated = true
    default: return false
    }
    if state.frames[last].kind == .catchArm { state.frames[last].hasCatch = true }
    return true
  }

  private mutating func flatArm(
    _ opcode: Opcode, _ keyword: Token, _ state: inout ExpressionState
  ) throws(WasmTextError) {
    guard let frame = state.frames.last,
      frame.kind == .flatTry || frame.kind == .flatCatch && opcode != .delegate
    else { throw parser.error("'\(opcode.info.mnemonic)' without 'try'", keyword) }
    if opcode == .delegate {
      labels.pop(state.frames.removeLast().label)
    } else {
      state.frames[state.frames.count - 1].kind = opcode == .catch ? .flatCatch : .flatCatchAll
    }
    try encode(opcode, keyword)
  }

  /// `else` and `end` may repeat the label of their block.
  private mutating func repeatedLabel(_ frame: Frame) throws(WasmTextError) {
    guard let id = parser.takeId() else { return }
    if parser.identifier(id) != frame.label {
      throw parser.error("label \(parser.quote(id)) is not that of the block", id)
    }
  }

  // MARK: Mnemonics

  private mutating func opcode() throws(WasmTextError) -> (Opcode, Token) {
    let token = parser.peek
    guard token.kind == .atom else { throw parser.unexpected("an instruction") }
    guard let opcode = Opcode(mnemonic: parser.string(token)) else {
      throw parser.error("unknown instruction '\(parser.quote(token))'", token)
    }
    try require(opcode.info.feature, "'\(opcode.info.mnemonic)'", token)
    parser.position += 1
    return (opcode, token)
  }
}
