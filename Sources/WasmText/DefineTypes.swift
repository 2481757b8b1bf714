import Wasm

// Type definitions (spec 3.0 6.4, recursive types). All types already have an index.
extension Assembler {
  mutating func defineTypes() throws(WasmTextError) {
    for field in fields {
      parser.position = field.position
      switch field.kind {
      case .type: append(group: [try typeDefinition()])
      case .recursionGroup:
        var group: [SubType] = []
        while parser.takeForm("type") { group.append(try typeDefinition()) }
        append(group: group)
        try parser.close()
      case .import, .function, .table, .memory, .tag, .global, .export, .start, .element, .data:
        continue
      }
    }
  }

  /// `(type id? subtype)`, after its keyword.
  private mutating func typeDefinition() throws(WasmTextError) -> SubType {
    _ = parser.takeId()
    let type = try subType()
    try parser.close()
    return type
  }

  /// `(sub final? x? comptype)`; `comptype` alone is final and has no supertype.
  private mutating func subType() throws(WasmTextError) -> SubType {
    let keyword = parser.peek(1)
    guard parser.takeForm("sub") else { return SubType(isFinal: true, try compositeType()) }
    try require(.recursiveTypes, "type 'sub'", keyword)
    let isFinal = parser.takeKeyword("final")
    let token = parser.peek
    var supertype: Int?
    if parser.isAtIndex {
      let index = try typeSpace.index(&parser)
      guard index < UInt64(typeSpace.count) else {
        throw parser.error("unknown type \(index)", token)
      }
      supertype = Int(index)
    }
    let composite = try compositeType()
    try parser.close()
    return SubType(isFinal: isFinal, supertype: supertype, composite)
  }

  private mutating func compositeType() throws(WasmTextError) -> CompositeType {
    let keyword = parser.peek(1)
    var result: CompositeType
    if parser.takeForm("func") {
      result = .function(try functionType(names: .allowed).type)
    } else if parser.takeForm("struct") {
      try require(.gc, "type 'struct'", keyword)
      result = .structure(try fieldTypes())
    } else if parser.takeForm("array") {
      try require(.gc, "type 'array'", keyword)
      result = .array(try fieldType())
    } else {
      throw parser.unexpected("'(func'")
    }
    try parser.close()
    return result
  }

  /// `(field id? fieldtype)*`, or `(field fieldtype*)*`
  private mutating func fieldTypes() throws(WasmTextError) -> [FieldType] {
    var result: [FieldType] = []
    while parser.takeForm("field") {
      if parser.takeId() != nil {
        result.append(try fieldType())
      } else {
        while parser.peek.kind != .rightParenthesis { result.append(try fieldType()) }
      }
      try parser.close()
    }
    return result
  }

  /// `storagetype`, or `(mut storagetype)`
  private mutating func fieldType() throws(WasmTextError) -> FieldType {
    guard parser.takeForm("mut") else { return FieldType(try storageType(), isMutable: false) }
    let storage = try storageType()
    try parser.close()
    return FieldType(storage, isMutable: true)
  }

  private mutating func storageType() throws(WasmTextError) -> FieldType.Storage {
    switch parser.takeKeyword(["i8", "i16"]) {
    case "i8": .i8
    case "i16": .i16
    default: .value(try valueType())
    }
  }
}
