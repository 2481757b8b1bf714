import Contract
import Wasm
import X64

/// Floating-point instructions (spec 4.3.3) and conversions (4.3.4).
extension FunctionCompiler {
  // MARK: Arithmetic

  mutating func scalar(_ operation: Assembler.Scalar, isCommutative: Bool = false) {
    var right = pop()
    var left = pop()
    if isCommutative && right.kind == .register && left.kind != .register { swap(&left, &right) }
    let source = operand(right)
    let result = ownVector(left)
    assembler.scalar(operation, left.type.precision, result, source)
    push(result, left.type)
  }

  mutating func squareRoot() {
    let entry = pop()
    let source = operand(entry)
    let result = entry.kind == .register ? entry.register.vector : allocateVector()
    assembler.scalar(.sqrt, entry.type.precision, result, source)
    push(result, entry.type)
  }

  mutating func round(_ rounding: Assembler.Rounding) {
    let entry = pop()
    let source = operand(entry)
    let result = entry.kind == .register ? entry.register.vector : allocateVector()
    assembler.round(rounding, entry.type.precision, result, source)
    push(result, entry.type)
  }

  /// Loads a mask of the sign bit, or of all other bits, into ``vectorScratch``.
  private mutating func loadMask(_ type: ValueType, isSign: Bool) {
    let sign: UInt64 = type == .f32 ? 1 << 31 : 1 << 63
    let all: UInt64 = type == .f32 ? 0xFFFF_FFFF : .max
    loadConstant(type, isSign ? sign : all ^ sign, into: Self.vectorScratch)
  }

  /// abs (and) and neg (xor) only change the sign bit, also that of a NaN.
  mutating func changeSign(_ operation: Assembler.Bitwise) {
    let entry = pop()
    let result = ownVector(entry)
    loadMask(entry.type, isSign: operation == .xor)
    assembler.bitwise(operation, result, .vector(Self.vectorScratch))
    push(result, entry.type)
  }

  mutating func copySign() {
    let right = pop()
    let left = pop()
    let sign = vector(right)
    let result = ownVector(left)
    loadMask(left.type, isSign: false)
    assembler.bitwise(.and, result, .vector(Self.vectorScratch))
    assembler.bitwise(.andNot, Self.vectorScratch, .vector(sign))
    assembler.bitwise(.or, result, .vector(Self.vectorScratch))
    push(result, left.type)
  }

  /// min and max. Unlike minss and maxss, they return NaN if either operand is NaN, and order -0 below +0.
  mutating func extremum(_ operation: Assembler.Scalar) {
    let right = pop()
    let left = pop()
    let precision = left.type.precision
    let other = vector(right)
    let result = ownVector(left)
    assembler.compare(precision, result, .vector(other))
    let different = assembler.shortJump(.notEqual)
    let unordered = assembler.shortJump(.parity)
    assembler.bitwise(operation == .min ? .or : .and, result, .vector(other))
    let done = assembler.shortJump()
    assembler.bind(unordered)
    assembler.scalar(.add, precision, result, .vector(other))
    let alsoDone = assembler.shortJump()
    assembler.bind(different)
    assembler.scalar(operation, precision, result, .vector(other))
    assembler.bind(done)
    assembler.bind(alsoDone)
    push(result, left.type)
  }

  mutating func compareFloat(_ test: Test, swapped: Bool = false) {
    let right = pop()
    let left = pop()
    let (first, second) = swapped ? (right, left) : (left, right)
    let source = operand(second)
    assembler.compare(first.type.precision, vector(first), source)
    push(test)
  }

  // MARK: Conversions between floats and integers

  mutating func changePrecision(_ type: ValueType) {
    let entry = pop()
    let source = operand(entry)
    let result = entry.kind == .register ? entry.register.vector : allocateVector()
    assembler.convert(from: entry.type.precision, result, source)
    push(result, type)
  }

  mutating func reinterpret(_ type: ValueType) {
    let entry = pop()
    // The bits stay the same. A constant only changes its type.
    if entry.kind == .constant { return push(.constant(type, entry.bits)) }
    if type.isFloat {
      let result = allocateVector()
      if entry.kind == .home {
        assembler.load(type.precision, result, home(Int(entry.bits)))
      } else {
        assembler.move(type.width, result, general(entry))
      }
      push(result, type)
    } else {
      let result = allocateGeneral()
      if entry.kind == .home {
        assembler.load(type.width, result, home(Int(entry.bits)))
      } else {
        assembler.move(type.width, result, vector(entry))
      }
      push(result, type)
    }
  }

  mutating func convert(_ type: ValueType, isSigned: Bool) {
    let entry = pop()
    let result = allocateVector()
    // cvtsi2sd preserves the upper part: break the dependency on the register's old value.
    assembler.zero(result)
    switch (entry.type, isSigned) {
    case (.i32, false):
      // Zero-extended, so it is a positive i64.
      assembler.convert(type.precision, result, from: .qword, .register(general(entry)))
    case (.i64, false): convertUnsigned(type.precision, result, general(entry))
    default:
      assembler.convert(type.precision, result, from: entry.type.width, operand(entry))
    }
    push(result, type)
  }

  /// u64. Values beyond the range of i64 are halved, with the lost bit kept for rounding, converted, and doubled.
  private mutating func convertUnsigned(
    _ precision: Precision, _ result: VectorRegister, _ source: Register
  ) {
    let half = allocateGeneral()
    assembler.test(.qword, .register(source), source)
    let isBig = assembler.shortJump(.sign)
    assembler.convert(precision, result, from: .qword, .register(source))
    let done = assembler.shortJump()
    assembler.bind(isBig)
    assembler.move(.qword, half, source)
    assembler.move(.qword, Self.scratch, source)
    assembler.shift(.shr, .qword, .register(half), by: 1)
    assembler.arithmetic(.and, .dword, .register(Self.scratch), 1)
    assembler.arithmetic(.or, .qword, half, .register(Self.scratch))
    assembler.convert(precision, result, from: .qword, .register(half))
    assembler.scalar(.add, precision, result, .vector(result))
    assembler.bind(done)
  }

  // MARK: Truncation

  /// Out-of-range values and NaNs are handled out of line.
  mutating func truncate(_ type: ValueType, isSigned: Bool, saturates: Bool) {
    let entry = pop()
    let source = vector(entry)
    let result = allocateGeneral()
    let slow = assembler.makeLabel()
    let done = assembler.makeLabel()
    switch (type, isSigned) {
    case (.i32, _): truncate32(entry.type.precision, isSigned, source, result, slow)
    case (_, true):
      assembler.truncate(.qword, result, entry.type.precision, .vector(source))
      // Only the least integer overflows.
      assembler.arithmetic(.cmp, .qword, .register(result), 1)
      assembler.jump(.overflow, slow)
    case (_, false): truncateUnsigned64(entry.type, source, result, slow)
    }
    assembler.bind(done)
    deferred.append(
      Deferred(
        kind: .truncation(
          from: entry.type, to: type, isSigned: isSigned, saturates: saturates, source: source,
          result: result, done: done), label: slow, byteOffset: byteOffset))
    push(result, type)
  }

  /// Truncates to an i64, and checks that the 32-bit range contains it.
  private mutating func truncate32(
    _ precision: Precision, _ isSigned: Bool, _ source: VectorRegister, _ result: Register,
    _ slow: Label
  ) {
    assembler.truncate(.qword, Self.scratch, precision, .vector(source))
    if isSigned {
      assembler.loadSignExtended(result, to: .qword, from: .dword, .register(Self.scratch))
    } else {
      assembler.move(.dword, result, Self.scratch)
    }
    assembler.arithmetic(.cmp, .qword, result, .register(Self.scratch))
    assembler.jump(.notEqual, slow)
    if isSigned { assembler.move(.dword, result, result) }
  }

  /// Subtracts 2^63 from values that are at least that, and sets the top bit of the result.
  private mutating func truncateUnsigned64(
    _ type: ValueType, _ source: VectorRegister, _ result: Register, _ slow: Label
  ) {
    let twoTo63: UInt64 = type == .f32 ? 0x5F00_0000 : 0x43E0_0000_0000_0000
    loadConstant(type, twoTo63, into: Self.vectorScratch)
    assembler.compare(type.precision, source, .vector(Self.vectorScratch))
    let isBig = assembler.shortJump(.aboveOrEqual)
    assembler.truncate(.qword, result, type.precision, .vector(source))
    assembler.test(.qword, .register(result), result)
    assembler.jump(.sign, slow)
    let done = assembler.shortJump()
    assembler.bind(isBig)
    assembler.move(Self.secondVectorScratch, source)
    assembler.scalar(
      .sub, type.precision, Self.secondVectorScratch, .vector(Self.vectorScratch))
    assembler.truncate(.qword, result, type.precision, .vector(Self.secondVectorScratch))
    assembler.test(.qword, .register(result), result)
    assembler.jump(.sign, slow)
    assembler.move(Self.scratch, immediate: 1 << 63)
    assembler.arithmetic(.xor, .qword, result, .register(Self.scratch))
    assembler.bind(done)
  }

  // MARK: Conversions between integers

  mutating func wrap() {
    let entry = pop()
    if entry.kind == .constant { return push(.constant(.i32, entry.bits & 0xFFFF_FFFF)) }
    let source = operand(entry)
    let result = entry.kind == .register ? entry.register.general : allocateGeneral()
    // Clears the upper half. From memory, only the lower half is loaded.
    if source == .register(result) || entry.kind != .home {
      assembler.move(.dword, result, general(entry))
    } else {
      assembler.load(.dword, result, home(Int(entry.bits)))
    }
    push(result, .i32)
  }

  mutating func extend(_ type: ValueType, from width: Width) {
    let entry = pop()
    let source = operand(entry)
    let result = entry.kind == .register ? entry.register.general : allocateGeneral()
    assembler.loadSignExtended(result, to: type.width, from: width, source)
    push(result, type)
  }

  /// An i32 in a register is already zero-extended.
  mutating func extendUnsigned() {
    let entry = pop()
    if entry.kind == .constant { return push(.constant(.i64, entry.bits)) }
    push(ownGeneral(entry), .i64)
  }
}
