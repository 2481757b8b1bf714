// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Runtime
import Wasm

/// What `wasm_instance_t` is.
final class InstanceReference: Reference {
  let instance: Instance

  init(_ instance: Instance, in store: StoreObject) {
    self.instance = instance
    super.init(WPGO_INSTANCE, in: store)
  }
}

extension StoreObject {
  func reference(_ instance: Instance) -> InstanceReference {
    reference(Identity(instance.body)) { InstanceReference(instance, in: self) }
  }

  /// Runs `body`, which makes an instance, for C to own. Why it cannot be made is left in `trap`, if that is not null, for C to own too.
  func instantiate(
    _ trap: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws -> Instance
  ) -> OpaquePointer? {
    var instance: Instance?
    let failure = trapping { instance = try body() }
    if let trap { trap.pointee = failure } else { wasm_trap_delete(failure) }
    return instance.map { OpaquePointer(owned: reference($0)) }
  }
}

/// What C passes for a module's imports; nil where it passes NULL.
func imports(
  _ vector: UnsafePointer<wasm_extern_vec_t>?, of module: Module
) throws(Failure) -> [ExternReference?] {
  let count = vector?.pointee.size ?? 0
  guard let vector, count >= module.imports.count else {
    throw Failure(WASM_PGO_LINK, "\(count) imports given, \(module.imports.count) wanted")
  }
  return module.imports.indices.map { vector.pointee.data[$0]?.object() }
}

/// See `wasm.h`.
@c @implementation
public func wasm_instance_new(
  _ store: OpaquePointer!, _ module: OpaquePointer!, _ vector: UnsafePointer<wasm_extern_vec_t>!,
  _ trap: UnsafeMutablePointer<OpaquePointer?>!
) -> OpaquePointer? {
  let store = store.object(as: StoreObject.self)
  let compiled = module.object(as: ModuleReference.self).compiled
  return store.instantiate(trap) {
    let items = try zip(imports(vector, of: compiled.module), compiled.module.imports).map {
      guard let given = $0 else {
        throw Failure(WASM_PGO_LINK, "unknown import: \($1.module).\($1.name)")
      }
      return given.item
    }
    return try Instance.instantiate(compiled, in: store.runtime, imports: items)
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_instance_exports(
  _ instance: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_extern_vec_t>!
) {
  let reference = instance.object(as: InstanceReference.self)
  let (instance, store) = (reference.instance, reference.store!)
  let items = instance.exportNames.map { name in
    instance.export(name).map { OpaquePointer(owned: store.reference($0)) }
  }
  wasm_extern_vec_new(out, items.count, items)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_instance_export(
  _ instance: OpaquePointer!, _ name: UnsafePointer<CChar>!
) -> OpaquePointer? {
  let reference = instance.object(as: InstanceReference.self)
  return attempt {
    let name = String(cString: name)
    guard let item = reference.instance.export(name) else {
      throw Failure(WASM_PGO_USAGE, "the instance exports nothing named '\(name)'")
    }
    return OpaquePointer(owned: reference.store!.reference(item))
  }
}
