import Glibc

/// Processor time. While a busy machine lets others run it does not pass, so that tests may hold something against it.
public enum ProcessorTime {
  /// Of the calling thread.
  public static var ofThread: Duration { now(CLOCK_THREAD_CPUTIME_ID) }

  /// Of this process and of its children that have ended.
  public static var ofProcesses: Duration {
    var children = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &children)
    return now(CLOCK_PROCESS_CPUTIME_ID) + duration(children.ru_utime)
      + duration(children.ru_stime)
  }

  /// What the calling thread needs for `body`.
  public static func measure(_ body: () throws -> Void) rethrows -> Duration {
    let start = ofThread
    try body()
    return ofThread - start
  }

  static func now(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func duration(_ time: timeval) -> Duration {
    .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }
}

extension Duration {
  /// As a number of seconds.
  public var inSeconds: Double { self / .seconds(1) }
}
