import CProcess
import Contract

/// Resource limits of a worker process. A worker compiles several functions, so each limit also bounds a single function: if
/// several exceed it together, they are compiled again in halves.
///
/// The defaults are meant never to be reached: all of nextpnr, 1.8 MB of wasm, compiles in 83 s of processor time with a
/// profile (`Benchmarks/programs`).
public struct WorkerLimits: Sendable {
  /// Processor time; nil: no limit.
  public var time: Duration? = .seconds(300)
  /// Bytes of memory beyond what the worker shares with its parent; nil: no limit.
  public var memory: Int? = 8 << 30

  /// Creates the default limits.
  public init() {}

  /// Applies the limits to the calling process from now on.
  func start(timeStatus: Int32, memoryStatus: Int32) {
    wpgo_limit_worker(
      time.map { max(1, Self.nanoseconds($0)) } ?? 0, memory.map { Int64(max(1, $0)) } ?? 0,
      timeStatus, memoryStatus)
  }

  private static func nanoseconds(_ time: Duration) -> Int64 {
    let (seconds, attoseconds) = time.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max >> 1 : min(product, .max >> 1) + attoseconds / 1_000_000_000
  }

  var timeReason: BaselineReason {
    let seconds = Double(Self.nanoseconds(time ?? .zero)) / 1e9
    let text = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
    return BaselineReason(.timeLimit, "\(text) s")
  }

  var memoryReason: BaselineReason {
    BaselineReason(.memoryLimit, "\((memory ?? 0) >> 20) MiB")
  }
}
