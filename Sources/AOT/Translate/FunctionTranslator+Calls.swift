import CLLVM
import Contract
import Speculation
import Wasm

/// Calls that are made: the calling convention's caller and callee side, direct calls, and the generic
/// call_indirect (spec 4.4.8). What a plan makes of call sites is in TranslateSite.swift.
extension FunctionTranslator {
  // MARK: Values across calls

  /// A value as it travels in an integer or vector register, or in an overflow slot.
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

  /// Takes parameters or results from where the convention puts them.
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

  /// Puts parameters or results where the convention wants them; returns those in registers.
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
    // A call in tail position keeps its caller's frame: a function that calls itself for ever exhausts the stack
    // (LLVM would make a loop of it), and backtraces show who called.
    LLVMSetTailCallKind(call, LLVMTailCallKindNoTail)
    // Each call keeps its own place in the line table: backtraces are read from return addresses.
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
      // Its entry is switched when its deopt budget is used up.
      code = unit.load(unit.pointer, field(layout.entry(target)), region: "entries")
    } else {
      code = unit.declare(symbolName(function: target, version: .entry), unit.wasmType)
    }
    return emitCall(type, code: code, context: context, arguments)
  }

  /// Calls what a function reference that is not null points to.
  func callReference(_ reference: Value, _ type: FunctionType, _ arguments: [Value]) -> [Value] {
    let code = unit.load(
      unit.pointer, unit.address(reference, FuncRefLayout.code), region: "funcref code")
    let callee = unit.loadFixed(
      unit.pointer, unit.address(reference, FuncRefLayout.context))
    return emitCall(type, code: code, context: callee, arguments)
  }

  // MARK: Indirect calls

  /// The generic sequence: all checks, then the call.
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

  /// The traps of the generic sequence, for an index that leads to no function of this type.
  func emitIndirectCallTrap(_ i: Instruction, index: Value) {
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    let isNull = unit.compare(LLVMIntEQ, tableEntry(i.index2, index), unit.int64(0))
    trap(if: isNull, .uninitializedElement)
    emitTrap(.indirectCallTypeMismatch)
  }

  /// Through the table's array of code pointers for this type, while the table is as instantiation left it. Every entry
  /// is this instance's or a stub that traps, with the place of its return address.
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
