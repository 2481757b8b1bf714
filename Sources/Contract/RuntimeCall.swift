import Wasm

/// Functions of the runtime that compiled code calls, through the array at `ContextLayout.runtimeCalls` (8 bytes each, indexed
/// by raw value). They are System V C functions: the context comes first, then the listed operands as i64 (i32 zero-extended);
/// all return an i64 in rax. Memory operations that name no memory apply to memory 0.
public enum RuntimeCall: Int, Sendable, CaseIterable {
  /// (delta pages) → old size in pages, or -1.
  case memoryGrow = 0
  /// (destination, source, count) → trap code or 0. The same for all below that say "trap".
  case memoryCopy
  /// (destination, value, count) → trap
  case memoryFill
  /// (data segment, destination, source, count) → trap
  case memoryInit
  /// (data segment) → 0
  case dataDrop
  /// (table, index, reference) → trap
  case tableSet
  /// (table, reference, delta) → old length, or -1.
  case tableGrow
  /// (table, destination, reference, count) → trap
  case tableFill
  /// (destination table, source table, destination, source, count) → trap
  case tableCopy
  /// (element segment, table, destination, source, count) → trap
  case tableInit
  /// (element segment) → 0
  case elementDrop
  /// Instrumented baseline only: (byte address of a call site's feedback slot, funcref about to be called) → 0.
  case recordTarget
  /// (memory, delta pages) → as ``memoryGrow``.
  case otherMemoryGrow
  /// (destination memory, source memory, destination, source, count) → trap
  case otherMemoryCopy
  /// (memory, destination, value, count) → trap
  case otherMemoryFill
  /// (data segment, memory, destination, source, count) → trap
  case otherMemoryInit
  /// (a tag's record) → a new exception of the tag (``ExceptionLayout``), whose values the caller stores.
  case newException
  /// (exception) → 0: it was caught and is not kept. Does nothing if it is exposed.
  case dropException
  /// (exception or null, ``TrapPlace/raw`` or ``TrapPlace/fromReturnAddress``): throws it. Called in a frame that rbp points to, or jumped to when
  /// that is gone: the return address is where handlers are looked for. Does not return; null traps.
  case throwException
  /// Generic code of an artefact only: (byte offset of a call in the module, funcref about to be called) → 0. Counts what its guards
  /// missed in the ``MissTable``, if there is one.
  case recordMiss

  /// Number of operands after the context.
  public var operandCount: Int {
    switch self {
    case .memoryGrow, .dataDrop, .elementDrop, .newException, .dropException: 1
    case .recordTarget, .otherMemoryGrow, .throwException, .recordMiss: 2
    case .memoryCopy, .memoryFill, .tableSet, .tableGrow: 3
    case .memoryInit, .tableFill, .otherMemoryFill: 4
    case .tableCopy, .tableInit, .otherMemoryCopy, .otherMemoryInit: 5
    }
  }

  /// Whether a non-zero result is the ``TrapCode`` to raise.
  public var canTrap: Bool {
    switch self {
    case .memoryCopy, .memoryFill, .memoryInit, .tableSet, .tableFill, .tableCopy, .tableInit,
      .otherMemoryCopy, .otherMemoryFill, .otherMemoryInit:
      true
    case .memoryGrow, .dataDrop, .tableGrow, .elementDrop, .recordTarget, .otherMemoryGrow,
      .newException, .dropException, .throwException, .recordMiss:
      false
    }
  }
}

extension RuntimeCall {
  /// The call that implements an instruction; nil if the compilers emit code for it.
  public init?(_ i: Instruction) {
    // Nearly all modules have one memory, and operands that are always 0 would cost them something.
    let isFirst = i.memories.allSatisfy { $0 == 0 }
    switch i.opcode {
    case .memoryGrow: self = isFirst ? .memoryGrow : .otherMemoryGrow
    case .memoryCopy: self = isFirst ? .memoryCopy : .otherMemoryCopy
    case .memoryFill: self = isFirst ? .memoryFill : .otherMemoryFill
    case .memoryInit: self = isFirst ? .memoryInit : .otherMemoryInit
    case .dataDrop: self = .dataDrop
    case .tableSet: self = .tableSet
    case .tableGrow: self = .tableGrow
    case .tableFill: self = .tableFill
    case .tableCopy: self = .tableCopy
    case .tableInit: self = .tableInit
    case .elemDrop: self = .elementDrop
    default: return nil
    }
  }

  /// The immediates of the instruction that precede the operands from the stack.
  public func immediates(of i: Instruction) -> [Int] {
    switch self {
    case .memoryGrow, .memoryCopy, .memoryFill: []
    case .otherMemoryGrow, .otherMemoryFill, .memoryInit, .dataDrop, .elementDrop, .tableSet,
      .tableGrow, .tableFill:
      [i.index]
    case .otherMemoryCopy, .otherMemoryInit, .tableCopy, .tableInit: [i.index, i.index2]
    case .recordTarget, .newException, .dropException, .throwException, .recordMiss:
      preconditionFailure("no instruction's call")
    }
  }

  /// The type of the instruction's result, which is in the low bits of the call's; nil if it has none.
  public func result(of i: Instruction, _ module: Module) -> ValueType? {
    switch self {
    case .memoryGrow, .otherMemoryGrow: module.memories[i.index].addressType
    case .tableGrow: module.tables[i.index].addressType
    case .memoryCopy, .memoryFill, .memoryInit, .dataDrop, .tableSet, .tableFill, .tableCopy,
      .tableInit, .elementDrop, .recordTarget, .otherMemoryCopy, .otherMemoryFill, .otherMemoryInit,
      .newException, .dropException, .throwException, .recordMiss:
      nil
    }
  }
}
