/// A recursion group apart from the index space that it was defined in (spec 3.0 2.3, recursive types), rolled up: equal groups are equal
/// values, whatever their modules.
public struct RecursionGroup: Sendable, Hashable {
  /// Indices from here on are positions in the group, those below are for whoever rolled the group up to know.
  private static let ownIndex = 1 << 29
  private var members: [SubType]

  /// Rolls a group up.
  /// - Parameters:
  ///   - group: its types' indices.
  ///   - identity: of a type that was defined before the group, by its index: equal for equal types only, and below 2²⁹.
  public init(_ types: some Collection<SubType>, _ group: Range<Int>, identity: (Int) -> Int) {
    members = types.map { type in
      type.mapIndices { index in
        if group.contains(index) { return Self.ownIndex + index - group.lowerBound }
        let identity = identity(index)
        precondition(identity < Self.ownIndex, "more types than fit")
        return identity
      }
    }
  }

  /// Members of the group.
  public var count: Int { members.count }

  /// Its types, unrolled.
  /// - Parameter identity: of a member, by its position.
  public func types(identity: (Int) -> Int) -> [SubType] {
    members.map { type in
      type.mapIndices { $0 < Self.ownIndex ? $0 : identity($0 - Self.ownIndex) }
    }
  }

  /// The identities of the types outside of the group that it names.
  public var outside: Set<Int> {
    var result: Set<Int> = []
    for type in members {
      _ = type.mapIndices { index in
        if index < Self.ownIndex { result.insert(index) }
        return index
      }
    }
    return result
  }
}

/// The defined types of a module by type index (spec 3.0 2.5), with what makes them comparable.
public struct TypeSpace: Sendable, RandomAccessCollection {
  private var types: [DefinedType] = []
  /// The first index of each group that is unlike all before it.
  private var groups: [RecursionGroup: Int] = [:]

  /// No types.
  public init() {}

  /// A space of function types, each its own group.
  public init(_ types: some Sequence<FunctionType>) {
    for type in types { append(group: CollectionOfOne(SubType(type))) }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { types.count }

  /// A type.
  public subscript(index: Int) -> DefinedType { types[index] }

  /// Adds a recursion group. Its types refer to what is there, and to each other by the indices that they get.
  /// - Precondition: supertypes come first.
  public mutating func append(group: some Collection<SubType>) {
    let start = types.count
    let range = start..<start + group.count
    let rolled = RecursionGroup(group, range) { types[$0].canonicalIndex }
    let first = groups[rolled] ?? start
    if first == start { groups[rolled] = start }
    for (position, type) in group.enumerated() {
      types.append(
        DefinedType(
          subType: type, group: range, canonicalIndex: first + position,
          depth: type.supertype.map { types[$0].depth + 1 } ?? 0))
    }
  }

  /// The recursion groups' indices, in order. (Groups without types have none.)
  public var recursionGroups: [Range<Int>] {
    var result: [Range<Int>] = []
    for type in types where type.group != result.last { result.append(type.group) }
    return result
  }

  /// Whether two types are equal (spec 3.0 3.3, defined types), by their indices.
  public func isSame(_ a: Int, _ b: Int) -> Bool {
    types[a].canonicalIndex == types[b].canonicalIndex
  }
}

extension TypeSpace: TypeContext {
  /// As the module defines it.
  public func subType(_ index: Int) -> SubType { types[index].subType }
}

extension Module {
  /// The function type at a type index of a valid module that names one.
  public func functionType(_ index: Int) -> FunctionType {
    guard case .function(let type) = types[index].composite else {
      preconditionFailure("type \(index) is no function type")
    }
    return type
  }

  /// The type of a function, by its index.
  public func type(ofFunction index: Int) -> FunctionType {
    functionType(functions[index].typeIndex)
  }

  /// The type of `ref.func` (spec 3.0 3.4, reference instructions).
  public func referenceType(ofFunction index: Int) -> ValueType {
    .reference(isNullable: false, .concrete(functions[index].typeIndex))
  }
}
