import CLLVM

/// Accesses to linear memory trap by faulting, so an access must neither vanish nor move across an effect; volatile
/// ones do neither, but nothing is merged or forwarded between them. So while LLVM optimizes, an access is a plain
/// one behind a *touch*, a call that may not return and that reads all memory:
///
///     call void @wpgo.touch(ptr %p, i64 4, i64 PLACE, ptr %p)
///     %v = load i32, ptr %p
///
/// Loads can be merged and forwarded across touches, stores keep their order with them. A memory never shrinks: a touch
/// that another one dominates, of the same address or a higher one off the same base, is not needed
/// (``removeRepeated``). The last operand becomes null where ``LoopChecks`` has shown in front of a loop that the bytes are there.
/// At the end, ``TouchLowering`` makes the access beside a touch volatile.
///
/// `toolchain-docs/decisions/exact-traps.md` has the whole model; ``AccessCoverage`` checks it.
struct MemoryChecks {
  static let touchName = "wpgo.touch"
  /// Accesses that are behind touches; a part of ``provenRegion``, so that both may alias.
  static let region = "memory, behind a touch"
  /// Accesses that a condition in front of their loop covers. What passes make of accesses of both kinds is here as well.
  static let provenRegion = "memory"

  let unit: LLVMUnit

  /// A call of the touch.
  struct Touch {
    let call: LLVMValueRef

    var pointer: LLVMValueRef { LLVMGetOperand(call, 0) }
    /// In bytes, an i64; no constant where passes merged touches in spite of `nomerge`.
    var size: LLVMValueRef { LLVMGetOperand(call, 1) }
    /// ``TrapPlace``, an i64.
    var place: LLVMValueRef { LLVMGetOperand(call, 2) }
    /// The pointer again, null if the bytes are known to be in memory, or a choice between both.
    var pending: LLVMValueRef {
      get { LLVMGetOperand(call, 3) }
      nonmutating set { LLVMSetOperand(call, 3, newValue) }
    }
    var isProven: Bool { LLVMIsNull(pending) != 0 }
  }

  /// Declares the touch: memory(read, inaccessiblemem: readwrite), as `MemoryEffects` of LLVM 19 encodes it.
  private static func declareTouch(_ unit: LLVMUnit) -> (type: LLVMTypeRef, function: LLVMValueRef)
  {
    let type = unit.functionType(unit.void, [unit.pointer, unit.i64, unit.i64, unit.pointer])
    if let known = LLVMGetNamedFunction(unit.module, touchName) { return (type, known) }
    let function = LLVMAddFunction(unit.module, touchName, type)!
    unit.addAttribute(function, unit.enumAttribute("memory", 0b01_11_01))
    unit.addAttribute(function, unit.enumAttribute("nounwind"))
    for parameter: UInt32 in [1, 4] {
      unit.addAttribute(function, unit.enumAttribute("nocapture"), at: parameter)
    }
    return (type, function)
  }

  /// Emits a touch of the bytes that an access at `place` is about to use.
  static func emitTouch(_ unit: LLVMUnit, _ pointer: LLVMValueRef, size: Int, place: UInt64) {
    let (type, function) = declareTouch(unit)
    let call = unit.call(
      type, function, [pointer, unit.int64(UInt64(size)), unit.int64(place), pointer])
    // Each access has a place of its own.
    unit.addCallAttribute(call, unit.enumAttribute("nomerge"))
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

  /// Whether an access is one to linear memory.
  static func isInMemory(_ access: LLVMValueRef, _ unit: LLVMUnit) -> Bool {
    unit.isInRegion(access, region) || unit.isInRegion(access, provenRegion)
  }

  /// Nil if no access is left that needs one.
  var touchFunction: LLVMValueRef? { LLVMGetNamedFunction(unit.module, Self.touchName) }

  /// - Parameter function: ``touchFunction``.
  func touch(_ instruction: LLVMValueRef, _ function: LLVMValueRef) -> Touch? {
    LLVMIsACallInst(instruction) != nil && LLVMGetCalledValue(instruction) == function
      ? Touch(call: instruction) : nil
  }

  /// In bytes; nil where touches of several sizes were merged.
  func size(of touch: Touch) -> Int64? { unit.constant(touch.size).map { Int64($0) } }

  /// Removes each touch whose bytes another one covers, or ``LoopChecks``.
  func removeRepeated() {
    guard let function = touchFunction else { return }
    for body in functions() {
      let state = AccessCoverage(checks: self, touchFunction: function).state(of: body)
      for access in state.coveredByLoopChecks() {
        unit.setRegion(access, Self.provenRegion)
      }
      for touch in state.unneeded { LLVMInstructionEraseFromParent(touch.call) }
    }
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
}
