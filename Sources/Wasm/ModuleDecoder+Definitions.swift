/// The sections that define and name things (spec 5.5.3 to 5.5.11).
extension ModuleDecoder {
  mutating func readCustom(_ input: inout ModuleReader) throws(WasmError) {
    let name = try input.name()
    let range = try input.skip(input.remaining)
    module.customSections.append(CustomSection(name: name, bytes: range))
  }

  mutating func readTypes(_ input: inout ModuleReader) throws(WasmError) {
    for _ in 0..<(try input.count(limit: ImplementationLimits.types, of: "types")) {
      module.types.append(group: try input.recursionGroup(from: module.types.count, &places.types))
    }
  }

  mutating func readImports(_ input: inout ModuleReader) throws(WasmError) {
    for _ in 0..<(try input.count(limit: ImplementationLimits.imports, of: "imports")) {
      let name = (try input.name(), try input.name())
      places.imports.append(input.position)
      let kind = try input.peek()
      if name.1.isEmpty && (kind == 0x7E || kind == 0x7F) {
        throw .unsupported(.compactImportSection, "a group of imports", at: input.position)
      }
      let type = try readExternalType(&input)
      module.imports.append(Import(module: name.0, name: name.1, type: type))
    }
  }

  private mutating func readExternalType(_ input: inout ModuleReader) throws(WasmError)
    -> ExternalType
  {
    let start = input.position
    let kind = try input.byte()
    if kind == 0x20 { throw .unsupported(.customDescriptors, "an exact function", at: start) }
    guard let kind = ExternalKind(rawValue: kind) else {
      throw .malformed("malformed import kind", at: start)
    }
    switch kind {
    case .function:
      let typeIndex = try input.index()
      module.functions.append(Function(typeIndex: typeIndex))
      module.importedFunctionCount += 1
      return .function(typeIndex: typeIndex)
    case .table:
      let type = try input.tableType()
      module.tables.append(type)
      module.importedTableCount += 1
      return .table(type)
    case .memory:
      let type = try input.memoryType()
      module.memories.append(type)
      try checkMemoryCount(at: start)
      module.importedMemoryCount += 1
      return .memory(type)
    case .global:
      let type = try input.globalType()
      module.globals.append(Global(type: type, initializer: nil))
      module.importedGlobalCount += 1
      return .global(type)
    case .tag:
      let type = try readTag(&input, at: start)
      module.importedTagCount += 1
      return .tag(type)
    }
  }

  mutating func readTags(_ input: inout ModuleReader, at start: Int) throws(WasmError) {
    let limit = ImplementationLimits.tags - module.tags.count
    for _ in 0..<(try input.count(limit: limit, of: "tags")) {
      places.tags.append(input.position)
      _ = try readTag(&input, at: start)
    }
  }

  private mutating func readTag(
    _ input: inout ModuleReader, at place: Int
  ) throws(WasmError) -> TagType {
    try input.require(.exceptions, for: "a tag", at: place)
    let start = input.position
    guard try input.byte() == 0 else { throw .malformed("malformed tag attribute", at: start) }
    let type = TagType(typeIndex: try input.index())
    module.tags.append(type)
    return type
  }

  mutating func readFunctions(_ input: inout ModuleReader) throws(WasmError) {
    let limit = ImplementationLimits.functions - module.functions.count
    for _ in 0..<(try input.count(limit: limit, of: "functions")) {
      places.functions.append(input.position)
      module.functions.append(Function(typeIndex: try input.index()))
    }
  }

  mutating func readTables(_ input: inout ModuleReader) throws(WasmError) {
    let limit = ImplementationLimits.tables - module.tables.count
    for _ in 0..<(try input.count(limit: limit, of: "tables")) {
      let start = input.position
      places.tables.append(start)
      let hasInitializer = try input.peek() == 0x40
      if hasInitializer {
        try input.require(.functionReferences, for: "a table with an initializer", at: start)
        _ = try input.byte()
        let place = input.position
        guard try input.byte() == 0 else { throw .malformed("malformed table", at: place) }
      }
      module.tables.append(try input.tableType())
      if hasInitializer {
        module.tableInitializers[module.tables.count - 1] = try readConstant(&input)
      }
    }
  }

  mutating func readMemories(_ input: inout ModuleReader) throws(WasmError) {
    for _ in 0..<(try input.index()) {
      places.memories.append(input.position)
      module.memories.append(try input.memoryType())
      // At once: nothing else bounds their number.
      try checkMemoryCount(at: places.memories.last!)
    }
  }

  private func checkMemoryCount(at offset: Int) throws(WasmError) {
    let limit = ImplementationLimits.memories
    guard module.memories.count <= limit else {
      throw .limit("more than \(limit) memories", at: offset)
    }
  }

  mutating func readGlobals(_ input: inout ModuleReader) throws(WasmError) {
    let limit = ImplementationLimits.globals - module.globals.count
    for _ in 0..<(try input.count(limit: limit, of: "globals")) {
      places.globals.append(input.position)
      let type = try input.globalType()
      let initializer = try readConstant(&input)
      module.globals.append(Global(type: type, initializer: initializer))
    }
  }

  mutating func readExports(_ input: inout ModuleReader) throws(WasmError) {
    for _ in 0..<(try input.count(limit: ImplementationLimits.exports, of: "exports")) {
      places.exports.append(input.position)
      let name = try input.name()
      let start = input.position
      let kind = try input.byte()
      guard let kind = ExternalKind(rawValue: kind) else {
        throw .malformed("malformed export kind", at: start)
      }
      module.exports.append(Export(name: name, kind: kind, index: try input.index()))
    }
  }
}
