import CLLVM
import Contract
import Wasm

/// Tables, references, and all instructions that call the runtime (spec 4.4.3, 4.4.6, 4.4.7).
extension FunctionTranslator {
  // MARK: Table state

  private func tableState(_ table: Int) -> Value {
    fixedField(layout.table(table), unit.pointer)
  }

  /// Number of elements, as an i64.
  func tableLength(_ table: Int) -> Value {
    guard partition.growableTables.contains(table) else {
      return unit.int64(module.tables[table].limits.min)
    }
    return unit.load(
      unit.i64, unit.address(tableState(table), TableLayout.length), region: "table length")
  }

  /// Whether no entry has changed since instantiation, as an i1.
  func tableIsPristine(_ table: Int) -> Value {
    let flag = unit.load(
      unit.i64, unit.address(tableState(table), TableLayout.pristine), region: "table pristine")
    return unit.compare(LLVMIntNE, flag, unit.int64(0))
  }

  /// The reference at an index, which must be in bounds.
  func tableEntry(_ table: Int, _ index: Value) -> Value {
    let elements = fixedField(layout.tableElements(table), unit.pointer)
    let offset = LLVMBuildShl(
      unit.builder, LLVMBuildZExt(unit.builder, index, unit.i64, ""), unit.int64(3), "")!
    let entry = unit.load(unit.i64, unit.address(elements, offset), region: "table")
    return entry
  }

  func isOutOfBounds(_ index: Value, table: Int) -> Value {
    unit.compare(
      LLVMIntUGE, LLVMBuildZExt(unit.builder, index, unit.i64, ""), tableLength(table))
  }

  /// `ref.func`, as an i64.
  func functionReference(_ index: Int) -> Value {
    LLVMBuildPtrToInt(unit.builder, field(layout.funcRef(index)), unit.i64, "")
  }

  /// Whether a reference is null, as an i1.
  func isNull(_ reference: Value) -> Value {
    unit.compare(LLVMIntEQ, reference, unit.int64(0))
  }

  func translateTable(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .tableGet:
      let index = pop()
      trap(if: isOutOfBounds(index, table: i.index), .outOfBoundsTableAccess)
      push(tableEntry(i.index, index), module.tables[i.index].element)
    case .tableSize:
      pushLow(tableLength(i.index), module.tables[i.index].addressType)
    case .refNull: push(unit.int64(0), i.selectType)
    case .refIsNull:
      push(LLVMBuildZExt(unit.builder, isNull(pop()), unit.i32, ""), .i32)
    case .refFunc:
      push(functionReference(i.index), module.referenceType(ofFunction: i.index))
    case .refAsNonNull:
      let type = operands[operands.count - 1].type
      if type.isNonNullReference { break }
      let reference = pop()
      trap(if: isNull(reference), .nullReference)
      push(reference, type.withNull(false))
    default: return false
    }
    return true
  }

  // MARK: Runtime calls

  /// Calls the runtime. Traps if it reports a trap.
  func runtime(_ call: RuntimeCall, _ arguments: [Value]) -> Value {
    let type = unit.functionType(
      unit.i64, [unit.pointer] + arguments.map { _ in unit.i64 })
    let table = fixedField(ContextLayout.runtimeCalls, unit.pointer)
    let address = unit.loadFixed(unit.pointer, unit.address(table, 8 * call.rawValue))
    let widened = arguments.map { argument in
      LLVMTypeOf(argument) == unit.i32
        ? LLVMBuildZExt(unit.builder, argument, unit.i64, "")! : argument
    }
    let result = unit.call(type, address, [context] + widened, place: place)
    unit.addCallAttribute(result, unit.enumAttribute("nounwind"))
    if call.canTrap {
      trap(if: unit.compare(LLVMIntNE, result, unit.int64(0)), code: { result })
    }
    return result
  }

  func pushLow(_ value: Value, _ type: ValueType = .i32) {
    push(LLVMBuildTrunc(unit.builder, value, irType(type), ""), type)
  }

  /// Returns false if the runtime has no call for the instruction.
  func translateRuntimeCall(_ i: Instruction) -> Bool {
    guard let call = RuntimeCall(i) else { return false }
    let leading = call.immediates(of: i).map { unit.int64(UInt64($0)) }
    let result = runtime(call, leading + popAll(call.operandCount - leading.count))
    if let type = call.result(of: i, module) { pushLow(result, type) }
    return true
  }
}
