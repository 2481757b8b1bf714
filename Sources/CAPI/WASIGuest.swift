// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Files
import Runtime
import WASI
import Wasm

/// What `wasm_pgo_wasi_config_t` is.
final class WASISettings {
  var configuration = WASIConfiguration()
  var buffers: [CInt: WASIBuffer] = [:]

  func set(_ output: WASIConfiguration.Output, _ stream: CInt) {
    if stream == 1 { configuration.standardOutput = output }
    if stream == 2 { configuration.standardError = output }
  }
}

/// What `wasm_pgo_wasi_t` is.
final class WASIGuest {
  let store: StoreObject
  let wasi: WASI
  let buffers: [CInt: WASIBuffer]
  private let linker: Linker
  private var isBound = false

  init(_ settings: WASISettings, in store: StoreObject) throws {
    self.store = store
    buffers = settings.buffers
    wasi = try WASI(settings.configuration)
    linker = Linker(store.runtime)
    try wasi.define(in: linker)
  }

  func instantiate(_ module: CompiledModule, _ given: [ExternReference?]) throws -> Instance {
    guard !isBound else { throw Failure(WASM_PGO_USAGE, "a WASI serves one instance") }
    let items = try zip(given, module.module.imports).map { item, wanted in
      guard let item = item?.item ?? linker.lookUp(wanted.module, wanted.name) else {
        throw Failure(WASM_PGO_LINK, "unknown import: \(wanted.module).\(wanted.name)")
      }
      return item
    }
    return try Instance.instantiate(
      module, in: store.runtime, imports: items,
      beforeStart: {
        try wasi.bind($0)
        isBound = true
      })
  }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_new() -> OpaquePointer? { OpaquePointer(owned: WASISettings()) }

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_delete(_ settings: OpaquePointer!) {
  if let settings { wpgo_object_release(UnsafeRawPointer(settings)) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_set_args(
  _ settings: OpaquePointer!, _ count: Int, _ arguments: UnsafePointer<UnsafePointer<CChar>?>!
) {
  settings.object(as: WASISettings.self).configuration.arguments = (0..<count).compactMap {
    arguments[$0].map { HostString(cString: $0) }
  }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_set_env(
  _ settings: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ value: UnsafePointer<CChar>!
) {
  settings.object(as: WASISettings.self).configuration.setEnvironment(
    HostString(cString: name), HostString(cString: value))
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_inherit_env(_ settings: OpaquePointer!) {
  let settings = settings.object(as: WASISettings.self)
  // As the guest must have them: with a name.
  for (name, value) in processEnvironment() where !name.bytes.isEmpty {
    settings.configuration.setEnvironment(name, value)
  }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_add_directory(
  _ settings: OpaquePointer!, _ hostPath: UnsafePointer<CChar>!,
  _ guestPath: UnsafePointer<CChar>!, _ isReadOnly: Bool
) {
  settings.object(as: WASISettings.self).configuration.addDirectory(
    HostString(cString: hostPath), as: HostString(cString: guestPath), isReadOnly: isReadOnly)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_inherit_streams(_ settings: OpaquePointer!) {
  settings.object(as: WASISettings.self).configuration.inheritStandardStreams()
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_set_descriptor(
  _ settings: OpaquePointer!, _ stream: CInt, _ descriptor: CInt
) {
  let settings = settings.object(as: WASISettings.self)
  if stream == 0 { settings.configuration.standardInput = .descriptor(descriptor) }
  settings.set(.descriptor(descriptor), stream)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_set_input(
  _ settings: OpaquePointer!, _ bytes: UnsafeRawPointer!, _ count: Int
) {
  settings.object(as: WASISettings.self).configuration.standardInput = .bytes(
    Array(UnsafeRawBufferPointer(start: bytes, count: count)))
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_config_set_buffer(
  _ settings: OpaquePointer!, _ stream: CInt, _ limit: Int
) {
  let settings = settings.object(as: WASISettings.self)
  // A size_t that Swift has as a signed number: SIZE_MAX is no limit.
  let buffer = WASIBuffer(limit: limit < 0 ? .max : limit)
  settings.buffers[stream] = buffer
  settings.set(.buffer(buffer), stream)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_new(_ store: OpaquePointer!, _ settings: OpaquePointer!) -> OpaquePointer?
{
  let settings = settings.consumed(as: WASISettings.self)
  return attempt { OpaquePointer(owned: try WASIGuest(settings, in: store.object())) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_delete(_ guest: OpaquePointer!) {
  if let guest { wpgo_object_release(UnsafeRawPointer(guest)) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_output(
  _ guest: OpaquePointer!, _ stream: CInt, _ out: UnsafeMutablePointer<wasm_byte_vec_t>!
) {
  let bytes = guest.object(as: WASIGuest.self).buffers[stream]?.bytes
  out.pointee = wasm_byte_vec_t(bytes ?? [])
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_instance_new(
  _ guest: OpaquePointer!, _ module: OpaquePointer!, _ vector: UnsafePointer<wasm_extern_vec_t>!,
  _ trap: UnsafeMutablePointer<OpaquePointer?>!
) -> OpaquePointer? {
  let guest = guest.object(as: WASIGuest.self)
  let compiled = module.object(as: ModuleReference.self).compiled
  return guest.store.instantiate(trap) {
    let given =
      try vector == nil
      ? compiled.module.imports.map { _ in nil } : imports(vector, of: compiled.module)
    return try guest.instantiate(compiled, given)
  }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_wasi_start(_ instance: OpaquePointer!) -> OpaquePointer? {
  let reference = instance.object(as: InstanceReference.self)
  return reference.store!.trapping {
    do {
      guard let start = reference.instance.exportedFunction("_start") else {
        return try WASI.initialize(reference.instance)
      }
      _ = try start.call()
    } catch let exit as WASIExit where exit.code == 0 {}
  }
}
