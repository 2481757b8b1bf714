import CLLVM
import Contract
import Wasm

/// Memory access, all in one place. Index plus offset stays within the memory's reservation, in which every page outside the
/// memory faults. ``MemoryChecks`` describes how an access keeps its trap.
extension FunctionTranslator {
  private func effectiveAddress(_ i: Instruction) -> Value {
    let index = LLVMBuildZExt(unit.builder, pop(), unit.i64, "")!
    let sum =
      i.bits == 0
      ? index
      : LLVMBuildNUWAdd(unit.builder, index, unit.int64(i.bits), "")!
    return unit.address(base(ofMemory: i.index), sum)
  }

  private func checkedAddress(_ i: Instruction) -> Value {
    let address = effectiveAddress(i)
    MemoryChecks.emitProbe(unit, address, size: i.accessSize, place: place.raw)
    return address
  }

  func emitLoad(_ type: LLVMTypeRef, _ i: Instruction) -> Value {
    let address = checkedAddress(i)
    return unit.load(type, address, region: MemoryChecks.region, alignment: 1)
  }

  func emitStore(_ value: Value, _ i: Instruction) {
    let address = checkedAddress(i)
    unit.store(value, address, region: MemoryChecks.region, alignment: 1)
  }

  private func load(_ type: ValueType, _ instruction: Instruction) {
    push(emitLoad(irType(type), instruction), type)
  }

  private func load(
    _ memory: LLVMTypeRef, isSigned: Bool, _ type: ValueType, _ instruction: Instruction
  ) {
    let value = emitLoad(memory, instruction)
    let extended =
      isSigned
      ? LLVMBuildSExt(unit.builder, value, irType(type), "")
      : LLVMBuildZExt(unit.builder, value, irType(type), "")
    push(extended!, type)
  }

  private func store(_ instruction: Instruction) {
    let value = pop()
    emitStore(value, instruction)
  }

  private func store(_ memory: LLVMTypeRef, _ instruction: Instruction) {
    let value = LLVMBuildTrunc(unit.builder, pop(), memory, "")!
    emitStore(value, instruction)
  }

  /// Returns false if the instruction is no load or store.
  func translateMemoryAccess(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .i32Load: load(.i32, i)
    case .i64Load: load(.i64, i)
    case .f32Load: load(.f32, i)
    case .f64Load: load(.f64, i)
    case .i32Load8S: load(unit.i8, isSigned: true, .i32, i)
    case .i32Load8U: load(unit.i8, isSigned: false, .i32, i)
    case .i32Load16S: load(unit.i16, isSigned: true, .i32, i)
    case .i32Load16U: load(unit.i16, isSigned: false, .i32, i)
    case .i64Load8S: load(unit.i8, isSigned: true, .i64, i)
    case .i64Load8U: load(unit.i8, isSigned: false, .i64, i)
    case .i64Load16S: load(unit.i16, isSigned: true, .i64, i)
    case .i64Load16U: load(unit.i16, isSigned: false, .i64, i)
    case .i64Load32S: load(unit.i32, isSigned: true, .i64, i)
    case .i64Load32U: load(unit.i32, isSigned: false, .i64, i)
    case .i32Store, .i64Store, .f32Store, .f64Store: store(i)
    case .i32Store8, .i64Store8: store(unit.i8, i)
    case .i32Store16, .i64Store16: store(unit.i16, i)
    case .i64Store32: store(unit.i32, i)
    default: return false
    }
    return true
  }

  /// `memory.size` (spec 4.4.7), in pages.
  func translateMemorySize(_ index: Int) {
    let memory = layout.memories[index]
    let state = fixedField(memory.state, unit.pointer)
    let length = unit.load(
      unit.i64, unit.address(state, MemoryStateLayout.byteLength), region: "memory length")
    let shift = memory.type.pageSize.trailingZeroBitCount
    let pages = LLVMBuildLShr(unit.builder, length, unit.int64(UInt64(shift)), "")!
    pushLow(pages, memory.type.addressType)
  }
}

extension Instruction {
  /// The number of bytes that a load or store accesses: its natural alignment.
  fileprivate var accessSize: Int {
    switch opcode.immediate {
    case .memoryArgument(let size), .memoryArgumentAndLane(let size), .atomicArgument(let size):
      size
    default: preconditionFailure("\(opcode.info.mnemonic) does not access memory")
    }
  }
}
