import CLLVM
import Contract
import Speculation
import Wasm

/// Calls: the caller's and the callee's side of the calling convention, direct calls, and the generic call_indirect (spec
/// 4.4.8). The plan's call sites are in FunctionTranslator+CallSites.swift.
extension FunctionTranslator {
  // MARK: Values across calls

  /// The form in which a value is passed in a register.
  private func widen(_ value: Value, _ type: ValueType) -> Value {
    type == .i32 ? LLVMBuildZExt(unit.builder, value, unit.i64, "") : value
  }

  private func narrow(_ value: Value, _ type: ValueType) -> Value {
    type == .i32 ? LLVMBuildTrunc(unit.builder, value, unit.i32, "") : value
  }

  private func overflowSlot(_ offset: Int) -> Value {
    unit.address(fixedField(ContextLayout.overflowArea, unit.pointer), offset)
  }

  /// Reads parameters or results from the locations that the convention assigns.
  /// - Parameter register: the n-th value in a register.
  func receive(
    _ types: [ValueType], _ places: [CallingConvention.Location], register: (Int) -> Value
  ) -> [Value] {
    var count = 0
    return zip(types, places).map { type, place in
      if case .overflow(let offset) = place {
        return unit.load(irType(type), overflowSlot(offset), region: "overflow")
      }
      defer { count += 1 }
      return narrow(register(count), type)
    }
  }

  /// Moves parameters or results to the locations that the convention assigns. Returns those in registers.
  private func send(
    _ values: [Value], _ types: [ValueType], _ places: [CallingConvention.Location]
  ) -> [Value] {
    var registers: [Value] = []
    for ((value, type), place) in zip(zip(values, types), places) {
      if case .overflow(let offset) = place {
        unit.store(value, overflowSlot(offset), region: "overflow")
      } else {
        registers.append(widen(value, type))
      }
    }
    return registers
  }

  /// Returns from the compiled function with the operands on top of the stack.
  func emitReturn(_ type: FunctionType) {
    let prototype = unit.prototype(of: type)
    let values = send(popAll(type.results.count), type.results, prototype.results)
    switch values.count {
    case 0: LLVMBuildRetVoid(unit.builder)
    case 1: LLVMBuildRet(unit.builder, values[0])
    default:
      let result = values.enumerated().reduce(unit.poison(prototype.result)) { result, field in
        LLVMBuildInsertValue(unit.builder, result, field.element, UInt32(field.offset), "")
      }
      LLVMBuildRet(unit.builder, result)
    }
  }

  func emitCall(
    _ type: FunctionType, code: Value, context callee: Value, _ arguments: [Value]
  ) -> [Value] {
    makesCalls = true
    let prototype = unit.prototype(of: type)
    let registers = send(arguments, type.parameters, prototype.parameters)
    let edges = landingPad().map {
      InvokeEdges(normal: unit.appendBlock(function), unwind: $0)
    }
    let call = unit.call(
      prototype.type, code, [callee] + registers, place: place, invoke: edges)
    if let edges {
      unit.position(at: edges.normal)
    } else {
      // Not a tail call, even in tail position: unbounded recursion must exhaust the stack (LLVM would turn it into a loop), and
      // backtraces must show the caller.
      LLVMSetTailCallKind(call, LLVMTailCallKindNoTail)
    }
    return receive(type.results, prototype.results) {
      prototype.resultCount == 1
        ? call : LLVMBuildExtractValue(unit.builder, call, UInt32($0), "")
    }
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
      code = unit.declare(
        symbolName(function: target, version: .entry), unit.prototype(of: type).type)
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
