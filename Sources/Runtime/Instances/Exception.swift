import CRuntime
import Contract
import Wasm

/// The records of a store's exceptions. The store and the host's references keep it.
final class ExceptionPool {
  // Unsafe: used like the store, by one thread at a time.
  let state: OpaquePointer

  /// - Parameter limit: bytes of records.
  init(limit: Int) throws(ResourceError) {
    guard let state = wpgo_exceptions_create() else {
      throw ResourceError(message: "no memory for exceptions")
    }
    self.state = state
    wpgo_exceptions_set_limit(state, UInt64(max(0, limit)))
  }

  deinit { wpgo_exceptions_free(state) }

  /// Bytes of the records that are in use, or were when garbage was last looked for.
  var usedBytes: Int { Int(wpgo_exceptions_used(state)) }

  /// Says that a global may hold references, for as long as the store lives.
  func add(global: UnsafeRawPointer) throws(ResourceError) {
    guard wpgo_exceptions_add_global(state, global.assumingMemoryBound(to: UInt64.self)) != 0
    else { throw ResourceError(message: "no memory for a global of exceptions") }
  }

  /// The same for a table.
  func add(table: UnsafeRawPointer) throws(ResourceError) {
    guard wpgo_exceptions_add_table(state, table.assumingMemoryBound(to: CChar.self)) != 0 else {
      throw ResourceError(message: "no memory for a table of exceptions")
    }
  }
}

/// An exception (spec 3.0 4.2, exception instances), as the host holds it. A call throws the one that wasm code threw and did not catch; what a
/// host function throws of these, of the same store, wasm code can catch. **Keep the store alive as long as you use it.**
///
/// Unchecked: it belongs to its store, which one thread uses at a time.
public struct Exception: Error, @unchecked Sendable {
  /// What kind of exception it is.
  public let tag: Tag
  /// Active wasm functions where it was thrown, or thrown again, for the last time, innermost first, at most ``Trap/maximumFrameCount``. Only that
  /// which an outermost call throws has them.
  public let frames: [Trap.Frame]
  private let handle: Handle

  /// Keeps the record.
  private final class Handle {
    let record: UnsafeMutablePointer<wpgo_exception>
    private let pool: ExceptionPool

    init(_ record: UnsafeMutablePointer<wpgo_exception>, _ pool: ExceptionPool) {
      self.record = record
      self.pool = pool
      record.pointee.is_exposed = 1
      record.pointee.holds += 1
    }

    deinit { record.pointee.holds -= 1 }
  }

  init(
    _ record: UnsafeMutablePointer<wpgo_exception>, in store: Store, frames: [Trap.Frame] = []
  ) {
    // Tags live as long as their store.
    tag = Unmanaged<Tag>.fromOpaque(record.pointee.tag.pointee.owner).takeUnretainedValue()
    self.frames = frames
    handle = Handle(record, store.exceptions)
  }

  /// Nil for the null reference.
  init?(reference: UInt64, in store: Store) {
    // References in wasm code's hands are those of records.
    guard let record = UnsafeMutablePointer<wpgo_exception>(bitPattern: UInt(reference)) else {
      return nil
    }
    self.init(record, in: store)
  }

  /// A new exception, for a host function to throw.
  /// - Throws: `UsageError` if the values do not fit the tag's type, `ResourceError` without memory.
  public init(_ tag: Tag, _ values: [Value] = []) throws {
    let types = tag.type.parameters
    let store = tag.store
    guard values.count == types.count, zip(values, types).allSatisfy({ $0.fits($1, in: store) })
    else { throw UsageError(message: "\(values) are no values for a tag of type \(tag.type)") }
    guard let record = wpgo_exception_make(store.state, tag.record) else {
      throw ResourceError(message: "no memory for another exception")
    }
    self.init(record, in: store)
    for (value, offset) in zip(values, tag.offsets) {
      value.write(to: UnsafeMutableRawPointer(record) + offset)
    }
  }

  var record: UnsafeMutablePointer<wpgo_exception> { handle.record }
  var reference: UInt64 { UInt64(UInt(bitPattern: record)) }
  var store: Store { tag.store }

  /// In the order of the tag's type.
  public var values: [Value] {
    let store = tag.store
    return zip(tag.offsets, tag.type.parameters).map { offset, type in
      Value(at: UnsafeRawPointer(record) + offset, type: type, store: store)
    }
  }
}

extension Exception: Hashable {
  /// Whether both are the same exception, and not just equal ones.
  public static func == (a: Exception, b: Exception) -> Bool { a.record == b.record }
  public func hash(into hasher: inout Hasher) { hasher.combine(record) }
}

extension Exception: CustomStringConvertible {
  /// With its values, references among them as their types only: the same for all stores.
  public var message: String {
    "exception (\(values.map(Self.text).joined(separator: ", ")))"
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .i32(let value): "i32 \(value)"
    case .i64(let value): "i64 \(value)"
    case .f32(let bits): "f32 \(Float(bitPattern: bits))"
    case .f64(let bits): "f64 \(Double(bitPattern: bits))"
    case .v128(let vector): "v128 \(vector)"
    case .funcref(let function): function.map { "\($0)" } ?? "null"
    case .externref(let handle): handle == nil ? "null" : "externref"
    case .exnref(let exception): exception == nil ? "null" : "exnref"
    }
  }

  /// The message; then a line for each frame.
  public var description: String { "uncaught \(message)" + Trap.lines(frames) }
}
