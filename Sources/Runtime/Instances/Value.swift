import Wasm

/// A value as the host sees it (spec 4.2.1).
public enum Value: Hashable {
  case i32(Int32)
  case i64(Int64)
  /// Bits, so that NaN payloads survive.
  case f32(UInt32)
  case f64(UInt64)
  case v128(V128)
  /// Nil is the null reference.
  case funcref(Function?)
  /// A handle that means something to the host only. It must not be 0; nil is the null reference.
  case externref(UInt64?)
  /// Nil is the null reference.
  case exnref(Exception?)

  /// An f32 with the bits of `value`.
  public static func f32(_ value: Float) -> Value { .f32(value.bitPattern) }
  /// An f64 with the bits of `value`.
  public static func f64(_ value: Double) -> Value { .f64(value.bitPattern) }

  /// The value's type.
  public var type: ValueType {
    switch self {
    case .i32: .i32
    case .i64: .i64
    case .f32: .f32
    case .f64: .f64
    case .v128: .v128
    case .funcref: .funcref
    case .externref: .externref
    case .exnref: .exnref
    }
  }

  /// The value as a 64-bit slot: what is narrower is zero-extended, references are addresses and handles.
  /// - Precondition: it is no vector.
  public var slot: UInt64 {
    switch self {
    case .i32(let value): UInt64(UInt32(bitPattern: value))
    case .i64(let value): UInt64(bitPattern: value)
    case .f32(let bits): UInt64(bits)
    case .f64(let bits): bits
    case .v128: preconditionFailure("a vector does not fit a slot of 64 bits")
    case .funcref(let function): function?.reference ?? 0
    case .externref(let handle): handle ?? 0
    case .exnref(let exception): exception?.reference ?? 0
    }
  }

  /// - Parameters:
  ///   - slot: as ``slot``; bits above the type's width are ignored.
  ///   - type: as `CanonicalType` has it.
  init(slot: UInt64, type: ValueType, store: Store) {
    switch CanonicalType.representation(of: type) {
    case .i32: self = .i32(Int32(truncatingIfNeeded: slot))
    case .i64: self = .i64(Int64(bitPattern: slot))
    case .f32: self = .f32(UInt32(truncatingIfNeeded: slot))
    case .f64: self = .f64(slot)
    case .function: self = .funcref(Function(reference: slot, store: store))
    case .external: self = .externref(slot == 0 ? nil : slot)
    case .v128: preconditionFailure("a vector does not fit a slot of 64 bits")
    case .exception: self = .exnref(Exception(reference: slot, in: store))
    case .internal: preconditionFailure("\(type) is not supported")
    }
  }

  /// The value of a slot that comes from outside.
  /// - Parameter type: no vector.
  /// - Returns: nil for a reference that is none of the store's, or does not fit; and for exceptions, which are kept otherwise.
  package init?(foreign slot: UInt64, type: ValueType, store: Store) {
    switch CanonicalType.representation(of: type) {
    case .i32, .i64, .f32, .f64, .external: break
    case .function: guard store.holds(reference: slot) else { return nil }
    case .v128, .exception, .internal: return nil
    }
    self.init(slot: slot, type: type, store: store)
    guard fits(type, in: store) else { return nil }
  }

  /// Reads what ``write(to:)`` wrote, or compiled code.
  init(at address: UnsafeRawPointer, type: ValueType, store: Store) {
    if type == .v128 {
      self = .v128(address.load(as: V128.self))
    } else {
      self.init(slot: address.load(as: UInt64.self), type: type, store: store)
    }
  }

  /// Writes the value's slot: 16 bytes for a vector, else 8.
  func write(to address: UnsafeMutableRawPointer) {
    if case .v128(let vector) = self {
      address.storeBytes(of: vector, as: V128.self)
    } else {
      address.storeBytes(of: slot, as: UInt64.self)
    }
  }

  /// The zero or null of a type (spec 4.2.1).
  /// - Precondition: it has one, and is no reference to a type that a module defines.
  public static func zero(_ type: ValueType) -> Value {
    switch type.representation {
    case .i32?: .i32(0)
    case .i64?: .i64(0)
    case .f32?: .f32(UInt32(0))
    case .f64?: .f64(UInt64(0))
    case .v128?: .v128(.zero)
    case .function?: .funcref(nil)
    case .external?: .externref(nil)
    case .exception?: .exnref(nil)
    case .internal?, nil: preconditionFailure("\(type) is not supported")
    }
  }

  /// Whether the value may go into code of `store` where `type` is expected, as `CanonicalType` has it.
  package func fits(_ type: ValueType, in store: Store) -> Bool {
    switch self {
    case .funcref(let function?):
      function.store === store && (type == .funcref || function.canonicalType.fits(type))
    case .externref(let handle?):
      handle != 0
        && CanonicalType.matches(.reference(isNullable: false, .abstract(.extern)), type)
    case .exnref(let exception?):
      exception.store === store
        && CanonicalType.matches(.reference(isNullable: false, .abstract(.exn)), type)
    case .exnref(nil): CanonicalType.matches(.reference(.abstract(.noexn)), type)
    case .funcref(nil): CanonicalType.matches(.reference(.abstract(.nofunc)), type)
    case .externref(nil): CanonicalType.matches(.reference(.abstract(.noextern)), type)
    case .i32, .i64, .f32, .f64, .v128: self.type == type
    }
  }
}
