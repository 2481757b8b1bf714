/// Types of the binary format (spec 5.3).
extension ModuleReader {
  /// Throws unless `feature` is supported.
  func require(
    _ feature: Feature, for what: @autoclosure () -> String, at offset: Int
  ) throws(WasmError) {
    guard format.typeFeatures.contains(feature) else {
      throw .unsupported(feature, what(), at: offset)
    }
  }

  /// The feature behind the byte of a type that ``ValueType`` does not have; nil if there is none.
  private static func feature(ofType byte: UInt8) -> Feature? {
    switch byte {
    case 0x68, 0x75: .stackSwitching
    case 0x62: .customDescriptors
    case 0x65: .sharedEverythingThreads
    case 0x61, 0x66, 0x67: .stringref
    default: nil
    }
  }

  mutating func valueType() throws(WasmError) -> ValueType {
    try valueType(malformed: "malformed value type")
  }

  mutating func referenceType() throws(WasmError) -> ValueType {
    let start = position
    let type = try valueType(malformed: "malformed reference type")
    guard type.isReference else { throw .malformed("malformed reference type", at: start) }
    return type
  }

  @inline(__always)
  private mutating func valueType(malformed: String) throws(WasmError) -> ValueType {
    let start = position
    let byte = try byte()
    if 0x7C...0x7F ~= byte { return ValueType(byte: byte) }
    return try rareType(byte, at: start, malformed: malformed)
  }

  private mutating func rareType(
    _ byte: UInt8, at start: Int, malformed: String
  ) throws(WasmError) -> ValueType {
    if byte == 0x7B {
      try require(.simd, for: "the type v128", at: start)
      return .v128
    }
    if let heap = AbstractHeapType(rawValue: byte) {
      let type = ValueType.reference(.abstract(heap))
      try require(
        heap.feature,
        for: heap.feature == .referenceTypes ? "the type \(type)" : "a reference type", at: start)
      return type
    }
    if byte == 0x63 || byte == 0x64 {
      try require(.functionReferences, for: "a reference type", at: start)
      return .reference(isNullable: byte == 0x63, try heapType())
    }
    if let feature = Self.feature(ofType: byte) {
      throw .unsupported(feature, "a reference type", at: start)
    }
    throw .malformed(malformed, at: start)
  }

  mutating func heapType() throws(WasmError) -> HeapType {
    let start = position
    let first = try peek()
    if let heap = AbstractHeapType(rawValue: first) {
      // Instructions with these were in reference types; their feature is that of the instruction.
      if heap.feature != .referenceTypes {
        try require(heap.feature, for: "a heap type", at: start)
      }
      _ = try byte()
      return .abstract(heap)
    }
    if let feature = Self.feature(ofType: first) {
      throw .unsupported(feature, "a heap type", at: start)
    }
    let index = try signed(bits: 33)
    guard index >= 0 else { throw .malformed("malformed heap type", at: start) }
    try require(.functionReferences, for: "a reference to a concrete type", at: start)
    return .concrete(try knownType(Int(index), before: format.typeCount, at: start))
  }

  private func knownType(_ index: Int, before end: Int, at offset: Int) throws(WasmError) -> Int {
    guard index < end else { throw .invalid("unknown type \(index)", at: offset) }
    return index
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

  // MARK: Definitions

  /// Types may refer to those in front of their group and to the group's own.
  /// - Parameters:
  ///   - first: the index of the group's first type.
  ///   - places: gets the offset of each type.
  mutating func recursionGroup(
    from first: Int, _ places: inout [Int]
  ) throws(WasmError) -> [SubType] {
    let start = position
    var count = 1
    if try peek() == TypeForm.group {
      _ = try byte()
      try require(.recursiveTypes, for: "a recursion group", at: start)
      count = try self.count(limit: ImplementationLimits.types - first, of: "types")
    } else if first == ImplementationLimits.types {
      throw .limit("more types than \(ImplementationLimits.types), the limit", at: start)
    }
    format.typeCount = first + count
    var types: [SubType] = []
    types.reserveCapacity(min(count, remaining))
    for index in first..<first + count {
      places.append(position)
      types.append(try subType(at: index))
    }
    return types
  }

  /// A supertype comes in front of its subtypes (spec 3.0 3.2, recursive types).
  private mutating func subType(at index: Int) throws(WasmError) -> SubType {
    let start = position
    let form = try byte()
    guard form == TypeForm.subType || form == TypeForm.finalSubType else {
      return SubType(isFinal: true, try compositeType(form, at: start))
    }
    try require(.recursiveTypes, for: "a type definition with supertypes", at: start)
    var supertype: Int?
    let place = position
    let count = try self.index()
    guard count <= 1 else { throw .invalid("more than one supertype", at: place) }
    if count == 1 {
      let place = position
      supertype = try knownType(try self.index(), before: index, at: place)
    }
    let inner = position
    return SubType(
      isFinal: form == TypeForm.finalSubType, supertype: supertype,
      try compositeType(try byte(), at: inner))
  }

  private mutating func compositeType(
    _ form: UInt8, at start: Int
  ) throws(WasmError) -> CompositeType {
    switch form {
    case TypeForm.function:
      let parameters = try valueTypes(limit: ImplementationLimits.parameters, of: "parameters")
      let results = try valueTypes(limit: ImplementationLimits.results, of: "results")
      return .function(FunctionType(parameters, results))
    case TypeForm.structure:
      try require(.gc, for: "a structure type", at: start)
      let count = try count(limit: ImplementationLimits.fields, of: "fields")
      var fields: [FieldType] = []
      fields.reserveCapacity(min(count, remaining))
      for _ in 0..<count { fields.append(try fieldType()) }
      return .structure(fields)
    case TypeForm.array:
      try require(.gc, for: "an array type", at: start)
      return .array(try fieldType())
    case 0x5D: throw .unsupported(.stackSwitching, "a continuation type", at: start)
    case 0x4C, 0x4D: throw .unsupported(.customDescriptors, "a type definition", at: start)
    case 0x65: throw .unsupported(.sharedEverythingThreads, "a shared type", at: start)
    default: throw .malformed("malformed type definition", at: start)
    }
  }

  private mutating func fieldType() throws(WasmError) -> FieldType {
    let storage: FieldType.Storage
    switch try peek() {
    case TypeForm.i8:
      _ = try byte()
      storage = .i8
    case TypeForm.i16:
      _ = try byte()
      storage = .i16
    default: storage = .value(try valueType(malformed: "malformed storage type"))
    }
    return FieldType(storage, isMutable: try mutability())
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
    return TableType(element: element, limits: limits, addressType: flags.addressType)
  }

  mutating func memoryType() throws(WasmError) -> MemoryType {
    let start = position
    let (limits, flags) = try limits(maximumFlags: 15)
    if flags & 2 != 0 { throw .unsupported(.threads, "a shared memory", at: start) }
    guard flags & 8 != 0 else {
      return MemoryType(limits: limits, addressType: flags.addressType)
    }
    try require(.customPageSizes, for: "a memory with a page size", at: start)
    let place = position
    let exponent = try u32()
    guard exponent < 64 else { throw .malformed("invalid custom page size", at: place) }
    return MemoryType(
      limits: limits, addressType: flags.addressType, pageSizeExponent: UInt8(exponent))
  }

  /// Flags: 1 a maximum follows, 2 shared, 4 addresses of 64 bits, 8 a page size follows. The bounds are u64, and validation
  /// restricts them (specification 3.0).
  private mutating func limits(
    maximumFlags: UInt8
  ) throws(WasmError) -> (Limits, flags: UInt8) {
    let start = position
    let flags = try byte()
    guard flags <= maximumFlags else { throw .malformed("malformed limits flags", at: start) }
    if flags & 4 != 0 { try require(.memory64, for: "an address type of 64 bits", at: start) }
    let min = try u64()
    return (Limits(min: min, max: flags & 1 != 0 ? try u64() : nil), flags)
  }

  mutating func globalType() throws(WasmError) -> GlobalType {
    GlobalType(value: try valueType(), isMutable: try mutability())
  }

  private mutating func mutability() throws(WasmError) -> Bool {
    let start = position
    let mutability = try byte()
    guard mutability < 2 else { throw .malformed("malformed mutability", at: start) }
    return mutability == 1
  }
}

extension UInt8 {
  /// What the flags of limits say of addresses.
  fileprivate var addressType: ValueType { self & 4 == 0 ? .i32 : .i64 }
}
