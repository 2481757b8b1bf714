// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Runtime

private func set<T>(
  _ configuration: OpaquePointer!, _ limit: WritableKeyPath<Store.Limits, Int>, _ value: T
) where T: BinaryInteger {
  configuration.object(as: Configuration.self).limits[keyPath: limit] = Int(clamping: value)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_config_set_memory_pages(_ configuration: OpaquePointer!, _ pages: UInt64) {
  set(configuration, \.memoryPages, pages)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_config_set_table_elements(_ configuration: OpaquePointer!, _ count: UInt64) {
  set(configuration, \.tableElements, count)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_config_set_stack_size(_ configuration: OpaquePointer!, _ bytes: UInt64) {
  set(configuration, \.stackSize, bytes)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_config_set_instances(_ configuration: OpaquePointer!, _ count: UInt64) {
  set(configuration, \.instances, count)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_config_set_exception_bytes(_ configuration: OpaquePointer!, _ bytes: UInt64) {
  set(configuration, \.exceptionBytes, bytes)
}

// MARK: Time

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_store_set_timeout(_ store: OpaquePointer!, _ nanoseconds: UInt64) {
  store.object(as: StoreObject.self).timeout =
    nanoseconds == 0 ? nil : .nanoseconds(Int64(clamping: nanoseconds))
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_interrupter_new(_ store: OpaquePointer!) -> OpaquePointer? {
  OpaquePointer(owned: store.object(as: StoreObject.self).runtime.interrupter)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_interrupter_delete(_ interrupter: OpaquePointer!) {
  if let interrupter { wpgo_object_release(UnsafeRawPointer(interrupter)) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_interrupter_interrupt(_ interrupter: OpaquePointer!) {
  interrupter.object(as: Interrupter.self).interrupt()
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_interrupter_clear(_ interrupter: OpaquePointer!) {
  interrupter.object(as: Interrupter.self).clear()
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_interrupter_is_requested(_ interrupter: OpaquePointer!) -> Bool {
  interrupter.object(as: Interrupter.self).isRequested
}
