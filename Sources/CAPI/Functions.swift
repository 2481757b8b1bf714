// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Contract
import Runtime
import Wasm

typealias Function = Runtime.Function

/// What `wasm_func_t` is.
final class FunctionReference: ExternReference {
  let function: Function
  let type: FunctionType
  private let layout: SlotLayout
  private let isCallable: Bool

  init(_ function: Function, in store: StoreObject) {
    self.function = function
    type = function.type
    layout = SlotLayout(type)
    isCallable = StoreObject.arePassable(type.parameters + type.results)
    super.init(.function(function), WPGO_FUNC, in: store)
  }

  /// - Parameter results: gets what C then owns; an empty vector drops it.
  func call(_ arguments: wasm_val_vec_t, _ results: UnsafeMutablePointer<wasm_val_vec_t>) throws {
    guard isCallable else {
      throw Failure(WASM_PGO_USAGE, "the C API cannot pass the values of a \(function)")
    }
    guard arguments.size >= type.parameters.count else {
      throw Failure(
        WASM_PGO_USAGE, "\(arguments.size) arguments for \(type.parameters.count) parameters")
    }
    guard results.pointee.data == nil || results.pointee.size >= type.results.count else {
      throw Failure(
        WASM_PGO_USAGE, "room for \(results.pointee.size) of \(type.results.count) results")
    }
    // `Reference.store` is nil for modules only.
    let store = store!
    try withUnsafeTemporaryAllocation(byteCount: layout.size, alignment: layout.slotSize) {
      // Never empty: a layout has one slot at least.
      let slots = CallSlots($0.baseAddress!, layout)
      for (index, type) in type.parameters.enumerated() {
        slots[index] = try store.value(arguments.data[index], as: type).slot
      }
      try function.call(slots: slots)
      guard let data = results.pointee.data else { return }
      for (index, type) in type.results.enumerated() {
        data[index] = store.owned(slot: slots[index], type)
      }
    }
  }
}

/// A host function of C's.
final class Callback {
  typealias Body = (
    UnsafePointer<wasm_val_vec_t>, UnsafeMutablePointer<wasm_val_vec_t>
  ) -> OpaquePointer?
  private let type: FunctionType
  private let body: Body
  private let environment: UnsafeMutableRawPointer?
  private let finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
  // Unowned: the callback belongs to the runtime's store, which that of C keeps.
  private unowned let store: StoreObject

  init(
    _ type: FunctionType, in store: StoreObject, environment: UnsafeMutableRawPointer? = nil,
    finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)? = nil, body: @escaping Body
  ) {
    self.type = type
    self.store = store
    self.environment = environment
    self.finalizer = finalizer
    self.body = body
  }

  deinit { finalizer?(environment) }

  func run(_ slots: CallSlots) throws {
    let (parameters, results) = (type.parameters, type.results)
    let count = parameters.count + results.count
    try withUnsafeTemporaryAllocation(of: wasm_val_t.self, capacity: max(1, count)) { values in
      // Arguments, which the callback borrows; then results, which it gives.
      for (index, type) in parameters.enumerated() {
        values.initializeElement(at: index, to: store.owned(slot: slots[index], type))
      }
      for (index, type) in results.enumerated() {
        values.initializeElement(at: parameters.count + index, to: store.owned(slot: 0, type))
      }
      defer {
        // References among them. In bounds: all were initialized.
        for index in 0..<count { wasm_val_delete(values.baseAddress! + index) }
      }
      let start = values.baseAddress!
      var arguments = wasm_val_vec_t(size: parameters.count, data: start)
      var output = wasm_val_vec_t(size: results.count, data: start + parameters.count)
      if let trap = body(&arguments, &output) {
        let trap = trap.consumed(as: TrapReference.self)
        store.pendingTrap = trap
        throw Trap(host: trap.message)
      }
      for (index, type) in results.enumerated() {
        slots[index] = try store.value(values[parameters.count + index], as: type).slot
      }
    }
  }
}

extension StoreObject {
  func reference(_ function: Function) -> FunctionReference {
    reference(Identity(function)) { FunctionReference(function, in: self) }
  }

  /// A host function, for C to own.
  fileprivate func makeFunction(
    _ declared: UnsafePointer<wasm_functype_t>, environment: UnsafeMutableRawPointer? = nil,
    finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)? = nil,
    body: @escaping Callback.Body
  ) -> OpaquePointer? {
    attempt {
      let type: FunctionType
      do throws(Failure) { type = try FunctionType(declared.pointee) } catch {
        // As the end of a callback does.
        finalizer?(environment)
        throw error
      }
      let callback = Callback(
        type, in: self, environment: environment, finalizer: finalizer, body: body)
      return OpaquePointer(owned: reference(try runtime.makeFunction(type, callback.run)))
    }
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_func_new(
  _ store: OpaquePointer!, _ type: UnsafePointer<wasm_functype_t>!,
  _ callback: wasm_func_callback_t!
) -> OpaquePointer? {
  store.object(as: StoreObject.self).makeFunction(type) { [callback = callback!] in
    callback($0, $1)
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_func_new_with_env(
  _ store: OpaquePointer!, _ type: UnsafePointer<wasm_functype_t>!,
  _ callback: wasm_func_callback_with_env_t!, _ environment: UnsafeMutableRawPointer!,
  _ finalizer: (@convention(c) (UnsafeMutableRawPointer?) -> Void)!
) -> OpaquePointer? {
  store.object(as: StoreObject.self).makeFunction(
    type, environment: environment, finalizer: finalizer
  ) { [callback = callback!] in
    callback(environment, $0, $1)
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_func_type(_ function: OpaquePointer!) -> UnsafeMutablePointer<wasm_functype_t>? {
  CTypes.closed.function(function.object(as: FunctionReference.self).type)
}

/// See `wasm.h`.
@c @implementation
public func wasm_func_param_arity(_ function: OpaquePointer!) -> Int {
  function.object(as: FunctionReference.self).type.parameters.count
}

/// See `wasm.h`.
@c @implementation
public func wasm_func_result_arity(_ function: OpaquePointer!) -> Int {
  function.object(as: FunctionReference.self).type.results.count
}

/// See `wasm.h`.
@c @implementation
public func wasm_func_call(
  _ function: OpaquePointer!, _ arguments: UnsafePointer<wasm_val_vec_t>!,
  _ results: UnsafeMutablePointer<wasm_val_vec_t>!
) -> OpaquePointer? {
  let function = function.object(as: FunctionReference.self)
  return function.store!.trapping { try function.call(arguments.pointee, results) }
}
