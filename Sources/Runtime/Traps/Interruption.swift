import CRuntime
import Contract

/// Breaks off what a store runs. Can be kept and used by any thread, also when the store is gone.
///
/// The call ends with `Trap(.interrupted)` within a millisecond or so, wherever its wasm code is, on every tier; code is not slower
/// for it. Host functions are not broken off: their system calls end with EINTR, again and again, until they
/// return or throw. Those that wait long should look at ``isRequested``, and throw `Trap(.interrupted)`.
///
/// An interrupted instance can be called again, but the guest was stopped between any two machine instructions: what it
/// had begun is half done, and compiled code may have written to memory in another order than the program says.
///
/// The thread that runs the store must not block the signal that carries this, ``signal``: SIGURG, unless the host handles
/// that when the first store is made, or chose another.
public final class Interrupter: Sendable {
  // Unsafe: all that is done with it from several threads is atomic or under a lock.
  nonisolated(unsafe) let state: UnsafeMutablePointer<wpgo_interrupt>

  init() throws(ResourceError) {
    guard let state = wpgo_interrupt_create() else {
      throw ResourceError(message: "no memory for an interrupter")
    }
    self.state = state
  }

  deinit { wpgo_interrupt_free(state) }

  /// Ends the call that the store runs, or, if it runs none, its next one. Of calls that host functions make, the outermost
  /// counts: the request is there until that has ended.
  public func interrupt() { wpgo_interrupt_request(state) }

  /// Whether there is a request that has not ended a call yet.
  public var isRequested: Bool { wpgo_interrupt_requested(state) != 0 }

  /// The number of the signal, chosen when the first store is created; 0 until then.
  public static var signal: Int32 { wpgo_interrupt_signal() }

  /// Chooses the signal, before the first store is made: for a host that wants to handle SIGURG by itself later on.
  /// - Throws: if it cannot be handled, or another is in use already.
  public static func useSignal(_ number: Int32) throws(UsageError) {
    guard wpgo_choose_interrupt_signal(number) != 0 else {
      throw UsageError(message: "signal \(number) cannot carry interruptions, or not any more")
    }
  }

  /// Takes back what ``interrupt()`` asked for, if it has not ended a call yet.
  public func clear() { wpgo_interrupt_clear(state, UInt32(wpgo_interrupt_asked)) }
}

extension Store {
  /// Runs `body`; the calls into the store that it makes are interrupted once `timeout` has passed, and throw
  /// `Trap(.interrupted)`. Within another timeout the earlier one counts.
  /// - Throws: what `body` throws; `ResourceError` if there is no thread that watches the time.
  public func withTimeout<R>(_ timeout: Duration, _ body: () throws -> R) throws -> R {
    let state = interrupter.state
    let own = Self.deadline(in: timeout)
    var isWatching: Int32 = 1
    let outer = wpgo_interrupt_set_deadline(state, 0, &isWatching)
    let deadline = outer == 0 ? own : min(outer, own)
    _ = wpgo_interrupt_set_deadline(state, deadline, &isWatching)
    defer {
      _ = wpgo_interrupt_set_deadline(state, 0, &isWatching)
      wpgo_interrupt_clear(state, UInt32(wpgo_interrupt_late))
      _ = wpgo_interrupt_set_deadline(state, outer, &isWatching)
    }
    guard isWatching != 0 else { throw ResourceError(message: "no thread to watch a timeout") }
    return try body()
  }

  /// A request that broke off instantiation, outside of any call, is done with.
  func forgetInterruption(_ error: any Error) {
    guard (error as? Trap)?.code == .interrupted, interrupter.state.pointee.thread == 0 else {
      return
    }
    interrupter.clear()
  }

  /// Nanoseconds of the monotonic clock; never 0, which means none.
  private static func deadline(in timeout: Duration) -> UInt64 {
    let (seconds, attoseconds) = timeout.components
    guard seconds >= 0, attoseconds >= 0 else { return 1 }
    let wait = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow) = wait.partialValue.addingReportingOverflow(
      UInt64(attoseconds / 1_000_000_000))
    let (deadline, beyond) = sum.addingReportingOverflow(monotonicNanoseconds())
    return wait.overflow || overflow || beyond ? .max - 1 : deadline
  }
}
