extension Module {
  /// Content hash of the whole binary.
  public var hash: UInt64 { decodedHash ?? StableHash.of(bytes) }

  /// Content hash of a function's code entry, local declarations included; the same wherever the
  /// entry stands. Linear in its size. Imported functions all have that of nothing.
  public func bodyHash(function index: Int) -> UInt64 {
    StableHash.of(bytes[functions[index].code])
  }

  /// What the name section calls a function, else its first export name, else nil.
  public func functionName(_ index: Int) -> String? {
    let names = nameIndex
    return names.function(index, in: bytes)
      ?? names.export(ofFunction: index).map { exports[$0].name }
  }

  /// The module's own name, from the name section.
  public var name: String? { nameIndex.module(in: bytes) }

  private var nameIndex: NameIndex { deferred?.names ?? names }
}

/// Where the names of a module's functions stand: ranges only, so that decoding makes no strings.
struct NameIndex: Sendable {
  private struct Name {
    var function: UInt32
    var start: UInt32
    var count: UInt32
  }
  private struct ExportedFunction {
    var function: UInt32
    var export: UInt32
  }

  private var moduleName: Range<Int>?
  /// Ascending by function.
  private var functions: [Name] = []
  private var exports: [ExportedFunction] = []

  init() {}

  init(_ module: Module) {
    indexExports(module)
    guard let section = module.customSections.first(where: { $0.name == "name" }) else { return }
    // A name section that is malformed is ignored from there on (spec appendix A.4.1).
    do throws(WasmError) {
      try readSection(ModuleReader(module, section.bytes))
    } catch {}
  }

  func module(in bytes: [UInt8]) -> String? {
    moduleName.flatMap { String(validating: bytes[$0], as: UTF8.self) }
  }

  func function(_ index: Int, in bytes: [UInt8]) -> String? {
    let place = functions.partitioningIndex { $0.function >= index }
    guard place < functions.count, functions[place].function == index else { return nil }
    let start = Int(functions[place].start)
    return String(validating: bytes[start..<start + Int(functions[place].count)], as: UTF8.self)
  }

  /// The first export of a function.
  func export(ofFunction index: Int) -> Int? {
    let place = exports.partitioningIndex { $0.function >= index }
    guard place < exports.count, exports[place].function == index else { return nil }
    return Int(exports[place].export)
  }

  private mutating func indexExports(_ module: Module) {
    for (index, export) in module.exports.enumerated() where export.kind == .function {
      exports.append(ExportedFunction(function: UInt32(export.index), export: UInt32(index)))
    }
    exports.sort { ($0.function, $0.export) < ($1.function, $1.export) }
  }

  // MARK: Name section (spec appendix A.4.1)

  private mutating func readSection(_ contents: ModuleReader) throws(WasmError) {
    var input = contents
    while !input.isAtEnd {
      let kind = try input.byte()
      let size = try input.index()
      var part = ModuleReader(input.bytes, try input.skip(size), format: input.format)
      switch kind {
      case 0: moduleName = try part.nameRange()
      case 1: try readFunctions(&part)
      default: continue
      }
    }
  }

  private mutating func readFunctions(_ input: inout ModuleReader) throws(WasmError) {
    for _ in 0..<(try input.index()) {
      let function = try input.u32()
      let range = try input.nameRange()
      if let last = functions.last, last.function >= function { return }
      functions.append(
        Name(
          function: function, start: UInt32(range.lowerBound), count: UInt32(range.count)))
    }
  }
}

extension ModuleReader {
  fileprivate mutating func nameRange() throws(WasmError) -> Range<Int> {
    let length = try index()
    return try skip(length)
  }
}
