import Glibc
import Synchronization

/// A thread that does something over and over until it is told to stop.
public final class RepeatingThread: Sendable {
  private let isStopping = Atomic(false)
  private let thread = Mutex<pthread_t?>(nil)
  private let body: @Sendable () -> Void

  public init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
    let context = Unmanaged.passRetained(self).toOpaque()
    thread.withLock { thread in
      var made = pthread_t()
      let result = pthread_create(
        &made, nil,
        { context in
          let own = Unmanaged<RepeatingThread>.fromOpaque(context!).takeRetainedValue()
          while !own.isStopping.load(ordering: .relaxed) { own.body() }
          return nil
        }, context)
      precondition(result == 0)
      thread = made
    }
  }

  /// Returns when the thread has ended.
  public func stop() {
    isStopping.store(true, ordering: .relaxed)
    thread.withLock { thread in
      if let running = thread { pthread_join(running, nil) }
      thread = nil
    }
  }
}
