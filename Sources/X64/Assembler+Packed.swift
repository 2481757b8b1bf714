/// Vector instructions: in the legacy form, where the destination is the first operand, and with VEX or EVEX, where it is separate.
extension Assembler {
  /// The immediate of cmpps and cmppd.
  public enum FloatTest: UInt8, Sendable, CaseIterable {
    case equal, less, lessOrEqual, unordered, notEqual, notLess, notLessOrEqual, ordered
  }

  /// movups: 16 bytes, of any alignment.
  public mutating func load(_ destination: VectorRegister, _ source: Operand) {
    precondition(!source.isRegister)
    encode(Form(opcode: 0x10, map: 1), reg: destination.rawValue, source, nil)
  }

  /// The legacy form, `x, x/m`: the destination is the first operand, if there are two. Memory must be aligned if all 16 bytes are used.
  public mutating func packed(
    _ instruction: Packed, _ destination: VectorRegister, _ source: Operand,
    _ immediate: UInt8? = nil
  ) {
    encode(instruction, reg: destination.rawValue, source, immediate)
  }

  /// The legacy form with a general destination.
  public mutating func packed(
    _ instruction: Packed, _ destination: Register, _ source: VectorRegister
  ) {
    encode(instruction, reg: destination.rawValue, .vector(source), nil)
  }

  /// The form with VEX or EVEX, `x, x, x/m`. Memory may have any alignment.
  /// - Parameter first: nil: the instruction has one operand only.
  public mutating func packedVEX(
    _ instruction: Packed, _ destination: VectorRegister, _ first: VectorRegister?,
    _ source: Operand, _ immediate: UInt8? = nil
  ) {
    let vector: UInt8 = first?.rawValue ?? 0
    if instruction.needsEVEX {
      encodeEVEX(instruction, reg: destination.rawValue, vector, source, immediate)
    } else {
      encode(
        Prefix(vector: vector, isWide: instruction.isWide, prefix: instruction.prefix),
        instruction.opcode, map: instruction.map, reg: destination.rawValue, source, immediate)
    }
  }

  /// The legacy form, in place.
  public mutating func shift(_ shift: PackedShift, _ register: VectorRegister, by amount: UInt8) {
    encode(
      Form(opcode: shift.opcode, map: 1, prefix: 0x66), reg: shift.extension, .vector(register),
      immediate: Immediate(value: Int64(amount), size: 1))
  }

  /// With VEX.
  public mutating func shiftVEX(
    _ shift: PackedShift, _ destination: VectorRegister, _ source: VectorRegister,
    by amount: UInt8
  ) {
    encode(
      Prefix(vector: destination.rawValue, isWide: false, prefix: 0x66), shift.opcode, map: 1,
      reg: shift.extension, .vector(source), amount)
  }

  /// vpsraq by a constant. With AVX-512.
  public mutating func shiftRightArithmeticQuadwords(
    _ destination: VectorRegister, _ source: VectorRegister, by amount: UInt8
  ) {
    encodeEVEX(
      opcode: 0x72, map: 1, prefix: 0x66, isWide: true, reg: 4, destination.rawValue,
      .vector(source), amount)
  }

  // MARK: Encodings

  private struct Prefix {
    /// The register that is neither in ModRM.reg nor in ModRM.rm.
    var vector: UInt8
    var isWide: Bool
    var prefix: UInt8
  }

  private mutating func encode(
    _ instruction: Packed, reg: UInt8, _ operand: Operand, _ immediate: UInt8?
  ) {
    precondition(instruction.isLegacy)
    encode(
      Form(opcode: instruction.opcode, map: instruction.map, prefix: instruction.prefix),
      wide: instruction.isWide, reg: reg, operand, immediate)
  }

  private mutating func encode(
    _ form: Form, wide: Bool = false, reg: UInt8, _ operand: Operand, _ immediate: UInt8?
  ) {
    guard operand.isLabel else {
      return encode(
        form, wide: wide, reg: reg, operand,
        immediate: immediate.map { Immediate(value: Int64($0), size: 1) } ?? Immediate())
    }
    precondition(immediate == nil && !wide)
    reserve()
    var position = count
    if form.prefix != 0 { position = put(form.prefix, at: position) }
    if reg >= 8 { position = put(UInt8(0x44), at: position) }
    position = put(UInt8(0x0F), at: position)
    if form.map == 2 { position = put(UInt8(0x38), at: position) }
    if form.map == 3 { position = put(UInt8(0x3A), at: position) }
    position = put(form.opcode, at: position)
    count = position
    emit(reg: reg, label: operand)
  }

  /// ModRM and the distance, which ends the instruction.
  private mutating func emit(reg: UInt8, label: Operand) {
    emit(byte: 5 | (reg & 7) << 3)
    emit(distanceTo: Label(index: Int(label.displacement)))
  }

  private static func prefixCode(_ prefix: UInt8) -> UInt8 {
    switch prefix {
    case 0x66: 1
    case 0xF3: 2
    case 0xF2: 3
    default: 0
    }
  }

  /// VEX of 2 or 3 bytes, opcode, ModRM and what follows (Intel SDM vol. 2, 2.3).
  private mutating func encode(
    _ prefix: Prefix, _ opcode: UInt8, map: UInt8, reg: UInt8, _ operand: Operand,
    _ immediate: UInt8?
  ) {
    reserve()
    var position = count
    // The register numbers' high bits, and the third register, are stored inverted.
    let last = (~prefix.vector & 15) << 3 | Self.prefixCode(prefix.prefix)
    let isShort = operand.base < 8 && operand.index < 8 && !prefix.isWide && map == 1
    if isShort {
      position = put(UInt8(0xC5), at: position)
      position = put((~reg & 8) << 4 | last, at: position)
    } else {
      let extensions = (~reg & 8) << 4 | (~operand.index & 8) << 3 | (~operand.base & 8) << 2
      position = put(UInt8(0xC4), at: position)
      position = put(extensions | map, at: position)
      position = put((prefix.isWide ? 0x80 : 0) | last, at: position)
    }
    finish(opcode, reg: reg, operand, immediate, at: position)
  }

  private mutating func encodeEVEX(
    _ instruction: Packed, reg: UInt8, _ vector: UInt8, _ operand: Operand, _ immediate: UInt8?
  ) {
    encodeEVEX(
      opcode: instruction.opcode, map: instruction.map, prefix: instruction.prefix,
      isWide: instruction.isWide, reg: reg, vector, operand, immediate)
  }

  /// EVEX of 128 bits, without mask, of registers only: in memory operands, short displacements would be scaled (Intel SDM vol. 2, 2.7).
  private mutating func encodeEVEX(
    opcode: UInt8, map: UInt8, prefix: UInt8, isWide: Bool, reg: UInt8, _ vector: UInt8,
    _ operand: Operand, _ immediate: UInt8?
  ) {
    precondition(operand.isRegister)
    reserve()
    var position = put(UInt8(0x62), at: count)
    // R' and X extend the numbers to 32 registers: 1 for the first 16.
    position = put(0x50 | (~reg & 8) << 4 | (~operand.base & 8) << 2 | map, at: position)
    position = put(
      (isWide ? 0x80 : 0) | (~vector & 15) << 3 | 4 | Self.prefixCode(prefix), at: position)
    position = put(UInt8(0x08), at: position)
    finish(opcode, reg: reg, operand, immediate, at: position)
  }

  private mutating func finish(
    _ opcode: UInt8, reg: UInt8, _ operand: Operand, _ immediate: UInt8?, at start: Int
  ) {
    var position = put(opcode, at: start)
    if operand.isLabel {
      precondition(immediate == nil)
      count = position
      return emit(reg: reg, label: operand)
    }
    position = putOperand(operand, reg: (reg & 7) << 3, at: position)
    if let immediate { position = put(immediate, at: position) }
    count = position
  }
}
