import CWasmAPI
import Runtime
import Wasm

extension Representation {
  /// As the C API has it; nil for what it does not have, not even as a type.
  var cKind: wasm_valkind_t {
    switch self {
    case .i32: wasm_valkind_t(WASM_I32.rawValue)
    case .i64: wasm_valkind_t(WASM_I64.rawValue)
    case .f32: wasm_valkind_t(WASM_F32.rawValue)
    case .f64: wasm_valkind_t(WASM_F64.rawValue)
    case .v128: wasm_valkind_t(WASM_PGO_V128.rawValue)
    case .function: wasm_valkind_t(WASM_FUNCREF.rawValue)
    // Nothing but null has a type of internal references.
    case .external, .internal: wasm_valkind_t(WASM_EXTERNREF.rawValue)
    case .exception: wasm_valkind_t(WASM_PGO_EXNREF.rawValue)
    }
  }
}

extension ValueType {
  /// Nil if the host cannot make values of the kind.
  init?(cKind kind: wasm_valkind_t) {
    switch Int(kind) {
    case Int(WASM_I32.rawValue): self = .i32
    case Int(WASM_I64.rawValue): self = .i64
    case Int(WASM_F32.rawValue): self = .f32
    case Int(WASM_F64.rawValue): self = .f64
    case Int(WASM_EXTERNREF.rawValue): self = .externref
    case Int(WASM_FUNCREF.rawValue): self = .funcref
    default: return nil
    }
  }

  /// Throws unless values can be passed.
  static func passable(_ type: wasm_valtype_t) throws(Failure) -> ValueType {
    guard let type = ValueType(cKind: type.kind) else {
      throw Failure(WASM_PGO_USAGE, "values of kind \(type.kind) cannot be passed")
    }
    return type
  }
}

extension StoreObject {
  /// A value of C as one of `type`. References need not say of which kind they are.
  func value(_ value: wasm_val_t, as type: ValueType) throws(Failure) -> Value {
    let representation = type.closedRepresentation
    let isFitting =
      switch representation {
      case .function, .external: value.kind >= wasm_valkind_t(WASM_EXTERNREF.rawValue)
      default: value.kind == representation.cKind
      }
    let result: Value?
    switch (isFitting, representation) {
    case (true, .i32): return .i32(value.of.i32)
    case (true, .i64): return .i64(value.of.i64)
    case (true, .f32): return .f32(value.of.f32.bitPattern)
    case (true, .f64): return .f64(value.of.f64.bitPattern)
    case (true, .function), (true, .external):
      result = try self.value(value.of.ref, as: type)
    default: result = nil
    }
    guard let result else {
      throw Failure(WASM_PGO_USAGE, "a value of kind \(value.kind) where \(type) is expected")
    }
    return result
  }

  /// A reference of C, or null, as one of `type`.
  func value(_ reference: OpaquePointer?, as type: ValueType) throws(Failure) -> Value {
    let object = reference?.object(as: Reference.self)
    let value: Value? =
      switch type.closedRepresentation {
      case .external: .externref(object.map(slot))
      case .function:
        if let object {
          (object as? FunctionReference).map { .funcref($0.function) }
        } else {
          .funcref(nil)
        }
      default: nil
      }
    guard let value, value.fits(type, in: runtime) else {
      throw Failure(WASM_PGO_USAGE, "a reference that is no \(type) of this store")
    }
    return value
  }

  /// What is in a slot, for C to own.
  func owned(slot: UInt64, _ type: ValueType) -> wasm_val_t {
    var value = wasm_val_t()
    let representation = type.closedRepresentation
    value.kind = representation.cKind
    switch representation {
    case .i32: value.of.i32 = Int32(truncatingIfNeeded: slot)
    case .i64: value.of.i64 = Int64(bitPattern: slot)
    case .f32: value.of.f32 = Float(bitPattern: UInt32(truncatingIfNeeded: slot))
    case .f64: value.of.f64 = Double(bitPattern: slot)
    case .function, .external: value.of.ref = ownedReference(slot: slot, representation)
    case .v128, .exception, .internal: break  // Never passed; null.
    }
    return value
  }

  /// A reference in a slot, for C to own; nil for null.
  func ownedReference(slot: UInt64, _ representation: Representation) -> OpaquePointer? {
    let object: Reference? =
      representation == .function
      ? Function(reference: slot, store: runtime).map(reference) : reference(slot: slot)
    return object.map { OpaquePointer(owned: $0) }
  }

  /// Whether values of all these types can be passed.
  static func arePassable(_ types: [ValueType]) -> Bool {
    types.allSatisfy {
      switch $0.closedRepresentation {
      case .v128, .exception, .internal: false
      default: true
      }
    }
  }
}
