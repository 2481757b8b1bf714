// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Files
import Runtime

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_recording_new(_ name: UnsafePointer<CChar>!) -> OpaquePointer? {
  attempt { OpaquePointer(owned: try Recording(name.map { HostString(cString: $0) })) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_recording_delete(_ recording: OpaquePointer!) {
  if let recording { wpgo_object_release(UnsafeRawPointer(recording)) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_config_set_recording(
  _ configuration: OpaquePointer!, _ recording: OpaquePointer!
) {
  configuration.object(as: Configuration.self).recording = recording?.object()
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_store_set_recording(_ store: OpaquePointer!, _ recording: OpaquePointer!) {
  store.object(as: StoreObject.self).recording = recording?.object()
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_recording_finish(_ recording: OpaquePointer!) -> Bool {
  attempt {
    try recording.object(as: Recording.self).finish()
    return true
  } ?? false
}

/// See `wasm_pgo.h`. An empty vector, and the last error, if it cannot.
@c @implementation
public func wasm_pgo_module_profile(
  _ module: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_byte_vec_t>!
) {
  let recorder = module.object(as: ModuleReference.self).compiled.recorder
  let profile = attempt {
    guard let recorder else { throw Failure(WASM_PGO_USAGE, "the module is not recorded") }
    return try recorder.profile().encode()
  }
  out.pointee = wasm_byte_vec_t(profile ?? [])
}
