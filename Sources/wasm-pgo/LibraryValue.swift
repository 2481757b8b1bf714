import CImports
import Runtime
import Wasm

/// Values as libraries have them. All members begin at the union's first byte, as little-endian slots do.
extension wasm_pgo_import_value {
  static var zero: wasm_pgo_import_value { wasm_pgo_import_value(V128.zero) }

  private init(_ vector: V128) { self = unsafeBitCast(vector, to: Self.self) }

  /// Whatever the type, both are 16 bytes; the test suite has vectors.
  private var vector: V128 { unsafeBitCast(self, to: V128.self) }

  /// An argument.
  init(_ slots: CallSlots, _ index: Int, _ type: ValueType) {
    self.init(type == .v128 ? slots[vector: index] : V128(low: slots[index], high: 0))
  }

  init(_ value: Value) {
    if case .v128(let vector) = value {
      self.init(vector)
    } else {
      self.init(V128(low: value.slot, high: 0))
    }
  }

  /// What it is as a value of a type.
  /// - Throws: `Trap` for a reference that is none.
  func value(of type: ValueType, in store: Store) throws -> Value {
    if type == .v128 { return .v128(vector) }
    guard let value = Value(foreign: vector.low, type: type, store: store) else {
      throw Trap(host: "the library passes \(vector.low) as a value of type \(type)")
    }
    return value
  }

  /// Stores a result.
  func store(in slots: CallSlots, _ index: Int, _ type: ValueType, _ store: Store) throws {
    switch try value(of: type, in: store) {
    case .v128(let vector): slots[vector: index] = vector
    case let value: slots[index] = value.slot
    }
  }
}
