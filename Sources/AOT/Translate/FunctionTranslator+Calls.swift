import CLLVM
import Contract
import Speculation
import Wasm

/// Calls: the caller's and the callee's side of the calling convention, direct calls, and the generic call_indirect (spec
/// 4.4.8). The plan's call sites are in FunctionTranslator+CallSites.swift, tail calls in FunctionTranslator+TailCalls.swift.
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

  /// A function to call, all checks done.
  struct Callee {
    var type: FunctionType
    var code: Value
    var context: Value
  }

  /// Moves arguments to where the callee expects them. Returns those in registers, in the order of the callee's prototype.
  func send(_ arguments: [Value], to callee: Callee) -> [Value] {
    send(arguments, callee.type.parameters, unit.prototype(of: callee.type).parameters)
  }

  /// - Parameters:
  ///   - place: what the callee's caller is in backtraces.
  ///   - scope: that gets its exceptions; nil: the caller.
  func emitCall(
    _ callee: Callee, _ arguments: [Value], place: TrapPlace, scope: Int?
  ) -> [Value] {
    makesCalls = true
    let prototype = unit.prototype(of: callee.type)
    let registers = send(arguments, to: callee)
    let edges = landingPad(of: scope).map {
      InvokeEdges(normal: unit.appendBlock(function), unwind: $0)
    }
    let call = unit.call(
      prototype.type, callee.code, [callee.context] + registers, place: place, invoke: edges)
    if let edges {
      unit.position(at: edges.normal)
    } else {
      // Not a tail call, even in tail position: unbounded recursion must exhaust the stack (LLVM would turn it into a loop), and
      // backtraces must show the caller.
      LLVMSetTailCallKind(call, LLVMTailCallKindNoTail)
    }
    return receive(callee.type.results, prototype.results) {
      prototype.resultCount == 1
        ? call : LLVMBuildExtractValue(unit.builder, call, UInt32($0), "")
    }
  }

  /// Emits a call and leaves its results on the operand stack; or a tail call, behind which nothing is reachable.
  func emitCall(_ i: Instruction, _ callee: Callee, _ arguments: [Value]) {
    if i.isTailCall { return emitTailCall(callee, arguments) }
    pushAll(
      emitCall(callee, arguments, place: place, scope: currentScope), callee.type.results)
  }

  // MARK: Direct calls

  func directCallee(_ target: Int) -> Callee {
    let type = module.type(ofFunction: target)
    if target < module.importedFunctionCount {
      return callee(field(layout.funcRef(target)), type)
    }
    let code: Value
    if partition.functionPlan(target)?.speculative != nil {
      // The runtime redirects its entry when its deopt budget is exhausted.
      code = unit.load(unit.pointer, field(layout.entry(target)), region: "entries")
    } else {
      code = unit.declare(
        symbolName(function: target, version: .entry), unit.prototype(of: type).type)
    }
    return Callee(type: type, code: code, context: context)
  }

  /// - Parameter reference: a function reference that is not null.
  func callee(_ reference: Value, _ type: FunctionType) -> Callee {
    let code = unit.load(
      unit.pointer, unit.address(reference, FuncRefLayout.code), region: "funcref code")
    let callee = unit.loadFixed(
      unit.pointer, unit.address(reference, FuncRefLayout.context))
    return Callee(type: type, code: code, context: callee)
  }

  // MARK: Indirect calls

  /// Emits all checks of the generic sequence.
  func indirectCallee(_ i: Instruction, _ selector: Selector) -> Callee {
    if i.callsByReference {
      if !selector.type.isNonNullReference {
        trap(if: isNull(selector.value), .nullFunctionReference)
      }
      let reference = LLVMBuildIntToPtr(unit.builder, selector.value, unit.pointer, "")!
      return callee(reference, module.functionType(i.index))
    }
    let index = selector.value
    let pair = DispatchTable(table: i.index2, typeIndex: i.index)
    if let row = partition.dispatchRows[pair] { return dispatchCallee(i, row: row, index: index) }
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    let entry = tableEntry(i.index2, index)
    trap(if: isNull(entry), .uninitializedElement)
    let reference = LLVMBuildIntToPtr(unit.builder, entry, unit.pointer, "")!
    trapUnlessFits(reference, i.index)
    return callee(reference, module.functionType(i.index))
  }

  /// Traps unless a function has the type or a subtype of it.
  /// - Parameter reference: to the function; not null.
  private func trapUnlessFits(_ reference: Value, _ typeIndex: Int) {
    let type = module.types[typeIndex]
    let actual = unit.loadFixed(
      unit.i32, unit.address(reference, FuncRefLayout.typeID), alignment: 4)
    let expected = unit.loadFixed(unit.i32, field(layout.typeID(typeIndex)), alignment: 4)
    if type.subType.isFinal {
      return trap(if: unit.compare(LLVMIntNE, actual, expected), .indirectCallTypeMismatch)
    }
    let (isOther, fits) = (unit.appendBlock(function), unit.appendBlock(function))
    unit.branch(if: unit.compare(LLVMIntEQ, actual, expected), fits, else: isOther)
    unit.position(at: isOther)
    let supertypes = unit.loadFixed(
      unit.pointer, unit.address(reference, FuncRefLayout.supertypes))
    let count = unit.loadFixed(
      unit.i32, unit.address(supertypes, SupertypesLayout.count), alignment: 4)
    trap(
      if: unit.compare(LLVMIntULE, count, unit.int32(UInt32(type.depth))),
      .indirectCallTypeMismatch)
    let supertype = unit.loadFixed(
      unit.i32, unit.address(supertypes, SupertypesLayout.entry(type.depth)), alignment: 4)
    trap(if: unit.compare(LLVMIntNE, supertype, expected), .indirectCallTypeMismatch)
    LLVMBuildBr(unit.builder, fits)
    unit.position(at: fits)
  }

  /// Emits the traps of the generic sequence, for an index that leads to no function of this type.
  func emitIndirectCallTrap(_ i: Instruction, index: Value) {
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    trap(if: isNull(tableEntry(i.index2, index)), .uninitializedElement)
    emitTrap(.indirectCallTypeMismatch)
  }

  /// Loads the callee from the table's array of code pointers for this type. Every entry is a function of this instance, or a stub
  /// that traps and reports the place of its return address.
  private func dispatchCallee(_ i: Instruction, row: Int, index: Value) -> Callee {
    trap(if: isOutOfBounds(index, table: i.index2), .undefinedElement)
    let rows = fixedField(ContextLayout.dispatchTables, unit.pointer)
    let array = unit.loadFixed(unit.pointer, unit.address(rows, 8 * row))
    let offset = LLVMBuildShl(
      unit.builder, LLVMBuildZExt(unit.builder, index, unit.i64, ""), unit.int64(3), "")!
    let code = unit.load(unit.pointer, unit.address(array, offset), region: "dispatch")
    if i.isTailCall { trapIfStub(code, i, index: index) }
    return Callee(type: module.functionType(i.index), code: code, context: context)
  }
}
