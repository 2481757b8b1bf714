import CLLVM
import Contract
import Wasm

/// Atomic instructions on memories that nobody else can see: plain code, but for the check of their alignment.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  /// Returns false if the instruction is none of these.
  func translateAtomic(_ i: Instruction) -> Bool {
    guard case .atomicArgument = i.opcode.immediate else { return false }
    if let access = AtomicAccess(i.opcode) {
      translate(access, i)
    } else if i.opcode == .memoryAtomicNotify {
      // Nobody waits.
      _ = pop()
      _ = checkedAddress(i)
      push(unit.int32(0), .i32)
    } else {
      // Whether the memory is shared is the last check.
      _ = popAll(2)
      _ = checkedAddress(i)
      emitTrap(.expectedSharedMemory)
      startUnreachable()
    }
    return true
  }

  private func translate(_ access: AtomicAccess, _ i: Instruction) {
    let narrow = LLVMIntTypeInContext(unit.context, UInt32(8 * access.size))!
    switch access.operation {
    case .load: push(zeroExtended(emitLoad(narrow, i), access), access.type)
    case .store: emitStore(toWidth(narrow, pop()), i)
    case .compareExchange:
      let replacement = toWidth(narrow, pop())
      let expected = toWidth(narrow, pop())
      readModifyWrite(access, narrow, i) { old in
        LLVMBuildSelect(builder, unit.compare(LLVMIntEQ, old, expected), replacement, old, "")
      }
    default:
      let operand = toWidth(narrow, pop())
      readModifyWrite(access, narrow, i) { combine(access.operation, $0, operand) }
    }
  }

  /// Load, operation and store with one check, which is that of the load: it traps before anything is written.
  private func readModifyWrite(
    _ access: AtomicAccess, _ narrow: LLVMTypeRef, _ i: Instruction, _ change: (Value) -> Value
  ) {
    let address = checkedAddress(i)
    let old = load(narrow, address)
    store(change(old), address)
    push(zeroExtended(old, access), access.type)
  }

  private func combine(_ operation: AtomicAccess.Operation, _ old: Value, _ operand: Value) -> Value
  {
    switch operation {
    case .add: LLVMBuildAdd(builder, old, operand, "")
    case .subtract: LLVMBuildSub(builder, old, operand, "")
    case .and: LLVMBuildAnd(builder, old, operand, "")
    case .or: LLVMBuildOr(builder, old, operand, "")
    case .exclusiveOr: LLVMBuildXor(builder, old, operand, "")
    case .exchange: operand
    case .load, .store, .compareExchange: preconditionFailure("no operation of two operands")
    }
  }

  private func zeroExtended(_ value: Value, _ access: AtomicAccess) -> Value {
    LLVMBuildIntCast2(builder, value, irType(access.type), 0, "")
  }

  private func toWidth(_ narrow: LLVMTypeRef, _ value: Value) -> Value {
    LLVMBuildIntCast2(builder, value, narrow, 0, "")
  }
}
