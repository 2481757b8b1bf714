import CLLVM
import Contract
import Feedback
import Speculation
import Wasm

/// Structured control (spec 4.4.8). Unreachable code, as validation defines it, is skipped.
extension FunctionTranslator {
  func blockType(_ type: BlockType) -> FunctionType {
    switch type {
    case .empty: FunctionType([], [])
    case .value(let value): FunctionType([], [value])
    case .type(let index): module.functionType(index)
    }
  }

  /// Skips an instruction in unreachable code. Only nesting matters.
  func skip(_ instruction: Instruction) {
    let control = instruction.opcode.control
    if control.contains(.opensBlock) {
      skippedDepth += 1
    } else if control.contains(.dividesBlock) {
      if skippedDepth == 0 { translateDivision(instruction) }
    } else if control.contains(.closesBlock) {
      if skippedDepth == 0 { translateEnd() } else { skippedDepth -= 1 }
    }
  }

  /// Ends a part of a block, and begins the next.
  func translateDivision(_ instruction: Instruction) {
    if instruction.opcode == .else { translateElse() } else { translateArm() }
  }

  func startUnreachable() {
    isUnreachable = true
    skippedDepth = 0
  }

  // MARK: Blocks

  func translateBlock(_ instruction: Instruction) {
    let type = blockType(instruction.blockType)
    spillOperands(beneath: type.parameters.count)
    let end = unit.appendBlock(function)
    open(
      Control(
        kind: .block, label: end, phis: makePhis(type.results, in: end),
        height: operands.count - type.parameters.count, parameters: type.parameters,
        results: type.results))
  }

  func translateLoop(_ instruction: Instruction) {
    let type = blockType(instruction.blockType)
    spillOperands(beneath: type.parameters.count)
    let header = unit.appendBlock(function)
    let phis = makePhis(type.parameters, in: header)
    let arguments = popAll(type.parameters.count)
    for (phi, value) in zip(phis, arguments) { unit.addIncoming(phi, value, unit.currentBlock) }
    LLVMBuildBr(unit.builder, header)
    enterFromBaseline(instruction.offset, header: header, phis: phis, types: type.parameters)
    unit.position(at: header)
    open(
      Control(
        kind: .loop, label: header, phis: phis, height: operands.count,
        parameters: type.parameters, results: type.results))
    pushAll(phis, type.parameters)
  }

  func translateIf(_ instruction: Instruction) throws(CompileError) {
    let condition = popCondition()
    let type = blockType(instruction.blockType)
    spillOperands(beneath: type.parameters.count)
    let then = unit.appendBlock(function)
    let other = unit.appendBlock(function)
    let end = unit.appendBlock(function)
    let exits = exits(instruction)
    unit.branch(
      if: condition, then, else: other, weights: branchWeights(instruction.offset, exits))
    open(
      Control(
        kind: .ifThen, label: end, phis: makePhis(type.results, in: end),
        height: operands.count - type.parameters.count, parameters: type.parameters,
        results: type.results, elseBlock: other,
        elseOperands: Array(operands.suffix(type.parameters.count))))
    if let exit = exits.first(where: { $0.way == 0 }) {
      unit.position(at: other)
      try emitExit(exit)
      controls[controls.count - 1].elseIsExit = true
    }
    unit.position(at: then)
    if let exit = exits.first(where: { $0.way == 1 }) {
      try emitExit(exit)
      startUnreachable()
    }
  }

  func translateElse() {
    let top = controls.count - 1
    if !isUnreachable { branch(to: top) }
    guard let other = controls[top].elseBlock else { return }
    controls[top].kind = .ifElse
    controls[top].elseBlock = nil
    operands.removeLast(operands.count - controls[top].height)
    operands.append(contentsOf: controls[top].elseOperands)
    if controls[top].elseIsExit { return startUnreachable() }
    isUnreachable = false
    unit.position(at: other)
  }

  func translateEnd() {
    let top = controls.count - 1
    if controls[top].kind == .loop {
      // A loop falls through with its results. Nothing branches to its end.
      let control = controls.removeLast()
      if let peel = control.peel { return endPeeled(control, peel) }
      if isUnreachable { operands.removeLast(operands.count - control.height) }
      return
    }
    if !isUnreachable { branch(to: top) }
    if let scope = controls[top].handlers, controls[top].armCount == 0 { emitDispatch(scope) }
    if let other = controls[top].elseBlock, !controls[top].elseIsExit {
      // An `if` without `else`: its parameters are its results.
      unit.position(at: other)
      operands.removeLast(operands.count - controls[top].height)
      operands.append(contentsOf: controls[top].elseOperands)
      branch(to: top)
    }
    let control = controls.removeLast()
    operands.removeLast(operands.count - control.height)
    resume(at: control.label, control.phis, control.results, isReached: control.isTarget)
  }

  /// Continues after a construct, at a block with its phis as operands. Deletes the block if nothing reaches it.
  func resume(at block: Block, _ phis: [Value], _ types: [ValueType], isReached: Bool) {
    guard isReached else {
      LLVMDeleteBasicBlock(block)
      startUnreachable()
      return
    }
    isUnreachable = false
    unit.position(at: block)
    pushAll(phis, types)
  }

  // MARK: Branches

  /// Index in `controls` of a label of the current body.
  func control(atDepth depth: Int) -> Int { controls.count - 1 - depth }

  private func labelTypes(_ index: Int) -> [ValueType] {
    controls[index].kind == .loop ? controls[index].parameters : controls[index].results
  }

  /// Adds the top operands to a label's phis, for an edge from the current block.
  private func passOperands(to index: Int) {
    controls[index].isTarget = true
    let phis = controls[index].phis
    guard !phis.isEmpty else { return }
    let values = peekAll(phis.count)
    for (phi, value) in zip(phis, values) { unit.addIncoming(phi, value, unit.currentBlock) }
  }

  /// Ends the current block with a branch. The operand stack is unchanged.
  func branch(to index: Int) {
    passOperands(to: index)
    LLVMBuildBr(unit.builder, controls[index].label)
  }

  func translateBrIf(_ instruction: Instruction) throws(CompileError) {
    try translateBranch(instruction, if: popCondition())
  }

  /// A null is dropped where it goes, and stays off the stack behind `br_on_non_null`.
  func translateBranchOnNull(_ instruction: Instruction) throws(CompileError) {
    let type = operands[operands.count - 1].type.withNull(false)
    let reference = pop()
    let isNull = isNull(reference)
    if instruction.opcode == .brOnNull {
      try translateBranch(instruction, if: isNull) { $0.push(reference, type) }
    } else {
      push(reference, type)
      let isThere = LLVMBuildNot(unit.builder, isNull, "")!
      try translateBranch(instruction, if: isThere) { $0.operands.removeLast() }
    }
  }

  /// - Parameter goOn: what happens to the operands where it does not branch.
  private func translateBranch(
    _ instruction: Instruction, if condition: Value,
    goOn: (FunctionTranslator) -> Void = { _ in }
  ) throws(CompileError) {
    let index = control(atDepth: instruction.index)
    let exits = exits(instruction)
    let weights = branchWeights(instruction.offset, exits)
    let next = unit.appendBlock(function)
    if let exit = exits.first(where: { $0.way == 1 }) {
      let block = unit.appendBlock(function)
      unit.branch(if: condition, block, else: next, weights: weights)
      unit.position(at: block)
      try emitExit(exit, to: index)
      unit.position(at: next)
      goOn(self)
      return
    }
    passOperands(to: index)
    unit.branch(if: condition, controls[index].label, else: next, weights: weights)
    unit.position(at: next)
    goOn(self)
    guard let exit = exits.first else { return }
    try emitExit(exit)
    startUnreachable()
  }

  func translateBrTable(_ instruction: Instruction) throws(CompileError) {
    let selector = pop()
    let targets = instruction.labels.map { control(atDepth: $0) }
    let other = targets[targets.count - 1]
    // Read the operands once: each edge gets the same values.
    let values = peekAll(controls[other].phis.count)
    let block = unit.currentBlock
    let counts = bodies[bodies.count - 1].profile?.branchTables[instruction.offset]
    let exits = Dictionary(exits(instruction).map { (targets[$0.way], $0) }) { first, _ in first }
    var exitBlocks: [Int: Block] = [:]
    func connect(_ index: Int) -> Block {
      if exits[index] != nil {
        let known = exitBlocks[index] ?? unit.appendBlock(function)
        exitBlocks[index] = known
        return known
      }
      controls[index].isTarget = true
      for (phi, value) in zip(controls[index].phis, values) { unit.addIncoming(phi, value, block) }
      return controls[index].label
    }
    let result = LLVMBuildSwitch(
      unit.builder, selector, connect(other), UInt32(targets.count - 1))!
    var weights = [counts?.last ?? 0]
    for (number, target) in targets.dropLast().enumerated() {
      let count = counts.flatMap { $0.indices.contains(number) ? $0[number] : nil } ?? 0
      if target == other {
        weights[0] &+= count
        continue
      }
      LLVMAddCase(result, unit.int32(UInt32(number)), connect(target))
      weights.append(count)
    }
    if counts != nil { unit.setWeights(result, weights.map { $0 == .max ? $0 : $0 + 1 }) }
    for (index, block) in exitBlocks.sorted(by: { $0.key < $1.key }) {
      guard let exit = exits[index] else { continue }
      unit.position(at: block)
      try emitExit(exit, to: index)
    }
    startUnreachable()
  }

  // MARK: Exits

  /// The ways of a branch that leave for baseline code.
  private func exits(_ branch: Instruction) -> [BranchExit] {
    tree.nodes[bodies[bodies.count - 1].node].exits[branch.offset] ?? []
  }

  /// Ends the current block with a deopt on a way of the current branch.
  /// - Parameter index: the label that the way leads to; nil: the code after the branch.
  private func emitExit(_ exit: BranchExit, to index: Int? = nil) throws(CompileError) {
    var stack = operands
    if let index {
      let height = controls[index].height
      let count = labelTypes(index).count
      stack.removeSubrange(height..<stack.count - count)
    }
    try emitDeopt(at: ResumePoint(.before, UInt32(exit.resume)), operands: stack)
  }

  /// Branches to the current body's outermost label. For an inlined body that is in its caller.
  func translateReturn() {
    branch(to: bodies[bodies.count - 1].controlBase)
    startUnreachable()
  }

  /// Pops a condition as an i1.
  func popCondition() -> Value { condition(pop()) }

  func condition(_ value: Value) -> Value {
    if LLVMIsAInstruction(value) != nil, LLVMGetInstructionOpcode(value) == LLVMZExt,
      let source = LLVMGetOperand(value, 0), LLVMTypeOf(source) == unit.i1
    {
      return source
    }
    return unit.compare(LLVMIntNE, value, unit.zero(LLVMTypeOf(value)))
  }

  private func branchWeights(_ offset: Int, _ exits: [BranchExit]) -> (UInt64, UInt64)? {
    guard let counts = bodies[bodies.count - 1].profile?.branches[offset] else { return nil }
    // A deopt must look colder than anything that a profile can count.
    if let exit = exits.first { return exit.way == 0 ? (1 << 20, 0) : (0, 1 << 20) }
    return (counts.taken &+ 1, counts.notTaken &+ 1)
  }

  // MARK: OSR entries

  /// Spills operands beneath a construct to allocas until the OSR entry's loop is reached, so that they can be read on the path
  /// from either entry.
  private func spillOperands(beneath count: Int) {
    guard osrEntryOffset != nil, bodies.count == 1 else { return }
    for index in operands.indices.dropLast(count) where operands[index].slot == nil {
      let slot = makeAlloca(operands[index].type)
      LLVMBuildStore(unit.builder, operands[index].value, slot)
      operands[index].slot = slot
    }
  }

  /// If this is the loop of the OSR entry being compiled, emits the block that fills locals and operands from the buffer and
  /// branches to the header.
  private func enterFromBaseline(
    _ offset: Int, header: Block, phis: [Value], types: [ValueType]
  ) {
    guard offset == osrEntryOffset, bodies.count == 1 else { return }
    osrEntryOffset = nil
    let block = unit.appendBlock(function, "osr")
    osrEntryBlock = block
    unit.position(at: block)
    let buffer = fixedField(ContextLayout.osrBuffer, unit.pointer)
    let slots = SlotLayout(module, function: bodies[0].function)
    var slot = 0
    func next(_ type: ValueType) -> Value {
      defer { slot += 1 }
      return unit.load(irType(type), unit.address(buffer, slots.offset(of: slot)), region: "osr")
    }
    for (local, type) in zip(bodies[0].locals, bodies[0].localTypes) {
      LLVMBuildStore(unit.builder, next(type), local)
    }
    for operand in operands {
      let value = next(operand.type)
      if let place = operand.slot { LLVMBuildStore(unit.builder, value, place) }
    }
    for (phi, type) in zip(phis, types) { unit.addIncoming(phi, next(type), block) }
    LLVMBuildBr(unit.builder, header)
  }
}
