import CRuntime
import Contract
import Wasm

/// A tag (spec 3.0 4.2, tag instances): what tells exceptions apart. Each is itself and no other, whatever its type.
public final class Tag {
  unowned let store: Store
  let canonicalType: CanonicalType
  /// What exceptions of the tag point to, and contexts; lives as long as the store.
  let record: UnsafeMutablePointer<wpgo_tag>
  /// Of each value, in an exception.
  let offsets: [Int]

  init(_ type: CanonicalType, store: Store) {
    self.store = store
    canonicalType = type
    let types = type.type.parameters
    let (offsets, size) = ExceptionLayout.places(of: types)
    self.offsets = offsets
    let references = zip(offsets, types).filter {
      CanonicalType.representation(of: $1) == .exception
    }
    let places = UnsafeMutablePointer<UInt32>.allocate(capacity: references.count)
    for (index, place) in references.enumerated() { places[index] = UInt32(place.0) }
    record = .allocate(capacity: 1)
    record.initialize(
      to: wpgo_tag(
        owner: nil, size: UInt32(size), reference_count: UInt32(references.count),
        references: places))
    record.pointee.owner = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    record.pointee.references.deallocate()
    record.deallocate()
  }

  /// Types of the values that its exceptions have. A concrete type in it is known by a number that the process gave it.
  public var type: FunctionType { canonicalType.type }
}

extension Tag: Hashable {
  /// Whether both are the same tag.
  public static func == (a: Tag, b: Tag) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
