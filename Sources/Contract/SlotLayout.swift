import Wasm

/// Where values lie that lie in memory one after the other. A *slot* is the place of one of them: of a local or an operand in a
/// baseline frame (``BaselineFrame``) or in the buffer of an OSR entry, of an argument or a result in a call that a host makes or
/// answers.
///
/// All slots of a layout have one size, so that a slot's offset follows from its number, whatever the types. A value lies at the
/// start of its slot; an i32 or f32 in the low 4 bytes, and the rest is undefined.
public struct SlotLayout: Hashable, Sendable {
  /// Bytes of a slot: 8 or 16. Slots are aligned to it.
  public let slotSize: Int
  /// Number of slots.
  public let count: Int

  /// Slots of one size.
  public init(slotSize: Int, count: Int) {
    self.slotSize = slotSize
    self.count = count
  }

  /// Of a function's frame and OSR entries: the locals (parameters, declared), then the operand stack from its bottom.
  public init(_ module: Module, function: Int) {
    // No function has vectors: validation refuses them.
    self.init(
      slotSize: Self.size(of: .i64),
      count: module.localCount(ofFunction: function) + module.functions[function].maxOperandHeight)
  }

  /// Of a call through the host: the arguments, in whose places the results come back. One slot at least.
  public init(_ type: FunctionType) {
    self.init(
      slotSize: (type.parameters + type.results).reduce(Self.size(of: .i64)) {
        max($0, Self.size(of: $1))
      },
      count: max(1, type.parameters.count, type.results.count))
  }

  /// Bytes that a value of a type takes where it has a place of its own, to which it is aligned.
  public static func size(of type: ValueType) -> Int { type == .v128 ? 16 : 8 }

  /// Bytes from the start to a slot; that of slot ``count`` is the end.
  @inlinable
  public func offset(of slot: Int) -> Int { slotSize * slot }

  /// Bytes of all slots.
  public var size: Int { offset(of: count) }
}
