// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Contract
import Files
import Runtime
import Wasm

/// Code that stores share, and what is needed to serialize it. What `wasm_shared_module_t` is.
final class SharedModule: Sendable {
  let compiled: CompiledModule
  let artefact: ArtefactSource?

  /// Where an artefact came from.
  enum ArtefactSource {
    case bytes([UInt8])
    case file(HostString)
    /// It has no file.
    case linked
  }

  init(_ compiled: CompiledModule, _ artefact: ArtefactSource? = nil) {
    self.compiled = compiled
    self.artefact = artefact
  }
}

/// What `wasm_module_t` is.
final class ModuleReference: Reference {
  let shared: SharedModule
  var compiled: CompiledModule { shared.compiled }
  var module: Module { compiled.module }

  init(_ shared: SharedModule) {
    self.shared = shared
    super.init(WPGO_MODULE, in: nil)
  }

  /// The types of its definitions, for C.
  var types: CTypes {
    CTypes { [module] in module.representation(of: $0) }
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_module_new(
  _ store: OpaquePointer!, _ binary: UnsafePointer<wasm_byte_vec_t>!
) -> OpaquePointer? {
  attempt {
    let module = try Module(validating: binary.pointee.bytes)
    let recorder = store.object(as: StoreObject.self).recording?.recorder(for: module)
    let compiled = recorder.map { CompiledModule(recorder: $0) } ?? CompiledModule(module)
    return OpaquePointer(owned: ModuleReference(SharedModule(compiled)))
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_module_validate(
  _ store: OpaquePointer!, _ binary: UnsafePointer<wasm_byte_vec_t>!
) -> Bool {
  attempt {
    _ = try Module(validating: binary.pointee.bytes)
    return true
  } ?? false
}

/// See `wasm.h`.
@c @implementation
public func wasm_module_imports(
  _ module: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_importtype_vec_t>!
) {
  let reference = module.object(as: ModuleReference.self)
  let (module, types) = (reference.module, reference.types)
  let imports = module.imports.map { wanted in
    var from = wasm_byte_vec_t(Array(wanted.module.utf8))
    var name = wasm_byte_vec_t(Array(wanted.name.utf8))
    return wasm_importtype_new(&from, &name, types.external(wanted.type, of: module))
  }
  wasm_importtype_vec_new(out, imports.count, imports)
}

/// See `wasm.h`.
@c @implementation
public func wasm_module_exports(
  _ module: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_exporttype_vec_t>!
) {
  let reference = module.object(as: ModuleReference.self)
  let (module, types) = (reference.module, reference.types)
  let exports = module.exports.map { export in
    var name = wasm_byte_vec_t(Array(export.name.utf8))
    return wasm_exporttype_new(&name, types.external(module.type(of: export), of: module))
  }
  wasm_exporttype_vec_new(out, exports.count, exports)
}

/// See `wasm.h`.
@c @implementation
public func wasm_module_share(_ module: OpaquePointer!) -> OpaquePointer? {
  OpaquePointer(owned: module.object(as: ModuleReference.self).shared)
}

/// See `wasm.h`. Any thread: the shared module does not change.
@c @implementation
public func wasm_module_obtain(_ store: OpaquePointer!, _ shared: OpaquePointer!) -> OpaquePointer?
{
  OpaquePointer(owned: ModuleReference(shared.object(as: SharedModule.self)))
}

// MARK: Artefacts

/// For C to own.
private func load(
  _ source: SharedModule.ArtefactSource, _ artefact: () throws -> Artefact
) -> OpaquePointer? {
  attempt {
    let compiled = CompiledModule(artefact: try artefact())
    log(WASM_PGO_INFO, "loaded an artefact with \(compiled.module.functions.count) functions")
    return OpaquePointer(owned: ModuleReference(SharedModule(compiled, source)))
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_module_deserialize(
  _ store: OpaquePointer!, _ bytes: UnsafePointer<wasm_byte_vec_t>!
) -> OpaquePointer? {
  let bytes = bytes.pointee.bytes
  return load(.bytes(bytes)) { try Artefact(bytes: bytes) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_module_load(_ store: OpaquePointer!, _ path: UnsafePointer<CChar>!)
  -> OpaquePointer?
{
  let path = HostString(cString: path)
  return load(.file(path)) { try Artefact(path: path) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_module_linked(_ store: OpaquePointer!, _ artefact: OpaquePointer!)
  -> OpaquePointer?
{
  load(.linked) { try Artefact(linked: UnsafeRawPointer(artefact)) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_module_is_compiled(_ module: OpaquePointer!) -> Bool {
  module.object(as: ModuleReference.self).compiled.hasOptimizedCode
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_module_check(_ module: OpaquePointer!) -> Bool {
  attempt {
    try module.object(as: ModuleReference.self).compiled.check()
    return true
  } ?? false
}
