// Names are those of the C headers.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
import CWasmAPI
import Contract
import Runtime
import WASI

/// What `wasm_trap_t` is.
final class TrapReference: Reference {
  let message: String
  let code: UInt8
  let exitStatus: UInt32
  /// Of all calls that were active, those of the host's callers included.
  private(set) var frames: [Trap.Frame]

  init(
    _ message: String,
    code: wasm_pgo_trap_code_t = wasm_pgo_trap_code_t(WASM_PGO_TRAP_HOST.rawValue),
    exitStatus: UInt32 = 0, frames: [Trap.Frame] = [], in store: StoreObject
  ) {
    self.message = message
    self.code = code
    self.exitStatus = exitStatus
    self.frames = frames
    super.init(WPGO_TRAP, in: store)
  }

  /// A host function returned the trap. One that it made has no frames yet.
  func passed(_ frames: [Trap.Frame]) {
    if self.frames.isEmpty { self.frames = frames }
  }

  /// For C to own.
  func frame(_ frame: Trap.Frame) -> UnsafeMutablePointer<wasm_frame_t>? {
    // Traps belong to a store.
    let store = store!
    let instance = store.runtime.instance(of: frame).map {
      OpaquePointer(owned: store.reference($0))
    }
    return wpgo_frame_new(
      instance, UInt32(frame.function), frame.functionOffset, frame.byteOffset)
  }
}

extension StoreObject {
  /// The trap of a call that ended with an error.
  func trap(_ error: any Error) -> TrapReference {
    switch error {
    case let trap as Trap:
      if let pending = pendingTrap, trap.code == .hostError {
        pendingTrap = nil
        pending.passed(trap.frames)
        return pending
      }
      let code = trap.hostMessage == nil ? trap.code.rawValue : UInt8(WASM_PGO_TRAP_HOST.rawValue)
      return TrapReference(trap.message, code: code, frames: trap.frames, in: self)
    case let exception as Exception:
      return TrapReference(
        "uncaught " + exception.message, code: UInt8(WASM_PGO_TRAP_EXCEPTION.rawValue),
        frames: exception.frames, in: self)
    case let exit as WASIExit:
      return TrapReference(
        "exit with status \(exit.code)", code: UInt8(WASM_PGO_TRAP_EXIT.rawValue),
        exitStatus: exit.code, in: self)
    default: return TrapReference(Failure(error).message, in: self)
    }
  }

  /// Runs `body`, a call into the store. What it throws becomes the trap that C gets to own, and the last error.
  func trapping(_ body: () throws -> Void) -> OpaquePointer? {
    do {
      try enter(body)
      return nil
    } catch {
      let trap = trap(error)
      let kind = Failure(error).kind
      Failure(kind, trap.message).report()
      return OpaquePointer(owned: trap)
    }
  }
}

/// See `wasm.h`.
@c @implementation
public func wasm_trap_new(
  _ store: OpaquePointer!, _ message: UnsafePointer<wasm_message_t>!
) -> OpaquePointer? {
  OpaquePointer(owned: TrapReference(text(message.pointee), in: store.object()))
}

/// See `wasm.h`.
@c @implementation
public func wasm_trap_message(
  _ trap: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_message_t>!
) {
  out.pointee = wasm_byte_vec_t(Array(trap.object(as: TrapReference.self).message.utf8) + [0])
}

/// See `wasm.h`.
@c @implementation
public func wasm_trap_origin(_ trap: OpaquePointer!) -> UnsafeMutablePointer<wasm_frame_t>? {
  let trap = trap.object(as: TrapReference.self)
  return trap.frames.first.flatMap(trap.frame)
}

/// See `wasm.h`.
@c @implementation
public func wasm_trap_trace(
  _ trap: OpaquePointer!, _ out: UnsafeMutablePointer<wasm_frame_vec_t>!
) {
  let trap = trap.object(as: TrapReference.self)
  let frames = trap.frames.map(trap.frame)
  wasm_frame_vec_new(out, frames.count, frames)
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_trap_code(_ trap: OpaquePointer!) -> wasm_pgo_trap_code_t {
  trap.object(as: TrapReference.self).code
}

/// See `wasm_pgo.h`.
@c @implementation
public func wasm_pgo_trap_exit_status(_ trap: OpaquePointer!) -> UInt32 {
  trap.object(as: TrapReference.self).exitStatus
}
