import CWASI
import Runtime

/// Arguments, environment, clocks, randomness, signals.
extension WASI {
  /// (pointers, bytes)
  func stringsGet(_ strings: [[UInt8]], _ call: GuestCall) throws {
    let pointers = try call.memory.bytes(call.u32(0), 4 * strings.count)
    let bytes = try call.memory.bytes(call.u32(1), strings.reduce(0) { $0 + $1.count })
    var offset = 0
    for (index, string) in strings.enumerated() {
      // In bounds of guest memory, so it fits 32 bits.
      pointers.store(call.u32(1) + UInt32(offset), at: 4 * index)
      // In bounds: the buffer is as long as all strings together.
      UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyBytes(from: string)
      offset += string.count
    }
  }

  /// (count, bytes)
  func stringsSizesGet(_ strings: [[UInt8]], _ call: GuestCall) throws {
    let count = try call.slot(0, UInt32.self)
    let size = try call.slot(1, UInt32.self)
    guard let total = UInt32(exactly: strings.reduce(0) { $0 + $1.count }) else {
      throw WASIErrno.overflow
    }
    count.store(UInt32(strings.count))
    size.store(total)
  }

  /// (clock, result)
  func clockResGet(_ call: GuestCall) throws {
    let result = try call.slot(1, UInt64.self)
    guard let clock = WASIClockID(rawValue: call.u32(0)) else { throw WASIErrno.inval }
    guard let value = configuration.clock.resolution(clock) else { throw WASIErrno.notsup }
    result.store(value)
  }

  /// (clock, precision, result)
  func clockTimeGet(_ call: GuestCall) throws {
    let result = try call.slot(2, UInt64.self)
    guard let clock = WASIClockID(rawValue: call.u32(0)) else { throw WASIErrno.inval }
    guard let value = configuration.clock.time(clock) else { throw WASIErrno.notsup }
    result.store(value)
  }

  /// (buffer, length), a mebibyte at a time: all of memory would take seconds.
  func randomGet(_ call: GuestCall) throws {
    let buffer = try call.memory.bytes(call.u32(0), call.u32(1))
    for start in stride(from: 0, to: buffer.count, by: 1 << 20) {
      try checkInterrupt()
      let part = buffer[start..<min(start + (1 << 20), buffer.count)]
      guard configuration.random.fill(UnsafeMutableRawBufferPointer(rebasing: part)) else {
        throw WASIErrno.io
      }
    }
  }

  func schedYield(_ call: GuestCall) throws {
    try checkInterrupt()
    wpgo_yield()
  }

  /// (signal) → the guest's own end, never a signal to the host.
  func procRaise(_ call: GuestCall) throws {
    let signal = call.u32(0)
    switch signal {
    case 0, 13, 16, 17, 22, 27: return  // none; pipe, chld, cont, urg, winch: ignored
    case 18...21: throw WASIErrno.notsup  // stop, tstp, ttin, ttou: there is nobody to continue it
    case 1...30: throw WASIExit(code: 128 + Self.hostSignals[Int(signal)])
    default: throw WASIErrno.inval
    }
  }

  /// Linux's number of each witx `$signal`.
  private static let hostSignals: [UInt32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27,
    28, 29, 30, 31,
  ]

  /// What waits looks at this after each signal.
  func checkInterrupt() throws {
    if interrupter?.isRequested == true { throw Trap(.interrupted) }
  }

  /// Runs a host call again when a signal broke it off, unless that was to interrupt the guest.
  @discardableResult
  func retrying(_ body: () -> Int) throws -> Int {
    while true {
      let result = body()
      guard result == -4 else { return try host(result) }  // EINTR
      try checkInterrupt()
    }
  }
}
