import Contract
import Feedback
import Wasm
import X64

/// Instrumentation (`FeedbackLayout`). Counting changes the flags and r11.
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

  /// Clamps the index to the default's number, and counts its label.
  mutating func countBranchTable(_ record: Int, _ index: Register, _ count: Int) {
    assembler.move(Self.scratch, immediate: UInt64(count))
    assembler.arithmetic(.cmp, .dword, index, .register(Self.scratch))
    assembler.conditionalMove(.above, .dword, index, .register(Self.scratch))
    loadCounters()
    assembler.arithmetic(
      .add, .qword,
      .memory(Self.scratch, index: index, scale: 8, Int32(truncatingIfNeeded: record)), 1)
  }

  /// The function reference in rax: first slot here, the others out of line.
  mutating func countTarget(_ record: Int, _ type: FunctionType, _ table: Int) {
    let slow = assembler.makeLabel()
    let done = assembler.makeLabel()
    loadCounters()
    let origin = Int32(truncatingIfNeeded: layout.funcRefs - FuncRefLayout.size)
    assembler.loadAddress(.qword, .rdi, .memory(.rax, -origin))
    assembler.arithmetic(.sub, .qword, .rdi, .register(.rbx))
    assembler.arithmetic(.cmp, .qword, counter(record + TargetRecord.key(0)), .rdi)
    assembler.jump(.notEqual, slow)
    assembler.arithmetic(.add, .qword, counter(record + TargetRecord.count(0)), 1)
    assembler.bind(done)
    let base = stack.count - type.parameters.count - 1
    deferred.append(
      Deferred(
        kind: .recordTarget(record: record, type: type, table: table, base: base, done: done),
        label: slow, byteOffset: byteOffset))
  }

  /// The key in rdi: the other slots, and functions of this instance that found none. A target that is seen for the first time
  /// and those of other instances are the runtime's.
  mutating func emitRecordTarget(
    _ record: Int, _ type: FunctionType, _ table: Int, _ base: Int, _ done: Label
  ) {
    for slot in 1..<TargetRecord.slotCount {
      let next = assembler.makeLabel()
      assembler.arithmetic(.cmp, .qword, counter(record + TargetRecord.key(slot)), .rdi)
      assembler.jump(.notEqual, next)
      assembler.arithmetic(.add, .qword, counter(record + TargetRecord.count(slot)), 1)
      assembler.jump(done)
      assembler.bind(next)
    }
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
    emitTargetReload(type, table, base)
    assembler.jump(done)
  }
}
