import Contract
import Wasm
import X64

/// Memory (spec 4.4.7), globals, tables and references. A memory's reservation covers every index plus every static offset, so
/// accesses need no bounds checks: out-of-bounds accesses fault, and the fault is turned into a trap. Only memories whose end is not
/// guarded need them.
extension FunctionCompiler {
  /// The register that contains a memory's base.
  private func base(ofMemory index: Int) -> Register {
    precondition(index == 0, "only memory 0 has its base in a register")
    return .r12
  }

  /// The r/m operand for an index and an access's static offset (their sum has up to 33 bits), whose bytes may be accessed.
  mutating func address(_ index: Entry, _ i: Instruction) -> Operand {
    let memory = layout.memories[i.index]
    if memory.type.hasGuardedEnd { return effectiveAddress(index, i) }
    // Its value is used twice.
    var index = index
    if index.kind == .home {
      index = Entry(
        kind: .register, type: index.type, register: MachineRegister(ownGeneral(index)))
    }
    checkBounds(memory, index, i)
    return effectiveAddress(index, i)
  }

  /// Compares the end of an access with the memory's length.
  private mutating func checkBounds(_ memory: MemoryDescriptor, _ index: Entry, _ i: Instruction) {
    let state = allocateGeneral()
    assembler.load(.qword, state, field(memory.state))
    var end = i.bits + UInt64(i.accessSize)
    if index.kind == .constant {
      end += index.bits
      assembler.move(Self.scratch, immediate: end)
    } else {
      let register = general(index)
      assembler.move(Self.scratch, immediate: end)
      assembler.arithmetic(.add, .qword, Self.scratch, .register(register))
    }
    assembler.arithmetic(
      .cmp, .qword, Self.scratch, .memory(state, Int32(MemoryStateLayout.byteLength)))
    trap(if: .above, .outOfBoundsMemoryAccess)
  }

  private mutating func effectiveAddress(_ index: Entry, _ i: Instruction) -> Operand {
    let base = base(ofMemory: i.index)
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
    assembler.load(.dword, result, .memory(result, Int32(TableLayout.length)))
    push(result, .i32)
  }
}
