/// Scalar floating-point instructions of SSE, SSE2 and SSE4.1.
extension Assembler {
  /// Scalar arithmetic, by opcode.
  public enum Scalar: UInt8, Sendable, CaseIterable {
    case sqrt = 0x51
    case add = 0x58
    case mul = 0x59
    case sub = 0x5C
    case min = 0x5D
    case div = 0x5E
    case max = 0x5F
  }

  /// Bitwise operations on the whole register, by opcode.
  public enum Bitwise: UInt8, Sendable, CaseIterable {
    case and = 0x54
    /// (not destination) and source
    case andNot = 0x55
    case or = 0x56
    case xor = 0x57
  }

  /// The immediate of roundss and roundsd, without precision exceptions.
  public enum Rounding: UInt8, Sendable, CaseIterable {
    case nearest = 8
    case floor = 9
    case ceil = 10
    case truncate = 11
  }

  private static func scalarPrefix(_ precision: Precision) -> UInt8 {
    precision == .single ? 0xF3 : 0xF2
  }

  // MARK: Moves

  /// movaps: the whole register.
  public mutating func move(_ destination: VectorRegister, _ source: VectorRegister) {
    encode(Form(opcode: 0x28, map: 1), reg: destination.rawValue, .vector(source))
  }

  /// movss, movsd: clears the rest of the register.
  public mutating func load(
    _ precision: Precision, _ destination: VectorRegister, _ source: Operand
  ) {
    precondition(!source.isRegister)
    encode(
      Form(opcode: 0x10, map: 1, prefix: Self.scalarPrefix(precision)), reg: destination.rawValue,
      source)
  }

  /// `movss m, x`, `movsd m, x`
  public mutating func store(
    _ precision: Precision, _ destination: Operand, _ source: VectorRegister
  ) {
    precondition(!destination.isRegister)
    encode(
      Form(opcode: 0x11, map: 1, prefix: Self.scalarPrefix(precision)), reg: source.rawValue,
      destination)
  }

  /// movups: 16 bytes, of any alignment.
  public mutating func store(_ destination: Operand, _ source: VectorRegister) {
    encode(Form(opcode: 0x11, map: 1), reg: source.rawValue, destination)
  }

  /// movd, movq into a vector register; clears the rest of it.
  public mutating func move(
    _ width: Width, _ destination: VectorRegister, _ source: Register
  ) {
    encode(
      Form(opcode: 0x6E, map: 1, prefix: 0x66), wide: width == .qword, reg: destination.rawValue,
      .register(source))
  }

  /// movd, movq out of a vector register.
  public mutating func move(
    _ width: Width, _ destination: Register, _ source: VectorRegister
  ) {
    encode(
      Form(opcode: 0x7E, map: 1, prefix: 0x66), wide: width == .qword, reg: source.rawValue,
      .register(destination))
  }

  /// `xorps x, x`. Leaves the flags alone.
  public mutating func zero(_ register: VectorRegister) {
    bitwise(.xor, register, .vector(register))
  }

  // MARK: Arithmetic

  /// `addss`, `addsd` and the like, `x, x/m`
  public mutating func scalar(
    _ operation: Scalar, _ precision: Precision, _ destination: VectorRegister, _ source: Operand
  ) {
    encode(
      Form(opcode: operation.rawValue, map: 1, prefix: Self.scalarPrefix(precision)),
      reg: destination.rawValue, source)
  }

  /// The packed form: memory operands would have to be 16 bytes, aligned.
  public mutating func bitwise(
    _ operation: Bitwise, _ destination: VectorRegister, _ source: Operand
  ) {
    encode(Form(opcode: operation.rawValue, map: 1), reg: destination.rawValue, source)
  }

  /// ucomiss, ucomisd: unordered sets zero, parity and carry.
  public mutating func compare(
    _ precision: Precision, _ first: VectorRegister, _ second: Operand
  ) {
    encode(
      Form(opcode: 0x2E, map: 1, prefix: precision == .single ? 0 : 0x66), reg: first.rawValue,
      second)
  }

  /// `roundss`, `roundsd`: `x, x/m, imm8`
  public mutating func round(
    _ rounding: Rounding, _ precision: Precision, _ destination: VectorRegister, _ source: Operand
  ) {
    encode(
      Form(opcode: precision == .single ? 0x0A : 0x0B, map: 3, prefix: 0x66),
      reg: destination.rawValue, source,
      immediate: Immediate(value: Int64(rounding.rawValue), size: 1))
  }

  // MARK: Conversions

  /// cvtsi2ss, cvtsi2sd: keeps the rest of the destination, and so depends on it.
  public mutating func convert(
    _ precision: Precision, _ destination: VectorRegister, from width: Width, _ source: Operand
  ) {
    encode(
      Form(opcode: 0x2A, map: 1, prefix: Self.scalarPrefix(precision)), wide: width == .qword,
      reg: destination.rawValue, source)
  }

  /// cvttss2si, cvttsd2si: the least integer for NaN and what is out of range.
  public mutating func truncate(
    _ width: Width, _ destination: Register, _ precision: Precision, _ source: Operand
  ) {
    encode(
      Form(opcode: 0x2C, map: 1, prefix: Self.scalarPrefix(precision)), wide: width == .qword,
      reg: destination.rawValue, source)
  }

  /// cvtss2sd, cvtsd2ss: from `precision` to the other one.
  public mutating func convert(
    from precision: Precision, _ destination: VectorRegister, _ source: Operand
  ) {
    encode(
      Form(opcode: 0x5A, map: 1, prefix: Self.scalarPrefix(precision)), reg: destination.rawValue,
      source)
  }
}
