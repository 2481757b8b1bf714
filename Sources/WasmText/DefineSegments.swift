import Bytes
import Wasm

// Second pass: element and data segments (spec 6.6.9, 6.6.10), encoded as in 5.5.12 and 5.5.14.

/// How a segment is used; `offset` is an encoded constant expression.
enum SegmentUse {
  case passive
  case declarative
  case active(UInt64, offset: [UInt8])
}

/// The contents of an element segment.
private struct ElementList {
  var type: ValueType
  /// Encoded constant expressions.
  var items: [[UInt8]]

  /// The items as encoded indices if all are functions. This is the shorter of the two forms.
  var functions: [[UInt8]]? {
    guard type == .funcref else { return nil }
    var result: [[UInt8]] = []
    for item in items {
      // ref.func, one integer, end.
      let index = item.dropFirst().dropLast()
      guard item.first == UInt8(truncatingIfNeeded: Opcode.refFunc.info.code),
        index.firstIndex(where: { $0 < 0x80 }) == index.endIndex - 1
      else { return nil }
      result.append(Array(index))
    }
    return result
  }
}

extension Assembler {
  // MARK: Element segments

  /// `(elem …)` in a table: function indices or expressions.
  /// - Returns: The number of items.
  mutating func inlineElements(
    table: Int, _ type: ValueType, is64: Bool
  ) throws(WasmTextError) -> Int {
    guard parser.takeForm("elem") else { throw parser.unexpected("'(elem'") }
    let items = parser.isAtIndex ? try functionItems() : try expressionItems()
    try parser.close()
    _ = elementSpace.define()
    let list = ElementList(type: type, items: items)
    elements.append(encode(.active(UInt64(table), offset: Self.zero(is64: is64)), list))
    return items.count
  }

  /// `(elem id? declare? (table x)? offset? list)`
  mutating func defineElement() throws(WasmTextError) {
    _ = elementSpace.define()
    _ = parser.takeId()
    if parser.takeKeyword("declare") {
      return elements.append(encode(.declarative, try elementList()))
    }
    let hasTable = parser.atForm("table")
    guard parser.peek.kind == .leftParenthesis, !parser.atForm("ref") else {
      return elements.append(encode(.passive, try elementList()))
    }
    let use = try activeUse("table", tableSpace)
    // Without a table, the keyword `func` may be omitted, as in version 1.0.
    if !hasTable, parser.isAtIndex || parser.peek.kind == .rightParenthesis {
      let list = ElementList(type: .funcref, items: try functionItems())
      return elements.append(encode(use, list))
    }
    elements.append(encode(use, try elementList()))
  }

  /// `(table x)? (offset …)`, or the same for a memory. `offset` may be omitted if the offset is one folded instruction.
  private mutating func activeUse(
    _ keyword: StaticString, _ space: IndexSpace
  ) throws(WasmTextError) -> SegmentUse {
    var index: UInt64 = 0
    if parser.takeForm(keyword) {
      index = try space.index(&parser)
      try parser.close()
    }
    return .active(index, offset: try shortExpression("offset"))
  }

  private mutating func elementList() throws(WasmTextError) -> ElementList {
    if parser.takeKeyword("func") {
      return ElementList(type: .funcref, items: try functionItems())
    }
    let type = try referenceType()
    return ElementList(type: type, items: try expressionItems())
  }

  private mutating func functionItems() throws(WasmTextError) -> [[UInt8]] {
    var items: [[UInt8]] = []
    while parser.isAtIndex {
      var item = ByteWriter()
      item.byte(UInt8(truncatingIfNeeded: Opcode.refFunc.info.code))
      item.unsigned(try functionSpace.index(&parser))
      item.byte(UInt8(truncatingIfNeeded: Opcode.end.info.code))
      items.append(item.bytes)
    }
    return items
  }

  private mutating func expressionItems() throws(WasmTextError) -> [[UInt8]] {
    var items: [[UInt8]] = []
    while parser.peek.kind == .leftParenthesis { items.append(try shortExpression("item")) }
    return items
  }

  private func encode(_ use: SegmentUse, _ list: ElementList) -> [UInt8] {
    let functions = list.functions
    var entry = ByteWriter()
    let expressions: UInt8 = functions == nil ? 4 : 0
    switch use {
    case .active(0, let offset) where list.type == .funcref:
      entry.byte(expressions)
      entry.bytes += offset
    case .active(let table, let offset):
      entry.byte(2 | expressions)
      entry.unsigned(table)
      entry.bytes += offset
      if functions == nil { list.type.encode(to: &entry) } else { entry.byte(0) }
    case .passive, .declarative:
      if case .passive = use { entry.byte(1 | expressions) } else { entry.byte(3 | expressions) }
      if functions == nil { list.type.encode(to: &entry) } else { entry.byte(0) }
    }
    let items = functions ?? list.items
    entry.count(items.count)
    for item in items { entry.bytes += item }
    return entry.bytes
  }

  // MARK: Data segments

  /// `(data id? (memory x)? offset? "…"*)`
  mutating func defineData() throws(WasmTextError) {
    _ = parser.takeId()
    let isActive = parser.peek.kind == .leftParenthesis
    let use = isActive ? try activeUse("memory", memorySpace) : .passive
    var bytes: [UInt8] = []
    while parser.peek.kind == .string { bytes += try parser.stringLiteral() }
    addData(use, bytes)
  }

  mutating func addData(_ use: SegmentUse, _ bytes: [UInt8]) {
    _ = dataSpace.define()
    var entry = ByteWriter()
    switch use {
    case .active(0, let offset):
      entry.byte(0)
      entry.bytes += offset
    case .active(let memory, let offset):
      entry.byte(2)
      entry.unsigned(memory)
      entry.bytes += offset
    case .passive, .declarative:
      entry.byte(1)
    }
    entry.vector(bytes)
    data.append(entry.bytes)
  }

  // MARK: Constant expressions

  /// Encodes the instructions up to the `)` of the field, followed by an `end`.
  mutating func constantExpression() throws(WasmTextError) -> [UInt8] {
    startExpression()
    try instructions()
    return endExpression()
  }

  /// `(keyword instr*)`, or one folded instruction without the keyword.
  private mutating func shortExpression(
    _ keyword: StaticString
  ) throws(WasmTextError) -> [UInt8] {
    startExpression()
    if parser.takeForm(keyword) {
      try instructions()
      try parser.close()
    } else {
      try foldedInstruction()
    }
    return endExpression()
  }

  private mutating func startExpression() {
    output = ByteWriter()
    locals = IndexSpace("local")
    labels = LabelScope()
  }

  private mutating func endExpression() -> [UInt8] {
    output.byte(UInt8(truncatingIfNeeded: Opcode.end.info.code))
    return output.bytes
  }

  static func zero(is64: Bool) -> [UInt8] {
    let opcode: Opcode = is64 ? .i64Const : .i32Const
    return [
      UInt8(truncatingIfNeeded: opcode.info.code), 0,
      UInt8(truncatingIfNeeded: Opcode.end.info.code),
    ]
  }
}
