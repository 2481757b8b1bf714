import CLLVM

/// Accesses to linear memory trap by faulting, so they must neither disappear nor move across effects. Volatile accesses
/// satisfy this, but LLVM does not merge or forward them. So while LLVM optimizes, an access is a plain one after a *probe*, a
/// call that may not return and that reads all memory:
///
///     call void @wpgo.probe(ptr %p, i64 4, i64 PLACE, ptr %p)
///     %v = load i32, ptr %p
///
/// Loads can be merged and forwarded across probes; stores stay in order with them. A memory never shrinks, so a probe is
/// redundant if it is dominated by another one of the same address, or of a higher one with the same base (``removeRepeated``).
/// The last operand becomes null where ``LoopPredication`` has checked the bytes in front of a loop. At the end,
/// ``ProbeLowering`` makes the access after a probe volatile.
///
/// `toolchain-docs/decisions/exact-traps.md` describes the whole model; ``AccessCoverage`` checks it.
struct MemoryChecks {
  static let probeName = "wpgo.probe"
  /// The alias region of accesses after probes. It is a part of ``provenRegion``, so that accesses of both may alias.
  static let region = "memory, behind a probe"
  /// The alias region of accesses that a check in front of their loop covers, and of those that passes combine from both kinds.
  static let provenRegion = "memory"

  let unit: LLVMUnit

  /// A call of the probe.
  struct Probe {
    let call: LLVMValueRef

    var pointer: LLVMValueRef { LLVMGetOperand(call, 0) }
    /// In bytes, an i64; not constant where passes merged probes in spite of `nomerge`.
    var size: LLVMValueRef { LLVMGetOperand(call, 1) }
    /// The ``TrapPlace``, an i64.
    var place: LLVMValueRef { LLVMGetOperand(call, 2) }
    /// The pointer again, null if the bytes are known to be in bounds, or a select between both.
    var pending: LLVMValueRef {
      get { LLVMGetOperand(call, 3) }
      nonmutating set { LLVMSetOperand(call, 3, newValue) }
    }
    var isProven: Bool { LLVMIsNull(pending) != 0 }
  }

  /// Declares the probe as memory(read, inaccessiblemem: readwrite), as `MemoryEffects` of LLVM 19 encodes it.
  private static func declareProbe(_ unit: LLVMUnit) -> (type: LLVMTypeRef, function: LLVMValueRef)
  {
    let type = unit.functionType(unit.void, [unit.pointer, unit.i64, unit.i64, unit.pointer])
    if let known = LLVMGetNamedFunction(unit.module, probeName) { return (type, known) }
    let function = LLVMAddFunction(unit.module, probeName, type)!
    unit.addAttribute(function, unit.enumAttribute("memory", 0b01_11_01))
    unit.addAttribute(function, unit.enumAttribute("nounwind"))
    for parameter: UInt32 in [1, 4] {
      unit.addAttribute(function, unit.enumAttribute("nocapture"), at: parameter)
    }
    return (type, function)
  }

  /// Emits a probe of the bytes that an access at `place` is about to use.
  static func emitProbe(_ unit: LLVMUnit, _ pointer: LLVMValueRef, size: Int, place: UInt64) {
    let (type, function) = declareProbe(unit)
    let call = unit.call(
      type, function, [pointer, unit.int64(UInt64(size)), unit.int64(place), pointer])
    // Each access has a place of its own.
    unit.addCallAttribute(call, unit.enumAttribute("nomerge"))
  }

  /// Plants a fault: LLVM may now move loads above probes, and above effects in front of them.
  func assumeProbesReturn() {
    guard let function = probeFunction else { return }
    unit.addAttribute(function, unit.enumAttribute("willreturn"))
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

  /// Whether an access is to linear memory.
  static func isInMemory(_ access: LLVMValueRef, _ unit: LLVMUnit) -> Bool {
    unit.isInRegion(access, region) || unit.isInRegion(access, provenRegion)
  }

  /// Nil if no remaining access needs a probe.
  var probeFunction: LLVMValueRef? { LLVMGetNamedFunction(unit.module, Self.probeName) }

  /// - Parameter function: ``probeFunction``.
  func probe(_ instruction: LLVMValueRef, _ function: LLVMValueRef) -> Probe? {
    LLVMIsACallInst(instruction) != nil && LLVMGetCalledValue(instruction) == function
      ? Probe(call: instruction) : nil
  }

  /// In bytes; nil where probes of different sizes were merged.
  func size(of probe: Probe) -> Int64? { unit.constant(probe.size).map { Int64($0) } }

  /// Removes each probe whose bytes another probe or ``LoopPredication`` covers.
  func removeRepeated() {
    guard let function = probeFunction else { return }
    for body in functions() {
      let state = AccessCoverage(checks: self, probeFunction: function).state(of: body)
      for access in state.coveredByLoopChecks() {
        unit.setRegion(access, Self.provenRegion)
      }
      for probe in state.unneeded { LLVMInstructionEraseFromParent(probe.call) }
    }
  }

  /// Whether this calls an intrinsic without side effects, such as `ctlz`.
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
