import CLLVM

/// Accesses to linear memory trap by faulting, so an access must neither vanish nor move across an effect; volatile
/// ones do neither, but nothing is merged or forwarded between them. So while LLVM optimizes, an access is a plain
/// one behind a *touch*, a call that may not return and that reads all memory:
///
///     call void @wpgo.touch(ptr %p, i64 4)
///     %v = load i32, ptr %p
///
/// Loads can be merged and forwarded across touches, stores keep their order with them. A memory never shrinks: a touch
/// that another one dominates, of the same address or a higher one off the same base, is not needed
/// (``removeRepeated``). At the end (``finish``) a touch makes the access beside it volatile; one that has lost
/// its access becomes a volatile load of the last byte:
///
///     %v = load volatile i32, ptr %p
///
/// Passes merge touches of different branches: both operands are then choices between those of the merged ones.
struct MemoryChecks {
  static let touchName = "wpgo.touch"

  let unit: LLVMUnit

  /// Declares the touch: memory(read, inaccessiblemem: readwrite), as `MemoryEffects` of LLVM 19 encodes it.
  static func declareTouch(_ unit: LLVMUnit) -> (type: LLVMTypeRef, function: LLVMValueRef) {
    let type = unit.functionType(unit.void, [unit.pointer, unit.i64])
    if let known = LLVMGetNamedFunction(unit.module, touchName) { return (type, known) }
    let function = LLVMAddFunction(unit.module, touchName, type)!
    unit.addAttribute(function, unit.enumAttribute("memory", 0b01_11_01))
    unit.addAttribute(function, unit.enumAttribute("nounwind"))
    unit.addAttribute(function, unit.enumAttribute("nocapture"), at: 1)
    return (type, function)
  }

  func functions() -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var function = LLVMGetFirstFunction(unit.module)
    while let current = function {
      if LLVMIsDeclaration(current) == 0 { result.append(current) }
      function = LLVMGetNextFunction(current)
    }
    return result
  }

  func isTouch(_ instruction: LLVMValueRef, _ touch: LLVMValueRef) -> Bool {
    LLVMIsACallInst(instruction) != nil && LLVMGetCalledValue(instruction) == touch
  }

  // MARK: Repeated touches

  /// What an address counts from: `base + index`, the constant part aside.
  struct Origin: Hashable {
    var base: LLVMValueRef
    var index: LLVMValueRef?
  }

  func removeRepeated() {
    guard let touch = LLVMGetNamedFunction(unit.module, Self.touchName) else { return }
    for function in functions() { removeRepeated(in: function, touch) }
  }

  private func removeRepeated(in function: LLVMValueRef, _ touch: LLVMValueRef) {
    let tree = Dominators(function)
    guard !tree.blocks.isEmpty else { return }
    // Bytes past each origin that are known to be in memory here.
    var reach: [Origin: Int64] = [:]
    var undo: [(Origin, Int64?)] = []
    enum Step { case enter(Int), leave(Int) }
    var steps: [Step] = [.enter(0)]
    while let step = steps.popLast() {
      switch step {
      case .leave(let mark):
        while undo.count > mark {
          let (origin, old) = undo.removeLast()
          reach[origin] = old
        }
      case .enter(let block):
        steps.append(.leave(undo.count))
        for touch in touches(in: tree.blocks[block], touch) {
          if LLVMIsNull(LLVMGetOperand(touch, 0)) != 0 {
            // Checked in front of the loop: ``LoopChecks``.
            LLVMInstructionEraseFromParent(touch)
            continue
          }
          guard let size = size(of: touch) else { continue }
          let (origin, offset) = resolve(LLVMGetOperand(touch, 0))
          let end = offset &+ Int64(size)
          if let known = reach[origin], known >= end {
            LLVMInstructionEraseFromParent(touch)
          } else {
            undo.append((origin, reach[origin]))
            reach[origin] = end
          }
        }
        for child in tree.children[block] { steps.append(.enter(child)) }
      }
    }
  }

  /// In bytes; nil where touches of several sizes were merged.
  func size(of touch: LLVMValueRef) -> UInt32? {
    unit.constant(LLVMGetOperand(touch, 1)).map { UInt32($0) }
  }

  private func touches(in block: LLVMBasicBlockRef, _ touch: LLVMValueRef) -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var instruction = LLVMGetFirstInstruction(block)
    while let current = instruction {
      if isTouch(current, touch) { result.append(current) }
      instruction = LLVMGetNextInstruction(current)
    }
    return result
  }

  /// Splits an address into its origin and a constant. Wasm addresses never wrap: an index and an offset
  /// of 32 bits each are added in 64.
  func resolve(_ pointer: LLVMValueRef) -> (Origin, Int64) {
    var base = pointer
    var offset: Int64 = 0
    while let address = byteAddress(base) {
      if LLVMIsAConstantInt(address.index) != nil {
        offset &+= LLVMConstIntGetSExtValue(address.index)
        base = address.base
        continue
      }
      var index = address.index
      while let sum = constantSum(index) {
        offset &+= sum.constant
        index = sum.value
      }
      return (Origin(base: address.base, index: index), offset)
    }
    return (Origin(base: base, index: nil), offset)
  }

  /// `getelementptr i8, base, index`.
  private func byteAddress(_ value: LLVMValueRef) -> (base: LLVMValueRef, index: LLVMValueRef)? {
    guard LLVMIsAGetElementPtrInst(value) != nil, LLVMGetNumOperands(value) == 2,
      LLVMGetGEPSourceElementType(value) == unit.i8,
      let base = LLVMGetOperand(value, 0), let index = LLVMGetOperand(value, 1),
      LLVMTypeOf(index) == unit.i64
    else { return nil }
    return (base, index)
  }

  private func constantSum(_ value: LLVMValueRef) -> (value: LLVMValueRef, constant: Int64)? {
    guard LLVMIsAInstruction(value) != nil, isAddition(value), let left = LLVMGetOperand(value, 0),
      let right = LLVMGetOperand(value, 1),
      LLVMIsAConstantInt(right) != nil
    else { return nil }
    return (left, LLVMConstIntGetSExtValue(right))
  }

  private func isAddition(_ value: LLVMValueRef) -> Bool {
    let opcode = LLVMGetInstructionOpcode(value)
    return opcode == LLVMAdd || opcode == LLVMOr && LLVMGetIsDisjoint(value) != 0
  }

  // MARK: Final form

  func finish() {
    guard let touch = LLVMGetNamedFunction(unit.module, Self.touchName) else { return }
    removeRepeated()
    let functions = functions()
    for function in functions { dropChoices(function, touch) }
    removeRepeated()
    for function in functions {
      var block = LLVMGetFirstBasicBlock(function)
      while let current = block {
        for call in touches(in: current, touch) { lower(call, touch) }
        block = LLVMGetNextBasicBlock(current)
      }
    }
    LLVMDeleteFunction(touch)
  }

  /// Undoes ``LoopChecks`` where no unswitching followed.
  private func dropChoices(_ function: LLVMValueRef, _ touch: LLVMValueRef) {
    var block = LLVMGetFirstBasicBlock(function)
    while let current = block {
      for call in touches(in: current, touch) {
        guard let choice = LLVMGetOperand(call, 0), LLVMIsASelectInst(choice) != nil else {
          continue
        }
        let (left, right) = (LLVMGetOperand(choice, 1)!, LLVMGetOperand(choice, 2)!)
        // Passes may have turned the condition round.
        if LLVMIsNull(left) != 0 { LLVMSetOperand(call, 0, right) }
        if LLVMIsNull(right) != 0 { LLVMSetOperand(call, 0, left) }
      }
      block = LLVMGetNextBasicBlock(current)
    }
  }

  private func lower(_ call: LLVMValueRef, _ touch: LLVMValueRef) {
    let pointer = LLVMGetOperand(call, 0)!
    let location = LLVMInstructionGetDebugLoc(call)
    if let size = size(of: call), let access = access(after: call, of: pointer, size, touch) {
      LLVMSetVolatile(access, 1)
      LLVMInstructionSetDebugLoc(access, location)
    } else {
      LLVMPositionBuilderBefore(unit.builder, call)
      LLVMSetCurrentDebugLocation2(unit.builder, location)
      let size = LLVMGetOperand(call, 1)!
      let end = LLVMBuildSub(unit.builder, size, unit.int64(1), "")!
      var last = unit.address(pointer, end)
      if mayBeNull(pointer), let function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(call))
      {
        // Any byte that is there will do: the context's first.
        let isNull = unit.compare(LLVMIntEQ, pointer, unit.zero(unit.pointer))
        last = LLVMBuildSelect(unit.builder, isNull, LLVMGetParam(function, 0), last, "")
      }
      let probe = unit.load(unit.i8, last, region: "memory", alignment: 1)
      LLVMSetVolatile(probe, 1)
    }
    LLVMInstructionEraseFromParent(call)
  }

  /// Whether passes merged the touches of several places, of which one may be checked in front of its loop.
  private func mayBeNull(_ pointer: LLVMValueRef) -> Bool {
    LLVMIsAPHINode(pointer) != nil || LLVMIsASelectInst(pointer) != nil
      || LLVMIsAFreezeInst(pointer) != nil
  }

  /// The access that `call` stands for: of these bytes, before anything that has an effect or faults itself.
  private func access(
    after call: LLVMValueRef, of pointer: LLVMValueRef, _ size: UInt32, _ touch: LLVMValueRef
  ) -> LLVMValueRef? {
    var instruction = LLVMGetNextInstruction(call)
    while let current = instruction {
      if LLVMIsALoadInst(current) != nil {
        if LLVMGetOperand(current, 0) == pointer, byteSize(LLVMTypeOf(current)) == size {
          return current
        }
        if LLVMGetVolatile(current) != 0 { return nil }
      } else if LLVMIsAStoreInst(current) != nil {
        guard LLVMGetVolatile(current) == 0, LLVMGetOperand(current, 1) == pointer,
          let value = LLVMGetOperand(current, 0), byteSize(LLVMTypeOf(value)) == size
        else { return nil }
        return current
      } else if LLVMIsACallInst(current) != nil || LLVMIsATerminatorInst(current) != nil {
        guard isHarmless(current) else { return nil }
      }
      instruction = LLVMGetNextInstruction(current)
    }
    return nil
  }

  /// An intrinsic without effects, such as a count of zeros.
  func isHarmless(_ instruction: LLVMValueRef) -> Bool {
    guard LLVMIsACallInst(instruction) != nil, let callee = LLVMGetCalledValue(instruction),
      LLVMIsAFunction(callee) != nil
    else { return false }
    let memory = LLVMGetEnumAttributeAtIndex(
      callee, UInt32(bitPattern: Int32(LLVMAttributeFunctionIndex)),
      LLVMGetEnumAttributeKindForName("memory", 6))
    return LLVMGetIntrinsicID(callee) != 0 && memory != nil
      && LLVMGetEnumAttributeValue(memory) == 0
  }

  private func byteSize(_ type: LLVMTypeRef) -> UInt32 {
    switch type {
    case unit.i8: 1
    case unit.i16: 2
    case unit.i32, unit.f32: 4
    case unit.i64, unit.f64: 8
    default: 0
    }
  }
}
