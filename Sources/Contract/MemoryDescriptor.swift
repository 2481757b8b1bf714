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

extension MemoryType {
  /// Bytes that an address plus a static offset can reach from the memory's start.
  public var reach: Int { 2 * (Int(maximumAddress) + 1) }

  /// Address space reserved for a memory: its ``reach``, and a guard region for accesses that begin at its end. All pages in it
  /// outside the memory fault, so accesses need no bounds checks if the memory's ``end is guarded <hasGuardedEnd>``.
  public var reservation: Int { reach + (1 << 16) }

  /// Whether sizes are multiples of the machine's pages, so that the byte behind the memory faults. Otherwise accesses compare
  /// their end with ``MemoryStateLayout/byteLength``.
  public var hasGuardedEnd: Bool { pageSizeExponent == MemoryType.standardPageSizeExponent }
}
