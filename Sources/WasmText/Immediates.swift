import Bytes
import Wasm

// Immediates after a mnemonic (spec 6.5.2 and following), by the kind in the opcode's row.
extension Assembler {
  /// Appends an instruction other than a block to `output`. The mnemonic has already been consumed.
  mutating func encode(_ opcode: Opcode, _ keyword: Token) throws(WasmTextError) {
    if opcode == .select, parser.atForm("result") { return try encode(.selectT, keyword) }
    let info = opcode.info
    try require(info.feature, "'\(info.mnemonic)'", keyword)
    if info.prefix == 0 {
      output.byte(UInt8(truncatingIfNeeded: info.code))
    } else {
      output.byte(info.prefix)
      output.unsigned(UInt64(info.code))
    }
    try immediates(info, keyword)
  }

  private mutating func immediates(
    _ info: OpcodeInfo, _ keyword: Token
  ) throws(WasmTextError) {
    switch info.immediate {
    case .none: break
    case .label, .scope: output.unsigned(try label())
    case .labels: try labelVector()
    case .function: output.unsigned(try functionSpace.index(&parser))
    case .type: output.unsigned(try typeSpace.index(&parser))
    case .typeAndTable: try typeAndTable()
    case .types: try selectTypes()
    case .tag: output.unsigned(try tagSpace.index(&parser))
    case .local: output.unsigned(try locals.index(&parser))
    case .global: output.unsigned(try globalSpace.index(&parser))
    case .table: output.unsigned(try tableSpace.optionalIndex(&parser))
    case .memory: output.unsigned(try memorySpace.optionalIndex(&parser))
    case .memoryAndMemory: try twoIndices(memorySpace)
    case .tableAndTable: try twoIndices(tableSpace)
    case .dataAndMemory:
      usesDataIndex = true
      try segmentIndex(dataSpace, memorySpace)
    case .elementAndTable: try segmentIndex(elementSpace, tableSpace)
    case .data:
      usesDataIndex = true
      output.unsigned(try dataSpace.index(&parser))
    case .element: output.unsigned(try elementSpace.index(&parser))
    case .heapType: try heapType().encode(to: &output)
    case .i32: output.signed(Int64(Int32(truncatingIfNeeded: try integer(width: 32))))
    case .i64: output.signed(Int64(bitPattern: try integer(width: 64)))
    case .f32: output.integer(try float(NumberLiteral.f32))
    case .f64: output.integer(try float(NumberLiteral.f64))
    case .v128: try vectorConstant()
    case .shuffle: for _ in 0..<16 { try lane() }
    case .lane: try lane()
    case .memoryArgument(let alignment), .atomicArgument(let alignment):
      try memoryArgument(natural: alignment, hasMemory: parser.isAtIndex)
    case .memoryArgumentAndLane(let alignment):
      // A single number is the lane.
      let next = parser.peek(1)
      let isBeforeArgument = ["offset=", "align="].contains {
        parser.bytes(next).starts(with: $0.utf8)
      }
      let hasMemory =
        parser.peek.isId || (parser.isAtIndex && (parser.isIndex(next) || isBeforeArgument))
      try memoryArgument(natural: alignment, hasMemory: hasMemory)
      try lane()
    case .zero: output.byte(0)
    case .block, .tryTable, .typeAndField, .typeAndCount, .typeAndData, .typeAndElement,
      .typeAndType, .cast:
      throw parser.error("'\(info.mnemonic)' is not supported here", keyword)
    }
  }

  // MARK: Indices

  private mutating func label() throws(WasmTextError) -> UInt64 {
    let token = parser.peek
    guard token.isId else { return try parser.unsigned(max: UInt64(UInt32.max), "a label") }
    guard let depth = labels.relativeDepth(parser.identifier(token)) else {
      throw parser.error("unknown label \(parser.quote(token))", token)
    }
    parser.position += 1
    return UInt64(depth)
  }

  /// The clauses of a `try_table`, whose labels are those around it.
  mutating func catchClauses() throws(WasmTextError) {
    var count = 0
    var clauses = ByteWriter()
    let kinds: [StaticString] = ["catch", "catch_ref", "catch_all", "catch_all_ref"]
    while let kind = kinds.indices.first(where: { parser.takeForm(kinds[$0]) }) {
      clauses.byte(UInt8(kind))
      if kind < 2 { clauses.unsigned(try tagSpace.index(&parser)) }
      clauses.unsigned(try label())
      try parser.close()
      count += 1
    }
    output.count(count)
    output.raw(clauses.bytes)
  }

  private mutating func labelVector() throws(WasmTextError) {
    var targets = [try label()]
    while parser.isAtIndex { targets.append(try label()) }
    output.count(targets.count - 1)
    for target in targets { output.unsigned(target) }
  }

  /// The table comes first in the text but last in the binary.
  private mutating func typeAndTable() throws(WasmTextError) {
    let table = try tableSpace.optionalIndex(&parser)
    output.unsigned(try typeUse(names: .forbidden).index)
    output.unsigned(table)
  }

  /// Two indices, or none.
  private mutating func twoIndices(_ space: IndexSpace) throws(WasmTextError) {
    let isGiven = parser.isAtIndex
    for _ in 0..<2 { output.unsigned(isGiven ? try space.index(&parser) : 0) }
  }

  /// A memory or table, which may be omitted, followed by the segment. The binary has the opposite order.
  private mutating func segmentIndex(
    _ segments: IndexSpace, _ targets: IndexSpace
  ) throws(WasmTextError) {
    var target: UInt64 = 0
    if parser.isAtIndex, parser.isIndex(parser.peek(1)) { target = try targets.index(&parser) }
    output.unsigned(try segments.index(&parser))
    output.unsigned(target)
  }

  // MARK: Types

  private mutating func selectTypes() throws(WasmTextError) {
    var results: [ValueType] = []
    while parser.takeForm("result") {
      while let type = try optionalValueType() { results.append(type) }
      try parser.close()
    }
    output.count(results.count)
    for type in results { type.encode(to: &output) }
  }

  // MARK: Constants

  mutating func integer(width: UInt64) throws(WasmTextError) -> UInt64 {
    guard parser.peek.kind == .atom else { throw parser.unexpected("an integer") }
    guard let bits = NumberLiteral.integer(parser.bytes(parser.peek), width: width) else {
      throw malformed("i\(width)")
    }
    parser.position += 1
    return bits
  }

  mutating func float<Bits>(_ read: (ArraySlice<UInt8>) -> Bits?) throws(WasmTextError) -> Bits {
    guard parser.peek.kind == .atom else { throw parser.unexpected("a float") }
    guard let bits = read(parser.bytes(parser.peek)) else {
      throw malformed(Bits.self == UInt32.self ? "f32" : "f64")
    }
    parser.position += 1
    return bits
  }

  private func malformed(_ type: String) -> WasmTextError {
    parser.error(
      "\(type) constant '\(parser.quote(parser.peek))' is malformed or out of range", parser.peek)
  }

  // MARK: Memory arguments

  /// `x? offset=…? align=…?`, without spaces around `=`.
  private mutating func memoryArgument(
    natural: Int, hasMemory: Bool
  ) throws(WasmTextError) {
    let memory = hasMemory ? try memorySpace.index(&parser) : 0
    // What the memory's address type has room for is a matter of validation.
    let offset = try argument("offset=", max: .max) ?? 0
    let alignToken = parser.peek
    let alignment = try argument("align=", max: UInt64(UInt32.max)) ?? UInt64(natural)
    guard alignment.nonzeroBitCount == 1 else {
      throw parser.error("alignment is not a power of two", alignToken)
    }
    let log2 = UInt64(alignment.trailingZeroBitCount)
    // Bit 6 indicates that a memory index follows.
    output.unsigned(memory == 0 ? log2 : log2 | 0x40)
    if memory != 0 { output.unsigned(memory) }
    output.unsigned(offset)
  }

  private mutating func argument(
    _ keyword: StaticString, max: UInt64
  ) throws(WasmTextError) -> UInt64? {
    let token = parser.peek
    let bytes = parser.bytes(token)
    guard token.kind == .atom, bytes.starts(with: "\(keyword)".utf8) else { return nil }
    guard let value = NumberLiteral.unsigned(bytes.dropFirst(keyword.utf8CodeUnitCount)),
      value <= max
    else { throw parser.error("'\(parser.quote(token))' is malformed or out of range", token) }
    parser.position += 1
    return value
  }

  // MARK: Vectors

  private mutating func lane() throws(WasmTextError) {
    output.byte(UInt8(truncatingIfNeeded: try parser.unsigned(max: 255, "a lane")))
  }

  /// `v128.const shape lanes`
  private mutating func vectorConstant() throws(WasmTextError) {
    let shapes: [StaticString] = ["i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"]
    switch parser.takeKeyword(shapes) {
    case "i8x16": try integerLanes(width: 8)
    case "i16x8": try integerLanes(width: 16)
    case "i32x4": try integerLanes(width: 32)
    case "i64x2": try integerLanes(width: 64)
    case "f32x4":
      for _ in 0..<4 { output.integer(try float(NumberLiteral.f32)) }
    case "f64x2":
      for _ in 0..<2 { output.integer(try float(NumberLiteral.f64)) }
    default: throw parser.unexpected("a vector shape")
    }
  }

  private mutating func integerLanes(width: UInt64) throws(WasmTextError) {
    for _ in 0..<(128 / width) {
      output.lane(try integer(width: width), width: Int(width))
    }
  }
}
