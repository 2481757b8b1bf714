import Glibc
import Testing

@testable import WASI

/// Sockets that the guest inherits: descriptor 3, since it has no directories.
@Suite(.serialized) struct SocketTests {
  private static let out = n(Guest.out)
  private static let second = Guest.out + 8

  /// A connected pair, one end of which is the guest's.
  private final class Pair {
    let host: Int32
    let guestSide: Int32
    let guest: Guest

    init(_ type: __socket_type, _ engine: Engine) throws {
      var ends: [Int32] = [0, 0]
      #expect(socketpair(AF_UNIX, Int32(type.rawValue), 0, &ends) == 0)
      (host, guestSide) = (ends[0], ends[1])
      var configuration = WASIConfiguration()
      configuration.inheritedDescriptors = [guestSide]
      guest = try Guest(configuration, on: engine)
    }

    deinit { close(host); close(guestSide) }

    func send(_ text: String) { #expect(Glibc.send(host, text, text.utf8.count, 0) >= 0) }

    func received() -> String {
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = recv(host, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      return count < 0 ? "(nothing)" : String(decoding: buffer[..<count], as: UTF8.self)
    }

    func receive(_ count: Int, flags: Int = 0) throws -> (WASIErrno, String, UInt16) {
      guest.vector(1024, count)
      guest.store(UInt64(0xEEEE_EEEE_EEEE_EEEE), SocketTests.second)
      let errno = try guest(
        "sock_recv", 3, n(Guest.vectors), 1, n(flags), SocketTests.out, n(SocketTests.second))
      if errno != .success { return (errno, "", 0) }
      #expect(guest.load(SocketTests.second + 2, UInt16.self) == 0xEEEE)
      let text = guest.text(1024, Int(guest.load(Guest.out, UInt32.self)))
      return (errno, text, guest.load(SocketTests.second, UInt16.self))
    }
  }

  @Test(arguments: Engine.allCases)
  func stream(engine: Engine) throws {
    let pair = try Pair(SOCK_STREAM, engine)
    let guest = pair.guest
    #expect(try guest("fd_fdstat_get", 3, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt8.self) == WASIFileType.socketStream.rawValue)
    pair.send("hello")
    #expect(try pair.receive(3, flags: 1) == (.success, "hel", 0))  // peek
    #expect(try pair.receive(3) == (.success, "hel", 0))
    pair.send(" world")
    #expect(try pair.receive(8, flags: 2) == (.success, "lo world", 0))  // wait for all
    #expect(try pair.receive(1, flags: 4).0 == .inval)
    guest.write(Array("answer".utf8), at: 1024)
    guest.vector(1024, 6)
    #expect(try guest("sock_send", 3, n(Guest.vectors), 1, 0, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 6)
    #expect(pair.received() == "answer")
    #expect(try guest("sock_send", 3, n(Guest.vectors), 1, 1, Self.out) == .inval)
    // As descriptors, too.
    #expect(try guest.write(3, "via fd_write") == .success)
    #expect(pair.received() == "via fd_write")
    pair.send("via fd_read")
    #expect(try guest.read(3) == "via fd_read")
    // Nothing there, and not to be waited for.
    #expect(try guest("fd_fdstat_set_flags", 3, 4) == .success)
    #expect(try pair.receive(1).0 == .again)
    if !guest.isOld { #expect(try guest("sock_accept", 3, 0, Self.out) == .again) }
    #expect(fcntl(pair.guestSide, F_GETFL) & O_NONBLOCK == 0)
  }

  @Test(arguments: Engine.allCases)
  func datagrams(engine: Engine) throws {
    let pair = try Pair(SOCK_DGRAM, engine)
    #expect(try pair.guest("fd_fdstat_get", 3, Self.out) == .success)
    #expect(pair.guest.load(Guest.out, UInt8.self) == WASIFileType.socketDgram.rawValue)
    pair.send("one message")
    pair.send("two")
    #expect(try pair.receive(3) == (.success, "one", 1))  // its end is lost
    #expect(try pair.receive(3) == (.success, "two", 0))
    guard !pair.guest.isOld else { return }
    #expect(try pair.guest("sock_accept", 3, 4, Self.out) == .notsup)
  }

  @Test(arguments: Engine.allCases)
  func shutdown(engine: Engine) throws {
    let pair = try Pair(SOCK_STREAM, engine)
    for how in [0, 4] { #expect(try pair.guest("sock_shutdown", 3, n(how)) == .inval) }
    #expect(try pair.guest("sock_shutdown", 3, 2) == .success)
    #expect(pair.received() == "")
    pair.guest.vector(1024, 1)
    #expect(try pair.guest("sock_send", 3, n(Guest.vectors), 1, 0, Self.out) == .pipe)
    pair.send("still")
    #expect(try pair.receive(5) == (.success, "still", 0))
    #expect(try pair.guest("sock_shutdown", 3, 1) == .success)
    #expect(try pair.receive(5) == (.success, "", 0))
    #expect(try pair.guest("sock_shutdown", 3, 3) == .success)
  }

  @Test(arguments: Engine.tiers)
  func accepting(engine: Engine) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(client) }
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        #expect(bind(listener, address, length) == 0)
        #expect(listen(listener, 1) == 0)
        #expect(getsockname(listener, address, &length) == 0)
        #expect(connect(client, address, length) == 0)
      }
    }
    var configuration = WASIConfiguration()
    configuration.inheritedDescriptors = [listener]
    let guest = try Guest(configuration, on: engine)
    #expect(try guest("sock_accept", 3, 1, Self.out) == .inval)
    #expect(try guest("sock_accept", 3, 4, Self.out) == .success)
    let accepted = guest.load(Guest.out, UInt32.self)
    #expect(accepted == 4)
    #expect(try guest("fd_fdstat_get", n(accepted), Self.out) == .success)
    #expect(guest.load(Guest.out + 2, UInt16.self) == FDFlags.nonblock.rawValue)
    guest.vector(1024, 1)
    #expect(try guest("fd_read", n(accepted), n(Guest.vectors), 1, Self.out) == .again)
    #expect(try guest.write(accepted, "hi") == .success)
    var buffer = [UInt8](repeating: 0, count: 2)
    #expect(recv(client, &buffer, 2, 0) == 2)
    #expect(try guest("fd_fdstat_set_flags", 3, 4) == .success)
    #expect(try guest("sock_accept", 3, 0, Self.out) == .again)
    // What is accepted has the rights that the listener passes on.
    let second = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(second) }
    #expect(try guest("fd_fdstat_set_rights", 3, n(.socket), n(.fdRead)) == .success)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(connect(second, $0, length) == 0)
      }
    }
    #expect(try guest("sock_accept", 3, 0, Self.out) == .success)
    let narrow = guest.load(Guest.out, UInt32.self)
    #expect(try guest.write(narrow, "hi") == .notcapable)
    #expect(try guest("fd_fdstat_get", n(narrow), Self.out) == .success)
    #expect(guest.load(Guest.out + 8, UInt64.self) == WASIRights.fdRead.rawValue)
    #expect(guest.load(Guest.out + 16, UInt64.self) == WASIRights.fdRead.rawValue)
    let rights = n(WASIRights.socket.subtracting(.sockAccept))
    #expect(try guest("fd_fdstat_set_rights", 3, rights, 0) == .success)
    #expect(try guest("sock_accept", 3, 0, Self.out) == .notcapable)
  }

  @Test(arguments: Engine.allCases)
  func rights(engine: Engine) throws {
    let pair = try Pair(SOCK_STREAM, engine)
    let guest = pair.guest
    pair.send("unread")
    #expect(try guest("fd_fdstat_set_rights", 3, n(.fdFilestatGet), 0) == .success)
    #expect(try pair.receive(6).0 == .notcapable)
    #expect(try guest("sock_send", 3, n(Guest.vectors), 1, 0, Self.out) == .notcapable)
    #expect(try guest("sock_shutdown", 3, 1) == .notcapable)
    #expect(try guest("fd_read", 3, n(Guest.vectors), 1, Self.out) == .notcapable)
    #expect(try guest("fd_filestat_get", 3, Self.out) == .success)
    #expect(pair.received() == "(nothing)")
  }

  @Test(arguments: Engine.allCases)
  func unconnected(engine: Engine) throws {
    let lonely = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(lonely) }
    var configuration = WASIConfiguration()
    configuration.inheritedDescriptors = [lonely]
    let guest = try Guest(configuration, on: engine)
    guest.vector(1024, 1)
    #expect(try guest("sock_send", 3, n(Guest.vectors), 1, 0, Self.out) == .pipe)
    #expect(
      try guest("sock_recv", 3, n(Guest.vectors), 1, 0, Self.out, n(Self.second)) == .notconn)
    if !guest.isOld { #expect(try guest("sock_accept", 3, 0, Self.out) == .inval) }
    #expect(try guest("sock_shutdown", 3, 3) == .notconn)
  }

  /// A peer that hears nothing any more: what cannot be sent is not waited for.
  @Test(arguments: Engine.allCases)
  func fullBuffers(engine: Engine) throws {
    let pair = try Pair(SOCK_STREAM, engine)
    #expect(try pair.guest("fd_fdstat_set_flags", 3, 4) == .success)
    pair.guest.vector(1024, 30_000)
    var errno = WASIErrno.success
    for _ in 0..<1000 where errno == .success {
      errno = try pair.guest("sock_send", 3, n(Guest.vectors), 1, 0, Self.out)
    }
    #expect(errno == .again)
    let large = try Pair(SOCK_DGRAM, engine)
    for index in 0..<200 as Range<UInt32> {
      large.guest.store(UInt32(1024), 32_768 + 8 * index)
      large.guest.store(UInt32(60_000), 32_768 + 8 * index + 4)
    }
    #expect(try large.guest("sock_send", 3, 32_768, 200, 0, Self.out) == .msgsize)
  }

  @Test(arguments: Engine.allCases)
  func filesAreNoSockets(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { $0.file("f") }
    let guest = sandbox.guest
    let fd = n(try guest.opened("f"))
    guest.vector(1024, 1)
    if !guest.isOld { #expect(try guest("sock_accept", fd, 0, Self.out) == .notsock) }
    #expect(try guest("sock_send", fd, n(Guest.vectors), 1, 0, Self.out) == .notsock)
    #expect(
      try guest("sock_recv", fd, n(Guest.vectors), 1, 0, Self.out, n(Self.second)) == .notsock)
    #expect(try guest("sock_shutdown", fd, 1) == .notsock)
    #expect(throws: WASIConfigurationError.self) {
      let directory = open(sandbox.folder.path, O_RDONLY | O_DIRECTORY)
      defer { close(directory) }
      var configuration = WASIConfiguration()
      configuration.inheritedDescriptors = [directory]
      _ = try WASI(configuration)
    }
  }

  /// A directory as a standard stream (`< .`) leads nowhere.
  @Test(arguments: Engine.allCases)
  func directoryAsStream(engine: Engine) throws {
    let folder = try Folder()
    folder.file("f", "secret")
    let directory = open(folder.path, O_RDONLY | O_DIRECTORY)
    defer { close(directory) }
    var configuration = WASIConfiguration()
    configuration.standardInput = .descriptor(directory)
    let guest = try Guest(configuration, on: engine)
    #expect(try guest.open("f", in: 0, rights: []).errno == .notcapable)
    #expect(try guest("path_filestat_get", 0, 0, "f", Self.out) == .notcapable)
    #expect(try guest("fd_readdir", 0, 1024, 100, 0, Self.out) == .notcapable)
    #expect(try guest("path_unlink_file", 0, "f") == .notcapable)
  }
}
