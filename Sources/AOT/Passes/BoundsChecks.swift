import CLLVM
import Contract
import Wasm

/// Emits what accesses must compare that cannot rely on a fault alone (``AccessCheck``). Runs behind the passes that may prove probes.
/// Before:
///
///     call void @wpgo.probe.1(ptr %p, i64 12, i64 PLACE, ptr %p)
///
/// After, for an index that must not be beyond what the memory can have:
///
///     %beyond = icmp ugt i64 %index, %capacity
///     br i1 %beyond, label %trap, label %next
///     …
///     next:
///     call void @wpgo.probe(ptr %p, i64 12, i64 PLACE, ptr %p)
///
/// Accesses of one index then have one compare, whatever their offsets, since LLVM eliminates the others. That of a sum `%i + %d` whose
/// second part is less than 4 GiB, such as `select i1 %c, i64 16, i64 24`, is the one of `%i` as well; only where that fails, the sum is
/// compared, which may have wrapped:
///
///     %beyond = icmp ugt i64 %i, %capacity
///     br i1 %beyond, label %sum, label %next
///
/// The end of an access is
/// compared with the memory's length, and the probe is proven by it.
struct BoundsChecks {
  let unit: LLVMUnit
  let checks: MemoryChecks

  func run() {
    let probes = checks.probeFunctions
    for function in checks.functions() {
      var calls: [MemoryChecks.Probe] = []
      unit.forEachInstruction(function) { instruction in
        if let probe = checks.probe(instruction, probes), probe.memory != nil {
          calls.append(probe)
        }
      }
      var capacities: [Int: LLVMValueRef] = [:]
      for probe in calls { lower(probe, in: function, &capacities) }
    }
    for (function, memory) in probes where memory != nil { LLVMDeleteFunction(function) }
  }

  private func lower(
    _ probe: MemoryChecks.Probe, in function: LLVMValueRef, _ capacities: inout [Int: LLVMValueRef]
  ) {
    guard let number = probe.memory else { return }
    let memory = checks.memories[number]
    if !probe.isProven {
      let capacity = capacities[number] ?? self.capacity(memory, function)
      capacities[number] = capacity
      check(probe, memory, capacity, in: function)
    }
    probe.becomePlain(unit)
  }

  private func check(
    _ probe: MemoryChecks.Probe, _ memory: MemoryDescriptor, _ capacity: LLVMValueRef,
    in function: LLVMValueRef
  ) {
    let next = LLVMGetInstructionParent(probe.call)!
    unit.position(at: unit.split(before: probe.call))
    LLVMSetCurrentDebugLocation2(unit.builder, LLVMInstructionGetDebugLoc(probe.call))
    if let part = guardedPart(of: probe, memory) {
      let sum = unit.appendBlock(function)
      unit.branch(
        if: unit.compare(LLVMIntUGT, part, capacity), sum, else: next, weights: (1, 1 << 20))
      unit.position(at: sum)
    }
    let index = index(of: probe, memory, LLVMGetParam(function, 0))
    let isBeyond = unit.compare(LLVMIntUGT, index, capacity)
    var isOutOfBounds = isBeyond
    if memory.type.check(offset: 0) == .end {
      let end = LLVMBuildAdd(unit.builder, index, probe.size, "")!
      let isTooFar = unit.compare(
        LLVMIntUGT, end, unit.byteLength(memory, context: LLVMGetParam(function, 0)))
      // A sum of addresses of 32 bits does not wrap.
      isOutOfBounds =
        memory.type.addressType == .i32
        ? isTooFar : LLVMBuildOr(unit.builder, isBeyond, isTooFar, "")
      probe.pending = LLVMConstNull(unit.pointer)
    }
    let failed = unit.appendBlock(function)
    unit.branch(if: isOutOfBounds, failed, else: next, weights: (1, 1 << 20))
    unit.position(at: failed)
    unit.trap(unit.int64(UInt64(TrapCode.outOfBoundsMemoryAccess.rawValue)), place: probe.place)
  }

  /// The part of an index up to the capacity of which the probe's bytes are in what is reserved, since the rest adds so little; nil if there
  /// is none, or no rest.
  private func guardedPart(
    of probe: MemoryChecks.Probe, _ memory: MemoryDescriptor
  ) -> LLVMValueRef? {
    let address = MemoryAddress(of: probe.pointer, unit)
    guard memory.type.check(offset: 0) == .index, address.constant >= 0,
      address.memory(among: [memory], unit) != nil, let size = checks.size(of: probe)
    else { return nil }
    let bounds = address.origin.indices.map { (index: $0, most: ValueBound.most($0, unit)) }
    let others = bounds.filter { $0.most == nil }
    guard others.count == 1, others.count < bounds.count || address.constant > 0 else { return nil }
    let rest = bounds.compactMap(\.most).reduce(UInt64(address.constant)) { saturating($0, $1) }
    return saturating(rest, UInt64(size)) <= MemoryType.guardedOffset ? others[0].index : nil
  }

  private func saturating(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (sum, overflows) = a.addingReportingOverflow(b)
    return overflows ? .max : sum
  }

  /// What the probe's pointer is from the memory's first byte on.
  private func index(
    of probe: MemoryChecks.Probe, _ memory: MemoryDescriptor, _ context: LLVMValueRef
  ) -> LLVMValueRef {
    let address = MemoryAddress(of: probe.pointer, unit)
    if address.memory(among: [memory], unit) != nil {
      let constant = unit.int64(UInt64(bitPattern: address.constant))
      return (address.origin.indices + (address.constant == 0 ? [] : [constant]))
        .reduce(nil) { sum, part in sum.map { LLVMBuildAdd(unit.builder, $0, part, "") } ?? part }
        ?? constant
    }
    let base = unit.loadFixed(unit.i64, unit.address(context, memory.base))
    let pointer = LLVMBuildPtrToInt(unit.builder, probe.pointer, unit.i64, "")!
    return LLVMBuildSub(unit.builder, pointer, base, "")
  }

  /// Loaded where the function starts: behind an access that may trap, LLVM would not move the load out of a loop.
  private func capacity(_ memory: MemoryDescriptor, _ function: LLVMValueRef) -> LLVMValueRef {
    let entry = LLVMGetEntryBasicBlock(function)
    LLVMPositionBuilderBefore(unit.builder, LLVMGetFirstInstruction(entry))
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
    let state = unit.loadFixed(
      unit.pointer, unit.address(LLVMGetParam(function, 0), memory.state))
    return unit.loadFixed(unit.i64, unit.address(state, MemoryStateLayout.capacity))
  }
}

extension MemoryChecks.Probe {
  /// Makes it one for which a fault suffices.
  fileprivate func becomePlain(_ unit: LLVMUnit) {
    // The callee is the last operand.
    LLVMSetOperand(
      call, UInt32(LLVMGetNumOperands(call) - 1), MemoryChecks.declareProbe(unit).function)
  }
}

extension LLVMUnit {
  /// Moves what is in front of an instruction in its block to a new block, which has no terminator yet and is returned. The rest stays, so
  /// phis behind the block's terminator name the right one.
  fileprivate func split(before instruction: Value) -> Block {
    let block = LLVMGetInstructionParent(instruction)!
    let front = LLVMInsertBasicBlockInContext(context, block, "")!
    LLVMSetCurrentDebugLocation2(builder, nil)
    // Without a terminator, no phi changes. It may itself branch to the block.
    let terminator = LLVMGetBasicBlockTerminator(block)!
    LLVMInstructionRemoveFromParent(terminator)
    LLVMReplaceAllUsesWith(LLVMBasicBlockAsValue(block), LLVMBasicBlockAsValue(front))
    position(at: block)
    LLVMInsertIntoBuilder(builder, terminator)
    position(at: front)
    while let first = LLVMGetFirstInstruction(block), first != instruction {
      LLVMInstructionRemoveFromParent(first)
      LLVMInsertIntoBuilder(builder, first)
    }
    return front
  }
}
