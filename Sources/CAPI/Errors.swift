// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Contract
import Feedback
import Files
import Runtime
import Synchronization
import WASI
import Wasm

/// Something that the host did wrong, or that the system does not give, as `wasm_pgo_last_error` has it.
struct Failure: Error {
  let kind: wasm_pgo_error_enum
  let message: String

  init(_ kind: wasm_pgo_error_enum, _ message: String) {
    self.kind = kind
    self.message = message
  }

  init(_ error: any Error) {
    self =
      switch error {
      case let failure as Failure: failure
      case let error as WasmError: Failure(WASM_PGO_INVALID_MODULE, error.description)
      case let error as ArtefactError:
        Failure(
          error.kind == .system ? WASM_PGO_SYSTEM : WASM_PGO_INVALID_ARTEFACT, error.description)
      case let error as LinkError: Failure(WASM_PGO_LINK, error.message)
      case let error as ResourceError: Failure(WASM_PGO_RESOURCE, error.message)
      case let error as UsageError: Failure(WASM_PGO_USAGE, error.message)
      case let error as WASIConfigurationError: Failure(WASM_PGO_SYSTEM, error.message)
      case let error as FileError: Failure(WASM_PGO_SYSTEM, error.description)
      case let error as ProfileError:
        Failure(error.kind == .name ? WASM_PGO_USAGE : WASM_PGO_SYSTEM, "profile: \(error)")
      default: Failure(WASM_PGO_TRAP, "\(error)")
      }
  }

  /// Leaves it as the thread's last error, and tells the log.
  func report() {
    message.withCString { wpgo_set_error(UInt8(kind.rawValue), $0) }
    log(WASM_PGO_ERROR, message)
  }
}

/// Runs `body`; what it throws becomes the last error, and nil.
func attempt<R>(_ body: () throws -> R?) -> R? {
  do { return try body() } catch {
    Failure(error).report()
    return nil
  }
}

/// Where messages go.
private struct Log: @unchecked Sendable {
  // Unchecked: the host says that its callback may be called by any thread with this.
  let callback: wasm_pgo_log_callback_t
  let environment: UnsafeMutableRawPointer?
}

private let currentLog = Mutex<Log?>(nil)

/// Tells the host's log, if it has one.
func log(_ level: wasm_pgo_level_enum, _ message: @autoclosure () -> String) {
  guard let log = currentLog.withLock({ $0 }) else { return }
  message().withCString { log.callback(log.environment, UInt8(level.rawValue), $0) }
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_set_log(
  _ callback: wasm_pgo_log_callback_t!, _ environment: UnsafeMutableRawPointer!
) {
  let log = callback.map { Log(callback: $0, environment: environment) }
  currentLog.withLock { $0 = log }
}

/// As text: the bytes of a vector, without a NUL at the end.
func text(_ vector: wasm_byte_vec_t) -> String {
  var bytes = UnsafeRawBufferPointer(start: vector.data, count: vector.size)[...]
  if bytes.last == 0 { bytes.removeLast() }
  return String(decoding: bytes, as: UTF8.self)
}

extension wasm_byte_vec_t {
  /// A vector for C to own.
  init(_ bytes: some Collection<UInt8>) {
    self.init()
    wasm_byte_vec_new_uninitialized(&self, bytes.count)
    // As large as was asked for.
    UnsafeMutableRawBufferPointer(start: data, count: size).copyBytes(from: bytes)
  }

  /// Its bytes, copied.
  var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: data, count: size)) }
}
