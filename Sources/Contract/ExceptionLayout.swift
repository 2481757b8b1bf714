import Wasm

/// An exception of the store's pool: what a non-null `exnref` points to (null is 0). Records do not move. Whoever throws gets one from
/// ``RuntimeCall/newException`` and stores the values.
public enum ExceptionLayout {
  /// Pointer to the tag's record: equal pointers mean equal tags (`ContextLayout.tag(_:)`).
  public static let tag = 0
  /// A byte: 0 as long as no reference to the record can exist but the one that is being thrown. Code that catches such an exception and
  /// does not keep it gives it back (``RuntimeCall/dropException``); code that keeps it stores 1 here.
  public static let isExposed = 8
  /// Values, in order.
  public static let payload = 16

  /// Where a tag's values are: the byte offset of each in the record, and the record's size. A value takes 8 bytes, a vector 16, aligned.
  public static func places(of types: [ValueType]) -> (offsets: [Int], size: Int) {
    var end = payload
    let offsets = types.map { type in
      let size = SlotLayout.size(of: type)
      let offset = (end + size - 1) & ~(size - 1)
      end = offset + size
      return offset
    }
    return (offsets, end)
  }
}
