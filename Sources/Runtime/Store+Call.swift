import CRuntime
import Contract

extension Store {
  /// Runs `code` on the store's stack. Registers must hold its arguments; afterwards they hold its results.
  func enter(
    code: UnsafeRawPointer, context: UnsafeMutableRawPointer,
    registers: UnsafeMutablePointer<wpgo_registers>
  ) throws {
    switch wpgo_call(state, code, context, registers) {
    case Int32(wpgo_returned.rawValue): return
    case Int32(wpgo_trapped.rawValue): throw takeTrap()
    case Int32(wpgo_host_stack_exhausted.rawValue): throw Trap(.stackOverflow)
    default: throw ResourceError(message: "no memory for the thread's signal stack")
    }
  }

  /// The error that the last trap stands for.
  private func takeTrap() -> any Error {
    let code = TrapCode(rawValue: UInt8(truncatingIfNeeded: state.pointee.trap_code))
    if code == .hostError, let error = hostError {
      hostError = nil
      return error
    }
    // Compiled code raises codes of the table only.
    return Trap(code ?? .unreachable, frames: backtrace())
  }

  /// The wasm functions that were active at the last trap. The stack still holds their frames.
  private func backtrace() -> [Trap.Frame] {
    var frames: [Trap.Frame] = []
    if state.pointee.trap_location != TrapPlace.fromReturnAddress,
      let context = state.pointee.trap_context
    {
      Instance.of(context).codeMap
        .appendFrames(at: TrapPlace(raw: state.pointee.trap_location), to: &frames)
    }
    var address = UInt(state.pointee.trap_pc)
    var framePointer = UInt(state.pointee.trap_fp)
    while frames.count < Trap.maximumFrameCount {
      CodeRegistry.map(at: address &- 1)?.appendFrames(at: address &- 1, to: &frames)
      // Frames lie one above the other; anything else is the chain's end.
      guard framePointer % 8 == 0, stack.contains(framePointer), stack.contains(framePointer + 8),
        let frame = UnsafePointer<UInt>(bitPattern: framePointer)
      else { break }
      guard frame[0] > framePointer || frame[0] == 0 else { break }
      (framePointer, address) = (frame[0], frame[1])
    }
    return Array(frames.prefix(Trap.maximumFrameCount))
  }
}
