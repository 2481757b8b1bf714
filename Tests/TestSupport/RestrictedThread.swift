import Foundation
import Runtime

/// Runs code on a thread that cannot make executable memory (`ExecutableMemory.forbid`), so that a test fails if an artefact's
/// instances need any.
public enum RestrictedThread {
  /// Runs `body` on a restricted thread of its own and waits for it.
  /// - Parameter body: receives a function that runs its argument on the calling thread, which is not restricted.
  public static func run<Result>(_ body: @escaping (Outside) throws -> Result) throws -> Result {
    let outside = Outside()
    // Only the new thread uses both until it is done, and only this one afterwards.
    nonisolated(unsafe) var result: Swift.Result<Result, any Error>?
    nonisolated(unsafe) let body = body
    let thread = Thread {
      result = Swift.Result {
        try ExecutableMemory.forbid(.thread)
        return try body(outside)
      }
      outside.finish()
    }
    thread.stackSize = 8 << 20
    thread.start()
    outside.serve()
    // Set before `serve` returns.
    return try result!.get()
  }

  /// Runs work for the restricted thread on the thread that started it.
  public final class Outside: @unchecked Sendable {
    // Each side touches `work` only while the other one waits.
    private var work: (() -> Void)?
    private let requested = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    /// Runs `body` there, while the restricted thread waits.
    public func callAsFunction<Result>(_ body: @escaping () throws -> Result) throws -> Result {
      var result: Swift.Result<Result, any Error>?
      work = { result = Swift.Result { try body() } }
      requested.signal()
      done.wait()
      // Set by `work`.
      return try result!.get()
    }

    fileprivate func finish() { requested.signal() }

    fileprivate func serve() {
      while true {
        requested.wait()
        guard let work else { return }
        work()
        self.work = nil
        done.signal()
      }
    }
  }
}
