/// What valid modules need.
extension Module {
  /// One thing in a function that belongs to a feature.
  public struct Need: Sendable, Equatable {
    /// What is needed.
    public var feature: Feature
    /// "i32.extend8_s", or in words.
    public var what: String
    /// Bytes from the start of the module.
    public var byteOffset: Int
  }

  /// The first need of a function that the module defines that is not in `features`; nil if these suffice.
  public func firstNeed(
    ofFunction index: Int, beyond features: FeatureSet
  ) throws(WasmError) -> Need? {
    var found: Need?
    try forEachNeed(ofFunction: index) { feature, what, byteOffset in
      if features.contains(feature) { return true }
      found = Need(feature: feature, what: what(), byteOffset: byteOffset)
      return false
    }
    return found
  }

  /// All that the code of a function needs; nothing for an imported one.
  public func features(ofFunction index: Int) throws(WasmError) -> FeatureSet {
    var result: FeatureSet = [.mvp]
    guard index >= importedFunctionCount else { return result }
    try forEachNeed(ofFunction: index) { feature, _, _ in
      result.insert(feature)
      return true
    }
    return result
  }

  /// All that the module needs, its functions and what is around them.
  public func features() throws(WasmError) -> FeatureSet {
    var result: FeatureSet = [.mvp]
    for type in types { result.formUnion(type.features) }
    if tables.count > 1 { result.insert(.referenceTypes) }
    for table in tables where table.element != .funcref { result.insert(table.element.feature) }
    if memories.count > 1 { result.insert(.multiMemory) }
    if !tableInitializers.isEmpty { result.insert(.functionReferences) }
    for segment in elements where segment.type.typeIndex != nil {
      result.insert(segment.type.feature)
    }
    if memories.contains(where: { $0.pageSizeExponent != MemoryType.standardPageSizeExponent }) {
      result.insert(.customPageSizes)
    }
    if memories.contains(where: { $0.addressType == .i64 })
      || tables.contains(where: { $0.addressType == .i64 })
    {
      result.insert(.memory64)
    }
    if !tags.isEmpty { result.insert(.exceptions) }
    for global in globals {
      result.insert(global.type.value.feature)
      if let initializer = global.initializer, initializer.steps.count > 1 {
        result.insert(.extendedConst)
      }
    }
    let exported = exports.lazy.filter { $0.kind == .global }.map(\.index)
    if globals[..<importedGlobalCount].contains(where: \.type.isMutable)
      || exported.contains(where: { self.globals[$0].type.isMutable })
    {
      result.insert(.mutableGlobals)
    }
    for mode in elements.map(\.mode) + data.map(\.mode) {
      if case .active(_, let offset) = mode {
        if offset.steps.count > 1 { result.insert(.extendedConst) }
      } else {
        result.insert(.bulkMemory)
      }
    }
    for index in importedFunctionCount..<functions.count {
      result.formUnion(try features(ofFunction: index))
    }
    return result
  }

  /// - Parameter body: gets the feature, what needs it, and where; says whether to go on.
  private func forEachNeed(
    ofFunction index: Int, _ body: (Feature, () -> String, Int) -> Bool
  ) throws(WasmError) {
    let start = functions[index].body.lowerBound
    let type = type(ofFunction: index)
    for value in type.parameters + type.results + functions[index].localGroups.map(\.type) {
      guard body(value.feature, { "the type \(value)" }, start) else { return }
    }
    if type.results.count > 1 {
      guard body(.multiValue, { "a function of several results" }, start) else { return }
    }
    var reader = InstructionReader(self, function: index)
    while let i = try reader.next() {
      let info = i.opcode.info
      guard body(info.feature, { info.mnemonic }, i.offset) else { return }
      if memories.count > 1, i.memories.contains(where: { $0 > 0 }) {
        guard body(.multiMemory, { "\(info.mnemonic) with a memory index" }, i.offset) else {
          return
        }
      }
      guard body(i.selectType.feature, { "the type \(i.selectType)" }, i.offset) else { return }
      switch i.blockType {
      case .empty: break
      case .value(let type):
        guard body(type.feature, { "the type \(type)" }, i.offset) else { return }
      case .type:
        guard body(.multiValue, { "a block type by index" }, i.offset) else { return }
      }
    }
  }
}

extension ValueType {
  /// That brought the type for values.
  fileprivate var feature: Feature {
    switch kind {
    case .i32, .i64, .f32, .f64: .mvp
    case .v128: .simd
    case .reference(isNullable: true, .abstract(let heap)): heap.feature
    case .reference(isNullable: false, .abstract(let heap)):
      heap.feature == .referenceTypes ? .functionReferences : heap.feature
    case .reference(_, .concrete): .functionReferences
    }
  }
}

extension DefinedType {
  /// All that the definition needs.
  fileprivate var features: FeatureSet {
    var result: FeatureSet = group.count == 1 && subType.isPlain ? [] : [.recursiveTypes]
    switch composite {
    case .function(let type):
      for value in type.parameters + type.results { result.insert(value.feature) }
      if type.results.count > 1 { result.insert(.multiValue) }
    case .structure, .array: result.insert(.gc)
    }
    return result
  }
}
