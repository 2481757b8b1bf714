import Wasm

// First pass: assigns every field its index and identifier.
extension Assembler {
  /// - Parameter isWrapped: Whether a `)` ends the fields, rather than the end of the text.
  mutating func declareFields(isWrapped: Bool) throws(WasmTextError) {
    while parser.peek.kind == .leftParenthesis {
      parser.position += 1
      try declareField()
      try parser.skipForm()
    }
    if isWrapped { try parser.close() }
    if parser.peek.kind != .end { throw parser.unexpected(isWrapped ? "end of text" : "'('") }
  }

  private mutating func declareField() throws(WasmTextError) {
    let keyword = parser.peek
    guard keyword.kind == .atom, let kind = FieldKind(rawValue: parser.string(keyword)) else {
      try requireFieldFeature(keyword)
      throw parser.unexpected("a module field")
    }
    parser.position += 1
    fields.append((kind, parser.position))
    switch kind {
    case .type: try typeSpace.declare(parser.takeId(), parser)
    case .recursionGroup:
      try requireFieldFeature(keyword)
      while parser.takeForm("type") {
        try typeSpace.declare(parser.takeId(), parser)
        try parser.skipForm()
      }
    case .import: try declareImport(keyword)
    case .function, .table, .memory, .global, .tag:
      try requireFieldFeature(keyword)
      try declareDefinition(kind, keyword)
    case .export: break
    case .start:
      if hasStart { throw parser.error("multiple start functions", keyword) }
      hasStart = true
    case .element: try elementSpace.declare(parser.takeId(), parser)
    case .data: try dataSpace.declare(parser.takeId(), parser)
    }
  }

  private func requireFieldFeature(_ keyword: Token) throws(WasmTextError) {
    if parser.token(keyword, is: "rec") {
      try require(.recursiveTypes, "a recursive type", keyword)
    }
    if parser.token(keyword, is: "tag") { try require(.exceptions, "a tag", keyword) }
  }

  private mutating func declareImport(_ keyword: Token) throws(WasmTextError) {
    _ = try parser.name()
    _ = try parser.name()
    try parser.open()
    let kind = try externalKind()
    let id = parser.takeId()
    try withSpace(kind) { space, parser throws(WasmTextError) in try space.declare(id, parser) }
    try checkImportOrder(keyword)
    try parser.skipForm()
  }

  private mutating func declareDefinition(_ kind: FieldKind, _ keyword: Token)
    throws(WasmTextError)
  {
    guard let external = kind.external else { return }
    let head = try definitionHead()
    try withSpace(external) { space, parser throws(WasmTextError) in
      try space.declare(head.id, parser)
    }
    if head.importNames != nil { return try checkImportOrder(keyword) }
    definitionSeen = definitionSeen ?? kind
    // Segments inside a table or memory also have an index.
    _ = parser.takeKeyword(["i32", "i64"])
    if kind == .memory {
      if parser.takeForm("pagesize") { try parser.skipForm() }
      if parser.atForm("data") { try dataSpace.declare(nil, parser) }
    }
    if kind == .table, !parser.isAtIndex {
      if parser.takeForm("ref") {
        try parser.skipForm()
      } else if parser.peek.kind == .atom {
        parser.position += 1
      }
      if parser.atForm("elem") { try elementSpace.declare(nil, parser) }
    }
  }

  private func checkImportOrder(_ keyword: Token) throws(WasmTextError) {
    if let definitionSeen {
      throw parser.error("import after the definition of a \(definitionSeen)", keyword)
    }
  }
}

/// What may precede a definition as abbreviations (spec 6.6.5 and following): identifier, `(export …)`, `(import …)`.
struct DefinitionHead {
  var id: Token?
  var exports: [[UInt8]] = []
  var importNames: (module: [UInt8], name: [UInt8])?
}

extension Assembler {
  mutating func definitionHead() throws(WasmTextError) -> DefinitionHead {
    var head = DefinitionHead(id: parser.takeId())
    while parser.takeForm("export") {
      head.exports.append(try parser.name())
      try parser.close()
    }
    if parser.takeForm("import") {
      let module = try parser.name()
      head.importNames = (module, try parser.name())
      try parser.close()
    }
    return head
  }

  /// Parses the keyword of an import or export description.
  mutating func externalKind() throws(WasmTextError) -> ExternalKind {
    let token = parser.peek
    guard token.kind == .atom, let field = FieldKind(rawValue: parser.string(token)),
      let kind = field.external
    else {
      throw parser.unexpected("func, table, memory, tag or global")
    }
    try requireFieldFeature(token)
    parser.position += 1
    return kind
  }
}
