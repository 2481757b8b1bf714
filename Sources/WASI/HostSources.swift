import CWASI
import Synchronization

/// An in-memory stream that collects what a guest writes. Any thread may read it at any time.
public final class WASIBuffer: Sendable {
  private let contents = Mutex<[UInt8]>([])
  /// Bytes after which writes fail with `nospc`.
  public let limit: Int

  /// An empty buffer that takes at most `limit` bytes.
  public init(limit: Int = 1 << 30) { self.limit = limit }

  /// What was written so far.
  public var bytes: [UInt8] { contents.withLock { $0 } }

  /// ``bytes`` as text; malformed UTF-8 is replaced by U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Appends what fits and returns its length.
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    contents.withLock { contents in
      let fitting = max(0, min(bytes.count, limit - contents.count))
      contents.append(contentsOf: bytes.prefix(fitting))
      return fitting
    }
  }
}

/// The clocks behind `clock_time_get` and absolute timeouts.
public struct WASIClock: Sendable {
  /// Nanoseconds; nil if the clock is not supported (`notsup`).
  public var time: @Sendable (WASIClockID) -> UInt64?
  /// Nanoseconds; nil if the clock is not supported.
  public var resolution: @Sendable (WASIClockID) -> UInt64?

  /// A clock made of two functions.
  public init(
    time: @escaping @Sendable (WASIClockID) -> UInt64?,
    resolution: @escaping @Sendable (WASIClockID) -> UInt64?
  ) {
    self.time = time
    self.resolution = resolution
  }

  /// The host's clocks.
  public static let system = WASIClock(
    time: { clock in
      var time: UInt64 = 0
      return wpgo_clock_time(Int32(clock.rawValue), &time) == 0 ? time : nil
    },
    resolution: { clock in
      var resolution: UInt64 = 0
      guard wpgo_clock_resolution(Int32(clock.rawValue), &resolution) == 0 else { return nil }
      return max(1, resolution)
    })
}

/// The source of `random_get`'s bytes.
public struct WASIRandom: Sendable {
  /// Fills the whole buffer; false if it cannot (`io`).
  public var fill: @Sendable (UnsafeMutableRawBufferPointer) -> Bool

  /// A source of random bytes.
  public init(fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Bool) {
    self.fill = fill
  }

  /// getrandom(2).
  public static let system = WASIRandom { buffer in
    var done = 0
    while done < buffer.count {
      // In bounds: done < count.
      let count = wpgo_random(buffer.baseAddress! + done, min(buffer.count - done, 1 << 20))
      if count < 0 && count != -4 { return false }  // EINTR: again.
      done += max(0, Int(count))
    }
    return true
  }
}
