/// Reads the instructions of a function's body one after the other (spec 5.4), its final `end`
/// included. Decodes only: what it returns may still be invalid.
public struct InstructionReader {
  /// First bytes of opcodes that have a number behind them (spec 5.4).
  public static let prefixes: ClosedRange<UInt8> = 0xFB...0xFE

  private(set) var input: ModuleReader
  /// Blocks open, the body itself included; 0 when its `end` was read.
  private(set) var depth = 1
  private let rows = OpcodeTable.plainDecodings
  /// Whether `input` ends with the body.
  private let isBounded: Bool

  /// - Parameter function: in the function index space. An imported one has no instructions.
  public init(_ module: Module, function: Int) {
    input = ModuleReader(module, module.functions[function].body)
    isBounded = true
    if function < module.importedFunctionCount { depth = 0 }
  }

  /// Goes on where `input` stands: for an expression, whose length nothing tells.
  init(continuing input: ModuleReader) {
    self.input = input
    isBounded = false
  }

  /// Nil after the `end` of the body.
  public mutating func next() throws(WasmError) -> Instruction? {
    var instruction = Instruction(opcode: .nop, offset: 0, end: 0)
    return try next(&instruction) ? instruction : nil
  }

  /// The same for passes over whole modules: an optional of this size costs more to destroy than its
  /// instruction to decode.
  ///
  /// - Returns: false after the `end` of the body.
  public mutating func next(_ instruction: inout Instruction) throws(WasmError) -> Bool {
    guard depth > 0 else { return false }
    try read(&instruction)
    return true
  }

  private mutating func read(_ instruction: inout Instruction) throws(WasmError) {
    let offset = input.position
    let byte = try input.byte()
    let row = if let row = rows[Int(byte)] { row } else { try slowRow(byte, at: offset) }
    instruction.reset(row.opcode, offset: offset)
    if row.isSupported {
      switch row.immediate {
      case .none: if row.opcode == .end { try close() }
      case .label, .function, .type, .tag, .local, .global, .table, .memory, .data, .element:
        instruction.index = try input.index()
      case .i32: instruction.bits = UInt64(bitPattern: try input.signed(bits: 32))
      case .i64: instruction.bits = UInt64(bitPattern: try input.signed(bits: 64))
      case .memoryArgument: try readMemoryArgument(&instruction)
      case .block:
        instruction.blockType = try input.blockType()
        depth += 1
      default:
        try readRare(row.immediate, &instruction)
        if row.opcode == .delegate { try close() }
      }
    } else {
      let info = row.opcode.info
      throw .unsupported(info.feature, info.mnemonic, at: offset)
    }
    instruction.end = input.position
  }

  @inline(__always)
  private mutating func close() throws(WasmError) {
    depth &-= 1
    if depth == 0 && isBounded && !input.isAtEnd {
      throw .malformed("section size mismatch", at: input.position)
    }
  }

  // MARK: Opcodes that are not one byte

  private mutating func slowRow(_ byte: UInt8, at offset: Int) throws(WasmError)
    -> OpcodeTable.Decoding
  {
    switch byte {
    case Self.prefixes:
      let code = try input.u32()
      if let opcode = Opcode(prefix: byte, code: code) {
        return OpcodeTable.decodings[opcode.ordinal]
      }
      if let feature = Feature(ofOpcode: byte, code) {
        throw .unsupported(feature, "opcode \(hex(byte, code))", at: offset)
      }
      throw illegalOpcode(byte, code, at: offset)
    case 0xE0...0xE6: throw .unsupported(.stackSwitching, "opcode \(hex(byte, nil))", at: offset)
    default: throw illegalOpcode(byte, nil, at: offset)
    }
  }

  private func illegalOpcode(_ byte: UInt8, _ code: UInt32?, at offset: Int) -> WasmError {
    .malformed("illegal opcode \(hex(byte, code))", at: offset)
  }

  private func hex(_ byte: UInt8, _ code: UInt32?) -> String {
    let prefix = (byte < 16 ? "0" : "") + String(byte, radix: 16)
    return prefix + (code.map { " " + String($0, radix: 16) } ?? "")
  }

  // MARK: Immediates

  /// Alignment, memory and offset (spec 5.4.6). Bit 6 announces a memory index.
  @inline(__always)
  private mutating func readMemoryArgument(_ instruction: inout Instruction) throws(WasmError) {
    let start = input.position
    let flags = try input.index()
    if flags >= 0x40 {
      guard flags < 0x80 else { throw .malformed("malformed memop flags", at: start) }
      instruction.index = try input.index()
    }
    instruction.alignment = flags & 0x3F
    instruction.bits = try input.u64()
  }

  @inline(never)
  private mutating func readRare(_ kind: ImmediateKind, _ instruction: inout Instruction)
    throws(WasmError)
  {
    switch kind {
    case .labels: try readLabels(&instruction)
    case .typeAndTable, .memoryAndMemory, .tableAndTable, .dataAndMemory, .elementAndTable,
      .typeAndField, .typeAndCount, .typeAndData, .typeAndElement, .typeAndType:
      instruction.index = try input.index()
      instruction.index2 = try input.index()
    case .types: try readTypes(&instruction)
    case .heapType: instruction.selectType = .reference(try input.heapType())
    case .f32: instruction.bits = UInt64(try input.integer(UInt32.self))
    case .f64: instruction.bits = try input.integer()
    case .v128, .shuffle:
      instruction.bits = try input.integer()
      instruction.bitsHigh = try input.integer()
    case .lane: instruction.index = Int(try input.byte())
    case .memoryArgumentAndLane:
      try readMemoryArgument(&instruction)
      instruction.index2 = Int(try input.byte())
    case .atomicArgument: try readMemoryArgument(&instruction)
    case .zero:
      let start = input.position
      guard try input.byte() == 0 else { throw .malformed("zero byte expected", at: start) }
    case .tryTable:
      instruction.blockType = try input.blockType()
      depth += 1
      try readClauses(&instruction)
    case .scope: instruction.index = try input.index()
    case .cast:
      let info = instruction.opcode.info
      throw .unsupported(info.feature, info.mnemonic, at: instruction.offset)
    case .none, .block, .label, .function, .type, .tag, .local, .global, .table, .memory, .data,
      .element, .i32, .i64, .memoryArgument:
      preconditionFailure("read above")
    }
  }

  private mutating func readLabels(_ instruction: inout Instruction) throws(WasmError) {
    let count = try input.index()
    // Each takes a byte or more, so that what is reserved is in proportion.
    guard count < input.remaining else { throw input.failure(.unexpectedEnd) }
    instruction.labels.reserveCapacity(count + 1)
    for _ in 0...count { instruction.labels.append(try input.index()) }
  }

  private mutating func readClauses(_ instruction: inout Instruction) throws(WasmError) {
    let count = try input.index()
    // Each takes two bytes or more.
    guard count <= input.remaining / 2 else { throw input.failure(.unexpectedEnd) }
    instruction.labels.reserveCapacity(count * CatchClause.wordCount)
    for _ in 0..<count {
      let start = input.position
      let kind = try input.byte()
      guard kind < 4 else { throw .malformed("malformed catch clause", at: start) }
      let tag = kind < 2 ? try input.index() : nil
      let clause = CatchClause(
        tag: tag, keepsException: kind & 1 != 0, target: .label(try input.index()))
      clause.append(to: &instruction.labels)
    }
  }

  private mutating func readTypes(_ instruction: inout Instruction) throws(WasmError) {
    instruction.index = try input.index()
    for position in 0..<instruction.index {
      let type = try input.valueType()
      if position == 0 { instruction.selectType = type }
    }
  }
}
