import Glibc
import Testing

@testable import WASI

@Suite(.serialized) struct PollTests {
  private enum Subscription {
    case clock(UInt32, UInt64, absolute: Bool)
    case read(UInt32)
    case write(UInt32)
  }

  private struct Event: Equatable {
    var userdata: UInt64
    var errno: WASIErrno
    var type: UInt8
    var bytes: UInt64
    var hangup: Bool
  }

  private let input: UInt32 = 8192
  private let output: UInt32 = 16_384

  /// Writes subscriptions with user data 100, 101 …
  private func store(_ guest: Guest, _ subscriptions: [Subscription]) {
    let isOld = guest.isOld
    for (index, subscription) in subscriptions.enumerated() {
      let record = input + UInt32(index * (isOld ? 56 : 48))
      guest.write([UInt8](repeating: 0, count: isOld ? 56 : 48), at: record)
      guest.store(UInt64(100 + index), record)
      switch subscription {
      case .clock(let id, let timeout, let absolute):
        let clock = record + (isOld ? 24 : 16)
        if isOld { guest.store(UInt64(0xABCD), record + 16) }
        guest.store(UInt8(0), record + 8)
        guest.store(id, clock)
        guest.store(timeout, clock + 8)
        guest.store(UInt16(absolute ? 1 : 0), clock + 24)
      case .read(let fd), .write(let fd):
        if case .read = subscription {
          guest.store(UInt8(1), record + 8)
        } else {
          guest.store(UInt8(2), record + 8)
        }
        guest.store(fd, record + 16)
      }
    }
  }

  private func poll(_ guest: Guest, _ subscriptions: Subscription...) throws -> [Event] {
    store(guest, subscriptions)
    let errno = try guest(
      "poll_oneoff", n(input), n(output), n(subscriptions.count), n(Guest.out))
    try #require(errno == .success)
    return try (0..<guest.load(Guest.out, UInt32.self)).map { index in
      let record = output + 32 * index
      return Event(
        userdata: guest.load(record, UInt64.self),
        errno: try #require(WASIErrno(rawValue: guest.load(record + 8, UInt16.self))),
        type: guest.load(record + 10, UInt8.self), bytes: guest.load(record + 16, UInt64.self),
        hangup: guest.load(record + 24, UInt16.self) & 1 != 0)
    }
  }

  private func event(
    _ index: UInt64, _ type: UInt8, _ errno: WASIErrno = .success, bytes: UInt64 = 0,
    hangup: Bool = false
  ) -> Event {
    Event(userdata: 100 + index, errno: errno, type: type, bytes: bytes, hangup: hangup)
  }

  private func now(_ clock: WASIClockID = .monotonic) -> UInt64 { WASIClock.system.time(clock)! }

  @Test(arguments: Engine.allCases)
  func clocks(engine: Engine) throws {
    let guest = try Guest(on: engine)
    var start = now()
    #expect(try poll(guest, .clock(1, 20_000_000, absolute: false)) == [event(0, 0)])
    #expect(now() - start >= 20_000_000)
    for clock in [WASIClockID.realtime, .monotonic] {
      start = now()
      let deadline = now(clock) + 20_000_000
      #expect(
        try poll(guest, .clock(clock.rawValue, deadline, absolute: true)) == [event(0, 0)])
      // The two clocks need not go at the same rate.
      #expect(now() - start >= 19_000_000)
    }
    // One that is over, and the first of several.
    #expect(try poll(guest, .clock(0, 1, absolute: true)) == [event(0, 0)])
    #expect(
      try poll(
        guest, .clock(1, .max, absolute: false), .clock(1, 1_000_000, absolute: false),
        .clock(1, .max, absolute: true)) == [event(1, 0)])
    // Errors are events.
    #expect(
      try poll(guest, .clock(4, 1, absolute: false), .clock(2, 1, absolute: false))
        == [event(0, 0, .inval), event(1, 0, .notsup)])
  }

  @Test(arguments: Engine.allCases)
  func descriptors(engine: Engine) throws {
    var pipes: [Int32] = [0, 0]
    #expect(pipe(&pipes) == 0)
    defer { for fd in pipes { close(fd) } }
    let folder = try Folder()
    folder.file("f", "12345")
    var configuration = WASIConfiguration()
    configuration.standardInput = .descriptor(pipes[0])
    configuration.standardOutput = .descriptor(pipes[1])
    configuration.addDirectory(folder.path, as: "/")
    let guest = try Guest(configuration, on: engine)
    // Nothing to read yet, but room to write.
    #expect(try poll(guest, .read(0), .write(1)) == [event(1, 2, bytes: 4096)])
    #expect(
      try poll(guest, .read(0), .clock(1, 1_000_000, absolute: false)) == [event(1, 0)])
    #expect(Glibc.write(pipes[1], "abc", 3) == 3)
    #expect(try poll(guest, .read(0), .write(2)).first == event(0, 1, bytes: 3))
    #expect(try poll(guest, .clock(1, .max, absolute: false), .read(0)) == [event(1, 1, bytes: 3)])
    let file = try guest.opened("f")
    #expect(try guest.read(file, 2) == "12")
    #expect(try poll(guest, .read(file)) == [event(0, 1, bytes: 3)])
    #expect(
      try poll(guest, .read(99), .read(1), .read(Guest.root), .write(0))
        == [
          event(0, 1, .badf), event(1, 1, .notcapable), event(2, 1, .badf),
          event(3, 2, .notcapable),
        ])
    #expect(try guest("fd_fdstat_set_rights", n(file), n(.fdRead), 0) == .success)
    #expect(try poll(guest, .read(file)) == [event(0, 1, .notcapable)])
  }

  @Test(arguments: Engine.allCases)
  func hangup(engine: Engine) throws {
    var pipes: [Int32] = [0, 0]
    #expect(pipe(&pipes) == 0)
    var configuration = WASIConfiguration()
    configuration.standardInput = .descriptor(pipes[0])
    configuration.standardOutput = .discard
    let guest = try Guest(configuration, on: engine)
    close(pipes[1])
    defer { close(pipes[0]) }
    #expect(try poll(guest, .read(0)) == [event(0, 1, hangup: true)])
  }

  @Test(arguments: Engine.allCases)
  func memoryStreams(engine: Engine) throws {
    var configuration = WASIConfiguration()
    configuration.standardInput = .bytes(Array("abc".utf8))
    let guest = try Guest(configuration, on: engine)
    #expect(try poll(guest, .read(0), .write(1)) == [event(0, 1, bytes: 3), event(1, 2, bytes: 1)])
    #expect(try guest.read(0) == "abc")
    #expect(try poll(guest, .read(0)) == [event(0, 1, hangup: true)])
  }

  @Test(arguments: Engine.allCases)
  func wrongSubscriptions(engine: Engine) throws {
    let guest = try Guest(on: engine)
    #expect(try guest("poll_oneoff", n(input), n(output), 0, n(Guest.out)) == .inval)
    store(guest, [.read(0)])
    guest.store(UInt8(3), input + 8)
    #expect(try guest("poll_oneoff", n(input), n(output), 1, n(Guest.out)) == .inval)
    store(guest, [.clock(1, 0, absolute: false)])
    guest.store(UInt16(2), input + (guest.isOld ? 48 : 40))
    #expect(try guest("poll_oneoff", n(input), n(output), 1, n(Guest.out)) == .inval)
    // The buffers may be one.
    store(guest, [.clock(1, 0, absolute: false), .clock(9, 0, absolute: false)])
    #expect(try guest("poll_oneoff", n(input), n(input), 2, n(Guest.out)) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 2)
    #expect(guest.load(input + 32, UInt64.self) == 101)
    #expect(guest.load(input + 40, UInt16.self) == WASIErrno.inval.rawValue)
  }
}
