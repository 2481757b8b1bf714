import CLLVM
import Contract
import Speculation
import Wasm

/// Calls: the caller's and the callee's side of the calling convention, direct calls, and the generic call_indirect (spec
/// 4.4.8). The plan's call sites are in FunctionTranslator+CallSites.swift.
extension FunctionTranslator {
  // MARK: Values across calls

  /// Widens a value to the form in which it is passed in an integer or vector register or an overflow slot.
  private func widen(_ value: Value, _ type: ValueType) -> Value {
    switch type.kind {
    case .i32: LLVMBuildZExt(unit.builder, value, unit.i64, "")
    case .i64, .reference: value
    case .f32:
      LLVMBuildBitCast(
        unit.builder,
        LLVMBuildInsertElement(
          unit.builder, unit.poison(unit.fourFloats), value, unit.int32(0), ""),
        unit.twoDoubles, "")
    case .f64:
      LLVMBuildInsertElement(unit.builder, unit.poison(unit.twoDoubles), value, unit.int32(0), "")
    case .v128: value
    }
  }

  private func narrow(_ value: Value, _ type: ValueType) -> Value {
    switch type.kind {
    case .i32: LLVMBuildTrunc(unit.builder, value, unit.i32, "")
    case .i64, .reference: value
    case .f32:
      LLVMBuildExtractElement(
        unit.builder, LLVMBuildBitCast(unit.builder, value, unit.fourFloats, ""), unit.int32(0), "")
    case .f64: LLVMBuildExtractElement(unit.builder, value, unit.int32(0), "")
    case .v128: value
    }
  }

  private func overflowSlot(_ offset: Int) -> Value {
    unit.address(fixedField(ContextLayout.overflowArea, unit.pointer), offset)
  }

  /// Reads parameters or results from the locations that the convention assigns.
  func receive(
    _ types: [ValueType], _ places: [CallingConvention.Location], integer: (Int) -> Value,
    float: (Int) -> Value
  ) -> [Value] {
    zip(types, places).map { type, place in
      switch place {
      case .integer(let number): narrow(integer(number), type)
      case .float(let number): narrow(float(number), type)
      case .overflow(let offset):
        unit.load(irType(type), overflowSlot(offset), region: "overflow")
      }
    }
  }

  /// Moves parameters or results to the locations that the convention assigns. Returns those in registers.
  private func send(
    _ values: [Value], _ types: [ValueType], _ places: [CallingConvention.Location], integers: Int,
    floats: Int
  ) -> (integers: [Value], floats: [Value]) {
    var integerValues = [Value](repeating: unit.poison(unit.i64), count: integers)
    var floatValues = [Value](repeating: unit.poison(unit.twoDoubles), count: floats)
    for ((value, type), place) in zip(zip(values, types), places) {
      switch place {
      case .integer(let number): integerValues[number] = widen(value, type)
      case .float(let number): floatValues[number] = widen(value, type)
      case .overflow(let offset): unit.store(value, overflowSlot(offset), region: "overflow")
      }
    }
    return (integerValues, floatValues)
  }

  /// Returns from the compiled function with the operands on top of the stack.
  func emitReturn(_ type: FunctionType) {
    let values = popAll(type.results.count)
    let registers = send(
      values, type.results, CallingConvention.results(of: type),
      integers: CallingConvention.integerResultRegisters,
      floats: CallingConvention.floatResultRegisters)
    var result = unit.poison(unit.resultType)
    let places = CallingConvention.results(of: type)
    for (index, value) in (registers.integers + registers.floats).enumerated() {
      let place: CallingConvention.Location = index < 2 ? .integer(index) : .float(index - 2)
      guard places.contains(place) else { continue }
      result = LLVMBuildInsertValue(unit.builder, result, value, UInt32(index), "")
    }
    LLVMBuildRet(unit.builder, result)
  }

  func emitCall(
    _ type: FunctionType, code: Value, context callee: Value, _ arguments: [Value]
  ) -> [Value] {
    makesCalls = true
    let registers = send(
      arguments, type.parameters, CallingConvention.parameters(of: type),
      integers: CallingConvention.integerParameterRegisters,
      floats: CallingConvention.floatParameterRegisters)
    let call = unit.call(
      unit.wasmType, code, [callee] + registers.integers + registers.floats)
    unit.addCallAttribute(call, unit.enumAttribute("nounwind"))
    // Not a tail call, even in tail position: unbounded recursion must exhaust the stack (LLVM would turn it into a loop), and
    // backtraces must show the caller.
    LLVMSetTailCallKind(call, LLVMTailCallKindNoTail)
    // Backtraces start from return addresses, so each call keeps its own row in the line table.
    unit.addCallAttribute(call, unit.enumAttribute("nomerge"))
    return receive(
      type.results, CallingConvention.results(of: type),
      integer: { LLVMBuildExtractValue(unit.builder, call, UInt32($0), "") },
      float: { LLVMBuildExtractValue(unit.builder, call, UInt32(2 + $0), "") })
  }

  // MARK: Direct calls

  func emitDirectCall(_ target: Int, _ arguments: [Value]) -> [Value] {
    let type = module.type(ofFunction: target)
    if target < module.importedFunctionCount {
      return callReference(field(layout.funcRef(target)), type, arguments)
    }
    let code: Value
    if partition.functionPlan(target)?.speculative != nil {
      // The runtime redirects its entry when its deopt budget is exhausted.
      code = unit.load(unit.pointer, field(layout.entry(target)), region: "entries")
    } else {
      code = unit.declare(symbolName(function: target, version: .entry), unit.wasmType)
    }
    return emitCall(type, code: code, context: context, arguments)
  }

  /// Calls a function reference that is not null.
  func callReference(_ reference: Value, _ type: FunctionType, _ arguments: [Value]) -> [Value] {
    let code = unit.load(
      unit.pointer, unit.address(reference, FuncRefLayout.code), region: "funcref code")
    let callee = unit.loadFixed(
      unit.pointer, unit.address(reference, FuncRefLayout.context))
    return emitCall(type, code: code, context: callee, arguments)
  }

  // MARK: Indirect calls

  /// Emits the generic sequence: all checks, then the call.
  func emitIndirectCall(_ i: Instruction, index: Value, _ arguments: [Value]) -> [Value] {
    let type = module.functionType(i.index)
    let pair = DispatchTable(table: i.index2, typeIndex: i.index)
    if let row = partition.dispatchRows[pair] {
      return emitDispatch(i, row: row, index: index, arguments)
    }
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    let entry = tableEntry(i.index2, index)
    trap(if: unit.compare(LLVMIntEQ, entry, unit.int64(0)), .uninitializedElement)
    let reference = LLVMBuildIntToPtr(unit.builder, entry, unit.pointer, "")!
    let actual = unit.loadFixed(
      unit.i32, unit.address(reference, FuncRefLayout.typeID), alignment: 4)
    let expected = unit.loadFixed(unit.i32, field(layout.typeID(i.index)), alignment: 4)
    trap(if: unit.compare(LLVMIntNE, actual, expected), .indirectCallTypeMismatch)
    return callReference(reference, type, arguments)
  }

  /// Emits the traps of the generic sequence, for an index that leads to no function of this type.
  func emitIndirectCallTrap(_ i: Instruction, index: Value) {
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    let isNull = unit.compare(LLVMIntEQ, tableEntry(i.index2, index), unit.int64(0))
    trap(if: isNull, .uninitializedElement)
    emitTrap(.indirectCallTypeMismatch)
  }

  /// Calls through the table's array of code pointers for this type, while the table is pristine. Every entry is a function of
  /// this instance, or a stub that traps and reports the place of its return address.
  private func emitDispatch(
    _ i: Instruction, row: Int, index: Value, _ arguments: [Value]
  ) -> [Value] {
    let type = module.functionType(i.index)
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    let rows = fixedField(ContextLayout.dispatchTables, unit.pointer)
    let array = unit.loadFixed(unit.pointer, unit.address(rows, 8 * row))
    let offset = LLVMBuildShl(
      unit.builder, LLVMBuildZExt(unit.builder, index, unit.i64, ""), unit.int64(3), "")!
    let code = unit.load(unit.pointer, unit.address(array, offset), region: "dispatch")
    return emitCall(type, code: code, context: context, arguments)
  }
}
