import CLLVM
import Contract

/// The final form of memory accesses, before code generation. A probe makes the access beside it volatile; one that has lost
/// its access becomes a volatile load of the last byte:
///
///     call void @wpgo.probe(ptr %p, i64 4, i64 PLACE, ptr %p)
///     %v = load i32, ptr %p                                      →   %v = load volatile i32, ptr %p, !dbg PLACE
///
/// Code generation keeps volatile accesses in order among each other, and moves no other store across a *basic block*'s end,
/// but may move plain accesses across volatile ones within one, also a load in front of the access that covers it, where it would
/// fault in its stead. So in a block with such an access all stores, and all accesses to memory, are volatile.
///
/// In front of each stands a mark that says which instruction of the module traps if anything behind it faults, up to the next one
/// (``LLVMUnit/markFault(_:)``). Lines would not do: an access may become a part of another instruction, and lines get lost.
struct ProbeLowering {
  let unit: LLVMUnit
  let checks: MemoryChecks

  func run() {
    checks.removeRepeated()
    guard let function = checks.probeFunction else { return }
    for body in checks.functions() { forEachProbe(body, function) { dropChoice($0) } }
    checks.removeRepeated()
    for body in checks.functions() {
      var blocks: Set<LLVMBasicBlockRef> = []
      forEachProbe(body, function) { probe in
        blocks.insert(LLVMGetInstructionParent(probe.call))
        lower(probe)
      }
      blocks.forEach(keepOrder)
    }
    LLVMDeleteFunction(function)
  }

  private func forEachProbe(
    _ body: LLVMValueRef, _ function: LLVMValueRef, _ visit: (MemoryChecks.Probe) -> Void
  ) {
    var block = LLVMGetFirstBasicBlock(body)
    while let current = block {
      var instruction = LLVMGetFirstInstruction(current)
      while let candidate = instruction {
        instruction = LLVMGetNextInstruction(candidate)
        if let probe = checks.probe(candidate, function) { visit(probe) }
      }
      block = LLVMGetNextBasicBlock(current)
    }
  }

  /// Undoes ``LoopPredication`` where no unswitching followed.
  private func dropChoice(_ probe: MemoryChecks.Probe) {
    if !probe.isProven { probe.pending = probe.pointer }
  }

  private func lower(_ probe: MemoryChecks.Probe) {
    defer { LLVMInstructionEraseFromParent(probe.call) }
    LLVMPositionBuilderBefore(unit.builder, probe.call)
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
    // A constant, unless passes merged probes in spite of `nomerge`.
    if let place = unit.constant(probe.place) { unit.markFault(place) }
    if let access = access(after: probe) {
      LLVMSetVolatile(access, 1)
      return
    }
    let end = LLVMBuildSub(unit.builder, probe.size, unit.int64(1), "")!
    let probe = unit.load(
      unit.i8, unit.address(probe.pointer, end), region: MemoryChecks.region, alignment: 1)
    LLVMSetVolatile(probe, 1)
  }

  /// The access that a probe stands for: of these bytes, before anything that has an effect or faults itself.
  private func access(after probe: MemoryChecks.Probe) -> LLVMValueRef? {
    guard let size = checks.size(of: probe) else { return nil }
    var instruction = LLVMGetNextInstruction(probe.call)
    while let current = instruction {
      if let access = MemoryAccess(current) {
        if LLVMGetVolatile(current) == 0, access.pointer == probe.pointer,
          MemoryAccess.size(of: current, unit) == size, isScalar(current)
        {
          return current
        }
        guard access.isLoad, LLVMGetVolatile(current) == 0 else { return nil }
      } else if LLVMIsACallInst(current) != nil || LLVMIsATerminatorInst(current) != nil {
        guard checks.isHarmless(current) else { return nil }
      }
      instruction = LLVMGetNextInstruction(current)
    }
    return nil
  }

  private func isScalar(_ access: LLVMValueRef) -> Bool {
    let value = LLVMIsALoadInst(access) != nil ? access : LLVMGetOperand(access, 0)!
    return LLVMGetTypeKind(LLVMTypeOf(value)) != LLVMVectorTypeKind
  }

  // MARK: Order

  private func keepOrder(in block: LLVMBasicBlockRef) {
    var instruction = LLVMGetFirstInstruction(block)
    while let current = instruction {
      if LLVMIsAStoreInst(current) != nil
        || LLVMIsALoadInst(current) != nil && MemoryChecks.isInMemory(current, unit)
      {
        LLVMSetVolatile(current, 1)
      }
      instruction = LLVMGetNextInstruction(current)
    }
  }
}
