import Contract
import Wasm
import X64

/// Memory (spec 4.4.7), globals, tables and references. Accesses that can leave the memory's reservation, and those whose end the
/// machine does not guard, are checked (``AccessCheck``). All others fault, and the fault is turned into a trap.
extension FunctionCompiler {
  /// The r/m operand for an index and an access's static offset, whose bytes may be accessed.
  mutating func address(_ index: Entry, _ i: Instruction) -> Operand {
    let memory = layout.memories[i.index]
    let check = memory.type.check(offset: i.bits)
    if check == .none && i.index == 0 { return effectiveAddress(index, i, base: .r12) }
    var index = index
    if index.kind == .home || index.kind == .constant && check != .none {
      // Its value is used twice.
      index = Entry(
        kind: .register, type: index.type, register: MachineRegister(ownGeneral(index)))
    }
    // The memory's state, then its base.
    let register = allocateGeneral()
    switch check {
    case .none: break
    case .index: checkIndex(memory, index, register)
    case .end: checkEnd(memory, index, i, register)
    }
    if i.index == 0 { return effectiveAddress(index, i, base: .r12) }
    assembler.load(.qword, register, field(memory.base))
    return effectiveAddress(index, i, base: register)
  }

  /// Compares an index with the memory's capacity. Clobbers `state`.
  private mutating func checkIndex(_ memory: MemoryDescriptor, _ index: Entry, _ state: Register) {
    let register = general(index)
    assembler.load(.qword, state, field(memory.state))
    assembler.arithmetic(
      .cmp, .qword, register, .memory(state, Int32(MemoryStateLayout.capacity)))
    trap(if: .above, .outOfBoundsMemoryAccess)
  }

  /// Compares the end of an access with the memory's length. Clobbers `state`.
  private mutating func checkEnd(
    _ memory: MemoryDescriptor, _ index: Entry, _ i: Instruction, _ state: Register
  ) {
    let register = general(index)
    let (end, isTooFar) = i.bits.addingReportingOverflow(UInt64(i.accessSize))
    assembler.load(.qword, state, field(memory.state))
    assembler.move(Self.scratch, immediate: isTooFar ? .max : end)
    assembler.arithmetic(.add, .qword, Self.scratch, .register(register))
    // Sums of 64 bits may wrap.
    if memory.type.addressType == .i64 { trap(if: .below, .outOfBoundsMemoryAccess) }
    assembler.arithmetic(
      .cmp, .qword, Self.scratch, .memory(state, Int32(MemoryStateLayout.byteLength)))
    trap(if: .above, .outOfBoundsMemoryAccess)
  }

  private mutating func effectiveAddress(
    _ index: Entry, _ i: Instruction, base: Register
  ) -> Operand {
    let offset = i.bits
    if index.kind == .constant {
      let sum = index.bits &+ offset
      if sum <= UInt64(Int32.max) {
        return .memory(base, Int32(truncatingIfNeeded: sum))
      }
      assembler.move(Self.scratch, immediate: sum)
      return .memory(base, index: Self.scratch)
    }
    let register = general(index)
    if offset <= UInt64(Int32.max) {
      return .memory(base, index: register, Int32(truncatingIfNeeded: offset))
    }
    assembler.move(Self.scratch, immediate: offset)
    assembler.arithmetic(.add, .qword, Self.scratch, .register(register))
    return .memory(base, index: Self.scratch)
  }

  @inline(__always)
  mutating func load(
    _ i: Instruction, _ type: ValueType,
    _ emit: (inout Assembler, Register, Operand) -> Void
  ) {
    let index = pop()
    let source = address(index, i)
    let result = index.kind == .register ? index.register.general : allocateGeneral()
    recordLocation()
    emit(&assembler, result, source)
    push(result, type)
  }

  mutating func loadFloat(_ i: Instruction, _ type: ValueType) {
    let index = pop()
    let source = address(index, i)
    let result = allocateVector()
    recordLocation()
    assembler.load(type.precision, result, source)
    push(result, type)
  }

  mutating func store(_ i: Instruction, _ width: Width) {
    let value = pop()
    let index = pop()
    if let immediate = value.immediate {
      let target = address(index, i)
      recordLocation()
      assembler.store(width, target, immediate)
    } else {
      let source = general(value)
      let target = address(index, i)
      recordLocation()
      assembler.store(width, target, source)
    }
  }

  mutating func storeFloat(_ i: Instruction, _ precision: Precision) {
    let value = pop()
    let index = pop()
    let source = vector(value)
    let target = address(index, i)
    recordLocation()
    assembler.store(precision, target, source)
  }

  mutating func compileMemorySize(_ index: Int) {
    let memory = layout.memories[index]
    let result = allocateGeneral()
    assembler.load(.qword, result, field(memory.state))
    assembler.load(.qword, result, .memory(result, Int32(MemoryStateLayout.byteLength)))
    let shift = memory.type.pageSizeExponent
    if shift > 0 { assembler.shift(.shr, .qword, .register(result), by: shift) }
    push(result, memory.type.addressType)
  }

  // MARK: Globals

  /// A field of the context. ``BaselineCompiler/compile(_:function:layout:options:)`` checks that the offset fits.
  func field(_ offset: Int) -> Operand { .memory(.rbx, Int32(truncatingIfNeeded: offset)) }

  private mutating func global(_ index: Int) -> Operand {
    guard index < module.importedGlobalCount else { return field(layout.global(index)) }
    assembler.load(.qword, Self.scratch, field(layout.global(index)))
    return .memory(Self.scratch)
  }

  mutating func compileGlobalGet(_ index: Int) {
    let type = module.globals[index].type.value
    let source = global(index)
    if type.isInVectorRegister {
      let result = allocateVector()
      load(result, type, from: source)
      push(result, type)
    } else {
      let result = allocateGeneral()
      assembler.load(type.width, result, source)
      push(result, type)
    }
  }

  mutating func compileGlobalSet(_ index: Int) {
    let entry = pop()
    if let immediate = entry.immediate {
      assembler.store(entry.type.width, global(index), immediate)
    } else if entry.type.isInVectorRegister {
      let source = vector(entry)
      store(source, entry.type, to: global(index))
    } else {
      let source = general(entry)
      assembler.store(entry.type.width, global(index), source)
    }
  }

  // MARK: Tables

  mutating func compileTableGet(_ table: Int) {
    let entry = pop()
    let index = general(entry)
    let result = allocateGeneral()
    assembler.load(.qword, result, field(layout.table(table)))
    assembler.arithmetic(.cmp, .qword, index, .memory(result, Int32(TableLayout.length)))
    trap(if: .aboveOrEqual, .outOfBoundsTableAccess)
    assembler.load(.qword, result, field(layout.tableElements(table)))
    assembler.load(.qword, result, .memory(result, index: index, scale: 8))
    push(result, module.tables[table].element)
  }

  mutating func compileTableSize(_ table: Int) {
    let result = allocateGeneral()
    assembler.load(.qword, result, field(layout.table(table)))
    // Lengths fit into 32 bits.
    assembler.load(.dword, result, .memory(result, Int32(TableLayout.length)))
    push(result, module.tables[table].addressType)
  }
}
