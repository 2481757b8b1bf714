/// Exceptions (spec 3.0 3.4, control instructions; the legacy instructions as in the proposal's legacy overview).
extension FunctionValidator {
  mutating func checkException(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .throw:
      try pop(try tag(i.index))
      setUnreachable()
    case .throwRef:
      try pop(.exnref)
      setUnreachable()
    case .tryTable:
      let types = try blockTypes(i.blockType)
      for clause in i.clauses { try check(clause) }
      try open(i.opcode, types.start, types.end)
    case .try:
      let types = try blockTypes(i.blockType)
      try open(i.opcode, types.start, types.end)
    case .catch: try checkArm(i, try tag(i.index))
    case .catchAll: try checkArm(i, .none)
    case .rethrow:
      _ = try label(i.index)
      guard controls[controls.count - 1 - i.index].opcode.keepsException else {
        throw .invalid("invalid rethrow label", at: i.offset)
      }
      setUnreachable()
    case .delegate:
      guard controls[controls.count - 1].opcode == .try else { throw misplacedArm(at: i.offset) }
      let control = try close()
      _ = try label(i.index)
      push(control.end)
    default: throw unsupported(i)
    }
  }

  /// The types of a tag's values.
  private func tag(_ index: Int) throws(WasmError) -> Types {
    guard index < module.tags.count else { throw unknown("tag", index) }
    return try signature(module.tags[index].typeIndex).start
  }

  /// The label gets the tag's values, and behind them the exception.
  private func check(_ clause: CatchClause) throws(WasmError) {
    guard case .label(let depth) = clause.target else { return }
    let values = try clause.tag.map { index throws(WasmError) in try tag(index) } ?? .none
    let expected = try label(depth)
    let count = values.count + (clause.keepsException ? 1 : 0)
    guard count == expected.count else { throw mismatch }
    for index in 0..<count {
      let actual = index < values.count ? type(index, of: values) : Self.exception
      guard matches(actual, type(index, of: expected)) else { throw mismatch }
    }
  }

  /// What is caught is not null.
  private static let exception = ValueType.reference(isNullable: false, .abstract(.exn))

  /// Begins an arm of a legacy `try`.
  private mutating func checkArm(_ i: Instruction, _ values: Types) throws(WasmError) {
    let opcode = controls[controls.count - 1].opcode
    guard opcode == .try || opcode == .catch else { throw misplacedArm(at: i.offset) }
    let control = try close()
    if opcode == .catch { operands.removeLast() }
    push(.exnref)
    push(values)
    try open(i.opcode, values, control.end)
  }
}
