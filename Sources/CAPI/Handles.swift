// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Runtime

// This module: the C API. CWasmAPI has what is plain data (types, vectors, values, frames) and the operations that all references share; here
// is what refers to the engine.
//
//   Handles, Reference     pointers of C as objects, and what all objects behind wasm_ref_t have in common
//   Engine, StoreObject    configuration, engine, store
//   Values, Types          conversions
//   Traps, Errors          how calls fail
//   Modules, Serialization, Functions, Externals, Instances     the objects of wasm.h
//   WASIGuest, Limits, Recording, Statistics      wasm_pgo.h

extension OpaquePointer {
  /// The object that a pointer of C is, which its owner keeps during the call.
  func object<T: AnyObject>(as type: T.Type = T.self) -> T {
    let object = Unmanaged<AnyObject>.fromOpaque(UnsafeRawPointer(self)).takeUnretainedValue()
    // Safe unless the caller passes a pointer of another type, which C compilers report.
    return unsafeDowncast(object, to: type)
  }

  /// The same, of which the caller gives up its ownership.
  func consumed<T: AnyObject>(as type: T.Type = T.self) -> T {
    let object = Unmanaged<AnyObject>.fromOpaque(UnsafeRawPointer(self)).takeRetainedValue()
    return unsafeDowncast(object, to: type)
  }

  /// A pointer that C owns: one more owner.
  init(owned object: AnyObject) {
    self.init(Unmanaged.passRetained(object).toOpaque())
  }

  /// A pointer that C borrows.
  init(borrowed object: AnyObject) {
    self.init(Unmanaged.passUnretained(object).toOpaque())
  }
}

/// One more owner.
@c @implementation
public func wpgo_object_retain(_ object: UnsafeRawPointer!) {
  _ = Unmanaged<AnyObject>.fromOpaque(object).retain()
}

/// One owner less.
@c @implementation
public func wpgo_object_release(_ object: UnsafeRawPointer!) {
  Unmanaged<AnyObject>.fromOpaque(object).release()
}

/// What is behind a `wasm_ref_t` and all that converts to it. There is one object for each thing of a store, so that equal pointers are the same
/// thing.
class Reference {
  /// Of C's `enum wpgo_kind`.
  let kind: UInt8
  /// Keeps the store's memory; nil for modules, which belong to none.
  let store: StoreObject?
  private(set) var info: UnsafeMutableRawPointer?
  private var finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  init(_ kind: wpgo_kind, in store: StoreObject?) {
    self.kind = UInt8(kind.rawValue)
    self.store = store
  }

  deinit { finalizer?(info) }

  func set(
    info: UnsafeMutableRawPointer?, finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
  ) {
    let (old, oldInfo) = (self.finalizer, self.info)
    self.info = info
    self.finalizer = finalizer
    old?(oldInfo)
  }
}

/// A thing that only the host has.
final class ForeignReference: Reference {
  init(in store: StoreObject) { super.init(WPGO_FOREIGN, in: store) }
}

/// See `objects.h`.
@c @implementation
public func wpgo_reference_kind(_ reference: UnsafeRawPointer!) -> UInt8 {
  OpaquePointer(reference).object(as: Reference.self).kind
}

/// See `objects.h`.
@c @implementation
public func wpgo_reference_info(_ reference: UnsafeRawPointer!) -> UnsafeMutableRawPointer? {
  OpaquePointer(reference).object(as: Reference.self).info
}

/// See `objects.h`.
@c @implementation
public func wpgo_reference_set_info(
  _ reference: UnsafeMutableRawPointer!, _ info: UnsafeMutableRawPointer!,
  _ finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)!
) {
  OpaquePointer(reference).object(as: Reference.self).set(info: info, finalizer: finalizer)
}

/// See `wasm.h`.
@c @implementation
public func wasm_foreign_new(_ store: OpaquePointer!) -> OpaquePointer? {
  OpaquePointer(owned: ForeignReference(in: store.object()))
}
