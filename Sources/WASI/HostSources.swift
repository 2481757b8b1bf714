import CWASI
import Synchronization

/// What a guest wrote to an in-memory stream. Can be read at any time, from any thread.
public final class WASIBuffer: Sendable {
  private let contents = Mutex<[UInt8]>([])
  /// Bytes after which writes fail with `nospc`.
  public let limit: Int

  public init(limit: Int = 1 << 30) { self.limit = limit }

  public var bytes: [UInt8] { contents.withLock { $0 } }

  /// Malformed UTF-8 is repaired.
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

/// Where `clock_time_get` and absolute timeouts take their time from.
public struct WASIClock: Sendable {
  /// Nanoseconds; nil if the clock is not supported (`notsup`).
  public var time: @Sendable (WASIClockID) -> UInt64?
  /// Nanoseconds; nil if the clock is not supported.
  public var resolution: @Sendable (WASIClockID) -> UInt64?

  public init(
    time: @escaping @Sendable (WASIClockID) -> UInt64?,
    resolution: @escaping @Sendable (WASIClockID) -> UInt64?
  ) {
    self.time = time
    self.resolution = resolution
  }

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

/// Where `random_get` takes its bytes from.
public struct WASIRandom: Sendable {
  /// Fills the whole buffer; false if it cannot (`io`).
  public var fill: @Sendable (UnsafeMutableRawBufferPointer) -> Bool

  public init(fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Bool) {
    self.fill = fill
  }

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
