import Wasm

/// A memory of a module, as compilers and runtime see it: its type, and where the context of an instance has it. Both fields
/// are fixed: memories grow without moving.
public struct MemoryDescriptor: Hashable, Sendable {
  /// As the module declares or imports it.
  public let type: MemoryType
  /// Offset in the context of the address of the memory's first byte.
  public let base: Int
  /// Offset in the context of the pointer to its ``MemoryStateLayout``.
  public let state: Int
}

extension MemoryType {
  /// Bytes from a memory's first to behind the last that an address and a static offset lead to.
  public var reach: Int { 2 * (Int(maximumAddress) + 1) }

  /// Bytes of address space that a memory takes: its ``reach``, and a guard for accesses that begin there. What is not memory in
  /// there faults, so that accesses carry no checks.
  public var reservation: Int { reach + (1 << 16) }
}
