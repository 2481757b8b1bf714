import Contract
import Feedback
import Wasm
import X64

/// Instrumentation (`FeedbackLayout`). Counting clobbers the flags and r11.
extension FunctionCompiler {
  private mutating func loadCounters() {
    assembler.load(.qword, Self.scratch, field(ContextLayout.counters))
  }

  private func counter(_ offset: Int) -> Operand {
    .memory(Self.scratch, Int32(truncatingIfNeeded: offset))
  }

  mutating func count(_ offset: Int) {
    loadCounters()
    assembler.arithmetic(.add, .qword, counter(offset), 1)
  }

  /// Clamps the index to the default's number, and counts the label.
  mutating func countBranchTable(_ record: Int, _ index: Register, _ count: Int) {
    assembler.move(Self.scratch, immediate: UInt64(count))
    assembler.arithmetic(.cmp, .dword, index, .register(Self.scratch))
    assembler.conditionalMove(.above, .dword, index, .register(Self.scratch))
    loadCounters()
    assembler.arithmetic(
      .add, .qword,
      .memory(Self.scratch, index: index, scale: 8, Int32(truncatingIfNeeded: record)), 1)
  }

  /// Records the function reference in rax, which is not checked yet. Calls of the first slot's target are not counted. For
  /// them, a single compare with the reference that this instance last found in that slot also replaces the checks. (These
  /// references are not stored with the counters, which are in a file.)
  mutating func countTarget(_ record: Int, _ type: FunctionType, _ callee: Instruction.Callee) {
    let slow = assembler.makeLabel()
    let done = assembler.makeLabel()
    assembler.load(.qword, Self.scratch, field(ContextLayout.siteTargets))
    assembler.arithmetic(.cmp, .qword, counter(record), .rax)
    assembler.jump(.notEqual, slow)
    assembler.bind(done)
    let base = stack.count - type.parameters.count - 1
    deferred.append(
      Deferred(
        kind: .recordTarget(
          record: record, type: type, base: base, callee: callee, done: done),
        label: slow, byteOffset: byteOffset))
  }

  /// Checks the reference, then looks up its slot. Counts functions of this instance that have no slot. The runtime handles
  /// targets that are new, or that belong to another instance.
  mutating func emitRecordTarget(
    _ record: Int, _ type: FunctionType, _ base: Int, _ callee: Instruction.Callee, _ done: Label
  ) {
    emitReferenceChecks(callee)
    loadCounters()
    let origin = Int32(truncatingIfNeeded: layout.funcRefs - FuncRefLayout.size)
    assembler.loadAddress(.qword, .rdi, .memory(.rax, -origin))
    assembler.arithmetic(.sub, .qword, .rdi, .register(.rbx))
    for slot in 0..<TargetRecord.slotCount { emitSlot(slot, record, done) }
    let first = assembler.makeLabel()
    let last = TargetRecord.key(TargetRecord.slotCount - 1)
    assembler.arithmetic(.cmp, .qword, counter(record + last), 0)
    assembler.jump(.equal, first)
    let imported = module.importedFunctionCount
    assembler.arithmetic(
      .sub, .qword, .register(.rdi),
      Int32(truncatingIfNeeded: Int(TargetRecord.key(function: imported))))
    assembler.arithmetic(
      .cmp, .qword, .register(.rdi),
      Int32(truncatingIfNeeded: FuncRefLayout.size * (module.functions.count - imported)))
    assembler.jump(.aboveOrEqual, first)
    assembler.arithmetic(.add, .qword, counter(record + TargetRecord.otherCount), 1)
    assembler.jump(done)
    assembler.bind(first)
    assembler.loadAddress(.qword, .rsi, counter(record))
    assembler.move(.qword, .rdx, .rax)
    emitRuntimeCall(.recordTarget)
    emitTargetReload(type, base, callee)
    assembler.jump(done)
  }

  private mutating func emitSlot(_ slot: Int, _ record: Int, _ done: Label) {
    let next = assembler.makeLabel()
    assembler.arithmetic(.cmp, .qword, counter(record + TargetRecord.key(slot)), .rdi)
    assembler.jump(.notEqual, next)
    if slot == 0 {
      assembler.load(.qword, Self.scratch, field(ContextLayout.siteTargets))
      assembler.store(.qword, counter(record), .rax)
    } else {
      assembler.arithmetic(.add, .qword, counter(record + TargetRecord.count(slot)), 1)
    }
    assembler.jump(done)
    assembler.bind(next)
  }

  /// Traps inline unless the reference in rax is to a function of the type that is called. A reference from the operand stack
  /// is, if it is not null.
  private mutating func emitReferenceChecks(_ callee: Instruction.Callee) {
    assembler.test(.qword, .register(.rax), .rax)
    let isThere = assembler.shortJump(.notEqual)
    guard case .table(_, let typeIndex) = callee else {
      emitTrap(.nullFunctionReference)
      return assembler.bind(isThere)
    }
    emitTrap(.uninitializedElement)
    assembler.bind(isThere)
    emitTypeTest(typeIndex)
    let fits = assembler.shortJump(.equal)
    emitTrap(.indirectCallTypeMismatch)
    assembler.bind(fits)
  }
}
