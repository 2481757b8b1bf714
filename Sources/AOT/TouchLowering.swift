import CLLVM
import Contract

/// The final form of memory accesses, before code generation. A touch makes the access beside it volatile; one that has lost
/// its access becomes a volatile load of the last byte:
///
///     call void @wpgo.touch(ptr %p, i64 4, i64 PLACE, ptr %p)
///     %v = load i32, ptr %p                                      →   %v = load volatile i32, ptr %p, !dbg PLACE
///
/// Code generation keeps volatile accesses in order among each other, and moves no other store across a *basic block*'s end,
/// but may move plain accesses across volatile ones within one, also a load in front of the access that covers it, where it would
/// fault in its stead. So in a block with such an access all stores, and all accesses to memory, are volatile.
///
/// A load that becomes an operand of another instruction faults at that one's place in the line table: so what may take it in
/// gets its place.
struct TouchLowering {
  let unit: LLVMUnit
  let checks: MemoryChecks

  func run() {
    checks.removeRepeated()
    guard let function = checks.touchFunction else { return }
    for body in checks.functions() { forEachTouch(body, function) { dropChoice($0) } }
    checks.removeRepeated()
    for body in checks.functions() {
      var trapping: [LLVMValueRef] = []
      forEachTouch(body, function) { trapping.append(lower($0)) }
      keepOrder(blocks: trapping.map { LLVMGetInstructionParent($0) })
      let isTrapping = Set(trapping)
      for access in trapping where LLVMIsALoadInst(access) != nil {
        placeUsers(of: access, LLVMInstructionGetDebugLoc(access), isTrapping)
      }
    }
    LLVMDeleteFunction(function)
  }

  private func forEachTouch(
    _ body: LLVMValueRef, _ function: LLVMValueRef, _ visit: (MemoryChecks.Touch) -> Void
  ) {
    var block = LLVMGetFirstBasicBlock(body)
    while let current = block {
      var instruction = LLVMGetFirstInstruction(current)
      while let candidate = instruction {
        instruction = LLVMGetNextInstruction(candidate)
        if let touch = checks.touch(candidate, function) { visit(touch) }
      }
      block = LLVMGetNextBasicBlock(current)
    }
  }

  /// Undoes ``LoopChecks`` where no unswitching followed.
  private func dropChoice(_ touch: MemoryChecks.Touch) {
    if !touch.isProven { touch.pending = touch.pointer }
  }

  /// - Returns: the access that traps in its stead.
  private func lower(_ touch: MemoryChecks.Touch) -> LLVMValueRef {
    let location = location(of: touch)
    defer { LLVMInstructionEraseFromParent(touch.call) }
    if let access = access(after: touch) {
      LLVMSetVolatile(access, 1)
      LLVMInstructionSetDebugLoc(access, location)
      return access
    }
    LLVMPositionBuilderBefore(unit.builder, touch.call)
    LLVMSetCurrentDebugLocation2(unit.builder, location)
    let end = LLVMBuildSub(unit.builder, touch.size, unit.int64(1), "")!
    let probe = unit.load(
      unit.i8, unit.address(touch.pointer, end), region: MemoryChecks.region, alignment: 1)
    LLVMSetVolatile(probe, 1)
    return probe
  }

  /// From the touch's operand, which no pass changes; the location beside it may be a merged one.
  private func location(of touch: MemoryChecks.Touch) -> LLVMMetadataRef? {
    guard let raw = unit.constant(touch.place),
      let function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(touch.call)),
      let scope = LLVMGetSubprogram(function)
    else { return LLVMInstructionGetDebugLoc(touch.call) }
    let place = TrapPlace(raw: raw)
    return unit.location(node: place.node, offset: Int(place.byteOffset), scope: scope)
  }

  /// The access that a touch stands for: of these bytes, before anything that has an effect or faults itself.
  private func access(after touch: MemoryChecks.Touch) -> LLVMValueRef? {
    guard let size = checks.size(of: touch) else { return nil }
    var instruction = LLVMGetNextInstruction(touch.call)
    while let current = instruction {
      if let access = MemoryAccess(current) {
        if LLVMGetVolatile(current) == 0, access.pointer == touch.pointer,
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

  private func keepOrder(blocks: [LLVMBasicBlockRef?]) {
    for block in Set(blocks) {
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

  // MARK: Places

  /// Instruction selection works on one block, and takes a load in through a few conversions at most.
  private static let maximumDepth = 4

  /// Gives what may take a load in the load's place. Of two loads that become operands only the last can be taken in.
  private func placeUsers(
    of value: LLVMValueRef, _ place: LLVMMetadataRef?, _ trapping: Set<LLVMValueRef>, depth: Int = 0
  ) {
    var use = LLVMGetFirstUse(value)
    while let current = use {
      use = LLVMGetNextUse(current)
      guard let user = LLVMGetUser(current), LLVMIsAInstruction(user) != nil,
        LLVMGetInstructionParent(user) == LLVMGetInstructionParent(value),
        mayTakeIn(user, trapping)
      else { continue }
      LLVMInstructionSetDebugLoc(user, place)
      if depth < Self.maximumDepth { placeUsers(of: user, place, trapping, depth: depth + 1) }
    }
  }

  /// Not what has a place of its own that somebody asks for: traps, calls, guards.
  private func mayTakeIn(_ user: LLVMValueRef, _ trapping: Set<LLVMValueRef>) -> Bool {
    if LLVMIsACallInst(user) != nil { return checks.isHarmless(user) }
    if LLVMIsAPHINode(user) != nil || trapping.contains(user) { return false }
    return !GuardSymbol.isCompare(user)
  }
}
