import Files
import Glibc

/// A line on the terminal about work that takes more than two seconds. Elsewhere nothing is written.
/// Used by one thread.
public final class ProgressLine: @unchecked Sendable {
  private let title: String
  private let start = monotonicNanoseconds()
  private var last: UInt64 = 0
  private var isShown = false
  private var counts = ""
  /// What is being done, of any length.
  private var item = ""
  private let isEnabled: Bool

  /// A line that begins with `title`.
  public init(_ title: String, isEnabled: Bool = true) {
    self.title = title
    self.isEnabled = isEnabled && Terminal.isTerminal
  }

  /// Shows how much is done.
  public func update(_ done: Int, of total: Int) {
    counts = ": \(done) of \(total)"
    show()
  }

  /// Shows what is being done.
  public func update(item: String) {
    self.item = item
    show()
  }

  private func show() {
    guard isEnabled else { return }
    let now = monotonicNanoseconds()
    guard now - start > 2_000_000_000, now - last > 100_000_000 else { return }
    last = now
    isShown = true
    var line = title + counts + (item.isEmpty ? "" : ", \(item)")
    // A line that wraps could not be removed again.
    let width = Terminal.width
    if line.count > width { line = line.prefix(max(0, width - 1)) + "…" }
    Terminal.write("\r" + HostString.visible(line, keeping: []) + "\u{1B}[K")
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
