import CLLVM
import Contract

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
/// A memory that must compare something before an access (``AccessCheck``) has a probe of its own, `wpgo.probe.3` for memory 3, of all
/// bytes from the index to the end of the access. ``BoundsChecks`` emits the compare behind the passes that may prove the probe.
///
/// `toolchain-docs/decisions/exact-traps.md` describes the whole model; ``AccessCoverage`` checks it.
struct MemoryChecks {
  static let probeName = "wpgo.probe"
  /// The alias region of accesses after probes. It is a part of ``provenRegion``, so that accesses of both may alias.
  static let region = "memory, behind a probe"
  /// The alias region of accesses that a check in front of their loop covers, and of those that passes combine from both kinds.
  static let provenRegion = "memory"

  let unit: LLVMUnit
  /// The module's memories.
  var memories: [MemoryDescriptor] = []

  /// Whether addresses have 64 bits, whose sums may wrap: then what is between two bytes that are in bounds is in bounds, but not what
  /// is below one.
  var hasWideAddresses: Bool { memories.contains { $0.type.addressType == .i64 } }

  /// Whether some accesses need a check (``AccessCheck``).
  var hasChecks: Bool { memories.contains { $0.type.check(offset: 0) != .none } }

  /// A call of a probe.
  struct Probe {
    let call: LLVMValueRef
    /// The memory whose check the probe stands for; nil if a fault suffices.
    let memory: Int?

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

  private static func name(ofMemory memory: Int?) -> String {
    memory.map { "\(probeName).\($0)" } ?? probeName
  }

  /// Declares a probe as memory(read, inaccessiblemem: readwrite), as `MemoryEffects` of LLVM 19 encodes it.
  static func declareProbe(
    _ unit: LLVMUnit, memory: Int? = nil
  ) -> (type: LLVMTypeRef, function: LLVMValueRef) {
    let type = unit.functionType(unit.void, [unit.pointer, unit.i64, unit.i64, unit.pointer])
    let name = name(ofMemory: memory)
    if let known = LLVMGetNamedFunction(unit.module, name) { return (type, known) }
    let function = LLVMAddFunction(unit.module, name, type)!
    unit.addAttribute(function, unit.enumAttribute("memory", 0b01_11_01))
    unit.addAttribute(function, unit.enumAttribute("nounwind"))
    for parameter: UInt32 in [1, 4] {
      unit.addAttribute(function, unit.enumAttribute("nocapture"), at: parameter)
    }
    return (type, function)
  }

  /// Emits a probe of the bytes that an access at `place` is about to use.
  /// - Parameter memory: one that needs a check; nil if a fault suffices.
  static func emitProbe(
    _ unit: LLVMUnit, _ pointer: LLVMValueRef, size: Int, place: UInt64, memory: Int? = nil
  ) {
    let (type, function) = declareProbe(unit, memory: memory)
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

  /// Functions whose calls are probes, and the memory of each that stands for a check.
  typealias ProbeFunctions = [(function: LLVMValueRef, memory: Int?)]

  /// Empty if no remaining access needs a probe.
  var probeFunctions: ProbeFunctions {
    let checked = memories.indices.filter { memories[$0].type.check(offset: 0) != .none }
    return ([nil] + checked).compactMap { (memory: Int?) in
      LLVMGetNamedFunction(unit.module, Self.name(ofMemory: memory)).map { ($0, memory) }
    }
  }

  /// - Parameter functions: ``probeFunctions``.
  func probe(_ instruction: LLVMValueRef, _ functions: ProbeFunctions) -> Probe? {
    guard LLVMIsACallInst(instruction) != nil, let callee = LLVMGetCalledValue(instruction),
      let row = functions.first(where: { $0.function == callee })
    else { return nil }
    return Probe(call: instruction, memory: row.memory)
  }

  /// In bytes; nil where probes of different sizes were merged.
  func size(of probe: Probe) -> Int64? { unit.constant(probe.size).map { Int64($0) } }

  /// Removes each probe whose bytes another probe or ``LoopPredication`` covers.
  func removeRepeated() {
    let probes = probeFunctions
    guard !probes.isEmpty else { return }
    for body in functions() {
      let state = AccessCoverage(checks: self, probes: probes).state(of: body)
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
