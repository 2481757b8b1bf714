import Bytes
import Wasm

// Types and type uses (spec 6.4, 6.6.4).

/// A parsed type use.
struct TypeUse {
  var index: UInt64
  /// The type; nil if the index is out of range, which validation rejects.
  var type: FunctionType?
  /// The identifiers of the parameters.
  var ids: [Token?]
}

extension Assembler {
  /// Whether parameters may have identifiers. They may not in blocks and indirect calls.
  enum ParameterNames { case allowed, forbidden }

  mutating func valueType() throws(WasmTextError) -> ValueType {
    guard let type = try optionalValueType() else { throw parser.unexpected("a value type") }
    return type
  }

  mutating func optionalValueType() throws(WasmTextError) -> ValueType? {
    let token = parser.peek
    if parser.atForm("ref") {
      try require(.functionReferences, "type '(ref'", token)
      return try longReferenceType()
    }
    guard token.kind == .atom, let type = Self.valueTypes[parser.string(token)] else { return nil }
    if type == .v128 { try require(.simd, "type v128", token) }
    if case .reference(_, .abstract(let heap)) = type.kind, !features.contains(heap.feature) {
      return nil
    }
    parser.position += 1
    return type
  }

  /// The types that consist of one word.
  private static let valueTypes = {
    let types: [ValueType] =
      [.i32, .i64, .f32, .f64, .v128]
      + AbstractHeapType.allCases.map { .reference(.abstract($0)) }
    return Dictionary(uniqueKeysWithValues: types.map { ($0.description, $0) })
  }()

  /// `(ref null? heaptype)`
  private mutating func longReferenceType() throws(WasmTextError) -> ValueType {
    try parser.open()
    _ = parser.next()
    let isNullable = parser.takeKeyword("null")
    let heap = try heapType()
    try parser.close()
    return .reference(isNullable: isNullable, heap)
  }

  mutating func heapType() throws(WasmTextError) -> HeapType {
    let token = parser.peek
    if token.kind == .atom, let type = Self.heapTypes[parser.string(token)],
      features.contains(type.feature)
    {
      parser.position += 1
      return .abstract(type)
    }
    guard features.contains(.functionReferences), parser.isAtIndex else {
      throw parser.unexpected("func or extern")
    }
    let index = try typeSpace.index(&parser)
    // The binary format can encode such an index, but decoding would reject it: modules never have so many types.
    guard index < ImplementationLimits.types else {
      throw parser.error("unknown type \(index)", token)
    }
    return .concrete(Int(index))
  }

  private static let heapTypes = Dictionary(
    uniqueKeysWithValues: AbstractHeapType.allCases.map { ("\($0)", $0) })

  mutating func referenceType() throws(WasmTextError) -> ValueType {
    let start = parser.peek
    let type = try valueType()
    guard type.isReference else { throw parser.error("\(type) is no reference type", start) }
    return type
  }

  /// `(param …)* (result …)*`
  mutating func functionType(
    names: ParameterNames
  ) throws(WasmTextError) -> (type: FunctionType, ids: [Token?]) {
    var type = FunctionType([], [])
    var ids: [Token?] = []
    while parser.takeForm("param") {
      if names == .allowed, let id = parser.takeId() {
        type.parameters.append(try valueType())
        ids.append(id)
      } else {
        while let parameter = try optionalValueType() {
          type.parameters.append(parameter)
          ids.append(nil)
        }
      }
      try parser.close()
    }
    while parser.takeForm("result") {
      while let result = try optionalValueType() { type.results.append(result) }
      try parser.close()
    }
    return (type, ids)
  }

  /// `(type x)? (param …)* (result …)*`. Without `(type`, uses the first type that matches, which is added if there is none.
  mutating func typeUse(names: ParameterNames) throws(WasmTextError) -> TypeUse {
    guard let index = try explicitType() else {
      let (type, ids) = try functionType(names: names)
      return TypeUse(index: index(of: type), type: type, ids: ids)
    }
    return try checkedTypeUse(index, names: names)
  }

  /// A block type (spec 6.5.1). No results, or a single result without parameters, need no type of the module.
  mutating func blockType() throws(WasmTextError) {
    if let index = try explicitType() {
      _ = try checkedTypeUse(index, names: .forbidden)
      return output.signed(Int64(index))
    }
    let type = try functionType(names: .forbidden).type
    if type.parameters.isEmpty && type.results.count <= 1 {
      if let result = type.results.first { result.encode(to: &output) } else { output.byte(0x40) }
    } else {
      output.signed(Int64(index(of: type)))
    }
  }

  private mutating func explicitType() throws(WasmTextError) -> UInt64? {
    guard parser.takeForm("type") else { return nil }
    let index = try typeSpace.index(&parser)
    try parser.close()
    return index
  }

  private mutating func checkedTypeUse(_ index: UInt64, names: ParameterNames)
    throws(WasmTextError) -> TypeUse
  {
    let token = parser.peek
    // Types that type uses imply have no index until all are known, so an explicit index can only be compared with the types
    // that the text defines.
    let type = functionType(index)
    let (inline, ids) = try functionType(names: names)
    let hasInline = parser.peek.start != token.start
    if !hasInline {
      return TypeUse(
        index: index, type: type, ids: Array(repeating: nil, count: type?.parameters.count ?? 0))
    }
    guard let type else { throw parser.error("unknown type \(index)", token) }
    // Empty `(param)` and `(result)` have no meaning.
    guard inline == type || (inline.parameters.isEmpty && inline.results.isEmpty) else {
      throw parser.error("inline function type differs from type \(index), \(type)", token)
    }
    if ids.isEmpty {
      return TypeUse(
        index: index, type: type, ids: Array(repeating: nil, count: type.parameters.count))
    }
    return TypeUse(index: index, type: type, ids: ids)
  }

  /// Nil if the index does not refer to a function type that the text defines.
  private func functionType(_ index: UInt64) -> FunctionType? {
    guard index < UInt64(typeSpace.count), case .function(let type) = types[Int(index)].composite
    else { return nil }
    return type
  }

  private mutating func index(of type: FunctionType) -> UInt64 {
    if let index = typeIndices[type] { return UInt64(index) }
    append(group: [SubType(type)])
    return UInt64(types.count - 1)
  }

  mutating func append(group: [SubType]) {
    if group.count == 1, group[0].isPlain, case .function(let type) = group[0].composite,
      typeIndices[type] == nil
    {
      typeIndices[type] = types.count
    }
    typeGroups.append(types.count..<types.count + group.count)
    types += group
  }

  // MARK: Tables, memories, globals

  /// `i32` or `i64` before limits. Returns whether addresses are 64-bit.
  mutating func addressType() throws(WasmTextError) -> Bool {
    let token = parser.peek
    guard let keyword = parser.takeKeyword(["i32", "i64"]) else { return false }
    if keyword == "i64" { try require(.memory64, "address type i64", token) }
    return keyword == "i64"
  }

  /// `min max?`
  mutating func limits(is64: Bool) throws(WasmTextError) -> [UInt8] {
    let greatest = is64 ? UInt64.max : UInt64(UInt32.max)
    let min = try parser.unsigned(max: greatest, "a size")
    var max: UInt64?
    if parser.isAtIndex { max = try parser.unsigned(max: greatest, "a size") }
    if parser.token(parser.peek, is: "shared") {
      try require(.threads, "a shared memory", parser.peek)
    }
    return Self.encodeLimits(min: min, max: max, is64: is64)
  }

  static func encodeLimits(min: UInt64, max: UInt64?, is64: Bool) -> [UInt8] {
    var writer = ByteWriter()
    writer.byte((max == nil ? 0 : 1) | (is64 ? 4 : 0))
    writer.unsigned(min)
    if let max { writer.unsigned(max) }
    return writer.bytes
  }

  /// `limits pagesize?`
  mutating func memoryLimits(is64: Bool) throws(WasmTextError) -> [UInt8] {
    let limits = try limits(is64: is64)
    return Self.encode(limits, pageSizeExponent: try pageSizeExponent())
  }

  /// `(pagesize n)`, n being a power of two; nil if there is none.
  mutating func pageSizeExponent() throws(WasmTextError) -> UInt8? {
    let token = parser.peek
    guard parser.takeForm("pagesize") else { return nil }
    try require(.customPageSizes, "a page size", token)
    let size = parser.peek
    let bytes = try parser.unsigned(max: .max, "a page size")
    guard bytes.nonzeroBitCount == 1 else {
      throw parser.error("invalid custom page size", size)
    }
    try parser.close()
    return UInt8(bytes.trailingZeroBitCount)
  }

  /// Adds a memory's page size to its limits, with a flag of its own.
  static func encode(_ limits: [UInt8], pageSizeExponent: UInt8?) -> [UInt8] {
    guard let pageSizeExponent else { return limits }
    return [limits[0] | 8] + limits.dropFirst() + [pageSizeExponent]
  }

  mutating func tableType() throws(WasmTextError) -> [UInt8] {
    let limits = try limits(is64: addressType())
    return try referenceType().encoded + limits
  }

  mutating func memoryType() throws(WasmTextError) -> [UInt8] {
    try memoryLimits(is64: addressType())
  }

  /// `valtype` or `(mut valtype)`
  mutating func globalType() throws(WasmTextError) -> [UInt8] {
    guard parser.takeForm("mut") else { return try valueType().encoded + [0] }
    let type = try valueType()
    try parser.close()
    return type.encoded + [1]
  }
}

extension ValueType {
  var encoded: [UInt8] {
    var writer = ByteWriter()
    encode(to: &writer)
    return writer.bytes
  }
}
