import Contract
import Wasm
import X64

/// An open block.
struct Control {
  enum Kind {
    case function, block, loop, ifThen, ifElse
  }

  var kind: Kind
  /// The target of branches: the end, or a loop's header.
  var label: Label
  /// The target of a false condition, for an `if` whose `else` has not been reached.
  var elseLabel: Label?
  /// Number of operands below the block's parameters. They are all in their homes.
  var height: Int
  var type: BlockType
  /// Feedback record of a loop.
  var record: Int?
  /// Whether out-of-line code, which is emitted later, branches to the label.
  var hasLateBranches = false
  /// The number of its own scope, if it catches exceptions.
  var scope: Int?
  /// The number of the scope that gets what is thrown in it; nil: the caller does.
  var handler: Int?
  /// Whether it is an arm of a legacy `try`, with the exception as an operand beneath its own.
  var isArm = false
}

/// Control (spec 4.4.8). At merge points, all operands are in their homes and no local is cached in a register.
extension FunctionCompiler {
  // MARK: Types

  func parameterCount(_ type: BlockType) -> Int {
    if case .type(let index) = type { return module.functionType(index).parameters.count }
    return 0
  }

  func resultCount(_ control: Control) -> Int {
    if control.kind == .function { return module.type(ofFunction: function).results.count }
    return switch control.type {
    case .empty: 0
    case .value: 1
    case .type(let index): module.functionType(index).results.count
    }
  }

  private func branchArity(_ control: Control) -> Int {
    control.kind == .loop ? parameterCount(control.type) : resultCount(control)
  }

  private mutating func pushParameters(_ type: BlockType) {
    guard case .type(let index) = type else { return }
    for type in module.functionType(index).parameters { pushHome(type) }
  }

  private mutating func pushResults(_ type: BlockType) {
    switch type {
    case .empty: break
    case .value(let type): pushHome(type)
    case .type(let index): for type in module.functionType(index).results { pushHome(type) }
    }
  }

  // MARK: Unreachable code

  mutating func skip(_ i: Instruction) {
    let control = i.opcode.control
    if control.contains(.opensBlock) {
      deadDepth += 1
    } else if control.contains(.dividesBlock) {
      if deadDepth == 0 {
        if i.opcode == .else { compileElse() } else { compileArm() }
      }
    } else if control.contains(.closesBlock) {
      if deadDepth == 0 { compileEnd() } else { deadDepth -= 1 }
    }
  }

  mutating func compileUnreachable() {
    emitTrap(.unreachable)
    isReachable = false
  }

  // MARK: Blocks

  mutating func openFunction() {
    controls.append(Control(kind: .function, label: returnLabel, height: 0, type: .empty))
  }

  mutating func open(
    _ kind: Control.Kind, _ i: Instruction, label: Label, elseLabel: Label? = nil
  ) {
    controls.append(
      Control(
        kind: kind, label: label, elseLabel: elseLabel,
        height: stack.count - parameterCount(i.blockType), type: i.blockType, record: record,
        handler: controls[controls.count - 1].handler))
  }

  mutating func compileBlock(_ i: Instruction) {
    storeHomes()
    open(.block, i, label: assembler.makeLabel())
  }

  mutating func compileLoop(_ i: Instruction) {
    storeHomes()
    // Back edges bring values of the declared types, of which those here may be subtypes.
    drop(to: stack.count - parameterCount(i.blockType))
    pushParameters(i.blockType)
    homeCount = stack.count
    forgetLocals()
    let header = assembler.makeLabel()
    assembler.bind(header)
    open(.loop, i, label: header)
    compileTurn()
  }

  /// Checks at the start of each iteration whether to leave baseline code. This is the only place that does so.
  private mutating func compileTurn() {
    guard let number = loopNumbers[byteOffset] else { return }
    let leave = assembler.makeLabel()
    assembler.load(.qword, Self.scratch, field(ContextLayout.loopRequests))
    let request = Operand.memory(Self.scratch, Int32(truncatingIfNeeded: number))
    if loopPeriod == nil {
      assembler.arithmetic(.cmp, .byte, request, 0)
      assembler.jump(.notEqual, leave)
    } else {
      assembler.arithmetic(.sub, .byte, request, 1)
      assembler.jump(.equal, leave)
    }
    deferred.append(
      Deferred(
        kind: .osrEntry(number: number, slotCount: slot(ofOperand: stack.count)), label: leave,
        byteOffset: byteOffset))
  }

  mutating func compileIf(_ i: Instruction) {
    let test = popTest()
    // This emits moves only, so the flags are preserved.
    storeHomes()
    let elseLabel = assembler.makeLabel()
    jump(if: test.inverted, elseLabel)
    if let record { count(record) }
    open(.ifThen, i, label: assembler.makeLabel(), elseLabel: elseLabel)
  }

  mutating func compileElse() {
    let last = controls.count - 1
    if isReachable {
      storeHomes()
      assembler.jump(controls[last].label)
    }
    drop(to: controls[last].height)
    pushParameters(controls[last].type)
    beginElse(controls[last])
    controls[last].kind = .ifElse
    controls[last].elseLabel = nil
  }

  private mutating func beginElse(_ control: Control) {
    if let label = control.elseLabel { assembler.bind(label) }
    merge()
  }

  /// Sets the register state of a merge point. The caller sets the stack.
  mutating func merge() {
    forgetLocals()
    homeCount = stack.count
    isReachable = true
  }

  mutating func compileEnd() {
    guard let control = controls.popLast() else { return }
    if let scope = control.scope {
      if control.isArm { leaveArm(control) } else { closeScope(scope) }
    }
    switch control.kind {
    case .function: return closeFunction(control)
    case .loop:
      // Branches go to the header, so nothing merges here.
      if !isReachable { drop(to: control.height) }
      return
    case .ifThen: closeMissingElse(control)
    case .block, .ifElse: break
    }
    guard assembler.isUsed(control.label) || control.hasLateBranches else {
      if !isReachable { drop(to: control.height) }
      return
    }
    if isReachable { storeHomes() }
    assembler.bind(control.label)
    restart(control)
    merge()
  }

  /// Moves an arm's results to where the exception was.
  private mutating func leaveArm(_ control: Control) {
    guard isReachable else { return }
    storeResults(control)
    drop(to: control.height)
    pushResults(control.type)
    homeCount = stack.count
  }

  /// A missing `else` passes its parameters on as results.
  private mutating func closeMissingElse(_ control: Control) {
    if isReachable { storeHomes() }
    restart(control)
    beginElse(control)
  }

  /// The results of a block are in their homes, of the declared types, whichever way they came.
  private mutating func restart(_ control: Control) {
    drop(to: control.height)
    pushResults(control.type)
  }

  private mutating func closeFunction(_ control: Control) {
    if isReachable { moveResults() }
    if isReachable || assembler.isUsed(returnLabel) || control.hasLateBranches {
      assembler.bind(returnLabel)
      emitEpilogue()
    }
    drop(to: 0)
    isReachable = false
  }

  // MARK: Branches

  /// Clobbers only scratch and result registers, so that code can continue after a conditional branch.
  /// - Parameter countsLoop: whether a recording function counts a back edge for its loop.
  mutating func emitBranch(_ target: Control, countsLoop: Bool = true) {
    if target.kind == .function {
      moveResults()
      return assembler.jump(returnLabel)
    }
    storeResults(target)
    if countsLoop, target.kind == .loop, let record = target.record { self.count(record) }
    assembler.jump(target.label)
  }

  /// Stores the topmost operands where a label expects them.
  private mutating func storeResults(_ target: Control) {
    let count = branchArity(target)
    let base = stack.count - count
    // Ascending, to the same slot or a lower one: no value is overwritten before it is read.
    for index in 0..<count {
      store(
        stack[base + index], ofOperand: base + index,
        toSlot: slot(ofOperand: target.height + index))
    }
  }

  mutating func compileBranch(_ depth: Int) {
    emitBranch(controls[controls.count - 1 - depth])
    isReachable = false
  }

  mutating func compileReturn() {
    emitBranch(controls[0])
    isReachable = false
  }

  mutating func compileBranchIf(_ depth: Int) { compileBranch(depth, if: popTest()) }

  /// Branches with the operands on top of the stack, or goes on. Before the jump, emits only moves.
  mutating func compileBranch(_ depth: Int, if test: Test) {
    let target = controls[controls.count - 1 - depth]
    let arity = branchArity(target)
    let isInPlace = target.kind != .function && stack.count - arity == target.height
    if isInPlace { storeHomes() }
    if record == nil && (arity == 0 || isInPlace) {
      return jump(if: test, target.label)
    }
    if let record, target.kind != .loop, arity == 0 || isInPlace {
      // A branch that leaves a loop or skips code is mostly not taken, so the taken path is out of line.
      controls[controls.count - 1 - depth].hasLateBranches = true
      let isTaken = assembler.makeLabel()
      jump(if: test, isTaken)
      return deferred.append(
        Deferred(
          kind: .countedBranch(record: record, target: target.label),
          label: isTaken, byteOffset: byteOffset))
    }
    let notTaken = assembler.makeLabel()
    jump(if: test.inverted, notTaken)
    if let record { count(record) }
    // The branch's own count includes the back edge.
    emitBranch(target, countsLoop: false)
    assembler.bind(notTaken)
  }

  // MARK: br_table

  mutating func compileBranchTable(_ labels: [Int]) {
    let entry = pop()
    // Spill operands first, so that all targets see the same state.
    storeHomes()
    isReachable = false
    let index = ownGeneral(entry)
    let count = labels.count - 1
    if let record { countBranchTable(record, index, count) }
    // Nothing else is live, so any other register is free.
    let distance: Register = index == .rax ? .rdx : .rax
    var trampolines: [Int: Label] = [:]
    var targets: [Label] = []
    targets.reserveCapacity(labels.count)
    for depth in labels {
      targets.append(branchTarget(depth, &trampolines))
    }
    if count > Self.longestCompareChain {
      emitJumpTable(index, distance, targets)
    } else {
      for (number, target) in targets.dropLast().enumerated() {
        assembler.arithmetic(
          .cmp, .dword, .register(index), Int32(truncatingIfNeeded: number))
        assembler.jump(.equal, target)
      }
      assembler.jump(targets[count])
    }
    for (depth, label) in trampolines.sorted(by: { $0.key < $1.key }) {
      assembler.bind(label)
      // The caller gives up on this function after the current instruction.
      if assembler.count > maximumCodeSize { break }
      emitBranch(controls[controls.count - 1 - depth])
    }
  }

  /// Up to this number of labels, compares are faster than an indirect jump.
  private static var longestCompareChain: Int { 4 }

  /// Returns the label itself if the operands are already in place, else a trampoline that moves them.
  private mutating func branchTarget(_ depth: Int, _ trampolines: inout [Int: Label]) -> Label {
    let target = controls[controls.count - 1 - depth]
    let arity = branchArity(target)
    let isInPlace = target.kind != .function && stack.count - arity == target.height
    let isCounted = target.kind == .loop && target.record != nil
    if (arity == 0 || isInPlace) && !isCounted { return target.label }
    if let label = trampolines[depth] { return label }
    let label = assembler.makeLabel()
    trampolines[depth] = label
    return label
  }

  private mutating func emitJumpTable(
    _ index: Register, _ distance: Register, _ targets: [Label]
  ) {
    let table = assembler.makeLabel()
    let count = Int32(truncatingIfNeeded: targets.count - 1)
    assembler.arithmetic(.cmp, .dword, .register(index), count)
    assembler.jump(.aboveOrEqual, targets[targets.count - 1])
    // Distances are relative to the end of their fields.
    assembler.loadAddress(Self.scratch, of: table)
    assembler.loadAddress(
      .qword, Self.scratch, .memory(Self.scratch, index: index, scale: 4, 4))
    assembler.loadSignExtended(
      distance, to: .qword, from: .dword, .memory(Self.scratch, -4))
    assembler.arithmetic(.add, .qword, Self.scratch, .register(distance))
    assembler.jump(.register(Self.scratch))
    assembler.bind(table)
    for target in targets.dropLast() { assembler.emit(distanceTo: target) }
  }

  // MARK: select

  mutating func compileSelect(_ i: Instruction) {
    let condition = pop()
    let second = pop()
    var first = pop()
    // Either reference may be of a subtype of the other's.
    if i.opcode == .selectT { first.type = i.selectType }
    // Emit loads before the test. If the flags already hold the condition, loads must preserve them.
    areFlagsLive = condition.kind == .flags
    let isVector = first.type.isInVectorRegister
    if isVector || condition.kind == .flags && condition.bits >= Test.floatEqual.rawValue {
      return selectByJump(condition, first, second)
    }
    let source = operand(second)
    let result = ownGeneral(first)
    areFlagsLive = false
    let test = test(of: condition)
    if let otherwise = test.inverted.condition {
      assembler.conditionalMove(otherwise, first.type.width, result, source)
    }
    push(result, first.type)
  }

  private mutating func selectByJump(_ condition: Entry, _ first: Entry, _ second: Entry) {
    let isVector = first.type.isInVectorRegister
    let source =
      isVector ? MachineRegister(vector(second)) : MachineRegister(general(second))
    let result =
      isVector ? MachineRegister(ownVector(first)) : MachineRegister(ownGeneral(first))
    areFlagsLive = false
    let done = assembler.makeLabel()
    jump(if: test(of: condition), done)
    if isVector {
      assembler.move(result.vector, source.vector)
      assembler.bind(done)
      push(result.vector, first.type)
    } else {
      assembler.move(first.type.width, result.general, source.general)
      assembler.bind(done)
      push(result.general, first.type)
    }
  }
}
