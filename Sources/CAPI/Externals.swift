// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Runtime
import Wasm

/// What `wasm_extern_t` is, and all that converts to it.
class ExternReference: Reference {
  let item: Extern

  init(_ item: Extern, _ kind: wpgo_kind, in store: StoreObject) {
    self.item = item
    super.init(kind, in: store)
  }
}

/// What `wasm_global_t` is.
final class GlobalReference: ExternReference {
  let global: Runtime.Global

  init(_ global: Runtime.Global, in store: StoreObject) {
    self.global = global
    super.init(.global(global), WPGO_GLOBAL, in: store)
  }
}

/// What `wasm_table_t` is.
final class TableReference: ExternReference {
  let table: Table

  init(_ table: Table, in store: StoreObject) {
    self.table = table
    super.init(.table(table), WPGO_TABLE, in: store)
  }

  /// A reference of C, or null, as an element.
  func element(_ reference: OpaquePointer?) throws(Failure) -> Value {
    // `Reference.store` is nil for modules only.
    try store!.value(reference, as: table.declaredType.element)
  }
}

/// What `wasm_memory_t` is.
final class MemoryReference: ExternReference {
  let memory: Memory

  init(_ memory: Memory, in store: StoreObject) {
    self.memory = memory
    super.init(.memory(memory), WPGO_MEMORY, in: store)
  }
}

extension StoreObject {
  /// The object of something that can be imported and exported.
  func reference(_ item: Extern) -> ExternReference {
    switch item {
    case .function(let function): reference(function)
    case .global(let global):
      reference(Identity(address: global.address)) { GlobalReference(global, in: self) }
    case .table(let table): reference(Identity(table)) { TableReference(table, in: self) }
    case .memory(let memory): reference(Identity(memory)) { MemoryReference(memory, in: self) }
    case .tag(let tag): reference(Identity(tag)) { ExternReference(item, WPGO_TAG, in: self) }
    }
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_extern_type(_ item: OpaquePointer!) -> UnsafeMutablePointer<wasm_externtype_t>? {
  CTypes.closed.external(item.object(as: ExternReference.self).item)
}

// MARK: Globals

/// See `wasm.h`.
@c @implementation
public func wasm_global_new(
  _ store: OpaquePointer!, _ type: UnsafePointer<wasm_globaltype_t>!,
  _ value: UnsafePointer<wasm_val_t>!
) -> OpaquePointer? {
  let store = store.object(as: StoreObject.self)
  return attempt {
    let isMutable = type.pointee.mutability == wasm_mutability_t(WASM_VAR.rawValue)
    let type = GlobalType(
      value: try .passable(type.pointee.content.pointee), isMutable: isMutable)
    let value = try store.value(value.pointee, as: type.value)
    return OpaquePointer(
      owned: store.reference(.global(try store.runtime.makeGlobal(type, value))))
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_global_type(_ global: OpaquePointer!) -> UnsafeMutablePointer<wasm_globaltype_t>? {
  CTypes.closed.global(global.object(as: GlobalReference.self).global.type)
}

/// See `wasm.h`.
@c @implementation
public func wasm_global_get(_ global: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_val_t>!) {
  let reference = global.object(as: GlobalReference.self)
  let (global, type) = (reference.global, reference.global.type.value)
  let isPassable = StoreObject.arePassable([type])
  if !isPassable {
    Failure(WASM_PGO_USAGE, "the C API has no values of type \(type)").report()
  }
  // `Reference.store` is nil for modules only.
  out.pointee = reference.store!.owned(slot: isPassable ? global.value.slot : 0, type)
}

/// See `wasm.h`.
@c @implementation
public func wasm_global_set(_ global: OpaquePointer!, _ value: UnsafePointer<wasm_val_t>!) {
  let reference = global.object(as: GlobalReference.self)
  _ = attempt {
    try reference.global.set(
      reference.store!.value(value.pointee, as: reference.global.type.value))
  }
}

// MARK: Tables

/// See `wasm.h`.
@c @implementation
public func wasm_table_new(
  _ store: OpaquePointer!, _ type: UnsafePointer<wasm_tabletype_t>!, _ element: OpaquePointer!
) -> OpaquePointer? {
  let store = store.object(as: StoreObject.self)
  return attempt {
    let limits = type.pointee.limits
    guard limits.min <= limits.max else {
      throw Failure(WASM_PGO_USAGE, "a table of \(limits.min) to \(limits.max) elements")
    }
    let type = TableType(
      element: try .passable(type.pointee.element.pointee), limits: Limits(limits))
    let value = try store.value(element, as: type.element)
    let table = try store.runtime.makeTable(type)
    for index in 0..<(element == nil ? 0 : table.count) { try table.set(index, value) }
    return OpaquePointer(owned: store.reference(.table(table)))
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_table_type(_ table: OpaquePointer!) -> UnsafeMutablePointer<wasm_tabletype_t>? {
  CTypes.closed.table(table.object(as: TableReference.self).table.currentType)
}

/// See `wasm.h`.
@c @implementation
public func wasm_table_get(_ table: OpaquePointer!, _ index: wasm_table_size_t) -> OpaquePointer? {
  let reference = table.object(as: TableReference.self)
  return attempt {
    let representation = reference.table.declaredType.element.closedRepresentation
    guard representation == .function || representation == .external else {
      throw Failure(WASM_PGO_USAGE, "the C API has no values of \(representation)")
    }
    return reference.store!.ownedReference(
      slot: try reference.table.get(Int(index)).slot, representation)
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_table_set(
  _ table: OpaquePointer!, _ index: wasm_table_size_t, _ element: OpaquePointer!
) -> Bool {
  let reference = table.object(as: TableReference.self)
  return attempt {
    try reference.table.set(Int(index), reference.element(element))
    return true
  } ?? false
}

/// See `wasm.h`.
@c @implementation
public func wasm_table_size(_ table: OpaquePointer!) -> wasm_table_size_t {
  wasm_table_size_t(clamping: table.object(as: TableReference.self).table.count)
}

/// See `wasm.h`.
@c @implementation
public func wasm_table_grow(
  _ table: OpaquePointer!, _ delta: wasm_table_size_t, _ element: OpaquePointer!
) -> Bool {
  let reference = table.object(as: TableReference.self)
  return attempt {
    guard try reference.table.grow(by: Int(delta), reference.element(element)) != nil else {
      throw Failure(WASM_PGO_RESOURCE, "a table cannot grow by \(delta) elements")
    }
    return true
  } ?? false
}

// MARK: Memories

/// See `wasm.h`.
@c @implementation
public func wasm_memory_new(
  _ store: OpaquePointer!, _ type: UnsafePointer<wasm_memorytype_t>!
) -> OpaquePointer? {
  let store = store.object(as: StoreObject.self)
  return attempt {
    let limits = type.pointee.limits
    let type = MemoryType(limits: Limits(limits))
    guard limits.min <= limits.max, type.limits.max ?? 0 <= type.maximumPageCount else {
      throw Failure(WASM_PGO_USAGE, "a memory of \(limits.min) to \(limits.max) pages")
    }
    return OpaquePointer(owned: store.reference(.memory(try store.runtime.makeMemory(type))))
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_memory_type(_ memory: OpaquePointer!) -> UnsafeMutablePointer<wasm_memorytype_t>? {
  CTypes.closed.memory(memory.object(as: MemoryReference.self).memory.currentType)
}

/// See `wasm.h`.
@c @implementation
public func wasm_memory_data(_ memory: OpaquePointer!) -> UnsafeMutablePointer<CChar>? {
  memory.object(as: MemoryReference.self).memory.base.assumingMemoryBound(to: CChar.self)
}

/// See `wasm.h`.
@c @implementation
public func wasm_memory_data_size(_ memory: OpaquePointer!) -> Int {
  memory.object(as: MemoryReference.self).memory.byteCount
}

/// See `wasm.h`.
@c @implementation
public func wasm_memory_size(_ memory: OpaquePointer!) -> wasm_memory_pages_t {
  wasm_memory_pages_t(clamping: memory.object(as: MemoryReference.self).memory.pageCount)
}

/// See `wasm.h`.
@c @implementation
public func wasm_memory_grow(_ memory: OpaquePointer!, _ delta: wasm_memory_pages_t) -> Bool {
  attempt {
    guard memory.object(as: MemoryReference.self).memory.grow(by: Int(delta)) != nil else {
      throw Failure(WASM_PGO_RESOURCE, "a memory cannot grow by \(delta) pages")
    }
    return true
  } ?? false
}
