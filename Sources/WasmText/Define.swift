import Bytes
import Wasm

// Second pass: all fields except segments (those are in DefineSegments.swift).
extension Assembler {
  mutating func defineFields() throws(WasmTextError) {
    for field in fields {
      parser.position = field.position
      switch field.kind {
      case .type, .recursionGroup: continue
      case .import: try defineImport()
      case .function: try defineFunction()
      case .table: try defineTable()
      case .memory: try defineMemory()
      case .tag: try defineTag()
      case .global: try defineGlobal()
      case .export: try defineExport()
      case .start: start = try functionSpace.index(&parser)
      case .element: try defineElement()
      case .data: try defineData()
      }
      try parser.close()
    }
  }

  /// `(import "module" "name" (func …))`
  private mutating func defineImport() throws(WasmTextError) {
    let module = try parser.name()
    let name = try parser.name()
    try parser.open()
    let kind = try externalKind()
    let head = DefinitionHead(id: parser.takeId(), importNames: (module, name))
    _ = try define(kind, head)
    try parser.close()
  }

  /// Assigns the next index of its kind. Emits the exports, and the import if there is one.
  /// - Returns: The index, or nil if it is imported.
  private mutating func define(
    _ kind: ExternalKind, _ head: DefinitionHead
  ) throws(WasmTextError) -> Int? {
    let index = try withSpace(kind) { space, _ throws(WasmTextError) in space.define() }
    for name in head.exports { export(name, kind, UInt64(index)) }
    guard let (module, name) = head.importNames else { return index }
    var entry = ByteWriter()
    entry.vector(module)
    entry.vector(name)
    entry.byte(kind.rawValue)
    switch kind {
    case .function: entry.unsigned(try typeUse(names: .allowed).index)
    case .table: entry.bytes += try tableType()
    case .memory: entry.bytes += try memoryType()
    case .global: entry.bytes += try globalType()
    case .tag: entry.bytes += try tagType()
    }
    imports.append(entry.bytes)
    return nil
  }

  private mutating func export(_ name: [UInt8], _ kind: ExternalKind, _ index: UInt64) {
    var entry = ByteWriter()
    entry.vector(name)
    entry.byte(kind.rawValue)
    entry.unsigned(index)
    exports.append(entry.bytes)
  }

  /// `(export "name" (func x))`
  private mutating func defineExport() throws(WasmTextError) {
    let name = try parser.name()
    try parser.open()
    let kind = try externalKind()
    export(name, kind, try space(kind).index(&parser))
    try parser.close()
  }

  // MARK: Functions

  private mutating func defineFunction() throws(WasmTextError) {
    guard let index = try define(.function, definitionHead()) else { return }
    let use = try typeUse(names: .allowed)
    var entry = ByteWriter()
    entry.unsigned(use.index)
    functionTypes.append(entry.bytes)
    locals = IndexSpace("local")
    for id in use.ids { try locals.declare(id, parser) }
    output = ByteWriter()
    try localDeclarations()
    labels = LabelScope()
    try instructions()
    output.byte(UInt8(truncatingIfNeeded: Opcode.end.info.code))
    entry.bytes = []
    entry.vector(output.bytes)
    code.append(entry.bytes)
    if !locals.indices.isEmpty { localNames.append((index, locals.names)) }
  }

  /// `(local …)*`; adjacent locals of the same type are combined (spec 5.5.13).
  private mutating func localDeclarations() throws(WasmTextError) {
    var groups: [(count: Int, type: ValueType)] = []
    func add(_ type: ValueType) {
      if groups.last?.type == type {
        groups[groups.count - 1].count += 1
      } else {
        groups.append((1, type))
      }
    }
    while parser.takeForm("local") {
      if let id = parser.takeId() {
        try locals.declare(id, parser)
        add(try valueType())
      } else {
        while let type = try optionalValueType() {
          try locals.declare(nil, parser)
          add(type)
        }
      }
      try parser.close()
    }
    output.count(groups.count)
    for group in groups {
      output.count(group.count)
      group.type.encode(to: &output)
    }
  }

  // MARK: Globals, tables, memories

  private mutating func defineGlobal() throws(WasmTextError) {
    guard try define(.global, definitionHead()) != nil else { return }
    let type = try globalType()
    globals.append(type + (try constantExpression()))
  }

  private mutating func defineTag() throws(WasmTextError) {
    guard try define(.tag, definitionHead()) != nil else { return }
    tags.append(try tagType())
  }

  /// An attribute, which is 0, and the type (spec 3.0 5.3, tag types).
  private mutating func tagType() throws(WasmTextError) -> [UInt8] {
    var entry = ByteWriter()
    entry.byte(0)
    entry.unsigned(try typeUse(names: .allowed).index)
    return entry.bytes
  }

  private mutating func defineTable() throws(WasmTextError) {
    guard let index = try define(.table, definitionHead()) else { return }
    let is64 = try addressType()
    if parser.isAtIndex {
      let limits = try limits(is64: is64)
      let type = try referenceType().encoded + limits
      guard parser.peek.kind != .rightParenthesis else { return tables.append(type) }
      try require(.functionReferences, "a table's initializer", parser.peek)
      return tables.append([0x40, 0] + type + (try constantExpression()))
    }
    let type = try referenceType()
    let count = try inlineElements(table: index, type, is64: is64)
    tables.append(
      type.encoded + Self.encodeLimits(min: UInt64(count), max: UInt64(count), is64: is64))
  }

  private mutating func defineMemory() throws(WasmTextError) {
    guard let index = try define(.memory, definitionHead()) else { return }
    let is64 = try addressType()
    let exponent = try pageSizeExponent()
    if exponent == nil, !parser.atForm("data") {
      return memories.append(try memoryLimits(is64: is64))
    }
    guard parser.takeForm("data") else { throw parser.unexpected("'(data'") }
    let bytes = try parser.strings()
    let shift = UInt64(exponent ?? MemoryType.standardPageSizeExponent)
    let pages = (UInt64(bytes.count) + (1 << shift) - 1) >> shift
    let limits = Self.encodeLimits(min: pages, max: pages, is64: is64)
    memories.append(Self.encode(limits, pageSizeExponent: exponent))
    addData(.active(UInt64(index), offset: Self.zero(is64: is64)), bytes)
  }
}
