/// What an atomic load, store or read-modify-write does (binary format of the threads proposal).
///
/// Their opcodes are groups of seven, one for each operation: by types and widths in the same order. So the operation follows from an
/// opcode's number, type and width from the rest of its row, and nothing lists the opcodes again.
public struct AtomicAccess: Sendable, Equatable {
  /// In the order of the groups of opcodes.
  public enum Operation: UInt32, Sendable, CaseIterable {
    case load, store, add, subtract, and, or, exclusiveOr, exchange
    /// Stores its last operand if the memory has the one before it; both are wrapped to the width first.
    case compareExchange
  }

  /// What it does.
  public let operation: Operation
  /// Of the value in wasm, to which what is in memory is zero-extended.
  public let type: ValueType
  /// Bytes in memory.
  public let size: Int

  /// Nil for all other instructions, those that wait or notify among them.
  public init?(_ opcode: Opcode) {
    let info = opcode.info
    guard case .atomicArgument(let size) = info.immediate, let signature = info.signature,
      info.code >= Self.first,
      let operation = Operation(rawValue: (info.code - Self.first) / Self.groupSize),
      let type = (signature.results.first ?? signature.operands.last) ?? nil
    else { return nil }
    self.operation = operation
    self.type = type
    self.size = size
  }

  /// `i32.atomic.load`
  private static let first: UInt32 = 0x10
  private static let groupSize: UInt32 = 7
}
