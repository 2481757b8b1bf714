import Contract
import Wasm
import X64

/// Resuming before an instruction that is not a call.
extension FunctionCompiler {
  /// What must be loaded from the homes before code continues as if it had not been interrupted.
  struct Reload {
    /// Operands in registers, and cached locals: the slot, and the register that contains its value.
    var registers: [(slot: Int, type: ValueType, register: MachineRegister)] = []
    /// Operands that are read from a local's home. The frame has the value of an operand in the operand's own home; that of a
    /// local is undefined if nothing else reads the local any more.
    var aliases: [(slot: Int, type: ValueType, local: Int)] = []
  }

  /// Adds an entry if a frame may resume before this instruction.
  mutating func passResumeOffset(_ i: Instruction) {
    let isWanted = resumeOffsets[nextResume] == i.offset
    while nextResume < resumeOffsets.count, resumeOffsets[nextResume] <= i.offset {
      nextResume += 1
    }
    // Frames resume before calls elsewhere: ``emitResume(_:_:_:_:_:)``.
    guard isWanted, isReachable, !i.opcode.effects.contains(.calls) else { return }
    if areFlagsLive { settleFlags() }
    entries.append(BaselineEntry(byteOffset: i.offset, codeOffset: assembler.count))
    let reload = reload
    if reload.registers.isEmpty && reload.aliases.isEmpty { return }
    let ready = assembler.makeLabel()
    assembler.bind(ready)
    deferred.append(
      Deferred(
        kind: .entry(number: entries.count - 1, reload, ready: ready), label: ready,
        byteOffset: byteOffset))
  }

  private var reload: Reload {
    var result = Reload()
    for (index, entry) in stack.enumerated().dropFirst(homeCount) {
      switch entry.kind {
      case .register:
        result.registers.append((slot(ofOperand: index), entry.type, entry.register))
      case .local:
        result.aliases.append((slot(ofOperand: index), entry.type, Int(entry.bits)))
      case .home, .constant, .flags: break
      }
    }
    var remaining = cached
    while remaining != 0 {
      let register = MachineRegister(number: UInt8(remaining.trailingZeroBitCount))
      let local = Int(cachedLocals[Int(register.number)])
      result.registers.append((local, localTypes[local], register))
      remaining &= remaining - 1
    }
    return result
  }

  mutating func emitEntry(_ number: Int, _ reload: Reload, ready: Label) {
    entries[number].codeOffset = assembler.count
    for alias in reload.aliases {
      copy(alias.type, from: alias.slot, to: alias.local)
    }
    for item in reload.registers { loadSlot(item.slot, item.type, into: item.register) }
    assembler.jump(ready)
  }
}
