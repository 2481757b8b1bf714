/// Integer instructions.
extension Assembler {
  /// Two-operand arithmetic, by its number in the opcode space.
  public enum Arithmetic: UInt8, Sendable, CaseIterable {
    case add, or, adc, sbb, and, sub, xor, cmp
  }

  /// Shifts and rotations, by opcode extension.
  public enum Shift: UInt8, Sendable, CaseIterable {
    case rol = 0
    case ror = 1
    case shl = 4
    case shr = 5
    case sar = 7
  }

  /// One-operand instructions of group 3, by opcode extension. mul, div and idiv work on rdx:rax.
  public enum Unary: UInt8, Sendable, CaseIterable {
    case not = 2
    case neg = 3
    case mul = 4
    case imul = 5
    case div = 6
    case idiv = 7
  }

  private static func form(
    _ opcode: UInt8, byteOpcode: UInt8, _ width: Width, map: UInt8 = 0
  ) -> Form {
    Form(
      opcode: width == .byte ? byteOpcode : opcode, map: map, prefix: width == .word ? 0x66 : 0)
  }

  /// Without a REX prefix, byte registers 4…7 would be ah…bh.
  private static func needsREX(_ width: Width, _ register: UInt8, _ operand: Operand) -> Bool {
    width == .byte && (register >= 4 || operand.isRegister && operand.base >= 4)
  }

  private mutating func encode(
    _ opcode: UInt8, _ width: Width, _ register: UInt8, _ operand: Operand, map: UInt8 = 0
  ) {
    encode(
      Self.form(opcode, byteOpcode: opcode & ~1, width, map: map), wide: width == .qword,
      reg: register, operand, needsREX: Self.needsREX(width, register, operand))
  }

  // MARK: Moves

  /// `mov r, r`
  public mutating func move(_ width: Width, _ destination: Register, _ source: Register) {
    encode(0x89, width, source.rawValue, .register(destination))
  }

  /// `mov r, r/m`
  public mutating func load(_ width: Width, _ destination: Register, _ source: Operand) {
    encode(0x8B, width, destination.rawValue, source)
  }

  /// `mov r/m, r`
  public mutating func store(_ width: Width, _ destination: Operand, _ source: Register) {
    encode(0x89, width, source.rawValue, destination)
  }

  /// - Parameter immediate: sign-extended to 64 bits for qwords.
  public mutating func store(_ width: Width, _ destination: Operand, _ immediate: Int32) {
    let size = width == .byte ? 1 : width == .word ? 2 : 4
    encode(
      Self.form(0xC7, byteOpcode: 0xC6, width), wide: width == .qword, reg: 0, destination,
      immediate: Immediate(value: Int64(immediate), size: size))
  }

  /// The shortest mov. Leaves the flags alone.
  public mutating func move(_ destination: Register, immediate: UInt64) {
    if immediate <= UInt64(UInt32.max) {
      encode(opcode: 0xB8, wide: false, register: destination)
      emit(dword: UInt32(immediate))
    } else if Int64(bitPattern: immediate) == Int64(Int32(truncatingIfNeeded: immediate)) {
      encode(
        Form(opcode: 0xC7), wide: true, reg: 0, .register(destination),
        immediate: Immediate(value: Int64(bitPattern: immediate), size: 4))
    } else {
      encode(opcode: 0xB8, wide: true, register: destination)
      emit(qword: immediate)
    }
  }

  /// `xor r32, r32`. Changes the flags.
  public mutating func zero(_ register: Register) {
    arithmetic(.xor, .dword, register, .register(register))
  }

  /// movzx from a byte or word into 64 bits.
  public mutating func loadZeroExtended(
    _ destination: Register, from width: Width, _ source: Operand
  ) {
    precondition(width == .byte || width == .word)
    encode(
      Form(opcode: width == .byte ? 0xB6 : 0xB7, map: 1), reg: destination.rawValue, source,
      needsREX: width == .byte && source.isRegister && source.base >= 4)
  }

  /// movsx, movsxd.
  public mutating func loadSignExtended(
    _ destination: Register, to width: Width, from sourceWidth: Width, _ source: Operand
  ) {
    let form =
      switch sourceWidth {
      case .byte: Form(opcode: 0xBE, map: 1)
      case .word: Form(opcode: 0xBF, map: 1)
      case .dword, .qword: Form(opcode: 0x63)
      }
    encode(
      form, wide: width == .qword, reg: destination.rawValue, source,
      needsREX: sourceWidth == .byte && source.isRegister && source.base >= 4)
  }

  /// `lea r, m`
  public mutating func loadAddress(_ width: Width, _ destination: Register, _ source: Operand) {
    precondition(!source.isRegister)
    encode(Form(opcode: 0x8D), wide: width == .qword, reg: destination.rawValue, source)
  }

  /// lea of a label.
  public mutating func loadAddress(_ destination: Register, of label: Label) {
    emit(0x8D_48 | UInt32(destination.rawValue >> 3) << 2, length: 2)
    emit(byte: 5 | (destination.rawValue & 7) << 3)
    emit(distanceTo: label)
  }

  /// `cmovcc r, r/m`
  public mutating func conditionalMove(
    _ condition: Condition, _ width: Width, _ destination: Register, _ source: Operand
  ) {
    encode(
      Form(opcode: 0x40 | condition.rawValue, map: 1), wide: width == .qword,
      reg: destination.rawValue, source)
  }

  /// `setcc r8`
  public mutating func setByte(_ condition: Condition, _ destination: Register) {
    encode(
      Form(opcode: 0x90 | condition.rawValue, map: 1), reg: 0, .register(destination),
      needsREX: destination.rawValue >= 4)
  }

  /// `push r64`
  public mutating func push(_ register: Register) {
    encode(opcode: 0x50, wide: false, register: register)
  }

  /// `pop r64`
  public mutating func pop(_ register: Register) {
    encode(opcode: 0x58, wide: false, register: register)
  }

  // MARK: Arithmetic

  /// `add`, `sub`, `cmp` and the like, `r, r/m`
  public mutating func arithmetic(
    _ operation: Arithmetic, _ width: Width, _ destination: Register, _ source: Operand
  ) {
    let opcode = operation.rawValue << 3
    if source.isRegister {
      // The form that other assemblers choose.
      encode(
        opcode | 1, width, source.base, Operand.register(destination))
    } else {
      encode(opcode | 3, width, destination.rawValue, source)
    }
  }

  /// Memory destination.
  public mutating func arithmetic(
    _ operation: Arithmetic, _ width: Width, _ destination: Operand, _ source: Register
  ) {
    encode(operation.rawValue << 3 | 1, width, source.rawValue, destination)
  }

  /// - Parameter immediate: sign-extended to the operand's width.
  public mutating func arithmetic(
    _ operation: Arithmetic, _ width: Width, _ destination: Operand, _ immediate: Int32
  ) {
    let isShort = Int32(Int8(truncatingIfNeeded: immediate)) == immediate
    let size = isShort || width == .byte ? 1 : width == .word ? 2 : 4
    encode(
      Self.form(isShort ? 0x83 : 0x81, byteOpcode: 0x80, width), wide: width == .qword,
      reg: operation.rawValue, destination,
      needsREX: Self.needsREX(width, 0, destination),
      immediate: Immediate(value: Int64(immediate), size: size))
  }

  /// `test r/m, r`
  public mutating func test(_ width: Width, _ first: Operand, _ second: Register) {
    encode(0x85, width, second.rawValue, first)
  }

  /// `test r/m, imm`
  public mutating func test(_ width: Width, _ operand: Operand, _ immediate: Int32) {
    let size = width == .byte ? 1 : width == .word ? 2 : 4
    encode(
      Self.form(0xF7, byteOpcode: 0xF6, width), wide: width == .qword, reg: 0, operand,
      needsREX: Self.needsREX(width, 0, operand),
      immediate: Immediate(value: Int64(immediate), size: size))
  }

  /// `imul r, r/m`
  public mutating func multiply(_ width: Width, _ destination: Register, _ source: Operand) {
    encode(
      Form(opcode: 0xAF, map: 1), wide: width == .qword, reg: destination.rawValue, source)
  }

  /// `imul r, r/m, imm`
  public mutating func multiply(
    _ width: Width, _ destination: Register, _ source: Operand, _ immediate: Int32
  ) {
    let isShort = Int32(Int8(truncatingIfNeeded: immediate)) == immediate
    encode(
      Form(opcode: isShort ? 0x6B : 0x69), wide: width == .qword, reg: destination.rawValue,
      source, immediate: Immediate(value: Int64(immediate), size: isShort ? 1 : 4))
  }

  /// `neg`, `not`, `div` and the like, `r/m`
  public mutating func unary(_ operation: Unary, _ width: Width, _ operand: Operand) {
    encode(0xF7, width, operation.rawValue, operand)
  }

  /// Shifts by cl.
  public mutating func shift(_ operation: Shift, _ width: Width, _ operand: Operand) {
    encode(0xD3, width, operation.rawValue, operand)
  }

  /// Shifts by a constant.
  public mutating func shift(
    _ operation: Shift, _ width: Width, _ operand: Operand, by amount: UInt8
  ) {
    encode(
      Self.form(0xC1, byteOpcode: 0xC0, width), wide: width == .qword, reg: operation.rawValue,
      operand, needsREX: Self.needsREX(width, 0, operand),
      immediate: Immediate(value: Int64(amount), size: 1))
  }

  /// bsf: index of the lowest set bit; zero flag set (and destination undefined) for 0.
  public mutating func scanForward(_ width: Width, _ destination: Register, _ source: Operand) {
    encode(
      Form(opcode: 0xBC, map: 1), wide: width == .qword, reg: destination.rawValue, source)
  }

  /// bsr: index of the highest set bit; zero flag set (and destination undefined) for 0.
  public mutating func scanReverse(_ width: Width, _ destination: Register, _ source: Operand) {
    encode(
      Form(opcode: 0xBD, map: 1), wide: width == .qword, reg: destination.rawValue, source)
  }

  /// `popcnt r, r/m`
  public mutating func populationCount(
    _ width: Width, _ destination: Register, _ source: Operand
  ) {
    encode(
      Form(opcode: 0xB8, map: 1, prefix: 0xF3), wide: width == .qword,
      reg: destination.rawValue, source)
  }

  /// cdq or cqo: the sign of rax into rdx.
  public mutating func signExtendAccumulator(_ width: Width) {
    if width == .qword { emit(0x99_48, length: 2) } else { emit(byte: 0x99) }
  }

  /// `rep stosq`: rcx qwords of rax to [rdi].
  public mutating func repeatStoreQuadwords() { emit(0xAB_48_F3, length: 3) }

  /// `rep movsq`: rcx qwords from [rsi] to [rdi].
  public mutating func repeatMoveQuadwords() { emit(0xA5_48_F3, length: 3) }
}
