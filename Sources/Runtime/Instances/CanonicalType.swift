import CRuntime
import Contract
import Synchronization
import Wasm

/// A function type as the whole process knows it: equal types have equal ids, whatever their modules
/// (`FuncRefLayout.typeID`). Compiled modules and host functions own it, and everything that has its id belongs to one of
/// those: so the id is free again with the last of them.
///
/// Unchecked: immutable, the buffers included.
final class CanonicalType: @unchecked Sendable {
  let id: UInt32
  let type: FunctionType
  let parameters: UnsafeBufferPointer<Place>
  let results: UnsafeBufferPointer<Place>
  /// Of the host's calls.
  let slots: SlotLayout

  /// Where the calling convention puts one value.
  struct Place: Sendable {
    /// Byte offset in `wpgo_registers`, or ~offset in the overflow area.
    let offset: Int
    /// The bits of a slot that count.
    let mask: UInt64
    let type: ValueType
  }

  private init(id: UInt32, type: FunctionType) {
    self.id = id
    self.type = type
    parameters = Self.places(CallingConvention.parameters(of: type), type.parameters)
    results = Self.places(CallingConvention.results(of: type), type.results)
    slots = SlotLayout(type)
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

  /// The bits of a slot that a value has; those above may be anything in compiled code's hands.
  static func slotMask(_ type: ValueType) -> UInt64 {
    type == .i32 || type == .f32 ? 0xFFFF_FFFF : .max
  }

  // MARK: The registry

  private struct Entry {
    let id: UInt32
    weak var type: CanonicalType?
  }

  private struct Registry {
    var byType: [FunctionType: Entry] = [:]
    var byID: [Entry?] = []
    /// To be used again.
    var freeIDs: [UInt32] = []
  }
  private static let registry = Mutex(Registry())

  static func of(_ type: FunctionType) -> CanonicalType {
    registry.withLock { registry in
      if let known = registry.byType[type]?.type { return known }
      let id = registry.freeIDs.popLast() ?? UInt32(registry.byID.count + 1)
      let new = CanonicalType(id: id, type: type)
      let entry = Entry(id: id, type: new)
      registry.byType[type] = entry
      if Int(id) > registry.byID.count {
        registry.byID.append(entry)
      } else {
        registry.byID[Int(id) - 1] = entry
      }
      return new
    }
  }

  /// - Parameter id: of a function reference, whose instance or host function uses the type.
  static func withID(_ id: UInt32) -> CanonicalType {
    registry.withLock { registry in
      guard let type = registry.byID[Int(id) - 1]?.type else {
        preconditionFailure("a function without its type")
      }
      return type
    }
  }

  deinit {
    Self.registry.withLock { registry in
      // An equal type may have come since nobody used this one.
      if registry.byType[type]?.id == id { registry.byType[type] = nil }
      registry.byID[Int(id) - 1] = nil
      registry.freeIDs.append(id)
    }
    parameters.deallocate()
    results.deallocate()
  }
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
  func load(_ registers: UnsafeMutableRawPointer, _ overflow: UnsafeMutableRawPointer) -> UInt64 {
    address(registers, overflow).load(as: UInt64.self) & mask
  }

  @inline(__always)
  func store(
    _ slot: UInt64, _ registers: UnsafeMutableRawPointer, _ overflow: UnsafeMutableRawPointer
  ) {
    address(registers, overflow).storeBytes(of: slot & mask, as: UInt64.self)
  }

  @inline(__always)
  private func address(
    _ registers: UnsafeMutableRawPointer, _ overflow: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    // `places` made the offset from the convention, whose locations lie in either area.
    offset >= 0 ? registers + offset : overflow + ~offset
  }
}
