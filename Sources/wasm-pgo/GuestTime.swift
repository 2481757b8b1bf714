import CommandLineSupport
import Glibc
import Runtime

/// The time that a guest may take, from reading its file to its end.
///
/// While it is loaded none of its code runs: a signal ends the process. From then on the store breaks it off.
struct GuestTime {
  let shown: String
  private let path: String
  private let deadline: UInt64

  /// What the handler writes.
  nonisolated(unsafe) private static var message: UnsafeMutableBufferPointer<UInt8>?

  init(_ duration: Duration, shown: String, path: String) {
    self.shown = shown
    self.path = path
    let (seconds, attoseconds) = duration.components
    let wait = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    deadline = monotonicNanoseconds() + wait
    let text = Array(Self.loadingTakesLonger(shown, path).text.utf8)
    let message = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
    _ = message.initialize(from: text)
    Self.message = message
    signal(SIGALRM) { _ in
      if let message = GuestTime.message { _ = write(2, message.baseAddress, message.count) }
      _exit(ExitStatus.timeout.rawValue)
    }
    // Not 0, which would mean never.
    Self.setAlarm(max(wait, 1000))
  }

  private static func setAlarm(_ nanoseconds: UInt64) {
    let value = timeval(
      tv_sec: Int(nanoseconds / 1_000_000_000),
      tv_usec: Int(nanoseconds % 1_000_000_000 / 1000))
    var timer = itimerval(it_interval: timeval(), it_value: value)
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
  }

  private static func loadingTakesLonger(_ shown: String, _ path: String) -> Diagnostic {
    Diagnostic("loading the guest took longer than \(shown)", at: path, status: .timeout)
  }

  /// All but the guest's own code was done.
  func loadingIsDone() throws {
    Self.setAlarm(0)
    if monotonicNanoseconds() >= deadline { throw Self.loadingTakesLonger(shown, path) }
  }

  fileprivate var rest: Duration {
    let now = monotonicNanoseconds()
    return .nanoseconds(Int64(clamping: deadline > now ? deadline - now : 0))
  }
}

extension GuestTime? {
  /// Runs `body`, which instantiates and runs the guest, within what is left.
  func limit<R>(_ store: Store, _ body: () throws -> R) throws -> R {
    guard let self else { return try body() }
    return try store.withTimeout(self.rest, body)
  }
}
