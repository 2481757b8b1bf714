import Glibc

/// A line on the terminal about work that takes more than two seconds. Elsewhere nothing is written.
/// Used by one thread.
public final class ProgressLine: @unchecked Sendable {
  private let title: String
  private let start = monotonicNanoseconds()
  private var last: UInt64 = 0
  private var isShown = false
  private let isEnabled = Terminal.isTerminal

  /// A line that begins with `title`.
  public init(_ title: String) { self.title = title }

  /// Shows how much is done.
  public func update(_ done: Int, of total: Int) {
    guard isEnabled else { return }
    let now = monotonicNanoseconds()
    guard now - start > 2_000_000_000, now - last > 100_000_000 else { return }
    last = now
    isShown = true
    Terminal.write("\r\(title): \(done) of \(total)\u{1B}[K")
  }

  /// Removes the line.
  public func finish() {
    if isShown { Terminal.write("\r\u{1B}[K") }
    isShown = false
  }
}

/// CLOCK_MONOTONIC.
public func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
