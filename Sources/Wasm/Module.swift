/// A decoded module (spec 2.5). Index spaces hold imports first, then the module's own definitions.
/// Function bodies, data and custom sections stay in `bytes`; the module keeps their ranges.
///
/// A `Module` that came from `Module(validating:)` is valid, function bodies included. Of one from
/// `Module(deferringBodies:)`, a body is valid once ``validateBody(ofFunction:)`` has returned.
public struct Module: Sendable {
  /// The binary as it was read. Every offset and range below counts bytes from its start.
  public var bytes: [UInt8] = []
  /// By type index.
  public var types = TypeSpace()
  /// What it may need but for its instructions, which need no more than ``FeatureSet/valid``.
  var typeFeatures = FeatureSet.valid
  /// In the order of the import section.
  public var imports: [Import] = []
  /// Index spaces: imported entries first.
  public var functions: [Function] = []
  /// By table index, imports first.
  public var tables: [TableType] = []
  /// What all elements of a table are at first, by table index; of one that is not here, null.
  public var tableInitializers: [Int: ConstantExpression] = [:]
  /// By memory index, imports first.
  public var memories: [MemoryType] = []
  /// By tag index, imports first.
  public var tags: [TagType] = []
  /// By global index, imports first.
  public var globals: [Global] = []
  /// In the order of the export section.
  public var exports: [Export] = []
  /// Index of the start function; nil without one.
  public var start: Int?
  /// By element segment index.
  public var elements: [ElementSegment] = []
  /// By data segment index.
  public var data: [DataSegment] = []
  /// Where the contents of the code section start: DWARF in custom sections counts from there. 0 without one.
  public var codeStart = 0
  /// In the order of the file.
  public var customSections: [CustomSection] = []
  /// What the data count section says; nil without one.
  public var dataCount: Int?

  /// Imported entries of ``functions``.
  public var importedFunctionCount = 0
  /// Imported entries of ``tables``.
  public var importedTableCount = 0
  /// Imported entries of ``memories``.
  public var importedMemoryCount = 0
  /// Imported entries of ``tags``.
  public var importedTagCount = 0
  /// Imported entries of ``globals``.
  public var importedGlobalCount = 0

  /// Set by decoding, for ``hash`` and ``functionName(_:)``.
  var decodedHash: UInt64?
  var names = NameIndex()
  /// Of a module whose bodies and names are left for later; nil: all was done by decoding.
  var deferred: DeferredContents?

  /// An empty module.
  public init() {}

  /// Decodes a module, function bodies included, without validating it.
  ///
  /// - Throws: `.malformed`, `.unsupported` or `.limit`; `.invalid` only for what the module has no place for: an initializer that
  ///   is not a constant expression, and a reference to a type that is not there.
  public init(decoding bytes: [UInt8]) throws(WasmError) {
    try self.init(decoding: bytes, typeFeatures: .valid)
  }

  /// Decodes a module and validates it (spec 3 and its appendix A.3).
  public init(validating bytes: [UInt8]) throws(WasmError) {
    try self.init(validating: bytes, typeFeatures: .valid)
  }

  /// As above. No tier takes more than ``FeatureSet/valid``.
  /// - Parameter typeFeatures: what it may need but for its instructions.
  package init(decoding bytes: [UInt8], typeFeatures: FeatureSet) throws(WasmError) {
    var decoder = try ModuleDecoder(bytes, typeFeatures)
    try decoder.decode()
    for index in decoder.module.functions.indices.dropFirst(decoder.module.importedFunctionCount) {
      try checkStructure(decoder.module, function: index)
    }
    self = decoder.finish()
  }

  /// As above. No tier takes more than ``FeatureSet/valid``.
  /// - Parameter typeFeatures: what it may need but for its instructions.
  package init(validating bytes: [UInt8], typeFeatures: FeatureSet) throws(WasmError) {
    var decoder = try ModuleDecoder(bytes, typeFeatures)
    try decoder.decode()
    try ModuleValidator(decoder.module, decoder.places).validate()
    var functions = FunctionValidator(decoder.module)
    for index in decoder.module.functions.indices.dropFirst(decoder.module.importedFunctionCount) {
      decoder.module.functions[index].facts = try functions.validate(index)
    }
    self = decoder.finish()
  }

  /// Decodes a module and validates it, except for its function bodies, each of which is validated when it is first
  /// needed. For modules that have machine code, so that hardly any is.
  package init(deferringBodies bytes: [UInt8]) throws(WasmError) {
    var decoder = try ModuleDecoder(bytes, .valid)
    try decoder.decode()
    try ModuleValidator(decoder.module, decoder.places).validate()
    self = decoder.module
    deferred = DeferredContents(decoder.module)
  }
}

/// An import.
public struct Import: Sendable {
  /// The module's name in the import.
  public var module: String
  /// The item's name in the import.
  public var name: String
  /// What the import must be.
  public var type: ExternalType
}

/// A function of the index space. Imported ones have an empty `body`.
public struct Function: Sendable {
  /// Index into ``Module/types``.
  public var typeIndex: Int
  /// Byte range of the instructions in `Module.bytes`, after the local declarations, `end` included.
  public var body: Range<Int>
  /// Byte range of the whole code entry, local declarations included, size field excluded: what a
  /// body hash covers.
  public var code: Range<Int>
  /// Declared locals without the parameters, run-length coded.
  public var localGroups: [(count: Int, type: ValueType)]
  /// What validation found.
  var facts = BodyFacts()

  /// A function; ranges are empty for an imported one.
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
  /// Validates a function's body, if that was left for later. Must be called before a body of a module from
  /// `Module(deferringBodies:)` is read.
  package func validateBody(ofFunction index: Int) throws(WasmError) {
    try deferred?.validateBody(ofFunction: index)
  }

  /// Greatest height of the operand stack, in values. 0 for an invalid body, and in a module that was only decoded.
  public func maxOperandHeight(ofFunction index: Int) -> Int {
    facts(ofFunction: index).maxOperandHeight
  }

  /// Whether any local or operand of a function is a vector. False for an invalid body, and in a module that was only decoded.
  public func hasVectors(inFunction index: Int) -> Bool { facts(ofFunction: index).hasVectors }

  private func facts(ofFunction index: Int) -> BodyFacts {
    deferred?.facts(ofFunction: index) ?? functions[index].facts
  }

  /// Number of a function's locals, parameters included.
  public func localCount(ofFunction index: Int) -> Int {
    functions[index].localGroups.reduce(type(ofFunction: index).parameters.count) { $0 + $1.count }
  }

  /// The types of all locals of a function, parameters first.
  public func localTypes(ofFunction index: Int) -> [ValueType] {
    var result = type(ofFunction: index).parameters
    for group in functions[index].localGroups {
      result.append(contentsOf: repeatElement(group.type, count: group.count))
    }
    return result
  }
}

/// A global of the index space.
public struct Global: Sendable {
  /// Value type and mutability.
  public var type: GlobalType
  /// Nil for an imported global.
  public var initializer: ConstantExpression?
}

/// An export.
public struct Export: Sendable {
  /// The exported name.
  public var name: String
  /// Which index space ``index`` is in.
  public var kind: ExternalKind
  /// Index of the exported item.
  public var index: Int
}

/// A constant expression (spec 3.4.12 with the extended-constant operators), in postfix order.
public struct ConstantExpression: Sendable, Equatable {
  /// One instruction of a constant expression.
  public enum Step: Sendable, Equatable {
    /// Bits of an i32 (zero-extended), i64, f32 (low 32) or f64.
    case constant(ValueType, UInt64)
    case vector(V128)
    case globalGet(Int)
    case refNull(ValueType)
    case refFunc(Int)
    case i32Add, i32Sub, i32Mul
    case i64Add, i64Sub, i64Mul
  }
  /// In postfix order.
  public var steps: [Step]

  /// An expression of these instructions.
  public init(_ steps: [Step]) { self.steps = steps }
}

/// When a segment is copied.
public enum SegmentMode: Sendable {
  case passive
  /// `index` is the table or memory.
  case active(index: Int, offset: ConstantExpression)
  /// Element segments only (`elem declare`).
  case declarative
}

/// An element segment.
public struct ElementSegment: Sendable {
  /// The type of its references.
  public var type: ValueType
  /// When it is copied.
  public var mode: SegmentMode
  /// Its references.
  public var items: ElementItems
}

/// A data segment.
public struct DataSegment: Sendable {
  /// When it is copied.
  public var mode: SegmentMode
  /// Byte range in `Module.bytes`.
  public var bytes: Range<Int>
}

/// A custom section.
public struct CustomSection: Sendable {
  /// The section's name.
  public var name: String
  /// Byte range of the contents, after the name.
  public var bytes: Range<Int>
}
