/// Control instructions (spec 3.4.1).
extension FunctionValidator {
  mutating func checkControl(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .unreachable: setUnreachable()
    case .block, .loop, .if:
      if i.opcode == .if { try pop(.i32) }
      let types = try blockTypes(i.blockType)
      try open(i.opcode, types.start, types.end)
    case .else:
      guard controls[controls.count - 1].opcode == .if else { throw misplacedArm(at: i.offset) }
      let control = try close()
      push(control.start)
      try open(.else, control.start, control.end)
    case .end: try checkEnd()
    case .br:
      try pop(try label(i.index))
      setUnreachable()
    case .brIf:
      try pop(.i32)
      let types = try label(i.index)
      try pop(types)
      push(types)
    case .brTable: try checkBranchTable(i)
    case .brOnNull:
      let type = try popReference()
      let types = try label(i.index)
      try pop(types)
      push(types)
      push(type.withNull(false))
    case .brOnNonNull: try checkBranchOnNonNull(i)
    case .return:
      try pop(functionResults)
      setUnreachable()
    default: throw unsupported(i)
    }
  }

  private mutating func checkEnd() throws(WasmError) {
    let control = try close()
    // Without `else`, the parameters are the results.
    if control.opcode == .if { try checkSame(control) }
    if control.opcode.keepsException { operands.removeLast() }
    push(control.end)
  }

  private func checkSame(_ control: Control) throws(WasmError) {
    guard control.start.count == control.end.count else { throw mismatch }
    for index in 0..<control.start.count {
      let (parameter, result) = (type(index, of: control.start), type(index, of: control.end))
      guard matches(parameter, result) else { throw mismatch }
    }
  }

  private mutating func checkBranchTable(_ i: Instruction) throws(WasmError) {
    try pop(.i32)
    let arity = try label(i.labels[i.labels.count - 1]).count
    for depth in i.labels {
      let types = try label(depth)
      guard types.count == arity else { throw mismatch }
      if visit(depth) { try checkTop(types) }
    }
    setUnreachable()
  }

  /// The label takes the reference last, behind what stays.
  private mutating func checkBranchOnNonNull(_ i: Instruction) throws(WasmError) {
    let types = try label(i.index)
    guard types.count > 0, case let last = type(types.count - 1, of: types), last.isReference
    else { throw mismatch }
    try pop(last.withNull(true))
    push(last.withNull(false))
    try pop(types)
    push(types)
    _ = try pop()
  }

  mutating func checkCall(_ i: Instruction) throws(WasmError) {
    let types: (start: Types, end: Types)
    switch i.callee {
    case .function(let index):
      guard index < module.functions.count else { throw unknown("function", index) }
      types = try signature(module.functions[index].typeIndex)
    case .table(let index, let typeIndex):
      let table = try table(index)
      guard matches(table.element, .funcref) else { throw mismatch }
      types = try signature(typeIndex)
      try pop(table.addressType)
    case .reference(let typeIndex):
      types = try signature(typeIndex)
      try pop(.reference(.concrete(typeIndex)))
    case nil: throw unsupported(i)
    }
    try pop(types.start)
    guard i.isTailCall else { return push(types.end) }
    // The callee returns in the caller's place.
    guard matches(types.end, functionResults) else { throw mismatch }
    setUnreachable()
  }

  private func matches(_ types: Types, _ others: Types) -> Bool {
    types.count == others.count
      && (0..<types.count).allSatisfy { matches(type($0, of: types), type($0, of: others)) }
  }
}
