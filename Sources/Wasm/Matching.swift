/// What gives concrete types their meaning: an index space of defined types. Matching (spec 3.0 3.3) is defined on it, rule by rule.
public protocol TypeContext {
  /// The type at an index, its own indices of the same space.
  func subType(_ index: Int) -> SubType
  /// Whether two types are equal (spec 3.0 3.3, defined types), by their indices.
  func isSame(_ a: Int, _ b: Int) -> Bool
}

extension AbstractHeapType {
  /// What it matches beside itself (spec 3.0 3.3, heap types). Bottom types match the concrete types beneath these, too.
  private var supertypes: [AbstractHeapType] {
    switch self {
    case .any, .func, .extern, .exn: []
    case .eq: [.any]
    case .i31, .struct, .array: [.eq, .any]
    case .none: [.i31, .struct, .array, .eq, .any]
    case .nofunc: [.func]
    case .noextern: [.extern]
    case .noexn: [.exn]
    }
  }

  /// Whether it matches another abstract type (spec 3.0 3.3, heap types).
  public func matches(_ other: AbstractHeapType) -> Bool {
    self == other || supertypes.contains(other)
  }

  /// Whether nothing but null is of the type, which therefore matches all of its hierarchy.
  fileprivate var isBottom: Bool {
    switch self {
    case .none, .nofunc, .noextern, .noexn: true
    case .any, .eq, .i31, .struct, .array, .func, .extern, .exn: false
    }
  }
}

extension TypeContext {
  /// Whether values of a type may be where another is expected (spec 3.0 3.3, reference and value types).
  public func matches(_ type: ValueType, _ other: ValueType) -> Bool {
    if type == other || type == .bottom { return true }
    // A number or vector type matches itself only.
    guard type.isReference, other.isReference else { return false }
    if type == .bottomReference { return true }
    guard
      case .reference(let isNullable, let heap) = type.kind,
      case .reference(let mayBeNull, let otherHeap) = other.kind
    else { return false }
    return (mayBeNull || !isNullable) && matches(heap, otherHeap)
  }

  /// Whether references to a type are such to another (spec 3.0 3.3, heap types).
  public func matches(_ heap: HeapType, _ other: HeapType) -> Bool {
    switch (heap, other) {
    case (.abstract(let type), .abstract(let other)): type.matches(other)
    case (.concrete(let index), .abstract(let other)):
      subType(index).composite.heapType.matches(other)
    case (.abstract(let type), .concrete(let index)):
      type.isBottom && type.matches(subType(index).composite.heapType)
    case (.concrete(let index), .concrete(let other)): isSubtype(index, of: other)
    }
  }

  /// Whether a defined type is another or has it among its declared supertypes (spec 3.0 3.3, defined types), by their indices.
  public func isSubtype(_ index: Int, of other: Int) -> Bool {
    withSupertypes(index).contains { isSame($0, other) }
  }

  /// The index of a defined type, then those of its declared supertypes, each the supertype of the one before.
  public func withSupertypes(_ index: Int) -> some Sequence<Int> {
    sequence(first: index) { subType($0).supertype }
  }

  /// Spec 3.0 3.3, result types: each matches its counterpart.
  public func matches(_ types: [ValueType], _ others: [ValueType]) -> Bool {
    types.count == others.count && zip(types, others).allSatisfy { matches($0, $1) }
  }

  /// Spec 3.0 3.3, function types: takes at least as much, gives at most as much.
  public func matches(_ type: FunctionType, _ other: FunctionType) -> Bool {
    matches(other.parameters, type.parameters) && matches(type.results, other.results)
  }

  /// Spec 3.0 3.3, composite types: of structures also those with more fields.
  public func matches(_ type: CompositeType, _ other: CompositeType) -> Bool {
    switch (type, other) {
    case (.function(let type), .function(let other)): matches(type, other)
    case (.structure(let fields), .structure(let others)):
      fields.count >= others.count && zip(fields, others).allSatisfy { matches($0, $1) }
    case (.array(let field), .array(let other)): matches(field, other)
    case (.function, _), (.structure, _), (.array, _): false
    }
  }

  /// Spec 3.0 3.3, field types: in both directions if it can be written.
  public func matches(_ field: FieldType, _ other: FieldType) -> Bool {
    field.isMutable == other.isMutable && matches(field.storage, other.storage)
      && (!field.isMutable || matches(other.storage, field.storage))
  }

  private func matches(_ storage: FieldType.Storage, _ other: FieldType.Storage) -> Bool {
    switch (storage, other) {
    case (.value(let type), .value(let other)): matches(type, other)
    case (.i8, .i8), (.i16, .i16): true
    case (.value, _), (.i8, _), (.i16, _): false
    }
  }

  /// Spec 3.0 3.3, global types: in both directions if it can be written.
  public func matches(_ type: GlobalType, _ other: GlobalType) -> Bool {
    type.isMutable == other.isMutable && matches(type.value, other.value)
      && (!type.isMutable || matches(other.value, type.value))
  }

  /// Spec 3.0 3.3, table types: elements in both directions, since a table can be written.
  public func matches(_ type: TableType, _ other: TableType) -> Bool {
    type.addressType == other.addressType && type.limits.matches(other.limits)
      && matches(type.element, other.element)
      && matches(other.element, type.element)
  }
}

extension Limits {
  /// Spec 3.0 3.3, limits.
  public func matches(_ wanted: Limits) -> Bool {
    guard min >= wanted.min else { return false }
    guard let most = wanted.max else { return true }
    return max.map { $0 <= most } ?? false
  }
}
