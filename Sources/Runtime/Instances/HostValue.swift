import Wasm

/// A Swift type that a host function takes or returns as it is: `Int32`, `UInt32` (i32), `Int64`, `UInt64` (i64), `Float` (f32), `Double` (f64),
/// `V128` (v128).
public protocol HostValue: Sendable {
  /// The WebAssembly type that it stands for.
  static var valueType: ValueType { get }
  /// Reads an argument.
  init(_ slots: CallSlots, _ index: Int)
  /// Writes a result.
  func store(in slots: CallSlots, _ index: Int)
}

extension HostValue where Self: FixedWidthInteger {
  /// Reads an argument.
  public init(_ slots: CallSlots, _ index: Int) { self.init(truncatingIfNeeded: slots[index]) }
  /// Writes a result, zero-extended, whether or not it has a sign.
  public func store(in slots: CallSlots, _ index: Int) {
    slots[index] = UInt64(truncatingIfNeeded: self) & (.max >> UInt64(64 - Self.bitWidth))
  }
}

extension Int32: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .i32 }
}

extension UInt32: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .i32 }
}

extension Int64: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .i64 }
}

extension UInt64: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .i64 }
}

extension Float: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .f32 }
  /// Reads an argument.
  public init(_ slots: CallSlots, _ index: Int) {
    self.init(bitPattern: UInt32(truncatingIfNeeded: slots[index]))
  }
  /// Writes a result.
  public func store(in slots: CallSlots, _ index: Int) { slots[index] = UInt64(bitPattern) }
}

extension Double: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .f64 }
  /// Reads an argument.
  public init(_ slots: CallSlots, _ index: Int) { self.init(bitPattern: slots[index]) }
  /// Writes a result.
  public func store(in slots: CallSlots, _ index: Int) { slots[index] = bitPattern }
}

extension V128: HostValue {
  /// The WebAssembly type that it stands for.
  public static var valueType: ValueType { .v128 }
  /// Reads an argument.
  public init(_ slots: CallSlots, _ index: Int) { self = slots[vector: index] }
  /// Writes a result.
  public func store(in slots: CallSlots, _ index: Int) { slots[vector: index] = self }
}
