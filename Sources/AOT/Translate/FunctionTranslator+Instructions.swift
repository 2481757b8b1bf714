import CLLVM
import Contract
import Wasm

/// Dispatch by opcode, and instructions that take only a few lines.
extension FunctionTranslator {
  func translate(_ i: Instruction) throws(CompileError) {
    if translateNumeric(i) || translateMemoryAccess(i) || translateVariable(i)
      || translateVector(i) || translateAtomic(i) || translateWide(i)
    {
      return
    }
    switch i.opcode {
    // Nobody else sees an order of accesses.
    case .nop, .atomicFence: break
    case .unreachable:
      emitTrap(.unreachable)
      startUnreachable()
    case .block: translateBlock(i)
    case .loop: translateLoop(i)
    case .if: try translateIf(i)
    case .else, .catch, .catchAll: translateDivision(i)
    case .end, .delegate: translateEnd()
    case .tryTable, .try: translateTry(i)
    case .throw:
      translateThrow(i)
    case .throwRef: translateThrowRef()
    case .rethrow: translateRethrow(i)
    case .br:
      branch(to: control(atDepth: i.index))
      startUnreachable()
    case .brIf: try translateBrIf(i)
    case .brTable: try translateBrTable(i)
    case .return: translateReturn()
    case .call, .returnCall: try translateCall(i)
    case .callIndirect, .callRef, .returnCallIndirect, .returnCallRef: try translateIndirectCall(i)
    case .brOnNull, .brOnNonNull: try translateBranchOnNull(i)
    case .drop: operands.removeLast()
    case .select, .selectT: translateSelect(i)
    case .memorySize: translateMemorySize(i.index)
    default:
      if !translateTable(i) && !translateRuntimeCall(i) {
        throw .unsupported(
          i.opcode.info.mnemonic,
          function: bodies[bodies.count - 1].function, byteOffset: i.offset)
      }
    }
  }

  private func translateSelect(_ i: Instruction) {
    let condition = popCondition()
    // Either reference may be of a subtype of the other's.
    let type = i.opcode == .selectT ? i.selectType : operands[operands.count - 1].type
    let other = pop()
    let value = pop()
    push(LLVMBuildSelect(unit.builder, condition, value, other, ""), type)
  }

  private func translateVariable(_ i: Instruction) -> Bool {
    let body = bodies.count - 1
    switch i.opcode {
    case .localGet:
      let type = bodies[body].localTypes[i.index]
      push(
        LLVMBuildLoad2(unit.builder, irType(type), bodies[body].locals[i.index], ""), type)
    case .localSet:
      LLVMBuildStore(unit.builder, pop(), bodies[body].locals[i.index])
    case .localTee:
      let operand = operands[operands.count - 1]
      LLVMBuildStore(unit.builder, read(operand), bodies[body].locals[i.index])
    case .globalGet:
      let type = module.globals[i.index].type
      let place = globalPlace(i.index)
      let value = unit.load(irType(type.value), place.address, region: place.region)
      if !type.isMutable { unit.setInvariant(value) }
      push(value, type.value)
    case .globalSet:
      let value = pop()
      let place = globalPlace(i.index)
      unit.store(value, place.address, region: place.region)
    default: return false
    }
    return true
  }

  /// Each defined global is separate memory. Imported globals may alias each other.
  private func globalPlace(_ index: Int) -> (address: Value, region: String) {
    if index < module.importedGlobalCount {
      return (fixedField(layout.global(index), unit.pointer), "imported global")
    }
    return (field(layout.global(index)), "global \(index)")
  }
}
