import CLLVM
import Contract
import Speculation
import Wasm

/// Emits call sites according to the plan: guards in order of weight, each followed by an inlined body or a direct call. The
/// last miss deoptimizes, makes the generic call, or runs the generic sequence for its traps.
///
///     if index == 7 { body of f12 } else if index == 9 { call f14 } else { deopt }
extension FunctionTranslator {
  private func sitePlan(_ i: Instruction) -> SitePlan? {
    tree.nodes[bodies[bodies.count - 1].node].sites[i.offset]
  }

  /// Emits the body of `target.node`, or a call, and leaves the results on the operand stack. Sets `isUnreachable` if the body
  /// never returns, or for a tail call.
  private func emitTarget(
    _ target: SitePlan.Target, at i: Instruction, _ arguments: [Value]
  ) throws(CompileError) {
    guard let node = target.node else {
      if i.isTailCall, startOver(target.function, arguments) { return }
      return emitCall(i, directCallee(target.function), arguments)
    }
    guard tree.nodes.indices.contains(node), tree.nodes[node].function == target.function else {
      throw .plan("site at \(i.offset) names a node that is not its target's")
    }
    let outer = bodies.count - 1
    bodies[outer].callOffset = i.offset
    try translateBody(node: node, arguments: arguments, isTail: i.isTailCall)
    offset = i.offset
    if isUnreachable { return }
    setLocation(node: bodies[outer].node, offset: offset)
    if i.isTailCall { translateReturn() }
  }

  func translateCall(_ i: Instruction) throws(CompileError) {
    let type = module.type(ofFunction: i.index)
    let arguments = popAll(type.parameters.count)
    let target =
      sitePlan(i)?.targets.first
      ?? SitePlan.Target(function: i.index, tableIndices: [], node: nil, count: 0)
    guard target.function == i.index else {
      throw .plan("direct call at \(i.offset) planned for another function")
    }
    try emitTarget(target, at: i, arguments)
    if isUnreachable { startUnreachable() }
  }

  /// What finds the callee of an indirect call, on top of its arguments: an index of `call_indirect`, a reference of `call_ref`.
  typealias Selector = (value: Value, type: ValueType)

  private func popSelector() -> Selector {
    let type = operands[operands.count - 1].type
    return (pop(), type)
  }

  func translateIndirectCall(_ i: Instruction) throws(CompileError) {
    let type = module.functionType(i.index)
    guard let site = sitePlan(i), !site.targets.isEmpty, site.guardKind != .none else {
      let selector = popSelector()
      let arguments = popAll(type.parameters.count)
      emitCall(i, indirectCallee(i, selector), arguments)
      return
    }
    guard !i.callsByReference || site.guardKind == .reference && site.miss != .trap else {
      throw .plan("call by reference at \(i.offset) planned as one through a table")
    }
    for target in site.targets
    where !module.types.isSubtype(module.functions[target.function].typeIndex, of: i.index) {
      throw .plan("site at \(i.offset) names function \(target.function) of another type")
    }
    let miss = unit.appendBlock(function)
    let before = operands
    let selector = popSelector()
    let index = selector.value
    let arguments = popAll(type.parameters.count)
    let height = operands.count

    // With one target and no other path, the code after the call is only reached from that target.
    let neverMisses = site.miss == .trap && site.guardKind != .indexIfPristine
    let merges = site.targets.count > 1 || !(site.miss == .deopt || neverMisses)
    let end = merges ? unit.appendBlock(function) : nil
    let phis = end.map { makePhis(type.results, in: $0) } ?? []
    var isReached = false
    func finishArm() {
      defer {
        operands.removeLast(operands.count - height)
        isUnreachable = false
      }
      guard let end, !isUnreachable else { return }
      for (phi, value) in zip(phis, peekAll(phis.count)) {
        unit.addIncoming(phi, value, unit.currentBlock)
      }
      LLVMBuildBr(unit.builder, end)
      isReached = true
    }

    let (entry, guarded) = try emitGuardPrelude(i, site, index: index, miss: miss)
    var remaining = site.targets.reduce(site.missCount) { $0 &+ $1.count }
    for (number, target) in site.targets.enumerated() {
      let isLast = number == site.targets.count - 1
      remaining = remaining >= target.count ? remaining - target.count : 0
      let arm = unit.appendBlock(function)
      let next = isLast ? miss : unit.appendBlock(function)
      unit.branch(
        if: try test(target, site, index: guarded, entry: entry, at: i.offset), arm, else: next,
        weights: weights(
          target.count, remaining, isDeopt: isLast && (site.miss == .deopt || neverMisses)))
      unit.position(at: arm)
      if merges || !isLast {
        try emitTarget(target, at: i, arguments)
        finishArm()
        unit.position(at: next)
        setLocation(node: bodies[bodies.count - 1].node, offset: i.offset)
      } else {
        unit.position(at: miss)
        if neverMisses {
          emitIndirectCallTrap(i, index: index)
        } else {
          try emitDeopt(at: resumeBefore, operands: before)
        }
        unit.position(at: arm)
        try emitTarget(target, at: i, arguments)
        if isUnreachable { startUnreachable() }
        return
      }
    }
    // The current block is `miss`.
    if site.miss == .deopt {
      try emitDeopt(at: resumeBefore, operands: before)
    } else if neverMisses {
      emitIndirectCallTrap(i, index: index)
    } else {
      if site.countsMisses { countMiss(i, selector) }
      emitCall(i, indirectCallee(i, selector), arguments)
      finishArm()
    }
    guard let end else { return }
    guard isReached else {
      LLVMDeleteBasicBlock(end)
      startUnreachable()
      return
    }
    unit.position(at: end)
    pushAll(phis, type.results)
  }

  /// Tells the runtime what is called in place of the targets, if it counts that. A call that traps for its index does not count.
  ///
  ///     if counters != null && index < length { recordMiss(offset, table[index]) }
  private func countMiss(_ i: Instruction, _ selector: Selector) {
    let next = unit.appendBlock(function)
    func goOn(if condition: Value) {
      let counting = unit.appendBlock(function)
      unit.branch(if: condition, next, else: counting, weights: (1 << 20, 1))
      unit.position(at: counting)
    }
    goOn(if: isNull(fixedField(ContextLayout.counters, unit.i64)))
    var reference = selector.value
    if !i.callsByReference {
      goOn(if: isOutOfBounds(selector.value, table: i.index2))
      reference = tableEntry(i.index2, selector.value)
    }
    _ = runtime(.recordMiss, [unit.int64(UInt64(i.offset)), reference])
    LLVMBuildBr(unit.builder, next)
    unit.position(at: next)
  }

  private func weights(_ hit: UInt64, _ miss: UInt64, isDeopt: Bool) -> (UInt64, UInt64) {
    // A deopt must look colder than anything that a profile can count.
    isDeopt ? (max(hit, 1 << 20), 0) : (hit &+ 1, miss &+ 1)
  }

  /// Emits the check that all targets share. Returns the reference to compare with for `.reference`, and the index as the tests
  /// compare it.
  private func emitGuardPrelude(
    _ i: Instruction, _ site: SitePlan, index: Value, miss: Block
  ) throws(CompileError) -> (entry: Value?, index: Value) {
    func missIf(_ condition: Value) {
      let next = unit.appendBlock(function)
      unit.branch(if: condition, miss, else: next, weights: (0, 1 << 20))
      unit.position(at: next)
    }
    switch site.guardKind {
    case .none: return (nil, index)
    case .index: return (nil, narrow(index, missIf))
    case .indexIfPristine:
      let next = unit.appendBlock(function)
      unit.branch(if: tableIsPristine(i.index2), next, else: miss, weights: (1 << 20, 0))
      unit.position(at: next)
      return (nil, narrow(index, missIf))
    case .reference where i.callsByReference: return (index, index)
    case .reference:
      missIf(isOutOfBounds(index, table: i.index2))
      return (tableEntry(i.index2, index), index)
    }
  }

  /// The index in 32 bits: guards know no others, and no table has more elements.
  private func narrow(_ index: Value, _ missIf: (Value) -> Void) -> Value {
    guard LLVMTypeOf(index) == unit.i64 else { return index }
    missIf(unit.compare(LLVMIntUGT, index, unit.int64(UInt64(UInt32.max))))
    return LLVMBuildTrunc(unit.builder, index, unit.i32, "")
  }

  /// Tests whether the call goes to `target`. A guard that deoptimizes compares with symbols (``GuardSymbol``).
  private func test(
    _ target: SitePlan.Target, _ site: SitePlan, index: Value, entry: Value?, at offset: Int
  ) throws(CompileError) -> Value {
    let deoptGuard = site.miss == .deopt ? try guardID() : nil
    if let entry {
      guard let deoptGuard else {
        return unit.compare(LLVMIntEQ, entry, functionReference(target.function))
      }
      let distance = LLVMBuildSub(
        unit.builder, entry, LLVMBuildPtrToInt(unit.builder, context, unit.i64, ""), "")!
      return unit.compare(
        LLVMIntEQ, distance, unit.guardOffset(layout.funcRef(target.function), of: deoptGuard))
    }
    guard !target.tableIndices.isEmpty else {
      throw .plan("index guard at \(offset) without indices")
    }
    // A constant index needs no guard.
    let symbolGuard = LLVMIsAConstantInt(index) == nil ? deoptGuard : nil
    let tests = target.tableIndices.map { number in
      unit.compare(
        LLVMIntEQ, index,
        symbolGuard.map { unit.guardIndex(number, of: $0) } ?? unit.int32(number))
    }
    return tests.dropFirst().reduce(tests[0]) { LLVMBuildOr(unit.builder, $0, $1, "") }
  }

  // MARK: Deopt

  /// Where a frame resumes that executes the current instruction itself.
  private var resumeBefore: ResumePoint { ResumePoint(.before, UInt32(offset)) }

  /// The guard of the current call or branch, which must be able to deoptimize.
  private func guardID() throws(CompileError) -> GuardID {
    let site = InliningTree.Site(node: bodies[bodies.count - 1].node, byteOffset: offset)
    guard let number = guardNumbers[site] else {
      throw .plan("site at \(offset) deopts in code without deopts")
    }
    return GuardID(function: plan.function, number: number)
  }

  static let deoptName = "wpgo.deopt"

  /// Ends the current block with a deopt.
  /// - Parameters:
  ///   - resume: where the innermost frame resumes.
  ///   - top: the operand stack there, for all bodies.
  func emitDeopt(at resume: ResumePoint, operands top: [Operand]) throws(CompileError) {
    var values: [Value?] = []
    var frames: [FrameState.Frame] = []
    for (depth, body) in bodies.enumerated() where hasFrame(depth) {
      let isInnermost = depth == bodies.count - 1
      let resume = isInnermost ? resume : ResumePoint(.after, UInt32(body.callOffset))
      let liveness = try partition.liveness(ofFunction: body.function)
      for (local, type) in body.localTypes.enumerated() {
        values.append(
          liveness.isLive(local, at: Int(resume.byteOffset))
            ? LLVMBuildLoad2(unit.builder, irType(type), body.locals[local], "")
            : unit.zero(type == .v128 ? unit.i64 : irType(type)))
      }
      let upper = isInnermost ? top.count : bodies[depth + 1].operandBase
      let own = top[body.operandBase..<upper]
      for operand in own { values.append(read(operand)) }
      frames.append(
        FrameState.Frame(
          node: UInt32(body.node), resume: resume,
          locals: body.localTypes.map(module.representation),
          operands: own.map { module.representation(of: $0.type) }))
    }
    let exit = partition.number(
      of: DeoptExit(guardID: try guardID(), state: FrameState(frames: frames)))
    let tag = "deopt"
    var bundle = LLVMCreateOperandBundle(tag, tag.utf8.count, &values, UInt32(values.count))
    defer { LLVMDisposeOperandBundle(bundle) }
    let type = unit.functionType(unit.void, [unit.i64])
    var argument: Value? = unit.int64(UInt64(exit))
    let call = LLVMBuildCallWithOperandBundles(
      unit.builder, type, unit.declare(Self.deoptName, type), &argument, 1, &bundle, 1, "")!
    for name in ["cold", "noreturn", "nounwind", "nomerge"] {
      unit.addCallAttribute(call, unit.enumAttribute(name))
    }
    LLVMBuildUnreachable(unit.builder)
  }
}
