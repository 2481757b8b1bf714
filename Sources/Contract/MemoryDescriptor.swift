import Wasm

/// A memory of a module as compilers and runtime see it: its type, and its fields in an instance's context. Both fields are
/// fixed: memories grow without moving.
public struct MemoryDescriptor: Hashable, Sendable {
  /// As the module declares or imports it.
  public let type: MemoryType
  /// Offset in the context of the address of the memory's first byte.
  public let base: Int
  /// Offset in the context of the pointer to its ``MemoryStateLayout``.
  public let state: Int
}

/// What an access must compare before it may be made. Each memory reserves more address space than it can have bytes, and all pages
/// in it outside the memory fault.
public enum AccessCheck: Hashable, Sendable {
  /// Nothing: all that an index and a static offset can reach is reserved, so an access out of bounds faults.
  case none
  /// The index with ``MemoryStateLayout/capacity``. From an index up to that, all that static offsets of less than
  /// ``MemoryType/guardedOffset`` can reach is reserved; greater ones need ``end``.
  case index
  /// The end of the access with ``MemoryStateLayout/byteLength``: the byte behind the memory may not fault.
  case end
}

extension MemoryType {
  /// Bytes behind the last one that a memory can have which fault when they are accessed.
  private static let guardSize = (1 << 32) + (1 << 16)

  /// Static offsets below this, of indices that are in bounds, are within the reservation.
  public static let guardedOffset: UInt64 = 1 << 32

  /// Address space reserved for a memory that can have so many bytes, which is all that addresses of 32 bits reach in any case.
  public func reservation(capacity: Int) -> Int {
    (addressType == .i32 ? 1 << 32 : capacity) + Self.guardSize
  }

  /// What accesses with a static offset must compare. Sizes that are not multiples of the machine's pages end where nothing faults.
  public func check(offset: UInt64) -> AccessCheck {
    guard pageSizeExponent == MemoryType.standardPageSizeExponent else { return .end }
    if addressType == .i32 { return .none }
    return offset < Self.guardedOffset ? .index : .end
  }
}
