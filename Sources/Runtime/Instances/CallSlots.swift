import Contract

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

  /// An argument or result, as ``Value/slot`` has it.
  @inlinable
  public subscript(index: Int) -> UInt64 {
    // In bounds: the call's type says how many there are.
    get { address.load(fromByteOffset: layout.offset(of: index), as: UInt64.self) }
    nonmutating set {
      address.storeBytes(of: newValue, toByteOffset: layout.offset(of: index), as: UInt64.self)
    }
  }

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
