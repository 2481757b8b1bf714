/// The operations of spec A.3 on the two stacks.
extension FunctionValidator {
  // MARK: Operands

  @inline(__always)
  mutating func push(_ type: ValueType) {
    operands.append(type)
    if operands.count > facts.maxOperandHeight { facts.maxOperandHeight = operands.count }
    if type == .v128 { facts.hasVectors = true }
  }

  @inline(__always)
  mutating func push(_ types: Types) {
    switch types {
    case .none: break
    case .one(let type): push(type)
    case .run(let start, let count):
      for index in Int(start)..<Int(start + count) { push(typeList[index]) }
    }
  }

  /// Any operand.
  @inline(__always)
  mutating func pop() throws(WasmError) -> ValueType {
    guard operands.count > height else {
      guard isUnreachable else { throw mismatch }
      return .bottom
    }
    return operands.removeLast()
  }

  @inline(__always)
  mutating func pop(_ expected: ValueType) throws(WasmError) {
    let actual = try pop()
    guard actual == expected || matches(actual, expected) else { throw mismatch }
  }

  /// Nearly all types are the same, so this comes second.
  @inline(never)
  func matches(_ type: ValueType, _ other: ValueType) -> Bool { module.types.matches(type, other) }

  @inline(__always)
  mutating func pop(_ types: Types) throws(WasmError) {
    switch types {
    case .none: break
    case .one(let type): try pop(type)
    case .run(let start, let count):
      for index in (Int(start)..<Int(start + count)).reversed() { try pop(typeList[index]) }
    }
  }

  /// Checks the operands on top without popping them: spec A.3's push(pop(types)).
  func checkTop(_ types: Types) throws(WasmError) {
    var position = operands.count
    for index in (0..<types.count).reversed() {
      guard position > height else {
        guard isUnreachable else { throw mismatch }
        return
      }
      position -= 1
      let (actual, expected) = (operands[position], type(index, of: types))
      guard actual == expected || matches(actual, expected) else { throw mismatch }
    }
  }

  // MARK: Blocks

  mutating func open(_ opcode: Opcode, _ start: Types, _ end: Types) throws(WasmError) {
    try checkNesting(controls.count - 1, at: offset)
    try pop(start)
    controls.append(
      Control(
        opcode: opcode, start: start, end: end, height: operands.count, isUnreachable: false,
        lastTable: 0, initializedCount: initialized.count))
    height = operands.count
    isUnreachable = false
    push(start)
  }

  /// Closes the innermost block, its results popped.
  mutating func close() throws(WasmError) -> Control {
    let control = controls[controls.count - 1]
    try pop(control.end)
    guard operands.count == height else { throw mismatch }
    controls.removeLast()
    forgetInitialized(from: control.initializedCount)
    if let outer = controls.last {
      height = outer.height
      isUnreachable = outer.isUnreachable
    }
    return control
  }

  mutating func setUnreachable() {
    operands.removeSubrange(height...)
    isUnreachable = true
    controls[controls.count - 1].isUnreachable = true
  }

  func label(_ depth: Int) throws(WasmError) -> Types {
    guard depth < controls.count else { throw unknown("label", depth) }
    return controls[controls.count - 1 - depth].label
  }

  /// Whether this is the first time that the br_table at hand names the label.
  mutating func visit(_ depth: Int) -> Bool {
    let index = controls.count - 1 - depth
    defer { controls[index].lastTable = offset }
    return controls[index].lastTable != offset
  }
}
