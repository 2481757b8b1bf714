import Glibc
import Runtime
import Testing

@testable import WASI

/// Calls that move much look for a request to interrupt the guest every now and then.
@Suite struct TransferTests {
  private static let size = 64 << 20

  /// A guest's side that was told to stop before the call begins.
  private final class World {
    let wasi: WASI
    let store: Store
    let memory: GuestMemory
    private let base: UnsafeMutableRawPointer

    init(_ configuration: WASIConfiguration) throws {
      wasi = try WASI(configuration)
      store = try Store()
      wasi.interrupter = store.interrupter
      base = mmap(
        nil, TransferTests.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      memory = GuestMemory(base: base, count: TransferTests.size)
    }

    deinit { munmap(base, TransferTests.size) }

    /// Calls with one vector for all of memory behind the first page.
    func call(_ name: String, _ descriptor: UInt64, _ more: UInt64...) throws -> WASIErrno {
      base.storeBytes(of: 65_536, toByteOffset: 64, as: UInt32.self)
      base.storeBytes(of: UInt32(TransferTests.size - 65_536), toByteOffset: 68, as: UInt32.self)
      return try callRaw(name, [descriptor, 64, 1] + more)
    }

    func callRaw(_ name: String, _ arguments: [UInt64]) throws -> WASIErrno {
      let function = try #require(WASI.functions(.preview1).first { $0.name == name })
      var slots = arguments + [0]
      return try wasi.call(function, memory, &slots)
    }

    func expectInterrupted(_ body: () throws -> WASIErrno) {
      store.interrupter.interrupt()
      let trap = #expect(throws: Trap.self) { try body() }
      #expect(trap?.code == .interrupted)
      store.interrupter.clear()
    }
  }

  /// A regular file of `size` bytes as the guest's input and output.
  private static func withFile(_ size: Int, _ body: (Int32) throws -> Void) throws {
    let folder = try Folder()
    let descriptor = open(folder.path + "/file", O_RDWR | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    ftruncate(descriptor, off_t(size))
    try body(descriptor)
  }

  @Test(arguments: ["fd_write", "fd_pwrite"])
  func writing(name: String) throws {
    try Self.withFile(0) { file in
      var configuration = WASIConfiguration()
      configuration.standardOutput = .descriptor(file)
      let world = try World(configuration)
      world.expectInterrupted {
        name == "fd_write" ? try world.call(name, 1, 0) : try world.call(name, 1, 0, 0)
      }
      var status = stat()
      fstat(file, &status)
      #expect((1...(4 << 20)).contains(status.st_size))
      // All of it, if nobody asks.
      let errno = try name == "fd_write" ? world.call(name, 1, 0) : world.call(name, 1, 0, 0)
      #expect(errno == .success)
      #expect(world.memory.base.load(as: UInt32.self) == UInt32(Self.size - 65_536))
    }
  }

  @Test(arguments: ["fd_read", "fd_pread"])
  func reading(name: String) throws {
    try Self.withFile(Self.size) { file in
      var configuration = WASIConfiguration()
      configuration.standardInput = .descriptor(file)
      let world = try World(configuration)
      world.expectInterrupted {
        name == "fd_read" ? try world.call(name, 0, 0) : try world.call(name, 0, 0, 0)
      }
      lseek(file, 0, SEEK_SET)
      let errno = try name == "fd_read" ? world.call(name, 0, 0) : world.call(name, 0, 0, 0)
      #expect(errno == .success)
      #expect(world.memory.base.load(as: UInt32.self) == UInt32(Self.size - 65_536))
    }
  }

  @Test func streamsInMemory() throws {
    var configuration = WASIConfiguration()
    configuration.standardInput = .bytes([UInt8](repeating: 1, count: Self.size))
    configuration.standardOutput = .buffer(WASIBuffer(limit: Self.size))
    let world = try World(configuration)
    world.expectInterrupted { try world.call("fd_read", 0, 0) }
    world.expectInterrupted { try world.call("fd_write", 1, 0) }
  }

  /// All are checked, also those that no host call would take.
  @Test(arguments: ["fd_read", "fd_write"])
  func vectors(name: String) throws {
    var configuration = WASIConfiguration()
    configuration.standardOutput = .discard
    let world = try World(configuration)
    let descriptor: UInt64 = name == "fd_read" ? 0 : 1
    let count = UInt64(Self.size / 8 - 16)
    world.expectInterrupted { try world.callRaw(name, [descriptor, 64, count, 0]) }
    #expect(try world.callRaw(name, [descriptor, 64, count, 0]) == .success)
  }

  @Test func randomness() throws {
    let world = try World(WASIConfiguration())
    world.expectInterrupted { try world.callRaw("random_get", [0, UInt64(Self.size)]) }
  }
}
