import Contract
import Wasm

/// The slots of one call by the host or of a host function: arguments going in, results coming out in their places.
/// Valid during the call.
public struct CallSlots {
  /// Start of the layout's bytes, aligned to its slot size.
  public let address: UnsafeMutableRawPointer
  /// Of the function's type.
  public let layout: SlotLayout

  /// - Parameter address: of `layout.size` bytes, aligned to `layout.slotSize`, which outlive the call.
  public init(_ address: UnsafeMutableRawPointer, _ layout: SlotLayout) {
    self.address = address
    self.layout = layout
  }

  /// An argument or result that is no vector, as ``Value/slot`` has it.
  @inlinable
  public subscript(index: Int) -> UInt64 {
    // In bounds: the call's type says how many there are.
    get { address.load(fromByteOffset: layout.offset(of: index), as: UInt64.self) }
    nonmutating set {
      address.storeBytes(of: newValue, toByteOffset: layout.offset(of: index), as: UInt64.self)
    }
  }

  /// An argument or result of type v128.
  /// - Precondition: the function's type has one.
  @inlinable
  public subscript(vector index: Int) -> V128 {
    get {
      precondition(layout.hasVectors, "slots without vectors")
      return address.load(fromByteOffset: layout.offset(of: index), as: V128.self)
    }
    nonmutating set {
      precondition(layout.hasVectors, "slots without vectors")
      address.storeBytes(of: newValue, toByteOffset: layout.offset(of: index), as: V128.self)
    }
  }

  /// Where an argument or result is.
  func address(of index: Int) -> UnsafeMutableRawPointer { address + layout.offset(of: index) }

  /// Slots for one call, undefined at first.
  @inline(__always)
  static func withTemporary<R>(_ layout: SlotLayout, _ body: (CallSlots) throws -> R) rethrows -> R
  {
    try withUnsafeTemporaryAllocation(byteCount: layout.size, alignment: layout.slotSize) {
      // Never empty: a layout has one slot at least.
      try body(CallSlots($0.baseAddress!, layout))
    }
  }
}
