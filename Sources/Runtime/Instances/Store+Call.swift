import CRuntime
import Contract
import X64

extension Store {
  /// Runs `code` on the store's stack. Registers must hold its arguments; afterwards they hold its results.
  func enter(
    code: UnsafeRawPointer, context: UnsafeMutableRawPointer,
    registers: UnsafeMutablePointer<wpgo_registers>
  ) throws {
    switch wpgo_call(state, code, context, registers) {
    case Int32(wpgo_returned.rawValue): return
    case Int32(wpgo_trapped.rawValue): throw takeTrap()
    case Int32(wpgo_threw.rawValue): throw takeException()
    case Int32(wpgo_host_stack_exhausted.rawValue): throw Trap(.stackOverflow)
    case Int32(wpgo_interrupted.rawValue): throw Trap(.interrupted)
    default: throw ResourceError(message: "no memory for the thread's signal stack")
    }
  }

  /// The error that the last trap stands for.
  private func takeTrap() -> any Error {
    let code = TrapCode(rawValue: UInt8(truncatingIfNeeded: state.pointee.trap_code))
    if code == .hostError, let error = hostError {
      hostError = nil
      // A trap that a host function made itself is one at the place of its call.
      if let trap = error as? Trap, trap.frames.isEmpty {
        return Trap(trap.code, hostMessage: trap.hostMessage, frames: backtrace())
      }
      return error
    }
    // Compiled code raises codes of the table only.
    return Trap(code ?? .unreachable, frames: backtrace())
  }

  /// What code of the store threw and did not catch. Frames cost more than the way of an exception through a host function does, so that only
  /// the outermost call has them.
  private func takeException() -> any Error {
    guard let thrown = state.pointee.thrown else { return Trap(.nullException) }
    state.pointee.thrown = nil
    let isOutermost = state.pointee.host_sp == nil
    return Exception(thrown, in: self, frames: isOutermost ? backtrace() : [])
  }

  /// Where code was interrupted while it set up its frame, or after it left that: the return address, which the chain of
  /// frames does not lead to.
  private func returnAddressBesideFrame() -> UInt? {
    let trap = state.pointee
    guard trap.trap_code == UInt64(TrapCode.interrupted.rawValue), trap.trap_context == nil,
      let code = UnsafePointer<UInt8>(bitPattern: UInt(trap.trap_pc) &- 1)
    else { return nil }
    func register(_ number: Int) -> UInt {
      withUnsafeBytes(of: trap.trap_registers) {
        UInt($0.load(fromByteOffset: 8 * number, as: UInt64.self))
      }
    }
    // The interrupted instruction, in code that lives at least as long as this store's call.
    guard
      let offset = FrameCode.returnAddressOffset(
        before: code, register: register, isCode: { CodeRegistry.map(at: $0) != nil })
    else { return nil }
    let place = register(Int(Register.stackPointer.number)) &+ offset
    guard place % 8 == 0, stack.contains(place) else { return nil }
    return UnsafePointer<UInt>(bitPattern: place)?.pointee
  }

  /// The wasm functions that were active at the last trap. The stack still holds their frames.
  private func backtrace() -> [Trap.Frame] {
    var frames: [Trap.Frame] = []
    // Whether compiled code passed the place of the innermost frame.
    var isPlaced = false
    if state.pointee.trap_location != TrapPlace.fromReturnAddress,
      let context = state.pointee.trap_context
    {
      InstanceBody.of(context).codeMap
        .appendFrames(at: TrapPlace(raw: state.pointee.trap_location), to: &frames)
      isPlaced = true
    }
    var address = UInt(state.pointee.trap_pc)
    var framePointer = UInt(state.pointee.trap_fp)
    var unfinished = returnAddressBesideFrame()
    let code = state.pointee.trap_code
    var isFault = !isPlaced && code == UInt64(TrapCode.outOfBoundsMemoryAccess.rawValue)
    // By a signal, at any instruction; whatever else finds the request is called.
    var isInterrupted =
      code == UInt64(TrapCode.interrupted.rawValue) && state.pointee.trap_context == nil
    while frames.count < Trap.maximumFrameCount {
      let map = isPlaced ? nil : CodeRegistry.map(at: address &- 1)
      if isFault {
        map?.appendFrames(faultAt: address &- 1, to: &frames)
      } else if isInterrupted {
        map?.appendNearestFrames(at: address &- 1, to: &frames)
      } else {
        map?.appendFrames(at: address &- 1, to: &frames)
      }
      (isPlaced, isFault, isInterrupted) = (false, false, false)
      if let caller = unfinished {
        (address, unfinished) = (caller, nil)
        continue
      }
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
