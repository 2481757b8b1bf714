/// The rule of each instruction.
extension FunctionValidator {
  @inline(__always)
  mutating func check(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .localGet: push(try readableLocal(i.index))
    case .localSet:
      let type = try local(i.index)
      try pop(type)
      initialize(i.index, type)
    case .localTee:
      let type = try local(i.index)
      try pop(type)
      initialize(i.index, type)
      push(type)
    default:
      let row = rows[i.opcode.ordinal]
      guard row.isFixed else { return try checkContextual(i) }
      if row.accessesMemory {
        let address = try checkMemoryAccess(i, row).addressType.byte
        try apply(
          operands: row.operands | row.addressOperands &* UInt32(address),
          results: row.results | row.addressResults &* UInt16(address))
      } else {
        try apply(operands: row.operands, results: row.results)
      }
      if row.hasMoreToCheck { try checkImmediates(i, row) }
    }
  }

  @inline(__always)
  private mutating func apply(operands: UInt32, results: UInt16) throws(WasmError) {
    var operands = operands
    var results = results
    while operands != 0 {
      try pop(ValueType(byte: UInt8(truncatingIfNeeded: operands)))
      operands >>= 8
    }
    while results != 0 {
      push(ValueType(byte: UInt8(truncatingIfNeeded: results)))
      results >>= 8
    }
  }

  @inline(never)
  private mutating func checkContextual(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .unreachable, .block, .loop, .if, .else, .end, .br, .brIf, .brTable, .return,
      .brOnNull, .brOnNonNull:
      try checkControl(i)
    case .call, .callIndirect, .callRef, .returnCall, .returnCallIndirect, .returnCallRef:
      try checkCall(i)
    case .throw, .throwRef, .tryTable, .try, .catch, .catchAll, .rethrow, .delegate:
      try checkException(i)
    case .drop: _ = try pop()
    case .select, .selectT: try checkSelect(i)
    case .globalGet, .globalSet: try checkGlobal(i)
    case .refNull: push(i.selectType)
    case .refIsNull:
      _ = try popReference()
      push(.i32)
    case .refAsNonNull: push(try popReference().withNull(false))
    case .refFunc: try checkRefFunc(i)
    case .tableGet, .tableSet, .tableInit, .tableCopy, .tableGrow, .tableSize, .tableFill:
      try checkTable(i)
    case .memoryInit, .memoryCopy, .memoryFill: try checkBulkMemory(i)
    default: throw unsupported(i)
    }
  }

  /// For an instruction that has no rule.
  func unsupported(_ i: Instruction) -> WasmError {
    .unsupported(i.opcode.info.feature, i.opcode.info.mnemonic, at: i.offset)
  }

  // MARK: Parametric and variable (spec 3.4.3, 3.4.4)

  private mutating func checkSelect(_ i: Instruction) throws(WasmError) {
    try pop(.i32)
    if i.opcode == .selectT {
      guard i.index == 1 else { throw .invalid("invalid result arity", at: i.offset) }
      try pop(i.selectType)
      try pop(i.selectType)
      return push(i.selectType)
    }
    let second = try pop()
    let first = try pop()
    guard !first.isReference, !second.isReference else { throw mismatch }
    guard first == second || first == .bottom || second == .bottom else { throw mismatch }
    push(first == .bottom ? second : first)
  }

  private mutating func checkGlobal(_ i: Instruction) throws(WasmError) {
    guard i.index < module.globals.count else { throw unknown("global", i.index) }
    let type = module.globals[i.index].type
    if i.opcode == .globalGet { return push(type.value) }
    guard type.isMutable else { throw .invalid("immutable global", at: i.offset) }
    try pop(type.value)
  }

  // MARK: References and tables (spec 3.4.2, 3.4.5)

  /// Any reference.
  mutating func popReference() throws(WasmError) -> ValueType {
    let type = try pop()
    guard type == .bottom || type.isReference else { throw mismatch }
    return type
  }

  private mutating func checkRefFunc(_ i: Instruction) throws(WasmError) {
    guard i.index < module.functions.count else { throw unknown("function", i.index) }
    guard declared[i.index] else {
      throw .invalid("undeclared function reference", at: i.offset)
    }
    push(module.referenceType(ofFunction: i.index))
  }

  func table(_ index: Int) throws(WasmError) -> TableType {
    guard index < module.tables.count else { throw unknown("table", index) }
    return module.tables[index]
  }

  private mutating func checkTable(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .tableInit:
      let type = try table(i.index2)
      guard i.index < module.elements.count else { throw unknown("elem segment", i.index) }
      guard matches(module.elements[i.index].type, type.element) else { throw mismatch }
      try pop(.i32)
      try pop(.i32)
      try pop(type.addressType)
    case .tableCopy:
      let (destination, source) = (try table(i.index), try table(i.index2))
      guard matches(source.element, destination.element) else { throw mismatch }
      try popCopy(destination.addressType, source.addressType)
    case .tableGet:
      let type = try table(i.index)
      try pop(type.addressType)
      push(type.element)
    case .tableSet:
      let type = try table(i.index)
      try pop(type.element)
      try pop(type.addressType)
    case .tableGrow:
      let type = try table(i.index)
      try pop(type.addressType)
      try pop(type.element)
      push(type.addressType)
    case .tableSize:
      push(try table(i.index).addressType)
    case .tableFill:
      let type = try table(i.index)
      try pop(type.addressType)
      try pop(type.element)
      try pop(type.addressType)
    default: throw unsupported(i)
    }
  }

  /// The operands of a copy between two memories or tables: the count is of the smaller address type.
  private mutating func popCopy(_ to: ValueType, _ from: ValueType) throws(WasmError) {
    try pop(to.minimum(from))
    try pop(from)
    try pop(to)
  }

  /// What immediates of an instruction name whose types follow from its row alone.
  private func checkImmediates(_ i: Instruction, _ row: TypingRow) throws(WasmError) {
    switch i.opcode.immediate {
    case .lane: try checkLane(i.index, row, i)
    case .memoryArgumentAndLane: try checkLane(i.index2, row, i)
    case .shuffle: for lane in i.vector.lanes(UInt8.self) { try checkLane(Int(lane), row, i) }
    case .data: try checkData(i)
    case .element:
      guard i.index < module.elements.count else { throw unknown("elem segment", i.index) }
    default: throw unsupported(i)
    }
  }

  /// Spec 3.4.2 (vector instructions)
  private func checkLane(_ lane: Int, _ row: TypingRow, _ i: Instruction) throws(WasmError) {
    guard lane < row.laneCount else { throw .invalid("invalid lane index", at: i.offset) }
  }

  // MARK: Memory (spec 3.4.6)

  @inline(__always)
  private func checkMemoryAccess(
    _ i: Instruction, _ row: TypingRow
  ) throws(WasmError) -> MemoryType {
    let memory = try memory(i.index)
    guard i.alignment <= row.naturalAlignment else {
      throw .invalid("alignment must not be larger than natural", at: i.offset)
    }
    guard i.bits <= memory.maximumAddress else {
      throw .invalid("offset out of range", at: i.offset)
    }
    guard !row.isAtomic || i.alignment == row.naturalAlignment else {
      throw .invalid("atomic alignment must be natural", at: i.offset)
    }
    return memory
  }

  @inline(__always)
  private func memory(_ index: Int) throws(WasmError) -> MemoryType {
    guard index < module.memories.count else { throw unknown("memory", index) }
    return module.memories[index]
  }

  private func checkData(_ i: Instruction) throws(WasmError) {
    try checkDataCount(module, at: i.offset)
    guard i.index < module.data.count else { throw unknown("data segment", i.index) }
  }

  private mutating func checkBulkMemory(_ i: Instruction) throws(WasmError) {
    switch i.opcode {
    case .memoryInit:
      let memory = try memory(i.index2)
      try checkData(i)
      try pop(.i32)
      try pop(.i32)
      try pop(memory.addressType)
    case .memoryCopy:
      try popCopy(try memory(i.index).addressType, try memory(i.index2).addressType)
    case .memoryFill:
      let memory = try memory(i.index)
      try pop(memory.addressType)
      try pop(.i32)
      try pop(memory.addressType)
    default: throw unsupported(i)
    }
  }
}
