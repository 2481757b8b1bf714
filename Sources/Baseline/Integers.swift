import Contract
import Wasm
import X64

/// Integer instructions (spec 4.3.2) and locals.
extension FunctionCompiler {
  // MARK: Arithmetic

  /// Pops two operands. A constant, or the operand that is more costly to copy, becomes the right one.
  private mutating func popCommutative() -> (Entry, Entry) {
    let right = pop()
    let left = pop()
    if left.kind == .constant || right.kind == .register && left.kind != .register {
      return (right, left)
    }
    return (left, right)
  }

  mutating func arithmetic(_ operation: Assembler.Arithmetic, _ type: ValueType) {
    let (left, right) = popCommutative()
    emit(operation, type, left, right)
  }

  private mutating func emit(
    _ operation: Assembler.Arithmetic, _ type: ValueType, _ left: Entry, _ right: Entry
  ) {
    if let immediate = right.immediate {
      let result = ownGeneral(left)
      assembler.arithmetic(operation, type.width, .register(result), immediate)
      return push(result, type)
    }
    let source = operand(right)
    let result = ownGeneral(left)
    assembler.arithmetic(operation, type.width, result, source)
    push(result, type)
  }

  mutating func add(_ type: ValueType) {
    let (left, right) = popCommutative()
    if left.kind != .local { return emit(.add, type, left, right) }
    // The left operand's register must not be changed, so use lea.
    if let immediate = right.immediate {
      return addImmediate(type, left, immediate)
    }
    if right.kind == .home || right.kind == .constant { return emit(.add, type, left, right) }
    let first = general(left)
    let second = general(right)
    let result = right.kind == .register ? second : allocateGeneral()
    if result == second {
      assembler.arithmetic(.add, type.width, result, .register(first))
    } else {
      assembler.loadAddress(type.width, result, .memory(first, index: second))
    }
    push(result, type)
  }

  private mutating func addImmediate(_ type: ValueType, _ left: Entry, _ immediate: Int32) {
    let source = general(left)
    let result = allocateGeneral()
    assembler.loadAddress(type.width, result, .memory(source, immediate))
    push(result, type)
  }

  mutating func subtract(_ type: ValueType) {
    let right = pop()
    let left = pop()
    if left.kind == .local, let immediate = right.immediate, immediate != Int32.min {
      return addImmediate(type, left, -immediate)
    }
    emit(.sub, type, left, right)
  }

  mutating func multiply(_ type: ValueType) {
    let (left, right) = popCommutative()
    if let immediate = right.immediate {
      let source = operand(left)
      let result = left.kind == .register ? left.register.general : allocateGeneral()
      assembler.multiply(type.width, result, source, immediate)
      return push(result, type)
    }
    let source = operand(right)
    let result = ownGeneral(left)
    assembler.multiply(type.width, result, source)
    push(result, type)
  }

  mutating func shift(_ operation: Assembler.Shift, _ type: ValueType) {
    let right = pop()
    let left = pop()
    if right.kind == .constant {
      let result = ownGeneral(left)
      let amount = UInt8(truncatingIfNeeded: right.bits) & (type == .i32 ? 31 : 63)
      assembler.shift(operation, type.width, .register(result), by: amount)
      return push(result, type)
    }
    if right.kind != .register || right.register.general != .rcx { take(.rcx) }
    // Allocate the result only now: a left operand in rcx has to be moved away first.
    let result: Register
    if left.kind == .register && left.register.general == .rcx {
      result = allocateGeneral()
      assembler.move(type.width, result, .rcx)
    } else {
      result = ownGeneral(left)
    }
    load(right, into: Register.rcx)
    assembler.shift(operation, type.width, .register(result))
    push(result, type)
  }

  // MARK: Division

  /// Divides rdx:rax by an operand. The quotient is in rax, the remainder in rdx.
  mutating func divide(_ type: ValueType, isSigned: Bool, isRemainder: Bool) {
    let right = pop()
    let left = pop()
    if !isSigned, right.kind == .constant, right.bits.nonzeroBitCount == 1 {
      return divide(type, left, byPowerOfTwo: right.bits, isRemainder: isRemainder)
    }
    let divisor = prepareAccumulator(left, right)
    if right.kind != .constant || right.bits == 0 {
      assembler.test(type.width, .register(divisor), divisor)
      trap(if: .equal, .integerDivideByZero)
    }
    if isSigned {
      divideSigned(type, divisor, right, isRemainder: isRemainder)
    } else {
      assembler.zero(.rdx)
      assembler.unary(.div, type.width, .register(divisor))
    }
    push(isRemainder ? .rdx : .rax, type)
  }

  /// For instructions on rdx:rax: moves the left operand to rax and the right one to a register other than rax and rdx. Pins all three.
  mutating func prepareAccumulator(_ left: Entry, _ right: Entry) -> Register {
    let isLeftInPlace = left.kind == .register && left.register.general == .rax
    var right = right
    if right.kind == .register, right.register.general == .rax || right.register.general == .rdx {
      take(.rax)
      take(.rdx)
      let register = allocateGeneral()
      assembler.move(.qword, register, right.register.general)
      right.register = MachineRegister(register)
    }
    if !isLeftInPlace {
      if left.kind == .register && left.register.general == .rdx {
        take(.rax)
        assembler.move(.qword, .rax, .rdx)
      } else {
        // Taking rax would evict an operand that is cached there and load it again.
        take(.rax)
        load(left, into: Register.rax)
      }
    }
    take(.rdx)
    return general(right)
  }

  /// -1 is handled separately: idiv faults on the least integer divided by -1 (spec: overflow, or remainder 0).
  private mutating func divideSigned(
    _ type: ValueType, _ divisor: Register, _ right: Entry, isRemainder: Bool
  ) {
    let isMinusOne = right.kind == .constant ? right.immediate == -1 : nil
    if isMinusOne == false {
      assembler.signExtendAccumulator(type.width)
      return assembler.unary(.idiv, type.width, .register(divisor))
    }
    assembler.arithmetic(.cmp, type.width, .register(divisor), -1)
    let ordinary = assembler.shortJump(.notEqual)
    if isRemainder {
      assembler.zero(.rdx)
    } else {
      assembler.unary(.neg, type.width, .register(.rax))
      trap(if: .overflow, .integerOverflow)
    }
    let done = assembler.shortJump()
    assembler.bind(ordinary)
    assembler.signExtendAccumulator(type.width)
    assembler.unary(.idiv, type.width, .register(divisor))
    assembler.bind(done)
  }

  private mutating func divide(
    _ type: ValueType, _ left: Entry, byPowerOfTwo divisor: UInt64, isRemainder: Bool
  ) {
    let result = ownGeneral(left)
    let amount = UInt8(truncatingIfNeeded: divisor.trailingZeroBitCount)
    if !isRemainder {
      if amount > 0 { assembler.shift(.shr, type.width, .register(result), by: amount) }
    } else if let mask = Entry.constant(type, divisor - 1).immediate {
      assembler.arithmetic(.and, type.width, .register(result), mask)
    } else {
      assembler.move(Self.scratch, immediate: divisor - 1)
      assembler.arithmetic(.and, type.width, result, .register(Self.scratch))
    }
    push(result, type)
  }

  // MARK: Comparisons

  mutating func compare(_ condition: Condition) {
    var right = pop()
    var left = pop()
    var condition = condition
    if left.kind == .constant && right.kind != .constant {
      swap(&left, &right)
      condition = condition.swapped
    }
    let width = left.type.width
    if let immediate = right.immediate {
      let first = operand(left)
      if immediate == 0, left.kind != .home {
        assembler.test(width, first, general(left))
      } else {
        assembler.arithmetic(.cmp, width, first, immediate)
      }
    } else {
      let second = operand(right)
      assembler.arithmetic(.cmp, width, general(left), second)
    }
    push(Test(condition))
  }

  /// The operand is an i32, i64 or reference.
  mutating func compileEqualZero() {
    let test = popTest()
    push(test.inverted)
  }

  // MARK: Bit counts

  private mutating func unary(
    _ type: ValueType, _ emit: (inout Assembler, Width, Register, Operand) -> Void
  ) {
    let entry = pop()
    let source = operand(entry)
    let result = allocateGeneral()
    emit(&assembler, type.width, result, source)
    push(result, type)
  }

  mutating func populationCount(_ type: ValueType) {
    unary(type) { $0.populationCount($1, $2, $3) }
  }

  /// x86-64-v2 has no lzcnt. bsr leaves its destination undefined for 0.
  mutating func countLeadingZeros(_ type: ValueType) {
    let bits: UInt64 = type == .i32 ? 32 : 64
    unary(type) { assembler, width, result, source in
      assembler.scanReverse(width, result, source)
      assembler.move(Self.scratch, immediate: 2 * bits - 1)
      assembler.conditionalMove(.equal, width, result, .register(Self.scratch))
      assembler.arithmetic(.xor, width, .register(result), Int32(bits - 1))
    }
  }

  mutating func countTrailingZeros(_ type: ValueType) {
    let bits: UInt64 = type == .i32 ? 32 : 64
    unary(type) { assembler, width, result, source in
      assembler.scanForward(width, result, source)
      assembler.move(Self.scratch, immediate: bits)
      assembler.conditionalMove(.equal, width, result, .register(Self.scratch))
    }
  }

  // MARK: Locals

  mutating func compileLocalSet(_ local: Int, isTee: Bool) {
    let entry = pop()
    if entry.kind == .local && Int(entry.bits) == local {
      if isTee { pushLocal(local) }
      return
    }
    if aliasCounts[local] > 0 { keepAliases(of: local) }
    if let register = cachedRegister(local) { forgetLocal(in: register) }
    switch entry.kind {
    case .constant: store(entry, ofOperand: 0, toSlot: local)
    case .register: storeLocal(local, entry.register, entry.type)
    case .home:
      storeLocal(
        local,
        entry.type.isInVectorRegister
          ? MachineRegister(ownVector(entry)) : MachineRegister(ownGeneral(entry)), entry.type)
    case .local:
      let source =
        entry.type.isInVectorRegister
        ? MachineRegister(vector(entry)) : MachineRegister(general(entry))
      store(source, entry.type, to: home(local))
    case .flags: preconditionFailure("settled")
    }
    guard isTee else { return }
    switch entry.kind {
    case .constant: push(entry)
    // The register still caches that local, not this one.
    case .local: pushLocal(Int(entry.bits))
    case .home, .register, .flags: pushLocal(local)
    }
  }

  private mutating func storeLocal(_ local: Int, _ register: MachineRegister, _ type: ValueType) {
    store(register, type, to: home(local))
    cache(local, in: register)
  }

  /// Before a local changes, preserves its old value for the operands that alias it. Scans from the top of the stack until all
  /// are found, so it only passes entries that were pushed after the lowest alias.
  private mutating func keepAliases(of local: Int) {
    var index = stack.count
    while aliasCounts[local] > 0 {
      index -= 1
      guard stack[index].kind == .local, stack[index].bits == UInt64(local) else { continue }
      if let register = cachedRegister(local), aliasCounts[local] == 1 {
        forgetLocal(in: register)
        aliasCounts[local] = 0
        stack[index].kind = .register
        stack[index].register = register
        pinned |= register.mask
        own(register, index)
      } else {
        storeHome(index)
      }
    }
  }
}
