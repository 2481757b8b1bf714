import CRuntime
import Contract
import Synchronization
import Wasm

/// A defined type as the whole process knows it (spec 3.0 2.3, closed types): equal types have equal ids, whatever their modules
/// (`FuncRefLayout.typeID`). Compiled modules and host functions own it, and everything that has its id belongs to one of
/// those: so the id is free again with the last owner of a type of its recursion group, or of a group that refers to it.
///
/// Unchecked: immutable, the buffers included.
final class CanonicalType: @unchecked Sendable {
  let id: UInt32
  /// See ``SupertypesLayout``.
  let supertypes: UnsafeRawPointer
  /// Where the calling convention puts parameters and results; nothing for what is no function type.
  let parameters: UnsafeBufferPointer<Place>
  let results: UnsafeBufferPointer<Place>
  /// Of the host's calls.
  let slots: SlotLayout
  private let group: Group
  private let position: Int

  /// Where the calling convention puts one value.
  struct Place: Sendable {
    /// Byte offset in `wpgo_registers`, or ~offset in the overflow area.
    let offset: Int
    /// The bits of a slot that count, unless it is a vector.
    let mask: UInt64
    let type: ValueType
  }

  /// The type, with ids in place of type indices.
  var subType: SubType { group.members[position].type }

  /// The function type, with ids in place of type indices.
  var type: FunctionType {
    guard case .function(let type) = subType.composite else {
      preconditionFailure("a function of type \(subType)")
    }
    return type
  }

  /// One more user of a group, which `registry` has counted.
  private init(_ group: Group, _ position: Int) {
    let member = group.members[position]
    id = member.id
    supertypes = UnsafeRawPointer(member.supertypes)
    parameters = member.parameters
    results = member.results
    slots = member.slots
    self.group = group
    self.position = position
  }

  deinit { Self.registry.withLock { $0.release(group) } }

  /// The bits of a slot that a value has; those above may be anything in compiled code's hands.
  static func slotMask(_ type: ValueType) -> UInt64 {
    type == .i32 || type == .f32 ? 0xFFFF_FFFF : .max
  }

  // MARK: Finding types

  /// A function type without concrete types in it.
  static func of(_ type: FunctionType) -> CanonicalType { of(TypeSpace(CollectionOfOne(type)))[0] }

  /// By type index.
  static func of(_ types: TypeSpace) -> [CanonicalType] {
    var result: [CanonicalType] = []
    result.reserveCapacity(types.count)
    for range in types.recursionGroups {
      let rolled = RecursionGroup(types[range].map(\.subType), range) { Int(result[$0].id) }
      registry.withLock { registry in
        let group = registry.group(rolled)
        for position in group.members.indices {
          group.useCount += 1
          result.append(CanonicalType(group, position))
        }
      }
    }
    return result
  }

  /// - Parameter id: of a function reference, whose instance or host function uses the type.
  static func withID(_ id: UInt32) -> CanonicalType {
    registry.withLock { registry in
      let (group, position) = registry.place(Int(id))
      group.useCount += 1
      return CanonicalType(group, position)
    }
  }

  // MARK: Matching

  /// Spec 3.0 3.3, defined types.
  func isSubtype(of other: CanonicalType) -> Bool {
    id == other.id || Self.registry.withLock { $0.isSubtype(Int(id), of: Int(other.id)) }
  }

  /// Whether a function of the type may be where another type is expected.
  func fits(_ expected: ValueType) -> Bool {
    Self.matches(.reference(isNullable: false, .concrete(Int(id))), expected)
  }

  /// Spec 3.0 3.3, value types; with ids in place of type indices, whose types have owners.
  static func matches(_ type: ValueType, _ other: ValueType) -> Bool {
    type == other || registry.withLock { $0.matches(type, other) }
  }

  /// Spec 3.0 3.3, table types; with ids in place of type indices, whose types have owners.
  static func matches(_ type: TableType, _ other: TableType) -> Bool {
    registry.withLock { $0.matches(type, other) }
  }

  /// Spec 3.0 3.3, global types; with ids in place of type indices, whose types have owners.
  static func matches(_ type: GlobalType, _ other: GlobalType) -> Bool {
    registry.withLock { $0.matches(type, other) }
  }

  /// How values of a type are held that has ids in place of type indices; their types have owners.
  static func representation(of type: ValueType) -> Representation {
    type.representation ?? registry.withLock { $0.representation(of: type) }
  }

  // MARK: The registry

  /// A recursion group that is in use.
  ///
  /// Unchecked: immutable, but for the count, which belongs to the registry.
  private final class Group: @unchecked Sendable {
    struct Member {
      let id: UInt32
      let type: SubType
      /// See ``SupertypesLayout``.
      let supertypes: UnsafePointer<UInt32>
      let parameters: UnsafeBufferPointer<Place>
      let results: UnsafeBufferPointer<Place>
      let slots: SlotLayout
    }
    let rolled: RecursionGroup
    let members: [Member]
    /// Types that are in somebody's hands, and groups that refer to this one.
    var useCount = 0

    /// - Parameter outside: the supertypes of a type of another group, by its ID.
    init(
      _ rolled: RecursionGroup, ids: [UInt32], outside: (Int) -> UnsafePointer<UInt32>
    ) {
      self.rolled = rolled
      var members: [Member] = []
      var own: [Int: UnsafePointer<UInt32>] = [:]
      for (id, type) in zip(ids, rolled.types { Int(ids[$0]) }) {
        // A supertype in the group comes before the type.
        let above = type.supertype.map { own[$0] ?? outside($0) }
        let supertypes = Self.supertypes(above, id)
        if !type.isFinal { own[Int(id)] = supertypes }
        var function = FunctionType([], [])
        if case .function(let type) = type.composite { function = type }
        members.append(
          Member(
            id: id, type: type, supertypes: supertypes,
            parameters: Self.places(
              CallingConvention.parameters(of: function), function.parameters),
            results: Self.places(CallingConvention.results(of: function), function.results),
            slots: SlotLayout(function)))
      }
      self.members = members
    }

    /// See ``SupertypesLayout``.
    /// - Parameter above: of the declared supertype.
    private static func supertypes(
      _ above: UnsafePointer<UInt32>?, _ id: UInt32
    ) -> UnsafePointer<UInt32> {
      let depth = Int(above?[0] ?? 0)
      let result = UnsafeMutablePointer<UInt32>.allocate(capacity: depth + 2)
      result.initialize(to: UInt32(depth + 1))
      // The count and `depth` entries behind it.
      if let above { (result + 1).initialize(from: above + 1, count: depth) }
      (result + depth + 1).initialize(to: id)
      return UnsafePointer(result)
    }

    deinit {
      for member in members {
        member.supertypes.deallocate()
        member.parameters.deallocate()
        member.results.deallocate()
      }
    }

    private static func places(_ locations: [CallingConvention.Location], _ types: [ValueType])
      -> UnsafeBufferPointer<Place>
    {
      let places = UnsafeMutableBufferPointer<Place>.allocate(capacity: types.count)
      _ = places.initialize(
        from: zip(locations, types).map { location, type in
          let offset =
            switch location {
            case .integer(let number): RegisterLayout.integer + 8 * number
            case .float(let number): RegisterLayout.vector + 16 * number
            case .overflow(let offset): ~offset
            }
          return Place(offset: offset, mask: slotMask(type), type: type)
        })
      return UnsafeBufferPointer(places)
    }
  }

  /// The index space of ids.
  private struct Registry: TypeContext {
    private var groups: [RecursionGroup: Group] = [:]
    private var byID: [(group: Group, position: Int)?] = []
    /// To be used again.
    private var freeIDs: [UInt32] = []

    /// - Precondition: somebody owns the type.
    func place(_ id: Int) -> (group: Group, position: Int) {
      guard let place = byID[id - 1] else { preconditionFailure("an id without its type") }
      return place
    }

    /// The group, which its caller counts one use of at least.
    mutating func group(_ rolled: RecursionGroup) -> Group {
      if let known = groups[rolled] { return known }
      let ids = (0..<rolled.count).map { _ in
        if let id = freeIDs.popLast() { return id }
        byID.append(nil)
        return UInt32(byID.count)
      }
      let new = Group(rolled, ids: ids) {
        let (group, position) = place($0)
        return group.members[position].supertypes
      }
      groups[rolled] = new
      for (position, id) in ids.enumerated() { byID[Int(id) - 1] = (new, position) }
      for id in rolled.outside { place(id).group.useCount += 1 }
      return new
    }

    /// One use less. Not by recursion: each type of a module may refer to the one before.
    mutating func release(_ group: Group) {
      group.useCount -= 1
      var unused = group.useCount == 0 ? [group] : []
      while let group = unused.popLast() {
        for id in group.rolled.outside {
          let other = place(id).group
          other.useCount -= 1
          if other.useCount == 0 { unused.append(other) }
        }
        groups[group.rolled] = nil
        for member in group.members {
          byID[Int(member.id) - 1] = nil
          freeIDs.append(member.id)
        }
      }
    }

    func subType(_ index: Int) -> SubType {
      let (group, position) = place(index)
      return group.members[position].type
    }

    func isSame(_ a: Int, _ b: Int) -> Bool { a == b }
  }
  private static let registry = Mutex(Registry())
}

extension ValueType {
  /// How values are held, of a type that a function, table or global of a store has: a concrete type in it is known to the process.
  package var closedRepresentation: Representation { CanonicalType.representation(of: self) }
}

/// Offsets in C's `struct wpgo_registers`.
enum RegisterLayout {
  static let integer = 0
  static let vector = 48
  static let size = MemoryLayout<wpgo_registers>.size
}

extension CanonicalType.Place {
  /// - Parameters:
  ///   - registers: a `wpgo_registers`.
  ///   - overflow: the store's overflow area.
  @inline(__always)
  func load(
    into slots: CallSlots, _ index: Int,
    _ registers: UnsafeMutableRawPointer, _ overflow: UnsafeMutableRawPointer
  ) {
    let place = address(registers, overflow)
    if type == .v128 {
      slots[vector: index] = place.load(as: V128.self)
    } else {
      slots[index] = place.load(as: UInt64.self) & mask
    }
  }

  @inline(__always)
  func store(
    from slots: CallSlots, _ index: Int,
    _ registers: UnsafeMutableRawPointer, _ overflow: UnsafeMutableRawPointer
  ) {
    let place = address(registers, overflow)
    if type == .v128 {
      place.storeBytes(of: slots[vector: index], as: V128.self)
    } else {
      place.storeBytes(of: slots[index] & mask, as: UInt64.self)
    }
  }

  @inline(__always)
  private func address(
    _ registers: UnsafeMutableRawPointer, _ overflow: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    // `places` made the offset from the convention, whose locations lie in either area.
    offset >= 0 ? registers + offset : overflow + ~offset
  }
}
