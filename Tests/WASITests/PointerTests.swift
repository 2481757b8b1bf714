import Glibc
import Testing

@testable import WASI

/// Guest pointers and lengths are checked for every call before anything is done.
@Suite(.serialized) struct PointerTests {
  /// One function: good arguments, and which of them point to what.
  fileprivate struct Row {
    var name: String
    var arguments: [Argument]
    /// By number of the argument slot: bytes that must be there; nil: the next slot says how many.
    var pointers: [(slot: Int, size: Int?)]
  }

  /// Where the test puts what good arguments point to.
  private static let text: UInt64 = 512  // "f"
  private static let other: UInt64 = 520  // "g"
  private static let vectors: UInt64 = 528
  private static let result: Argument = 600
  private static let buffer: Argument = 1024

  private static let path: [Argument] = [.number(text), 1]
  private static let lists: [Argument] = [.number(vectors), 1]

  // The root directory is 3, a file of 4 bytes 4, a socket 5.
  fileprivate static let rows: [Row] = [
    Row(name: "args_get", arguments: [result, buffer], pointers: [(0, 8), (1, 6)]),
    Row(name: "args_sizes_get", arguments: [result, buffer], pointers: [(0, 4), (1, 4)]),
    Row(name: "environ_get", arguments: [result, buffer], pointers: [(0, 4), (1, 4)]),
    Row(name: "environ_sizes_get", arguments: [result, buffer], pointers: [(0, 4), (1, 4)]),
    Row(name: "clock_res_get", arguments: [0, result], pointers: [(1, 8)]),
    Row(name: "clock_time_get", arguments: [0, 0, result], pointers: [(2, 8)]),
    Row(name: "random_get", arguments: [buffer, 8], pointers: [(0, nil)]),
    Row(
      name: "poll_oneoff", arguments: [2048, buffer, 2, result],
      pointers: [(0, 96), (1, 64), (3, 4)]),
    Row(name: "fd_fdstat_get", arguments: [4, result], pointers: [(1, 24)]),
    Row(name: "fd_filestat_get", arguments: [4, result], pointers: [(1, 64)]),
    Row(
      name: "fd_pread", arguments: [4] + lists + [0, result], pointers: [(1, 8), (4, 4)]),
    Row(name: "fd_prestat_get", arguments: [3, result], pointers: [(1, 8)]),
    Row(name: "fd_prestat_dir_name", arguments: [3, buffer, 5], pointers: [(1, nil)]),
    Row(
      name: "fd_pwrite", arguments: [4] + lists + [0, result], pointers: [(1, 8), (4, 4)]),
    Row(name: "fd_read", arguments: [4] + lists + [result], pointers: [(1, 8), (3, 4)]),
    Row(
      name: "fd_readdir", arguments: [3, buffer, 100, 0, result], pointers: [(1, nil), (4, 4)]),
    Row(name: "fd_seek", arguments: [4, 1, 0, result], pointers: [(3, 8)]),
    Row(name: "fd_tell", arguments: [4, result], pointers: [(1, 8)]),
    Row(name: "fd_write", arguments: [4] + lists + [result], pointers: [(1, 8), (3, 4)]),
    Row(name: "path_create_directory", arguments: [3] + path, pointers: [(1, nil)]),
    Row(
      name: "path_filestat_get", arguments: [3, 0] + path + [result],
      pointers: [(2, nil), (4, 64)]),
    Row(
      name: "path_filestat_set_times", arguments: [3, 0] + path + [0, 0, 15],
      pointers: [(2, nil)]),
    Row(
      name: "path_link", arguments: [3, 0] + path + [3, .number(other), 1],
      pointers: [(2, nil), (5, nil)]),
    Row(
      name: "path_open", arguments: [3, 0] + path + [9, 0, 0, 0, result],
      pointers: [(2, nil), (8, 4)]),
    Row(
      name: "path_readlink", arguments: [3] + path + [buffer, 8, result],
      pointers: [(1, nil), (3, nil), (5, 4)]),
    Row(name: "path_remove_directory", arguments: [3] + path, pointers: [(1, nil)]),
    Row(
      name: "path_rename", arguments: [3] + path + [3, .number(other), 1],
      pointers: [(1, nil), (4, nil)]),
    Row(
      name: "path_symlink", arguments: path + [3, .number(other), 1],
      pointers: [(0, nil), (3, nil)]),
    Row(name: "path_unlink_file", arguments: [3] + path, pointers: [(1, nil)]),
    Row(name: "sock_accept", arguments: [5, 0, result], pointers: [(2, 4)]),
    Row(
      name: "sock_recv", arguments: [5] + lists + [0, result, buffer],
      pointers: [(1, 8), (4, 4), (5, 2)]),
    Row(name: "sock_send", arguments: [5] + lists + [0, result], pointers: [(1, 8), (4, 4)]),
  ]

  /// Functions that take no pointer.
  private static let plain: Set = [
    "proc_exit", "proc_raise", "sched_yield", "fd_advise", "fd_allocate", "fd_close",
    "fd_datasync", "fd_fdstat_set_flags", "fd_fdstat_set_rights", "fd_filestat_set_size",
    "fd_filestat_set_times", "fd_renumber", "fd_sync", "sock_shutdown",
  ]

  @Test func tableIsComplete() {
    let names = Set(WASI.functions(.preview1).map(\.name))
    #expect(names == Self.plain.union(Self.rows.map(\.name)))
  }

  @Test(arguments: Engine.allCases)
  func badPointersAreFaults(engine: Engine) throws {
    let world = try World(engine)
    let size = UInt64(world.guest.size)
    for row in world.rows {
      for (slot, fixed) in row.pointers {
        var bad: [(UInt64, UInt64?)] = []
        if let fixed {
          let needed = UInt64(fixed)
          bad = [size - needed + 1, size, size + 1, 0x8000_0000, 0xFFFF_FFFF].map { ($0, nil) }
        } else {
          bad = [
            (size, 1), (size - 1, 2), (0, size + 1), (1, size), (8, 0xFFFF_FFFF),
            (0xFFFF_FFFF, 1), (0xFFFF_FFFF, 0xFFFF_FFFF), (size + 1, 0),
          ]
        }
        for (address, length) in bad {
          var arguments = row.arguments
          arguments[slot] = .number(address)
          if let length { arguments[slot + 1] = .number(length) }
          let errno = try world.call(row.name, arguments)
          #expect(errno == .fault, "\(row.name) \(slot): \(address), \(length ?? 0)")
          world.expectUntouched("\(row.name) \(slot): \(address), \(length ?? 0)")
        }
      }
    }
  }

  /// Vectors whose buffers are outside: the first, or a later one; and lists too long for memory.
  @Test(arguments: Engine.allCases)
  func badVectorsAreFaults(engine: Engine) throws {
    let world = try World(engine)
    let size = world.guest.size
    for name in ["fd_read", "fd_write", "fd_pread", "fd_pwrite", "sock_recv", "sock_send"] {
      let row = try #require(Self.rows.first { $0.name == name })
      for (address, length) in [
        (size, 1), (size - 1, 2), (0, size + 1), (0xFFFF_FFFF, 1), (1, 0xFFFF_FFFF),
      ] as [(UInt32, UInt32)] {
        for index in 0..<3 as Range<UInt32> {
          var arguments = row.arguments
          arguments[2] = 3
          world.prepare()
          for other in 0..<3 as Range<UInt32> {
            world.guest.store(other == index ? address : 3000, UInt32(Self.vectors) + 8 * other)
            world.guest.store(other == index ? length : 1, UInt32(Self.vectors) + 8 * other + 4)
          }
          #expect(try world.guest(name, arguments) == .fault)
          world.expectUntouched("\(name) vector \(index)")
        }
      }
      for count in [size / 8, 0x2000_0000, 0xFFFF_FFFF] {
        var arguments = row.arguments
        arguments[2] = n(count)
        #expect(try world.call(name, arguments) == .fault)
      }
    }
  }

  /// With pointers at the very end of memory everything works.
  @Test(arguments: Engine.allCases)
  func lastBytesAreGood(engine: Engine) throws {
    for row in try World(engine).rows where row.name != "sock_accept" {
      for (slot, size) in row.pointers {
        guard let size else { continue }
        let world = try World(engine)
        world.prepare()
        let address = world.guest.size - UInt32(size)
        let isInput = row.name.hasPrefix("poll") && slot == 0 || row.arguments[slot].isVectors
        if isInput, case .number(let from) = row.arguments[slot] {
          world.guest.write(world.guest.bytes(UInt32(from), size), at: address)
        }
        var arguments = row.arguments
        arguments[slot] = n(address)
        let errno = try world.guest(row.name, arguments)
        let allowed: [WASIErrno] =
          ["path_create_directory": [.exist], "path_readlink": [.inval]][
            row.name] ?? [.success]
        #expect(allowed.contains(errno), "\(row.name) \(slot)")
      }
    }
  }

  /// A guest, the files it could change, and what they were.
  private final class World {
    let folder: Folder
    let guest: Guest
    private let host: Int32

    init(_ engine: Engine) throws {
      folder = try Folder()
      folder.file("f", "1234")
      folder.directory("d")
      var ends: [Int32] = [0, 0]
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      host = ends[0]
      var configuration = WASIConfiguration()
      configuration.arguments = ["ab", "cd"]
      configuration.setEnvironment("A", "1")
      configuration.addDirectory(folder.path, as: "/data")
      configuration.inheritedDescriptors = [ends[1]]
      guest = try Guest(configuration, on: engine)
      // Directory 3, socket 4; the file goes in between.
      let (file, spare) = (try guest.opened("f"), try guest.opened("f"))
      try #require(file == 5 && spare == 6)
      try #require(try guest("fd_renumber", 4, n(spare)) == .success)
      let moved = try guest.opened("f")
      try #require(moved == 4)
      try #require(try guest("fd_renumber", n(spare), n(file)) == .success)
      #expect(Glibc.send(host, "data", 4, 0) == 4)
    }

    deinit { close(host) }

    /// Those that its interface has, with its sizes.
    var rows: [Row] {
      PointerTests.rows.filter { !(guest.isOld && $0.name == "sock_accept") }.map { row in
        guard guest.isOld, row.name.hasSuffix("filestat_get") || row.name == "poll_oneoff" else {
          return row
        }
        var row = row
        for (index, pointer) in row.pointers.enumerated() {
          switch pointer.size {
          case 64? where row.name != "poll_oneoff": row.pointers[index].size = 56
          case 96?: row.pointers[index].size = 112
          default: continue
          }
        }
        return row
      }
    }

    func prepare() {
      guest.memory.initializeMemory(as: UInt8.self, repeating: 0)
      guest.write(Array("f".utf8), at: UInt32(PointerTests.text))
      guest.write(Array("g".utf8), at: UInt32(PointerTests.other))
      guest.store(UInt32(3000), UInt32(PointerTests.vectors))
      guest.store(UInt32(4), UInt32(PointerTests.vectors) + 4)
      // Two timers that are over.
      guest.store(UInt32(1), 2048 + (guest.isOld ? 24 : 16))
      guest.store(UInt32(1), 2048 + (guest.isOld ? 56 + 24 : 48 + 16))
    }

    func call(_ name: String, _ arguments: [Argument]) throws -> WASIErrno {
      prepare()
      return try guest(name, arguments)
    }

    /// Neither files nor streams nor memory.
    func expectUntouched(_ what: String) {
      #expect(folder.contents("f") == "1234", "\(what)")
      #expect(!folder.exists("g") && folder.exists("d"), "\(what)")
      var position: UInt64 = 9
      if (try? guest("fd_tell", 4, 40_000)) == .success {
        position = guest.load(40_000, UInt64.self)
        guest.store(UInt64(0), 40_000)
      }
      #expect(position == 0, "\(what)")
      #expect(guest.bytes(600, 400).allSatisfy { $0 == 0 }, "\(what)")
      #expect(guest.bytes(1024, 1000).allSatisfy { $0 == 0 }, "\(what)")
      #expect(guest.bytes(3000, 60_000).allSatisfy { $0 == 0 }, "\(what)")
      var buffer = [UInt8](repeating: 0, count: 8)
      #expect(recv(host, &buffer, 8, Int32(MSG_DONTWAIT)) < 0, "\(what)")
    }
  }
}

extension Argument {
  /// The list of vectors of ``PointerTests``.
  fileprivate var isVectors: Bool {
    if case .number(528) = self { true } else { false }
  }
}
