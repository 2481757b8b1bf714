import Contract
import Glibc
import Runtime
import Testing

@testable import WASI

/// Calls that wait are broken off when the guest is interrupted.
@Suite(.serialized) struct WaitingTests {
  private static let out = n(Guest.out)

  /// A guest whose standard input is a pipe that stays empty, whose output is one that is full, with a socket that hears nothing,
  /// one that nobody connects to, and a named pipe that nobody opens.
  private final class World {
    let guest: Guest
    private let folder: Folder
    private var descriptors: [Int32] = []

    init(_ engine: Engine) throws {
      folder = try Folder()
      #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
      var (input, output, ends): ([Int32], [Int32], [Int32]) = ([0, 0], [0, 0], [0, 0])
      #expect(pipe(&input) == 0)
      #expect(pipe(&output) == 0)
      _ = fcntl(output[1], F_SETFL, O_NONBLOCK)
      let junk = [UInt8](repeating: 0, count: 4096)
      while Glibc.write(output[1], junk, junk.count) > 0 {}
      _ = fcntl(output[1], F_SETFL, 0)
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      #expect(listen(listener, 1) == 0)
      descriptors = input + output + ends + [listener]
      var configuration = WASIConfiguration()
      configuration.standardInput = .descriptor(input[0])
      configuration.standardOutput = .descriptor(output[1])
      configuration.addDirectory(folder.path, as: "/")
      configuration.inheritedDescriptors = [ends[0], listener]
      guest = try Guest(configuration, on: engine)
      guest.vector(1024, 4096)
      // A clock that never comes, and a descriptor that is never ready.
      let clock: UInt32 = guest.isOld ? 8192 + 24 : 8192 + 16
      guest.store(UInt32(1), clock)
      guest.store(UInt64.max, clock + 8)
      guest.store(UInt8(1), (guest.isOld ? 8248 : 8240) + 8)
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
  }

  private static let calls: [(String, [Argument])] = [
    ("poll_oneoff", [8192, 9000, 1, out]), ("poll_oneoff", [8192, 9000, 2, out]),
    ("fd_read", [0, n(Guest.vectors), 1, out]), ("fd_write", [1, n(Guest.vectors), 1, out]),
    ("fd_read", [4, n(Guest.vectors), 1, out]),
    ("sock_recv", [4, n(Guest.vectors), 1, 0, out, n(Guest.out + 8)]),
    ("sock_accept", [5, 0, out]), ("path_open", [3, 0, "pipe", 0, 2, 0, 0, out]),
  ]

  @Test(arguments: Engine.allCases)
  func areBrokenOff(engine: Engine) throws {
    let world = try World(engine)
    for (name, arguments) in world.guest.having(Self.calls) {
      let start = WASIClock.system.time(.monotonic)!
      let trap = #expect(throws: Trap.self) {
        try world.guest.store.withTimeout(.milliseconds(5)) { try world.guest(name, arguments) }
      }
      let time = WASIClock.system.time(.monotonic)! - start
      #expect(trap?.code == .interrupted, "\(name)")
      #expect(time >= 5_000_000, "\(name): \(time)")
      #expect(try world.guest("sched_yield") == .success)
    }
  }
}
