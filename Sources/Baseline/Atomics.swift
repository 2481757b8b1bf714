import Contract
import Wasm
import X64

/// Atomic instructions on memories that nobody else can see: plain code, but for the check of their alignment.
extension FunctionCompiler {
  /// Returns false if the instruction is none of these.
  mutating func dispatchAtomic(_ i: Instruction) -> Bool {
    guard case .atomicArgument(let size) = i.opcode.immediate else { return false }
    checkAlignment(i, size)
    if let access = AtomicAccess(i.opcode) {
      compile(access, i)
    } else if i.opcode == .memoryAtomicNotify {
      // Nobody waits.
      _ = pop()
      checkAccess(i, size)
      push(.constant(.i32, 0))
    } else {
      // Whether the memory is shared is the last check.
      _ = pop()
      _ = pop()
      checkAccess(i, size)
      emitTrap(.expectedSharedMemory)
      isReachable = false
    }
    return true
  }

  /// Traps if the address, which is the lowest operand, is no multiple of the size. A memory begins at a page, so index and
  /// offset decide.
  private mutating func checkAlignment(_ i: Instruction, _ size: Int) {
    guard size > 1 else { return }
    let position = stack.count - i.opcode.info.signature!.operands.count
    var index = stack[position]
    if index.kind == .home { index.bits = UInt64(slot(ofOperand: position)) }
    load(index, into: Self.scratch)
    let mask = Int32(size - 1)
    let offset = Int32(truncatingIfNeeded: i.bits) & mask
    if offset > 0 { assembler.arithmetic(.add, .dword, .register(Self.scratch), offset) }
    assembler.test(.byte, .register(Self.scratch), mask)
    trap(if: .notEqual, .unalignedAtomic)
  }

  /// Pops the address, and traps if the bytes are out of bounds.
  private mutating func checkAccess(_ i: Instruction, _ size: Int) {
    let source = address(pop(), i)
    recordLocation()
    loadZeroExtended(Self.scratch, size, source)
  }

  private mutating func loadZeroExtended(_ result: Register, _ size: Int, _ source: Operand) {
    let width = Width(size: size)
    if size < 4 {
      assembler.loadZeroExtended(result, from: width, source)
    } else {
      assembler.load(width, result, source)
    }
  }

  private mutating func compile(_ access: AtomicAccess, _ i: Instruction) {
    switch access.operation {
    case .load:
      let source = address(pop(), i)
      let result = allocateGeneral()
      recordLocation()
      loadZeroExtended(result, access.size, source)
      push(result, access.type)
    case .store: store(i, Width(size: access.size))
    case .compareExchange: compareExchange(access, i)
    default: readModifyWrite(access, i)
    }
  }

  /// The load traps before anything is written.
  private mutating func readModifyWrite(_ access: AtomicAccess, _ i: Instruction) {
    let operand = general(pop())
    let target = address(pop(), i)
    let old = allocateGeneral()
    recordLocation()
    loadZeroExtended(old, access.size, target)
    let width = Width(size: access.size)
    if let arithmetic = access.operation.arithmetic {
      let new = allocateGeneral()
      assembler.move(access.type.width, new, old)
      assembler.arithmetic(arithmetic, access.type.width, new, .register(operand))
      assembler.store(width, target, new)
    } else {
      assembler.store(width, target, operand)
    }
    push(old, access.type)
  }

  private mutating func compareExchange(_ access: AtomicAccess, _ i: Instruction) {
    let replacement = general(pop())
    let expected = general(pop())
    let target = address(pop(), i)
    let old = allocateGeneral()
    recordLocation()
    loadZeroExtended(old, access.size, target)
    let width = Width(size: access.size)
    assembler.arithmetic(.cmp, width, old, .register(expected))
    let isOther = assembler.shortJump(.notEqual)
    assembler.store(width, target, replacement)
    assembler.bind(isOther)
    push(old, access.type)
  }
}

extension Width {
  /// Of an access of 1, 2, 4 or 8 bytes.
  fileprivate init(size: Int) {
    switch size {
    case 1: self = .byte
    case 2: self = .word
    case 4: self = .dword
    default: self = .qword
    }
  }
}

extension AtomicAccess.Operation {
  /// What combines what is in memory with the operand; nil for an exchange.
  fileprivate var arithmetic: Assembler.Arithmetic? {
    switch self {
    case .add: .add
    case .subtract: .sub
    case .and: .and
    case .or: .or
    case .exclusiveOr: .xor
    case .exchange, .load, .store, .compareExchange: nil
    }
  }
}
