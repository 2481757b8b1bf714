import Wasm
import X64

/// The operand stack, and loading its entries into the locations that instructions need.
extension FunctionCompiler {
  func home(_ slot: Int) -> Operand {
    .memory(.rsp, Int32(truncatingIfNeeded: slots.offset(of: slot)))
  }
  func slot(ofOperand index: Int) -> Int { localTypes.count + index }

  // MARK: Push and pop

  @inline(__always)
  mutating func push(_ entry: Entry) {
    precondition(
      localTypes.count + stack.count < slots.count, "operand stack higher than validated")
    stack.append(entry)
  }

  mutating func push(_ register: Register, _ type: ValueType) {
    push(MachineRegister(register), type)
  }

  mutating func push(_ register: VectorRegister, _ type: ValueType) {
    push(MachineRegister(register), type)
  }

  private mutating func push(_ register: MachineRegister, _ type: ValueType) {
    own(register, stack.count)
    push(Entry(kind: .register, type: type, register: register))
  }

  mutating func pushLocal(_ local: Int) {
    aliasCounts[local] += 1
    push(Entry(kind: .local, type: localTypes[local], bits: UInt64(local)))
  }

  mutating func push(_ test: Test) {
    areFlagsLive = true
    push(Entry(kind: .flags, type: .i32, bits: UInt64(test.rawValue)))
  }

  mutating func pushHome(_ type: ValueType) { push(Entry(kind: .home, type: type)) }

  /// Pops an entry. If it is in a register, the register stays reserved for it during this instruction.
  @inline(__always)
  mutating func pop() -> Entry {
    var entry = stack.removeLast()
    if homeCount > stack.count { homeCount = stack.count }
    switch entry.kind {
    case .register:
      owned &= ~entry.register.mask
      pinned |= entry.register.mask
    case .home: entry.bits = UInt64(slot(ofOperand: stack.count))
    case .local: aliasCounts[Int(entry.bits)] -= 1
    case .constant, .flags: break
    }
    return entry
  }

  mutating func drop(to height: Int) {
    while stack.count > height { _ = pop() }
  }

  // MARK: Homes

  /// Spills an entry to its home. Emits only moves.
  mutating func storeHome(_ index: Int) {
    let entry = stack[index]
    store(entry, ofOperand: index, toSlot: slot(ofOperand: index))
    switch entry.kind {
    case .register: owned &= ~entry.register.mask
    case .local: aliasCounts[Int(entry.bits)] -= 1
    case .home, .constant, .flags: break
    }
    stack[index] = Entry(kind: .home, type: entry.type)
  }

  /// Spills all operands below `end` to their homes.
  mutating func storeHomes(below end: Int) {
    var index = homeCount
    while index < end {
      if stack[index].kind != .home { storeHome(index) }
      index += 1
    }
    homeCount = max(homeCount, end)
  }

  mutating func storeHomes() { storeHomes(below: stack.count) }

  /// Copies the value of an operand. Clobbers only scratch registers.
  mutating func store(_ entry: Entry, ofOperand index: Int, toSlot target: Int) {
    let width = entry.type.width
    switch entry.kind {
    case .register: store(entry.register, entry.type, to: home(target))
    case .constant:
      if let vector = constant(entry) {
        load(vector, into: Self.vectorScratch)
        assembler.store(home(target), Self.vectorScratch)
      } else if let immediate = entry.immediate {
        assembler.store(width, home(target), immediate)
      } else {
        assembler.move(Self.scratch, immediate: entry.bits)
        assembler.store(width, home(target), Self.scratch)
      }
    case .local:
      if let register = cachedRegister(Int(entry.bits)) {
        store(register, entry.type, to: home(target))
      } else {
        copy(entry.type, from: Int(entry.bits), to: target)
      }
    case .home: copy(entry.type, from: slot(ofOperand: index), to: target)
    case .flags: preconditionFailure("flags are settled before anything is stored")
    }
  }

  mutating func copy(_ type: ValueType, from source: Int, to target: Int) {
    if source == target { return }
    if type == .v128 {
      assembler.load(Self.vectorScratch, home(source))
      return assembler.store(home(target), Self.vectorScratch)
    }
    assembler.load(type.width, Self.scratch, home(source))
    assembler.store(type.width, home(target), Self.scratch)
  }

  mutating func store(_ register: MachineRegister, _ type: ValueType, to target: Operand) {
    if register.isVector {
      store(register.vector, type, to: target)
    } else {
      assembler.store(type.width, target, register.general)
    }
  }

  mutating func store(_ register: VectorRegister, _ type: ValueType, to target: Operand) {
    if type == .v128 {
      assembler.store(target, register)
    } else {
      assembler.store(type.precision, target, register)
    }
  }

  mutating func load(_ register: VectorRegister, _ type: ValueType, from source: Operand) {
    if type == .v128 {
      assembler.load(register, source)
    } else {
      assembler.load(type.precision, register, source)
    }
  }

  // MARK: Loading popped entries into registers

  /// A register with the value, which must not be modified.
  mutating func general(_ entry: Entry) -> Register {
    switch entry.kind {
    case .register: return entry.register.general
    case .local:
      let local = Int(entry.bits)
      if let register = cachedRegister(local) {
        pinned |= register.mask
        return register.general
      }
      let register = allocateGeneral()
      assembler.load(entry.type.width, register, home(local))
      cache(local, in: MachineRegister(register))
      return register
    case .constant, .home, .flags: return ownGeneral(entry)
    }
  }

  /// A register with the value, which the instruction may modify.
  mutating func ownGeneral(_ entry: Entry) -> Register {
    if entry.kind == .register { return entry.register.general }
    let register = allocateGeneral()
    load(entry, into: register)
    return register
  }

  /// Loads into a register that the caller has reserved.
  mutating func load(_ entry: Entry, into register: Register) {
    let width = entry.type.width
    switch entry.kind {
    case .register:
      if entry.register.general != register {
        assembler.move(width, register, entry.register.general)
      }
    case .local:
      if let source = cachedRegister(Int(entry.bits)) {
        assembler.move(width, register, source.general)
      } else {
        assembler.load(width, register, home(Int(entry.bits)))
      }
    case .constant:
      if entry.bits == 0 && !areFlagsLive {
        assembler.zero(register)
      } else {
        assembler.move(register, immediate: entry.bits)
      }
    case .home: assembler.load(width, register, home(Int(entry.bits)))
    case .flags: preconditionFailure("flags are settled before anything is loaded")
    }
  }

  mutating func vector(_ entry: Entry) -> VectorRegister {
    switch entry.kind {
    case .register: return entry.register.vector
    case .local:
      let local = Int(entry.bits)
      if let register = cachedRegister(local) {
        pinned |= register.mask
        return register.vector
      }
      let register = allocateVector()
      load(register, entry.type, from: home(local))
      cache(local, in: MachineRegister(register))
      return register
    case .constant, .home, .flags: return ownVector(entry)
    }
  }

  mutating func ownVector(_ entry: Entry) -> VectorRegister {
    if entry.kind == .register { return entry.register.vector }
    let register = allocateVector()
    load(entry, into: register)
    return register
  }

  mutating func load(_ entry: Entry, into register: VectorRegister) {
    switch entry.kind {
    case .register:
      if entry.register.vector != register { assembler.move(register, entry.register.vector) }
    case .local:
      if let source = cachedRegister(Int(entry.bits)) {
        assembler.move(register, source.vector)
      } else {
        load(register, entry.type, from: home(Int(entry.bits)))
      }
    case .constant: loadConstant(entry.type, entry.bits, into: register)
    case .home: load(register, entry.type, from: home(Int(entry.bits)))
    case .flags: preconditionFailure("flags are settled before anything is loaded")
    }
  }

  mutating func loadConstant(_ type: ValueType, _ bits: UInt64, into register: VectorRegister) {
    if type == .v128 {
      load(constants.values[Int(bits)], into: register)
    } else if bits == 0 {
      assembler.zero(register)
    } else {
      assembler.move(Self.scratch, immediate: bits)
      assembler.move(type.width, register, Self.scratch)
    }
  }

  /// The value as an instruction's r/m operand. An entry in its home becomes a memory operand.
  mutating func operand(_ entry: Entry) -> Operand {
    if entry.kind == .home { return home(Int(entry.bits)) }
    return entry.type.isInVectorRegister ? .vector(vector(entry)) : .register(general(entry))
  }

  // MARK: Flags

  /// Materializes a pending condition unless `opcode` consumes the flags directly.
  mutating func settleFlags(before opcode: Opcode) {
    let isSelect = opcode == .select || opcode == .selectT
    if isSelect || opcode == .brIf || opcode == .if || opcode == .i32Eqz { return }
    settleFlags()
  }

  /// Materializes a pending condition.
  mutating func settleFlags() {
    let entry = stack.removeLast()
    let register = allocateGeneral()
    emitSet(Test(rawValue: UInt8(truncatingIfNeeded: entry.bits)), register)
    areFlagsLive = false
    push(register, .i32)
  }

  private mutating func emitSet(_ test: Test, _ register: Register) {
    if let condition = test.condition {
      assembler.setByte(condition, register)
    } else {
      let isEqual = test == .floatEqual
      assembler.setByte(isEqual ? .notParity : .parity, Self.scratch)
      assembler.setByte(isEqual ? .equal : .notEqual, register)
      assembler.arithmetic(isEqual ? .and : .or, .byte, register, .register(Self.scratch))
    }
    assembler.loadZeroExtended(register, from: .byte, .register(register))
  }

  /// Pops an i32 as a condition of the flags that is true if it is not 0. Only moves may be emitted before its use.
  mutating func popTest() -> Test {
    let entry = pop()
    areFlagsLive = false
    return test(of: entry)
  }

  mutating func test(of entry: Entry) -> Test {
    switch entry.kind {
    case .flags: return Test(rawValue: UInt8(truncatingIfNeeded: entry.bits))
    case .home: assembler.arithmetic(.cmp, entry.type.width, home(Int(entry.bits)), 0)
    case .constant, .local, .register:
      let register = general(entry)
      assembler.test(entry.type.width, .register(register), register)
    }
    return Test(.notEqual)
  }

  mutating func jump(if test: Test, _ label: Label) {
    if let condition = test.condition {
      assembler.jump(condition, label)
    } else if test == .floatEqual {
      let unordered = assembler.shortJump(.parity)
      assembler.jump(.equal, label)
      assembler.bind(unordered)
    } else {
      assembler.jump(.parity, label)
      assembler.jump(.notEqual, label)
    }
  }
}
