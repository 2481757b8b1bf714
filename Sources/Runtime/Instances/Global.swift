import Wasm

/// A global variable (spec 4.2.9).
public final class Global {
  /// Value type and mutability.
  public let type: GlobalType
  unowned let store: Store
  /// 16 bytes: in a context, or its own.
  package let address: UnsafeMutableRawPointer
  private let ownsAddress: Bool

  /// A global of its own.
  /// - Parameter value: nil: zero, or null.
  init(_ type: GlobalType, _ value: Value?, store: Store) {
    self.type = type
    self.store = store
    address = .allocate(byteCount: 16, alignment: 16)
    address.initializeMemory(as: V128.self, to: .zero)
    value?.write(to: address)
    ownsAddress = true
  }

  /// One that an instance defines or imports.
  init(_ type: GlobalType, at address: UnsafeMutableRawPointer, store: Store) {
    self.type = type
    self.store = store
    self.address = address
    ownsAddress = false
  }

  deinit { if ownsAddress { address.deallocate() } }

  /// The current value.
  public var value: Value {
    // First: without its store the address means nothing.
    let store = store
    return Value(at: address, type: type.value, store: store)
  }

  /// Changes the value.
  /// - Throws: `UsageError` if the global is immutable or the value has another type.
  public func set(_ value: Value) throws(UsageError) {
    guard type.isMutable else { throw UsageError(message: "global is immutable") }
    guard value.fits(type.value, in: store) else {
      throw UsageError(message: "global of type \(type.value) cannot hold \(value)")
    }
    value.write(to: address)
  }
}
