import Glibc
import Synchronization

/// Runs `body` once for each index, on several threads; returns when all are done.
/// - Parameters:
///   - threadCount: at least 1; the calling thread is one of them.
///   - body: gets the thread's number and the index.
public func forEachInParallel(
  _ count: Int, threadCount: Int, _ body: @escaping @Sendable (_ thread: Int, _ index: Int) -> Void
) {
  let next = SharedCounter()
  let work = { @Sendable (thread: Int) in
    while true {
      let index = next.take()
      guard index < count else { return }
      body(thread, index)
    }
  }
  let threads = (1..<max(1, threadCount)).compactMap { WorkThread(number: $0, work).start() }
  work(0)
  for thread in threads { pthread_join(thread, nil) }
}

private final class SharedCounter: Sendable {
  private let next = Atomic(0)

  func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}

private final class WorkThread: Sendable {
  private let number: Int
  private let work: @Sendable (Int) -> Void

  init(number: Int, _ work: @escaping @Sendable (Int) -> Void) {
    self.number = number
    self.work = work
  }

  /// - Returns: nil if the system has no thread to give: the others do its work.
  func start() -> pthread_t? {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        // The reference that `start` retained.
        let own = Unmanaged<WorkThread>.fromOpaque(context!).takeRetainedValue()
        own.work(own.number)
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      context.release()
      return nil
    }
    return thread
  }
}
