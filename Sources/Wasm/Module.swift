/// A decoded module (spec 2.5). Index spaces hold imports first, then the module's own definitions.
/// Function bodies, data and custom sections stay in `bytes`; the module keeps their ranges.
///
/// A `Module` that came from `Module(validating:)` is valid, function bodies included.
public struct Module: Sendable {
  /// The binary as it was read. Every offset and range below counts bytes from its start.
  public var bytes: [UInt8] = []
  public var types: [FunctionType] = []
  public var imports: [Import] = []
  /// Index spaces: imported entries first.
  public var functions: [Function] = []
  public var tables: [TableType] = []
  public var memories: [MemoryType] = []
  public var globals: [Global] = []
  public var exports: [Export] = []
  public var start: Int?
  public var elements: [ElementSegment] = []
  public var data: [DataSegment] = []
  public var customSections: [CustomSection] = []
  /// What the data count section says; nil without one.
  public var dataCount: Int?

  public var importedFunctionCount = 0
  public var importedTableCount = 0
  public var importedMemoryCount = 0
  public var importedGlobalCount = 0

  /// Set by decoding, for ``hash`` and ``functionName(_:)``.
  var decodedHash: UInt64?
  var names = NameIndex()

  public init() {}

  /// Decodes a module, function bodies included, without validating it.
  ///
  /// - Throws: `.malformed`, `.unsupported` or `.limit`; `.invalid` only for an initializer that is not a
  ///   constant expression, which the module has no place for.
  public init(decoding bytes: [UInt8]) throws(WasmError) {
    var decoder = try ModuleDecoder(bytes)
    try decoder.decode()
    for index in decoder.module.functions.indices.dropFirst(decoder.module.importedFunctionCount) {
      try checkStructure(decoder.module, function: index)
    }
    self = decoder.finish()
  }

  /// Decodes a module and validates it (spec 3 and its appendix A.3).
  public init(validating bytes: [UInt8]) throws(WasmError) {
    var decoder = try ModuleDecoder(bytes)
    try decoder.decode()
    try ModuleValidator(decoder.module, decoder.places).validate()
    var functions = FunctionValidator(decoder.module)
    for index in decoder.module.functions.indices.dropFirst(decoder.module.importedFunctionCount) {
      decoder.module.functions[index].maxOperandHeight = try functions.validate(index)
    }
    self = decoder.finish()
  }

  public func type(ofFunction index: Int) -> FunctionType { types[functions[index].typeIndex] }
}

public struct Import: Sendable {
  public var module: String
  public var name: String
  public var type: ExternalType
}

/// A function of the index space. Imported ones have an empty `body`.
public struct Function: Sendable {
  public var typeIndex: Int
  /// Byte range of the instructions in `Module.bytes`, after the local declarations, `end` included.
  public var body: Range<Int>
  /// Byte range of the whole code entry, local declarations included, size field excluded: what a
  /// body hash covers.
  public var code: Range<Int>
  /// Declared locals without the parameters, run-length coded.
  public var localGroups: [(count: Int, type: ValueType)]
  /// Greatest height of the operand stack, in values. Set by validation.
  public var maxOperandHeight: Int = 0

  public init(
    typeIndex: Int, body: Range<Int> = 0..<0, code: Range<Int> = 0..<0,
    localGroups: [(count: Int, type: ValueType)] = []
  ) {
    self.typeIndex = typeIndex
    self.body = body
    self.code = code
    self.localGroups = localGroups
  }
}

extension Module {
  /// The types of all locals of a function, parameters first.
  public func localTypes(ofFunction index: Int) -> [ValueType] {
    var result = type(ofFunction: index).parameters
    for group in functions[index].localGroups {
      result.append(contentsOf: repeatElement(group.type, count: group.count))
    }
    return result
  }
}

public struct Global: Sendable {
  public var type: GlobalType
  /// Nil for an imported global.
  public var initializer: ConstantExpression?
}

public struct Export: Sendable {
  public var name: String
  public var kind: ExternalKind
  public var index: Int
}

/// A constant expression (spec 3.4.12 with the extended-constant operators), in postfix order.
public struct ConstantExpression: Sendable, Equatable {
  public enum Step: Sendable, Equatable {
    /// Bits of an i32 (zero-extended), i64, f32 (low 32) or f64.
    case constant(ValueType, UInt64)
    case globalGet(Int)
    case refNull(ValueType)
    case refFunc(Int)
    case i32Add, i32Sub, i32Mul
    case i64Add, i64Sub, i64Mul
  }
  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }
}

public enum SegmentMode: Sendable {
  case passive
  /// `index` is the table or memory.
  case active(index: Int, offset: ConstantExpression)
  /// Element segments only (`elem declare`).
  case declarative
}

public struct ElementSegment: Sendable {
  public var type: ValueType
  public var mode: SegmentMode
  public var items: ElementItems
}

public struct DataSegment: Sendable {
  public var mode: SegmentMode
  /// Byte range in `Module.bytes`.
  public var bytes: Range<Int>
}

public struct CustomSection: Sendable {
  public var name: String
  /// Byte range of the contents, after the name.
  public var bytes: Range<Int>
}
