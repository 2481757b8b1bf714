/// Jumps, calls and returns.
extension Assembler {
  /// Picks the short form where the target is bound and near.
  public mutating func jump(_ label: Label) {
    if let target = position(of: label), target - (count + 2) >= -128 {
      emit(0xEB | UInt32(UInt8(truncatingIfNeeded: target - (count + 2))) << 8, length: 2)
    } else {
      emit(byte: 0xE9)
      emit(distanceTo: label)
    }
  }

  /// Picks the short form where the target is bound and near.
  public mutating func jump(_ condition: Condition, _ label: Label) {
    if let target = position(of: label), target - (count + 2) >= -128 {
      let distance = UInt32(UInt8(truncatingIfNeeded: target - (count + 2)))
      emit(0x70 | UInt32(condition.rawValue) | distance << 8, length: 2)
    } else {
      emit(0x80_0F | UInt32(condition.rawValue) << 8, length: 2)
      emit(distanceTo: label)
    }
  }

  /// A forward jump over at most 127 bytes.
  public mutating func shortJump() -> ShortJump {
    emit(0xEB, length: 2)
    return ShortJump(end: count)
  }

  /// A forward jump over at most 127 bytes.
  public mutating func shortJump(_ condition: Condition) -> ShortJump {
    emit(0x70 | UInt32(condition.rawValue), length: 2)
    return ShortJump(end: count)
  }

  /// `jmp r/m64`
  public mutating func jump(_ target: Operand) {
    encode(Form(opcode: 0xFF), reg: 4, target)
  }

  /// `call r/m64`
  public mutating func call(_ target: Operand) {
    encode(Form(opcode: 0xFF), reg: 2, target)
  }

  /// `call rel32`
  public mutating func call(_ label: Label) {
    emit(byte: 0xE8)
    emit(distanceTo: label)
  }

  /// `ret`
  public mutating func `return`() { emit(byte: 0xC3) }

  /// `mov rsp, rbp; pop rbp`
  public mutating func leave() { emit(byte: 0xC9) }

  /// A nop of seven bytes (0F 1F 80) whose displacement is the distance from its end to a label.
  public mutating func longNop(distanceTo label: Label) {
    emit(0x80_1F_0F, length: 3)
    emit(distanceTo: label)
  }

  /// ud2: raises SIGILL.
  public mutating func undefined() { emit(0x0B_0F, length: 2) }
}
