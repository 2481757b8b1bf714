import CLLVM
import Contract

/// Lowers memory accesses to their final form, before code generation. A probe makes the access after it volatile. A probe that
/// has lost its access becomes a volatile load of the last byte, unless LLVM only moved its load down to where it is used:
///
///     call void @wpgo.probe(ptr %p, i64 4, i64 PLACE, ptr %p)
///     %v = load i32, ptr %p                                      →   %v = load volatile i32, ptr %p, !dbg PLACE
///
/// Code generation keeps volatile accesses in order and moves no store across the end of a *basic block*, but within a block it
/// may move plain accesses across volatile ones. It could even move a load above the access that covers it, where the load
/// would fault in its place. So in a block with a volatile access, all stores and all accesses to memory become volatile.
///
/// A mark precedes each of these accesses. It says which instruction of the module traps if anything from here to the next mark
/// faults (``LLVMUnit/markFault(_:)``). Debug locations do not suffice: an access may be folded into another instruction, and
/// debug locations get lost.
struct ProbeLowering {
  let unit: LLVMUnit
  let checks: MemoryChecks

  func run() {
    let probes = checks.probeFunctions
    guard !probes.isEmpty else { return }
    for body in checks.functions() { forEachProbe(body, probes) { dropChoice($0) } }
    checks.removeRepeated()
    for body in checks.functions() {
      var blocks: Set<LLVMBasicBlockRef> = []
      forEachProbe(body, probes) { probe in
        blocks.insert(LLVMGetInstructionParent(probe.call))
        lower(probe, probes)
      }
      blocks.forEach(keepOrder)
    }
    for row in probes { LLVMDeleteFunction(row.function) }
  }

  private func forEachProbe(
    _ body: LLVMValueRef, _ probes: MemoryChecks.ProbeFunctions,
    _ visit: (MemoryChecks.Probe) -> Void
  ) {
    var block = LLVMGetFirstBasicBlock(body)
    while let current = block {
      var instruction = LLVMGetFirstInstruction(current)
      while let candidate = instruction {
        instruction = LLVMGetNextInstruction(candidate)
        if let probe = checks.probe(candidate, probes) { visit(probe) }
      }
      block = LLVMGetNextBasicBlock(current)
    }
  }

  /// Undoes ``LoopPredication`` where unswitching did not follow.
  private func dropChoice(_ probe: MemoryChecks.Probe) {
    if !probe.isProven { probe.pending = probe.pointer }
  }

  private func lower(_ probe: MemoryChecks.Probe, _ probes: MemoryChecks.ProbeFunctions) {
    defer { LLVMInstructionEraseFromParent(probe.call) }
    LLVMPositionBuilderBefore(unit.builder, probe.call)
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
    // The place is a constant, unless passes merged probes in spite of `nomerge`.
    if let place = unit.constant(probe.place) { unit.markFault(place) }
    if let access = access(after: probe) {
      LLVMSetVolatile(access, 1)
      return
    }
    if let load = sunkLoad(probe, probes) {
      LLVMInstructionRemoveFromParent(load)
      LLVMInsertIntoBuilder(unit.builder, load)
      LLVMSetVolatile(load, 1)
      return
    }
    let end = LLVMBuildSub(unit.builder, probe.size, unit.int64(1), "")!
    let probe = unit.load(
      unit.i8, unit.address(probe.pointer, end), region: MemoryChecks.region, alignment: 1)
    LLVMSetVolatile(probe, 1)
  }

  /// The access that a probe precedes: one of the same bytes, before any instruction that has an effect or may fault itself.
  private func access(after probe: MemoryChecks.Probe) -> LLVMValueRef? {
    guard let size = checks.size(of: probe) else { return nil }
    var instruction = LLVMGetNextInstruction(probe.call)
    while let current = instruction {
      if let access = MemoryAccess(current) {
        if LLVMGetVolatile(current) == 0, isOf(access, probe, size), isSingle(current) {
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

  /// The blocks in which ``sunkLoad(_:)`` looks.
  private static let maximumSunkBlocks = 4

  /// A load of a probe's bytes that LLVM moved to a later block, on one of the ways from the probe, if nothing in between writes. Its address is
  /// then that of the probe: where it is computed may be below.
  private func sunkLoad(
    _ probe: MemoryChecks.Probe, _ probes: MemoryChecks.ProbeFunctions
  ) -> LLVMValueRef? {
    guard let size = checks.size(of: probe) else { return nil }
    var waiting: [LLVMValueRef?] = [LLVMGetNextInstruction(probe.call)]
    var room = Self.maximumSunkBlocks
    while let first = waiting.popLast() {
      var instruction = first
      while let current = instruction {
        instruction = LLVMGetNextInstruction(current)
        if LLVMIsATerminatorInst(current) != nil {
          for next in Dominators.successors(LLVMGetInstructionParent(current))
          where room > 0 && LLVMGetFirstUse(LLVMBasicBlockAsValue(next)).map(isOnly) ?? false {
            room -= 1
            waiting.append(LLVMGetFirstInstruction(next))
          }
        } else if let access = MemoryAccess(current) {
          guard access.isLoad, LLVMGetVolatile(current) == 0 else { break }
          guard isOf(access, probe, size), isSingle(current) else { continue }
          let own = MemoryAccess.size(of: current, unit)
          LLVMSetOperand(current, 0, unit.address(probe.pointer, Int(size - own)))
          return current
        } else if LLVMIsACallInst(current) != nil, !checks.isHarmless(current),
          checks.probe(current, probes) == nil
        {
          break
        }
      }
    }
    return nil
  }

  /// Whether a use is the value's only one.
  private func isOnly(_ use: LLVMUseRef) -> Bool { LLVMGetNextUse(use) == nil }

  /// Whether an access faults if and only if a probe of so many bytes would. One from an index that was compared need
  /// only end where the probe does.
  private func isOf(_ access: MemoryAccess, _ probe: MemoryChecks.Probe, _ size: Int64) -> Bool {
    let own = MemoryAccess.size(of: access.instruction, unit)
    if access.pointer == probe.pointer && own == size { return true }
    guard checks.hasChecks else { return false }
    let (origin, bytes) = checks.extent(access.pointer, own)
    let (known, all) = checks.extent(probe.pointer, size)
    return origin == known && bytes.end == all.end && all.contains(bytes)
  }

  /// Whether an access stays one when it is volatile: code generation splits greater vectors.
  private func isSingle(_ access: LLVMValueRef) -> Bool {
    let value = LLVMIsALoadInst(access) != nil ? access : LLVMGetOperand(access, 0)!
    return LLVMGetTypeKind(LLVMTypeOf(value)) != LLVMVectorTypeKind
      || MemoryAccess.size(of: access, unit) <= 16
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
