import CLLVM
import Contract
import Wasm

/// Memory access, all in one place. Where index plus offset stays within the memory's reservation, every page outside the
/// memory faults. ``MemoryChecks`` describes how an access keeps its trap. Other memories (``AccessCheck``) have probes of their
/// own, which ``BoundsChecks`` lowers. Only an offset from ``MemoryType/guardedOffset`` on is compared here; such an access is
/// proven.
extension FunctionTranslator {
  /// Bytes of a memory that may be accessed.
  struct CheckedAddress {
    let pointer: Value
    /// Of the accesses.
    let region: String
  }

  /// Index plus offset, which wraps for memories of 64 bits only.
  private func effectiveAddress(_ index: Value, _ i: Instruction) -> Value {
    if i.bits == 0 { return index }
    return layout.memories[i.index].type.addressType == .i32
      ? LLVMBuildNUWAdd(unit.builder, index, unit.int64(i.bits), "")!
      : LLVMBuildAdd(unit.builder, index, unit.int64(i.bits), "")!
  }

  /// Whether the end of an access with an address of 64 bits is beyond the memory's.
  private func isOutOfBounds(_ index: Value, _ i: Instruction) -> Value {
    let (size, isTooFar) = i.bits.addingReportingOverflow(UInt64(i.accessSize))
    let end = LLVMBuildAdd(unit.builder, index, unit.int64(isTooFar ? .max : size), "")!
    let length = unit.byteLength(layout.memories[i.index], context: context)
    return LLVMBuildOr(
      unit.builder, unit.compare(LLVMIntULT, end, index), unit.compare(LLVMIntUGT, end, length), "")
  }

  /// Pops the index of an access. Emits its checks, of the alignment first.
  func checkedAddress(_ i: Instruction) -> CheckedAddress {
    let index = LLVMBuildZExt(unit.builder, pop(), unit.i64, "")!
    let address = effectiveAddress(index, i)
    if case .atomicArgument(let size) = i.opcode.immediate, size > 1 {
      let rest = LLVMBuildAnd(unit.builder, address, unit.int64(UInt64(size - 1)), "")!
      trap(if: unit.compare(LLVMIntNE, rest, unit.int64(0)), .unalignedAtomic)
    }
    let memory = layout.memories[i.index]
    let pointer = unit.address(base(ofMemory: i.index), address)
    if memory.type.check(offset: i.bits) == .none {
      MemoryChecks.emitProbe(unit, pointer, size: i.accessSize, place: place.raw)
    } else if i.bits < MemoryType.guardedOffset {
      MemoryChecks.emitProbe(
        unit, unit.address(base(ofMemory: i.index), index), size: Int(i.bits) + i.accessSize,
        place: place.raw, memory: i.index)
    } else {
      trap(if: isOutOfBounds(index, i), .outOfBoundsMemoryAccess)
      return CheckedAddress(pointer: pointer, region: MemoryChecks.provenRegion)
    }
    return CheckedAddress(pointer: pointer, region: MemoryChecks.region)
  }

  func load(_ type: LLVMTypeRef, _ address: CheckedAddress) -> Value {
    unit.load(type, address.pointer, region: address.region, alignment: 1)
  }

  func store(_ value: Value, _ address: CheckedAddress) {
    unit.store(value, address.pointer, region: address.region, alignment: 1)
  }

  func emitLoad(_ type: LLVMTypeRef, _ i: Instruction) -> Value { load(type, checkedAddress(i)) }

  func emitStore(_ value: Value, _ i: Instruction) { store(value, checkedAddress(i)) }

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
    let shift = unit.int64(UInt64(memory.type.pageSizeExponent))
    let length = unit.byteLength(memory, context: context)
    pushLow(LLVMBuildLShr(unit.builder, length, shift, ""), memory.type.addressType)
  }
}

extension LLVMUnit {
  /// A memory's current length, which changes when it grows.
  func byteLength(_ memory: MemoryDescriptor, context: Value) -> Value {
    let state = loadFixed(pointer, address(context, memory.state))
    return load(i64, address(state, MemoryStateLayout.byteLength), region: "memory length")
  }
}
