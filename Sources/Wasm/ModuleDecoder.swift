/// Where the parts of a module stand, for the errors of validation. Bytes from the module's start.
struct ModulePlaces {
  /// By type index.
  var types: [Int] = []
  var imports: [Int] = []
  /// The type index of each function that the module defines; then of each table, and so on.
  var functions: [Int] = []
  var tables: [Int] = []
  var memories: [Int] = []
  var tags: [Int] = []
  var globals: [Int] = []
  var exports: [Int] = []
  var start = 0
  var elements: [Int] = []
  /// The first reference of each element segment.
  var items: [ItemsPlace] = []
  var data: [Int] = []
  /// Each step of each constant expression and the `end` after it, in the order in which they were read; but for
  /// element segments' references, which are found again when they are needed.
  var steps: [Int] = []

  struct ItemsPlace {
    var start: Int
    /// Else bare function indices.
    var areExpressions: Bool
  }
}

/// Decodes the sections of a binary module (spec 5.5), leaving bodies alone.
struct ModuleDecoder {
  var module = Module()
  var places = ModulePlaces()
  private var input: ModuleReader

  init(_ bytes: [UInt8], _ typeFeatures: FeatureSet) throws(WasmError) {
    guard bytes.count <= ImplementationLimits.moduleSize else {
      throw .limit(
        "\(bytes.count) bytes, the limit is \(ImplementationLimits.moduleSize)", at: 0)
    }
    module.bytes = bytes
    module.typeFeatures = typeFeatures
    input = ModuleReader(module, 0..<bytes.count)
  }

  /// The module, with what is derived from all of it.
  consuming func finish() -> Module {
    module.decodedHash = StableHash.of(module.bytes)
    module.names = NameIndex(module)
    return module
  }

  mutating func decode() throws(WasmError) {
    try readHeader()
    var lastRank = 0
    var definesCode = false
    while !input.isAtEnd {
      let start = input.position
      let id = try input.byte()
      let size = try input.index()
      guard let section = Section(rawValue: id) else {
        throw .malformed("malformed section id", at: start)
      }
      var contents = ModuleReader(module, try input.skip(size))
      if section != .custom {
        guard section.rank > lastRank else {
          throw .malformed("unexpected content after last section", at: start)
        }
        lastRank = section.rank
        definesCode = definesCode || section == .code
      }
      try read(section, &contents, at: start)
      guard contents.isAtEnd else {
        throw .malformed("section size mismatch", at: contents.position)
      }
    }
    try checkCounts(definesCode: definesCode)
  }

  // MARK: Header and order

  private mutating func readHeader() throws(WasmError) {
    guard module.bytes.starts(with: [0x00, 0x61, 0x73, 0x6D]) else {
      if module.bytes.count < 4 { throw .malformed("unexpected end", at: module.bytes.count) }
      throw .malformed("magic header not detected", at: 0)
    }
    guard module.bytes.count >= 8 else {
      throw .malformed("unexpected end", at: module.bytes.count)
    }
    _ = try input.integer(UInt32.self)
    // A version of 16 bits, then a layer: 0 for core modules, 1 for components (component model, Binary.md).
    let version = try input.integer(UInt32.self)
    if version >> 16 == 1 { throw .unsupported(.componentModel, "a component", at: 4) }
    guard version == 1 else { throw .malformed("unknown binary version", at: 4) }
  }

  private enum Section: UInt8 {
    case custom, type, `import`, function, table, memory, global, export, start, element, code
    case data, dataCount, tag

    /// Sections come in this order, each at most once (spec 5.5.2). Custom ones have no rank.
    var rank: Int {
      switch self {
      case .custom: 0
      case .type: 1
      case .import: 2
      case .function: 3
      case .table: 4
      case .memory: 5
      case .tag: 6
      case .global: 7
      case .export: 8
      case .start: 9
      case .element: 10
      case .dataCount: 11
      case .code: 12
      case .data: 13
      }
    }
  }

  private mutating func read(
    _ section: Section, _ input: inout ModuleReader, at start: Int
  ) throws(WasmError) {
    switch section {
    case .custom: try readCustom(&input)
    case .type: try readTypes(&input)
    case .import: try readImports(&input)
    case .function: try readFunctions(&input)
    case .table: try readTables(&input)
    case .memory: try readMemories(&input)
    case .global: try readGlobals(&input)
    case .export: try readExports(&input)
    case .start:
      places.start = input.position
      module.start = try input.index()
    case .element: try readElements(&input)
    case .dataCount: module.dataCount = try input.index()
    case .code: try readCode(&input)
    case .data: try readData(&input)
    case .tag: try readTags(&input, at: start)
    }
  }

  private func checkCounts(definesCode: Bool) throws(WasmError) {
    let end = module.bytes.count
    if !definesCode && module.functions.count > module.importedFunctionCount {
      throw .malformed("function and code section have inconsistent lengths", at: end)
    }
    if let count = module.dataCount, count != module.data.count {
      throw .malformed("data count and data section have inconsistent lengths", at: end)
    }
  }
}
