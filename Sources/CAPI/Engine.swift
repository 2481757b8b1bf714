// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Runtime

/// What `wasm_config_t` is.
final class Configuration {
  var limits = Store.Limits()
  var recording: Recording?
}

/// What `wasm_engine_t` is. Immutable: threads share it.
final class Engine {
  let limits: Store.Limits
  /// Of the stores, until they get another.
  let recording: Recording?

  init(_ configuration: Configuration = Configuration()) {
    limits = configuration.limits
    recording = configuration.recording
  }
}

/// What `wasm_store_t` is: a store with the objects that C has of what is in it.
///
/// These objects keep the store's memory, and the store keeps them while it is in use, with their host information. Deleting the store ends that;
/// the memory is freed with the last object that C still owns.
final class StoreObject {
  let runtime: Store
  let engine: Engine
  /// Records what modules are made in the store.
  var recording: Recording?
  /// Of each outermost call.
  var timeout: Duration?
  /// Calls that are active.
  private var depth = 0
  /// What a callback returned, on its way to the call that entered wasm code.
  var pendingTrap: TrapReference?
  private var known: [Identity: Reference] = [:]
  /// Deleted by C, which may still own something that is in it.
  private var isClosed = false
  /// What wasm code may hold as an externref: the handle is the object's address. Code has no way to say that it is done with one.
  private var handed: [ObjectIdentifier: Reference] = [:]

  /// Tells the things of a store apart.
  struct Identity: Hashable {
    let address: UInt
    var index: UInt32 = 0

    init(_ function: Function) { (address, index) = function.identity }
    init(_ object: AnyObject) { address = UInt(bitPattern: ObjectIdentifier(object)) }
    init(address: UnsafeRawPointer) { self.address = UInt(bitPattern: address) }
  }

  init(_ engine: Engine) throws(ResourceError) {
    self.engine = engine
    recording = engine.recording
    runtime = try Store(limits: engine.limits)
  }

  /// The object of a thing, made when it is first asked for.
  func reference<R: Reference>(_ identity: Identity, _ make: () -> R) -> R {
    if let known = known[identity] as? R { return known }
    let new = make()
    // It keeps the store, which would keep it for ever.
    if !isClosed { known[identity] = new }
    return new
  }

  /// The slot of an externref.
  func slot(_ reference: Reference) -> UInt64 {
    handed[ObjectIdentifier(reference)] = reference
    return UInt64(UInt(bitPattern: Unmanaged.passUnretained(reference).toOpaque()))
  }

  /// What an externref in wasm code refers to. Code gets them from ``slot(_:)`` only, and cannot make others.
  func reference(slot: UInt64) -> Reference? {
    UnsafeRawPointer(bitPattern: UInt(slot)).map {
      Unmanaged<Reference>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// Runs `body`, a call into the store, within the timeout unless it is part of another call.
  func enter<R>(_ body: () throws -> R) throws -> R {
    depth += 1
    defer { depth -= 1 }
    guard depth == 1, let timeout else { return try body() }
    return try runtime.withTimeout(timeout, body)
  }

  /// C deletes the store. Finalizers run now unless C still owns their objects.
  func close() {
    // Finalizers may look at the store.
    let (known, handed) = (known, handed)
    self.known = [:]
    self.handed = [:]
    isClosed = true
    withExtendedLifetime((known, handed)) {}
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_config_new() -> OpaquePointer? { OpaquePointer(owned: Configuration()) }

/// See `wasm.h`.
@c @implementation
public func wasm_engine_new() -> OpaquePointer? { OpaquePointer(owned: Engine()) }

/// See `wasm.h`.
@c @implementation
public func wasm_engine_new_with_config(_ configuration: OpaquePointer!) -> OpaquePointer? {
  OpaquePointer(owned: Engine(configuration.consumed()))
}

/// See `wasm.h`.
@c @implementation
public func wasm_store_new(_ engine: OpaquePointer!) -> OpaquePointer? {
  attempt { OpaquePointer(owned: try StoreObject(engine.object())) }
}

/// See `wasm.h`.
@c @implementation
public func wasm_store_delete(_ store: OpaquePointer!) {
  store?.consumed(as: StoreObject.self).close()
}
