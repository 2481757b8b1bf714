/// What makes a body well-formed beyond its instructions: `else` stands in an `if` and once only,
/// blocks are not nested too deep, and instructions with data segments need the data count section.
func checkStructure(_ module: Module, function: Int) throws(WasmError) {
  var reader = InstructionReader(module, function: function)
  /// Openers of the blocks that are open, outermost first; an `else` takes the place of its `if`.
  var open: [Opcode] = []
  var instruction = Instruction(opcode: .nop, offset: 0, end: 0)
  while try reader.next(&instruction) {
    switch instruction.opcode {
    case .block, .loop, .if:
      try checkNesting(open.count, at: instruction.offset)
      open.append(instruction.opcode)
    case .else:
      guard open.last == .if else { throw misplacedElse(at: instruction.offset) }
      open[open.count - 1] = .else
    case .end: _ = open.popLast()
    case .memoryInit, .dataDrop: try checkDataCount(module, at: instruction.offset)
    default: continue
    }
  }
}

func misplacedElse(at offset: Int) -> WasmError {
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
