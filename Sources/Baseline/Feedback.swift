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

  /// The function reference in rax: first slot here, all else in the runtime.
  mutating func countTarget(_ record: Int, _ type: FunctionType, _ table: Int) {
    let slow = assembler.makeLabel()
    let done = assembler.makeLabel()
    loadCounters()
    assembler.loadAddress(.qword, .rdi, field(layout.funcRefs - FuncRefLayout.size))
    assembler.unary(.neg, .qword, .register(.rdi))
    assembler.arithmetic(.add, .qword, .rdi, .register(.rax))
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

  mutating func emitRecordTarget(
    _ record: Int, _ type: FunctionType, _ table: Int, _ base: Int, _ done: Label
  ) {
    assembler.loadAddress(.qword, .rsi, counter(record))
    assembler.move(.qword, .rdx, .rax)
    emitRuntimeCall(.recordTarget)
    emitTargetReload(type, table, base)
    assembler.jump(done)
  }
}
