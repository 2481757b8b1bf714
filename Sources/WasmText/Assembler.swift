import Bytes
import Wasm

/// The state of translating one module. There are two passes over its fields. The first assigns every entry its index and
/// identifier, since all may be used before they are defined. Next come the type definitions, which may refer to each other.
/// The second pass translates, and adds the types that type uses imply, in the order of the uses.
struct Assembler {
  var parser: Parser
  /// The features that the module may use.
  let features: FeatureSet

  /// The first token of each field after its keyword.
  var fields: [(kind: FieldKind, position: Int)] = []

  var typeSpace = IndexSpace("type")
  var functionSpace = IndexSpace("function")
  var tableSpace = IndexSpace("table")
  var memorySpace = IndexSpace("memory")
  var tagSpace = IndexSpace("tag")
  var globalSpace = IndexSpace("global")
  var elementSpace = IndexSpace("element segment")
  var dataSpace = IndexSpace("data segment")

  var types: [SubType] = []
  /// The recursion groups of ``types``.
  var typeGroups: [Range<Int>] = []
  /// The lowest index of each plain function type that is a recursion group by itself.
  var typeIndices: [FunctionType: Int] = [:]

  /// First pass: the kind of the first definition, after which imports are not allowed.
  var definitionSeen: FieldKind?
  var hasStart = false

  // Second pass: the encoded entries of the sections.
  var imports: [[UInt8]] = []
  var functionTypes: [[UInt8]] = []
  var tables: [[UInt8]] = []
  var memories: [[UInt8]] = []
  var tags: [[UInt8]] = []
  var globals: [[UInt8]] = []
  var exports: [[UInt8]] = []
  var start: UInt64?
  var elements: [[UInt8]] = []
  var code: [[UInt8]] = []
  var data: [[UInt8]] = []
  /// Whether an instruction uses a data segment. If so, the binary needs a data count section.
  var usesDataIndex = false
  /// The named locals of each function.
  var localNames: [(function: Int, names: [(index: Int, name: [UInt8])])] = []

  // The current expression.
  var output = ByteWriter()
  var locals = IndexSpace("local")
  var labels = LabelScope()

  init(_ parser: Parser, _ features: FeatureSet) {
    self.parser = parser
    self.features = features
  }
}

/// The fields of a module (spec 6.6), by keyword.
enum FieldKind: String {
  case type
  case recursionGroup = "rec"
  case `import`
  case function = "func"
  case table
  case memory
  case tag
  case global
  case export
  case start
  case element = "elem"
  case data

  /// The kind of import or export that a field defines; nil if there is none.
  var external: ExternalKind? {
    switch self {
    case .function: .function
    case .table: .table
    case .memory: .memory
    case .global: .global
    case .tag: .tag
    default: nil
    }
  }
}

extension Assembler {
  func space(_ kind: ExternalKind) -> IndexSpace {
    switch kind {
    case .function: functionSpace
    case .table: tableSpace
    case .memory: memorySpace
    case .global: globalSpace
    case .tag: tagSpace
    }
  }

  mutating func withSpace<Result>(
    _ kind: ExternalKind, _ body: (inout IndexSpace, Parser) throws(WasmTextError) -> Result
  ) throws(WasmTextError) -> Result {
    switch kind {
    case .function: try body(&functionSpace, parser)
    case .table: try body(&tableSpace, parser)
    case .memory: try body(&memorySpace, parser)
    case .global: try body(&globalSpace, parser)
    case .tag: try body(&tagSpace, parser)
    }
  }

  /// Throws if the module must not use a feature.
  func require(_ feature: Feature, _ what: String, _ token: Token) throws(WasmTextError) {
    if !features.contains(feature) {
      throw parser.error("\(what) needs \(feature.rawValue), which is not supported", token)
    }
  }
}
