/// Types of the binary format (spec 5.3).
extension ModuleReader {
  /// Throws unless `feature` is supported.
  func require(_ feature: Feature, for what: String, at offset: Int) throws(WasmError) {
    guard FeatureSet.valid.contains(feature) else {
      throw .unsupported(feature, what, at: offset)
    }
  }

  /// The feature behind the byte of a type that ``ValueType`` does not have; nil if there is none.
  private static func feature(ofType byte: UInt8) -> Feature? {
    switch byte {
    case 0x63, 0x64: .functionReferences
    case 0x69, 0x74: .exceptions
    case 0x6A...0x6E, 0x71...0x73: .gc
    case 0x68, 0x75: .stackSwitching
    case 0x62: .customDescriptors
    case 0x65: .sharedEverythingThreads
    case 0x61, 0x66, 0x67: .stringref
    default: nil
    }
  }

  mutating func valueType() throws(WasmError) -> ValueType {
    let start = position
    return try valueType(from: try byte(), at: start, malformed: "malformed value type")
  }

  mutating func referenceType() throws(WasmError) -> ValueType {
    let start = position
    let type = try valueType(from: try byte(), at: start, malformed: "malformed reference type")
    guard type.isReference else { throw .malformed("malformed reference type", at: start) }
    return type
  }

  private func valueType(
    from byte: UInt8, at start: Int, malformed: String
  ) throws(WasmError) -> ValueType {
    if let type = ValueType(rawValue: byte) {
      switch type {
      case .v128: try require(.simd, for: "the type v128", at: start)
      case .funcref, .externref:
        try require(.referenceTypes, for: "the type \(type)", at: start)
      case .i32, .i64, .f32, .f64: break
      }
      return type
    }
    if let feature = Self.feature(ofType: byte) {
      throw .unsupported(feature, "a reference type", at: start)
    }
    throw .malformed(malformed, at: start)
  }

  /// A heap type, as the reference type that is its nullable form.
  mutating func heapType() throws(WasmError) -> ValueType {
    let start = position
    let first = try peek()
    if let type = ValueType(rawValue: first), type.isReference {
      _ = try byte()
      return type
    }
    if let feature = Self.feature(ofType: first), feature != .functionReferences {
      throw .unsupported(feature, "a heap type", at: start)
    }
    guard try signed(bits: 33) >= 0 else { throw .malformed("malformed heap type", at: start) }
    throw .unsupported(.functionReferences, "a reference to a concrete type", at: start)
  }

  mutating func blockType() throws(WasmError) -> BlockType {
    let start = position
    let first = try peek()
    if first == 0x40 {
      _ = try byte()
      return .empty
    }
    // One byte with its sign bit set is a value type; everything else is a type index.
    if first & 0xC0 == 0x40 { return .value(try valueType()) }
    let index = try signed(bits: 33)
    guard index >= 0 else { throw .malformed("malformed block type", at: start) }
    try require(.multiValue, for: "a block type by index", at: start)
    return .type(Int(index))
  }

  mutating func functionType() throws(WasmError) -> FunctionType {
    let start = position
    let form = try byte()
    switch form {
    case 0x60: break
    case 0x4E, 0x4F, 0x50, 0x5E, 0x5F: throw .unsupported(.gc, "a type definition", at: start)
    case 0x5D: throw .unsupported(.stackSwitching, "a continuation type", at: start)
    case 0x4C, 0x4D: throw .unsupported(.customDescriptors, "a type definition", at: start)
    case 0x65: throw .unsupported(.sharedEverythingThreads, "a shared type", at: start)
    default: throw .malformed("malformed type definition", at: start)
    }
    let parameters = try valueTypes(limit: ImplementationLimits.parameters, of: "parameters")
    let results = try valueTypes(limit: ImplementationLimits.results, of: "results")
    return FunctionType(parameters, results)
  }

  private mutating func valueTypes(limit: Int, of what: String) throws(WasmError) -> [ValueType] {
    let count = try count(limit: limit, of: what)
    var types: [ValueType] = []
    types.reserveCapacity(min(count, remaining))
    for _ in 0..<count { types.append(try valueType()) }
    return types
  }

  mutating func tableType() throws(WasmError) -> TableType {
    let element = try referenceType()
    let start = position
    let (limits, flags) = try limits(maximumFlags: 7)
    guard flags & 2 == 0 else { throw .malformed("malformed limits flags", at: start) }
    return TableType(element: element, limits: limits)
  }

  mutating func memoryType() throws(WasmError) -> MemoryType {
    let start = position
    let (limits, flags) = try limits(maximumFlags: 15)
    if flags & 8 != 0 {
      // Without the size it is nothing anybody proposed.
      guard (try? u32()) != nil else { throw .malformed("malformed limits flags", at: start) }
      throw .unsupported(.customPageSizes, "a memory with a page size", at: start)
    }
    if flags & 2 != 0 { throw .unsupported(.threads, "a shared memory", at: start) }
    return MemoryType(limits: limits)
  }

  /// Flags: 1 a maximum follows, 2 shared, 4 addresses of 64 bits, 8 a page size follows. The bounds are u64, and validation
  /// restricts them (specification 3.0).
  private mutating func limits(
    maximumFlags: UInt8
  ) throws(WasmError) -> (Limits, flags: UInt8) {
    let start = position
    let flags = try byte()
    guard flags <= maximumFlags else { throw .malformed("malformed limits flags", at: start) }
    if flags & 4 != 0 { throw .unsupported(.memory64, "an address type of 64 bits", at: start) }
    let min = try u64()
    return (Limits(min: min, max: flags & 1 != 0 ? try u64() : nil), flags)
  }

  mutating func globalType() throws(WasmError) -> GlobalType {
    let value = try valueType()
    let start = position
    let mutability = try byte()
    guard mutability < 2 else { throw .malformed("malformed mutability", at: start) }
    return GlobalType(value: value, isMutable: mutability == 1)
  }
}
