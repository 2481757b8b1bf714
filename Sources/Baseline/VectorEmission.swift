import Wasm
import X64

/// Emission of vector instructions for the target: with three operands where it has AVX, else with two.
extension FunctionCompiler {
  /// `destination = first op second`. Without AVX, `second` must not be the destination unless `first` is too.
  mutating func emit(
    _ instruction: Packed, _ destination: VectorRegister, _ first: VectorRegister,
    _ second: Operand, _ immediate: UInt8? = nil
  ) {
    if target.hasAVX {
      return assembler.packedVEX(instruction, destination, first, second, immediate)
    }
    if destination != first {
      precondition(second != .vector(destination), "operand overwritten")
      assembler.move(destination, first)
    }
    assembler.packed(instruction, destination, second, immediate)
  }

  mutating func emit(
    _ instruction: Packed, _ destination: VectorRegister, _ first: VectorRegister,
    _ second: VectorRegister, _ immediate: UInt8? = nil
  ) {
    emit(instruction, destination, first, .vector(second), immediate)
  }

  /// `destination = op source`
  mutating func emit(
    _ instruction: Packed, _ destination: VectorRegister, _ source: Operand,
    _ immediate: UInt8? = nil
  ) {
    if target.hasAVX {
      assembler.packedVEX(instruction, destination, nil, source, immediate)
    } else {
      assembler.packed(instruction, destination, source, immediate)
    }
  }

  mutating func shift(
    _ shift: PackedShift, _ destination: VectorRegister, _ source: VectorRegister,
    by amount: UInt8
  ) {
    if target.hasAVX {
      return assembler.shiftVEX(shift, destination, source, by: amount)
    }
    if destination != source { assembler.move(destination, source) }
    assembler.shift(shift, destination, by: amount)
  }

  /// `destination = ~source`. Clobbers ``vectorScratch``.
  mutating func invert(_ destination: VectorRegister, _ source: VectorRegister) {
    if target.hasAVX512 {
      return assembler.packedVEX(.pternlogq, destination, source, .vector(source), 0x55)
    }
    load(VectorBits.ones, into: Self.vectorScratch)
    emit(.pxor, destination, source, Self.vectorScratch)
  }

  // MARK: Operands

  /// The value as an r/m operand of 16 bytes.
  private mutating func source(
    _ entry: Entry, of instruction: Packed, _ immediate: UInt8?
  ) -> Operand {
    if instruction.needsEVEX { return .vector(vector(entry)) }
    return immediate == nil ? vectorOperand(entry) : operand(entry)
  }

  /// The value as an r/m operand of 16 bytes, for instructions without EVEX and without immediate.
  mutating func vectorOperand(_ entry: Entry) -> Operand {
    if let constant = constant(entry), constant != .zero, constant != .ones {
      return memory(constant)
    }
    return operand(entry)
  }

  /// A register for the result of an instruction that reads the popped entries before it writes. With two operands, it is that of
  /// the first, with the value.
  mutating func destination(
    _ first: Entry, _ second: Entry
  ) -> (destination: VectorRegister, first: VectorRegister) {
    guard target.hasAVX else {
      let register = ownVector(first)
      return (register, register)
    }
    let register = vector(first)
    if first.kind == .register { return (register, register) }
    if second.kind == .register && second.type.isInVectorRegister {
      return (second.register.vector, register)
    }
    return (allocateVector(), register)
  }

  /// Pops two vectors and pushes `first op second`, or with operands swapped.
  /// - Parameter commutes: whether the order does not matter.
  mutating func vectorBinary(
    _ instruction: Packed, swapped: Bool = false, commutes: Bool = false,
    _ immediate: UInt8? = nil
  ) {
    var second = pop()
    var first = pop()
    let isBetter =
      commutes && (constant(first) != nil || second.kind == .register) && first.kind != .register
    if swapped || isBetter { swap(&first, &second) }
    let source = source(second, of: instruction, immediate)
    let result = destination(first, second)
    emit(instruction, result.destination, result.first, source, immediate)
    push(result.destination, .v128)
  }

  /// Pops a vector and pushes `op operand`.
  mutating func vectorUnary(_ instruction: Packed, _ immediate: UInt8? = nil) {
    let entry = pop()
    let source = source(entry, of: instruction, immediate)
    let result = entry.kind == .register ? entry.register.vector : allocateVector()
    emit(instruction, result, source, immediate)
    push(result, .v128)
  }

  /// Pops a vector into a register that may be modified.
  mutating func popOwned() -> VectorRegister {
    let entry = pop()
    return ownVector(entry)
  }

  /// Pops two vectors, the first into a register that may be modified. The other is in a different register.
  mutating func popOwnedFirst() -> (first: VectorRegister, second: VectorRegister) {
    let second = pop()
    let first = pop()
    let source = vector(second)
    return (ownVector(first), source)
  }

  /// Inverts all bits of the topmost vector.
  mutating func invertTop() {
    let register = popOwned()
    invert(register, register)
    push(register, .v128)
  }
}
