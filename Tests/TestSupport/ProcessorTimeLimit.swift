import Glibc
import Runtime
import Synchronization

extension Store {
  /// Runs `body`; the calls that it makes into the store are interrupted once the calling thread has used `limit` of processor time.
  public func withProcessorTimeLimit<R>(_ limit: Duration, _ body: () throws -> R) rethrows -> R {
    let number = ProcessorTimeLimits.shared.add(limit, interrupter)
    defer {
      ProcessorTimeLimits.shared.remove(number)
      interrupter.clear()
    }
    return try body()
  }
}

/// A thread that looks at the clocks of those that have a limit, again and again.
private final class ProcessorTimeLimits: Sendable {
  static let shared = ProcessorTimeLimits()

  private struct Limit {
    var clock: clockid_t
    var end: Duration
    var interrupter: Interrupter
  }

  private struct State {
    var limits: [Int: Limit] = [:]
    var next = 0
    var thread: RepeatingThread?
  }

  private let state = Mutex(State())

  /// - Returns: the number of the calling thread's limit.
  func add(_ limit: Duration, _ interrupter: Interrupter) -> Int {
    var clock = clockid_t()
    pthread_getcpuclockid(pthread_self(), &clock)
    let end = ProcessorTime.now(clock) + limit
    return state.withLock { state in
      // Never ends.
      if state.thread == nil { state.thread = RepeatingThread { [unowned self] in look() } }
      state.next += 1
      state.limits[state.next] = Limit(clock: clock, end: end, interrupter: interrupter)
      return state.next
    }
  }

  /// Afterwards there is no new request.
  func remove(_ number: Int) { _ = state.withLock { $0.limits.removeValue(forKey: number) } }

  private func look() {
    state.withLock { state in
      // Whose thread is in `body` still.
      for limit in state.limits.values where ProcessorTime.now(limit.clock) >= limit.end {
        limit.interrupter.interrupt()
      }
    }
    usleep(10_000)
  }
}
