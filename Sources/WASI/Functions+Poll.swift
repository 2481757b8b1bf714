import CWASI

/// witx `poll_oneoff`.
extension WASI {
  /// The most subscriptions of one call; more is `inval`.
  static let maximumSubscriptions: UInt32 = 1 << 16

  /// (subscriptions, events, count, result)
  ///
  /// A subscription that cannot be (no such descriptor, no right, no such clock) is an event at once, with its errno.
  func pollOneoff(_ call: GuestCall) throws {
    let count = call.u32(2)
    let size = Subscription.size(call.version)
    let input = try call.memory.bytes(call.u32(0), size * Int(count))
    let output = try call.memory.bytes(call.u32(1), Event.size * Int(count))
    let result = try call.slot(3, UInt32.self)
    guard count > 0, count <= Self.maximumSubscriptions else { throw WASIErrno.inval }
    var poll = Poll(configuration.clock)
    // All are read before any event is written: the two buffers may overlap.
    for index in 0..<Int(count) {
      let record = UnsafeMutableRawBufferPointer(rebasing: input[index * size..<(index + 1) * size])
      poll.add(try Subscription(record, call.version), descriptors)
    }
    let events = try wait(&poll)
    for (index, event) in events.enumerated() {
      let place = index * Event.size..<(index + 1) * Event.size
      event.store(UnsafeMutableRawBufferPointer(rebasing: output[place]))
    }
    result.store(UInt32(events.count))
  }

  private func wait(_ poll: inout Poll) throws -> [Event] {
    while true {
      try checkInterrupt()
      try poll.once()
      try checkInterrupt()
      let events = poll.events()
      if !events.isEmpty { return events }
    }
  }
}

/// witx `$subscription`.
private struct Subscription {
  enum Condition {
    case clock(id: UInt32, timeout: UInt64, isAbsolute: Bool)
    case descriptor(UInt32)
  }

  let userdata: UInt64
  /// witx `$eventtype`: 0 clock, 1 read, 2 write.
  let type: UInt8
  let condition: Condition

  /// The old interface's clock has an identifier of its own in front.
  static func size(_ version: WASIVersion) -> Int { version == .preview1 ? 48 : 56 }

  init(_ record: UnsafeMutableRawBufferPointer, _ version: WASIVersion) throws(WASIErrno) {
    userdata = record.load(0, UInt64.self)
    type = record.load(8, UInt8.self)
    switch type {
    case 0:
      let clock = version == .preview1 ? 16 : 24
      let flags = record.load(clock + 24, UInt16.self)
      guard flags < 2 else { throw .inval }
      condition = .clock(
        id: record.load(clock, UInt32.self), timeout: record.load(clock + 8, UInt64.self),
        isAbsolute: flags == 1)
    case 1, 2: condition = .descriptor(record.load(16, UInt32.self))
    default: throw .inval
    }
  }
}

/// witx `$event`.
private struct Event {
  static let size = 32
  let userdata: UInt64
  var errno = WASIErrno.success
  let type: UInt8
  var bytes: UInt64 = 0
  var hangup = false

  init(_ subscription: Subscription, _ errno: WASIErrno = .success) {
    userdata = subscription.userdata
    type = subscription.type
    self.errno = errno
  }

  func store(_ record: UnsafeMutableRawBufferPointer) {
    record.zero()
    record.store(userdata, at: 0)
    record.store(errno.rawValue, at: 8)
    record.store(type, at: 10)
    record.store(bytes, at: 16)
    record.store(UInt16(hangup ? 1 : 0), at: 24)
  }
}

/// What one call waits for.
private struct Poll {
  private enum Waiting {
    case event(Event)
    /// Nanoseconds of the host's monotonic clock.
    case clock(Subscription, deadline: UInt64)
    /// An index into `entries`.
    case host(Subscription, OpenFile, entry: Int)
  }

  private let clock: WASIClock
  private var waiting: [Waiting] = []
  private var entries: [wpgo_poll] = []
  private var isReadyNow = false

  init(_ clock: WASIClock) { self.clock = clock }

  mutating func add(_ subscription: Subscription, _ descriptors: DescriptorTable) {
    do {
      switch subscription.condition {
      case .clock(let id, let timeout, let isAbsolute):
        waiting.append(try timer(subscription, id, timeout, isAbsolute))
      case .descriptor(let number):
        try add(subscription, file: descriptors[number])
      }
    } catch {
      ready(Event(subscription, error))
    }
  }

  private mutating func ready(_ event: Event) {
    waiting.append(.event(event))
    isReadyNow = true
  }

  private func timer(
    _ subscription: Subscription, _ id: UInt32, _ timeout: UInt64, _ isAbsolute: Bool
  ) throws(WASIErrno) -> Waiting {
    guard let id = WASIClockID(rawValue: id) else { throw .inval }
    // CPU time stands still while waiting for it.
    guard id == .realtime || id == .monotonic, let now = clock.time(id) else { throw .notsup }
    let wait = isAbsolute ? (timeout > now ? timeout - now : 0) : timeout
    // The wait itself is the host's, so that it ends even if the guest's clock stands still.
    let (deadline, overflow) = Self.now.addingReportingOverflow(wait)
    return .clock(subscription, deadline: overflow ? .max : deadline)
  }

  private static var now: UInt64 { WASIClock.system.time(.monotonic) ?? 0 }

  private mutating func add(_ subscription: Subscription, file entry: Descriptor) throws(WASIErrno)
  {
    let reads = subscription.type == 1
    try entry.require([.pollFdReadwrite, reads ? .fdRead : .fdWrite])
    switch entry.file.backing {
    case .host(let descriptor, _):
      let events = Int16(reads ? WPGO_POLLIN : WPGO_POLLOUT)
      waiting.append(.host(subscription, entry.file, entry: entries.count))
      entries.append(wpgo_poll(fd: descriptor, events: events, revents: 0))
    case .bytes(let bytes, let next):
      var event = Event(subscription)
      event.bytes = UInt64(bytes.count - next)
      event.hangup = next == bytes.count
      ready(event)
    case .buffer, .discard:
      var event = Event(subscription)
      event.bytes = 1
      ready(event)
    }
  }

  /// Waits until the first deadline or event, or a signal.
  mutating func once() throws(WASIErrno) {
    let result = wpgo_poll(&entries, entries.count, nanoseconds)
    if result != -4 { try host(result) }  // EINTR: look again
  }

  /// To the first deadline; -1 for ever.
  private var nanoseconds: Int64 {
    if isReadyNow { return 0 }
    var least: Int64 = -1
    let now = Self.now
    for case .clock(_, let deadline) in waiting {
      let left = Int64(clamping: deadline > now ? deadline - now : 0)
      if least < 0 || left < least { least = left }
    }
    return least
  }

  /// What has come to pass, in the order of the subscriptions.
  func events() -> [Event] {
    let now = Self.now
    return waiting.compactMap { waiting in
      switch waiting {
      case .event(let event): return event
      case .clock(let subscription, let deadline):
        return now >= deadline ? Event(subscription) : nil
      case .host(let subscription, let file, let entry):
        let found = entries[entry]
        return found.revents == 0 ? nil : event(subscription, file, found)
      }
    }
  }

  private func event(_ subscription: Subscription, _ file: OpenFile, _ found: wpgo_poll) -> Event {
    if Int(found.revents) & WPGO_POLLNVAL != 0 { return Event(subscription, .badf) }
    var event = Event(subscription)
    event.hangup = Int(found.revents) & WPGO_POLLHUP != 0
    if subscription.type == 1 {
      event.bytes = readable(file, found.fd)
    } else {
      // How much a write would take is not known; a pipe that is ready takes PIPE_BUF.
      event.bytes = file.isPipe ? 4096 : 1
    }
    return event
  }

  private func readable(_ file: OpenFile, _ descriptor: Int32) -> UInt64 {
    guard file.type == .regularFile else { return UInt64(wpgo_readable_bytes(descriptor)) }
    let offset = wpgo_seek(descriptor, 0, 1)
    guard offset >= 0, let status = try? stat(descriptor) else { return 0 }
    return status.size > UInt64(offset) ? status.size - UInt64(offset) : 0
  }
}
