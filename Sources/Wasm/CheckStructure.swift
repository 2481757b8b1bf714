/// What makes a body well-formed beyond its instructions: `else` stands in an `if` and once only,
/// blocks are not nested too deep, and instructions with data segments need the data count section.
func checkStructure(_ module: Module, function: Int) throws(WasmError) {
  var walker = BodyWalker(module, function: function)
  while try walker.next() {
    let opcode = walker.instruction.opcode
    let offset = walker.instruction.offset
    if opcode.control.contains(.opensBlock) {
      try checkNesting(walker.blocks.count, at: offset)
    } else if opcode.control.contains(.dividesBlock) {
      try checkPlace(opcode, of: walker.blocks.last, at: offset)
    } else if opcode == .delegate {
      try checkPlace(opcode, of: walker.blocks.last, at: offset)
    } else if opcode.needsDataCount {
      try checkDataCount(module, at: offset)
    }
  }
}

/// What an instruction that divides or closes a block asks of the block.
private func checkPlace(
  _ opcode: Opcode, of block: BodyWalker.Block?, at offset: Int
) throws(WasmError) {
  let isInPlace =
    switch (opcode, block?.opcode) {
    case (.else, .if), (.delegate, .try): block?.isDivided == false
    case (.catch, .try), (.catchAll, .try): block?.isComplete == false
    default: false
    }
  guard isInPlace else { throw misplacedArm(at: offset) }
}

func misplacedArm(at offset: Int) -> WasmError {
  .malformed("END opcode expected", at: offset)
}

/// - Parameter depth: of the blocks that are open around one that starts.
@inline(__always)
func checkNesting(_ depth: Int, at offset: Int) throws(WasmError) {
  guard depth < ImplementationLimits.nesting else {
    throw .limit("blocks nested deeper than \(ImplementationLimits.nesting), the limit", at: offset)
  }
}

/// Spec 5.5.16.
func checkDataCount(_ module: Module, at offset: Int) throws(WasmError) {
  guard module.dataCount != nil else { throw .malformed("data count section required", at: offset) }
}

extension Opcode {
  /// Whether it names a data segment (spec 5.5.16).
  fileprivate var needsDataCount: Bool {
    switch immediate {
    case .data, .dataAndMemory, .typeAndData: true
    case .none, .block, .label, .labels, .function, .type, .typeAndTable, .tryTable, .scope, .tag,
      .types, .local, .global, .table, .memory, .memoryAndMemory, .tableAndTable, .elementAndTable,
      .element, .heapType, .i32, .i64, .f32, .f64, .v128, .shuffle, .lane, .memoryArgument,
      .memoryArgumentAndLane, .atomicArgument, .zero, .typeAndField, .typeAndCount, .typeAndElement,
      .typeAndType, .cast:
      false
    }
  }
}
