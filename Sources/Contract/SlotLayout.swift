import Wasm

/// Layout of consecutive values in memory. Each value has a *slot*: a local or an operand in a baseline frame
/// (``BaselineFrame``) or in the buffer of an OSR entry, an argument or a result in a call from or to the host.
///
/// All slots of a layout have the same size, so that a slot's offset depends on its number only, whatever the types. A value is
/// at the start of its slot. An i32 or f32 occupies the low 4 bytes, and the rest is undefined.
public struct SlotLayout: Hashable, Sendable {
  /// Bytes of a slot: 8 or 16. Slots are aligned to their size.
  public let slotSize: Int
  /// Number of slots.
  public let count: Int

  /// Creates a layout of slots of one size.
  public init(slotSize: Int, count: Int) {
    self.slotSize = slotSize
    self.count = count
  }

  /// The layout of a function's frame and OSR entries: the locals (parameters, then declared ones), then the operand stack from
  /// its bottom.
  public init(_ module: Module, function: Int) {
    self.init(
      frameSlots: module.localCount(ofFunction: function)
        + module.maxOperandHeight(ofFunction: function),
      hasVectors: module.hasVectors(inFunction: function))
  }

  /// The layout of the frames of a function with so many locals and operands.
  /// - Parameter hasVectors: whether any of them is a vector.
  public init(frameSlots count: Int, hasVectors: Bool) {
    self.init(slotSize: Self.size(of: hasVectors ? .v128 : .i64), count: count)
  }

  /// The layout of a call through the host: arguments, which the results overwrite. At least one slot.
  public init(_ type: FunctionType) {
    self.init(
      slotSize: (type.parameters + type.results).reduce(Self.size(of: .i64)) {
        max($0, Self.size(of: $1))
      },
      count: max(1, type.parameters.count, type.results.count))
  }

  /// Whether slots have room for vectors.
  @inlinable
  public var hasVectors: Bool { slotSize == Self.size(of: .v128) }

  /// The size and alignment of a value of this type when it is stored by itself.
  @inlinable
  public static func size(of type: ValueType) -> Int { type == .v128 ? 16 : 8 }

  /// Byte offset of a slot; that of slot ``count`` is the end.
  @inlinable
  public func offset(of slot: Int) -> Int { slotSize * slot }

  /// Size of all slots.
  public var size: Int { offset(of: count) }
}
