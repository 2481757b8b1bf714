/// What an instruction's immediates mean, by their kind in the opcode's row. The one place that tells, so that a new kind
/// of immediates is an error of compilation here, and passes need not list opcodes.
extension Instruction {
  /// How a call finds its callee.
  public enum Callee: Sendable, Equatable {
    case function(Int)
    case table(Int, typeIndex: Int)
    /// By a reference on the operand stack.
    case reference(typeIndex: Int)
  }

  /// Nil for what is no call.
  public var callee: Callee? {
    guard opcode.effects.contains(.calls) else { return nil }
    switch opcode.immediate {
    case .function: return .function(index)
    case .typeAndTable: return .table(index2, typeIndex: index)
    case .type: return .reference(typeIndex: index)
    case .none, .block, .label, .labels, .tryTable, .scope, .tag, .types, .local, .global, .table,
      .memory, .memoryAndMemory, .tableAndTable, .dataAndMemory, .elementAndTable, .data, .element,
      .heapType, .i32, .i64, .f32, .f64, .v128, .shuffle, .lane, .memoryArgument,
      .memoryArgumentAndLane, .atomicArgument, .zero, .typeAndField, .typeAndCount, .typeAndData,
      .typeAndElement, .typeAndType, .cast:
      preconditionFailure("callee of \(opcode.info.mnemonic)")
    }
  }

  /// Whether it is a call that finds its callee by a reference on the operand stack.
  public var callsByReference: Bool { if case .reference? = callee { true } else { false } }

  /// Whether it is a call that takes the place of its function: the callee returns to that one's caller.
  public var isTailCall: Bool { opcode.isTailCall }

  /// Whether it may throw an exception, which goes to the handlers around it.
  public var mayThrow: Bool {
    switch opcode {
    case .throw, .throwRef, .rethrow: true
    // Those that never continue have left the handlers around them.
    default: opcode.effects.contains(.calls) && !opcode.control.contains(.neverContinues)
    }
  }

  /// Where control may go on behind an instruction, beside the next one.
  public enum Targets: Sendable, Equatable {
    case none
    case label(Int)
    /// One of these, the default last.
    case labels([Int])
    /// Those of exception handlers, for as long as the block that the instruction opens lasts.
    case handlers
  }

  /// The labels that it may branch to.
  public var targets: Targets {
    switch opcode.immediate {
    case .label, .cast: .label(index)
    case .labels: .labels(labels)
    case .tryTable: .handlers
    case .none, .block, .function, .type, .typeAndTable, .scope, .tag, .types, .local, .global,
      .table, .memory, .memoryAndMemory, .tableAndTable, .dataAndMemory, .elementAndTable, .data,
      .element, .heapType, .i32, .i64, .f32, .f64, .v128, .shuffle, .lane, .memoryArgument,
      .memoryArgumentAndLane, .atomicArgument, .zero, .typeAndField, .typeAndCount, .typeAndData,
      .typeAndElement, .typeAndType:
      .none
    }
  }

  /// The table that an instruction writes to, of those that name one.
  public var destinationTable: Int? {
    switch opcode.immediate {
    case .table, .tableAndTable: index
    case .elementAndTable: index2
    case .none, .block, .label, .labels, .function, .type, .typeAndTable, .tryTable, .scope, .tag,
      .types, .local, .global, .memory, .memoryAndMemory, .dataAndMemory, .data, .element,
      .heapType, .i32, .i64, .f32, .f64, .v128, .shuffle, .lane, .memoryArgument,
      .memoryArgumentAndLane, .atomicArgument, .zero, .typeAndField, .typeAndCount, .typeAndData,
      .typeAndElement, .typeAndType, .cast:
      nil
    }
  }

  /// The memories that an instruction names: of two, the destination first.
  public var memories: [Int] {
    switch opcode.immediate {
    case .memory, .memoryArgument, .memoryArgumentAndLane, .atomicArgument: [index]
    case .memoryAndMemory: [index, index2]
    case .dataAndMemory: [index2]
    case .none, .block, .label, .labels, .function, .type, .typeAndTable, .tryTable, .scope, .tag,
      .types, .local, .global, .table, .tableAndTable, .elementAndTable, .data, .element, .heapType,
      .i32, .i64, .f32, .f64, .v128, .shuffle, .lane, .zero, .typeAndField, .typeAndCount,
      .typeAndData, .typeAndElement, .typeAndType, .cast:
      []
    }
  }

  /// Bytes of memory that an access is about, which is its natural alignment too.
  public var accessSize: Int {
    switch opcode.immediate {
    case .memoryArgument(let size), .memoryArgumentAndLane(let size), .atomicArgument(let size):
      size
    case .none, .block, .label, .labels, .function, .type, .typeAndTable, .tryTable, .scope, .tag,
      .types, .local, .global, .table, .memory, .memoryAndMemory, .tableAndTable, .dataAndMemory,
      .elementAndTable, .data, .element, .heapType, .i32, .i64, .f32, .f64, .v128, .shuffle, .lane,
      .zero, .typeAndField, .typeAndCount, .typeAndData, .typeAndElement, .typeAndType, .cast:
      preconditionFailure("\(opcode.info.mnemonic) does not access memory")
    }
  }
}

extension Opcode {
  /// See ``Instruction/isTailCall``.
  public var isTailCall: Bool { effects.contains(.calls) && control.contains(.neverContinues) }
}

extension Module {
  /// The type of the functions that a call of the module may call.
  public func type(of callee: Instruction.Callee) -> FunctionType {
    switch callee {
    case .function(let index): type(ofFunction: index)
    case .table(_, let typeIndex), .reference(let typeIndex): functionType(typeIndex)
    }
  }

  /// Whether a tail call is at a byte offset of the module, which should be that of an instruction.
  public func isTailCall(at byteOffset: Int) -> Bool {
    guard bytes.indices.contains(byteOffset) else { return false }
    return Opcode(prefix: 0, code: UInt32(bytes[byteOffset]))?.isTailCall ?? false
  }

  /// Whether the instruction at a byte offset, which must be one, is a call through a table or a reference.
  public func isIndirectCall(at byteOffset: Int) -> Bool {
    guard bytes.indices.contains(byteOffset),
      let opcode = Opcode(prefix: 0, code: UInt32(bytes[byteOffset]))
    else { return false }
    return opcode.effects.contains(.calls) && opcode.immediate != .function
  }
}
