import Glibc
import Testing

@testable import WASI

/// Calls on descriptors of files.
@Suite(.serialized) struct FileTests {
  private static let out = n(Guest.out)

  @Test(arguments: Engine.allCases)
  func readWriteSeek(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine)
    let guest = sandbox.guest
    let fd = try guest.opened("f", [.create, .exclusive])
    #expect(fd == 4)
    #expect(try guest.write(fd, "hello world") == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 11)
    #expect(try guest("fd_tell", n(fd), Self.out) == .success)
    #expect(guest.load(Guest.out, UInt64.self) == 11)
    // set, cur, end
    let (set, current, end) = guest.whence
    for (offset, whence, position) in [
      (6, set, 6), (-2, current, 4), (-5, end, 6), (0, current, 6),
    ] {
      #expect(try guest("fd_seek", n(fd), n(offset), whence, Self.out) == .success)
      #expect(guest.load(Guest.out, UInt64.self) == UInt64(position))
    }
    #expect(try guest.read(fd) == "world")
    #expect(try guest.read(fd) == "")
    #expect(try guest("fd_seek", n(fd), n(-1), set, Self.out) == .inval)
    #expect(try guest("fd_seek", n(fd), 0, 3, Self.out) == .inval)
    #expect(try guest("fd_seek", n(fd), n(Int.max), end, Self.out) == .inval)  // as Linux
    #expect(sandbox.folder.contents("f") == "hello world")
  }

  @Test(arguments: Engine.allCases)
  func readAndWriteAtAnOffset(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { $0.file("f", "0123456789") }
    let guest = sandbox.guest
    let fd = try guest.opened("f")
    guest.vector(1024, 4)
    #expect(try guest("fd_pread", n(fd), n(Guest.vectors), 1, 3, Self.out) == .success)
    #expect(guest.text(1024, Int(guest.load(Guest.out, UInt32.self))) == "3456")
    #expect(try guest("fd_pwrite", n(fd), n(Guest.vectors), 1, 8, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 4)
    #expect(sandbox.folder.contents("f") == "012345673456")
    #expect(try guest("fd_pread", n(fd), n(Guest.vectors), 1, 12, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 0)
    // The descriptor's own offset has not moved; negative ones do not exist.
    #expect(try guest.read(fd, 2) == "01")
    #expect(try guest("fd_pread", n(fd), n(Guest.vectors), 1, n(-1), Self.out) == .inval)
    #expect(try guest("fd_pwrite", n(fd), n(Guest.vectors), 1, n(-1), Self.out) == .inval)
  }

  @Test(arguments: Engine.allCases)
  func appending(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { $0.file("f", "abc") }
    let guest = sandbox.guest
    let fd = try guest.opened("f", flags: .append)
    #expect(try guest.write(fd, "d") == .success)
    #expect(try guest("fd_seek", n(fd), 0, guest.whence.set, Self.out) == .success)
    #expect(try guest.write(fd, "e") == .success)
    #expect(sandbox.folder.contents("f") == "abcde")
    #expect(try guest("fd_tell", n(fd), Self.out) == .success)
    #expect(guest.load(Guest.out, UInt64.self) == 5)
    // Where it was told to, unlike Linux.
    guest.write([UInt8(ascii: "X")], at: 1024)
    guest.vector(1024, 1)
    #expect(try guest("fd_pwrite", n(fd), n(Guest.vectors), 1, 1, Self.out) == .success)
    #expect(sandbox.folder.contents("f") == "aXcde")
    // And off again.
    #expect(try guest("fd_fdstat_set_flags", n(fd), 0) == .success)
    #expect(try guest("fd_seek", n(fd), 0, guest.whence.set, Self.out) == .success)
    #expect(try guest.write(fd, "Y") == .success)
    #expect(sandbox.folder.contents("f") == "YXcde")
  }

  @Test(arguments: Engine.allCases)
  func fdstat(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { $0.file("f") }
    let guest = sandbox.guest
    func stat(_ fd: UInt32) throws -> (type: UInt8, flags: UInt16, WASIRights, WASIRights) {
      guest.write([UInt8](repeating: 0xEE, count: 32), at: Guest.out)
      #expect(try guest("fd_fdstat_get", n(fd), Self.out) == .success)
      #expect(guest.load(Guest.out + 24, UInt64.self) == 0xEEEE_EEEE_EEEE_EEEE)  // 24 bytes
      return (
        guest.load(Guest.out, UInt8.self), guest.load(Guest.out + 2, UInt16.self),
        WASIRights(rawValue: guest.load(Guest.out + 8, UInt64.self)),
        WASIRights(rawValue: guest.load(Guest.out + 16, UInt64.self))
      )
    }
    let fd = try guest.opened("f", rights: [.fdRead, .fdFdstatSetFlags, .pathOpen])
    #expect(try stat(fd) == (4, 0, [.fdRead, .fdFdstatSetFlags], []))
    for flags in [.append, .dsync, .nonblock, .rsync, .sync, .all, []] as [FDFlags] {
      #expect(try guest("fd_fdstat_set_flags", n(fd), n(UInt32(flags.rawValue))) == .success)
      #expect(try stat(fd).flags == flags.rawValue)
    }
    #expect(try guest("fd_fdstat_set_flags", n(fd), 32) == .inval)
    let root = try stat(Guest.root)
    #expect(root.type == 3)
    #expect(root.2 == .directory)
    #expect(root.3 == .all)
    // Rights can only be taken away.
    #expect(try guest("fd_fdstat_set_rights", n(fd), n([.fdRead, .fdWrite]), 0) == .notcapable)
    #expect(try guest("fd_fdstat_set_rights", n(fd), n(.fdRead), n(.fdRead)) == .notcapable)
    #expect(try guest("fd_fdstat_set_rights", n(fd), n(.fdRead), 0) == .success)
    #expect(try stat(fd).2 == .fdRead)
    #expect(try guest("fd_fdstat_set_flags", n(fd), 0) == .notcapable)
    #expect(try guest("fd_fdstat_set_rights", n(fd), n(.fdFdstatSetFlags), 0) == .notcapable)
  }

  @Test(arguments: Engine.allCases)
  func filestat(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { $0.file("f", "12345") }
    let guest = sandbox.guest
    let fd = try guest.opened("f")
    var host = Glibc.stat()
    #expect(lstat(sandbox.folder.path + "/f", &host) == 0)
    guest.write([UInt8](repeating: 0xEE, count: 80), at: Guest.out)
    #expect(try guest("fd_filestat_get", n(fd), Self.out) == .success)
    #expect(guest.load(Guest.out, UInt64.self) == host.st_dev)
    #expect(guest.load(Guest.out + 8, UInt64.self) == host.st_ino)
    let place = guest.filestat
    #expect(guest.load(Guest.out + 16, UInt32.self) == 4)  // regular file, padding zero
    #expect(guest.load(Guest.out + place.links, UInt32.self) == 1)
    #expect(guest.load(Guest.out + place.size - 4, UInt32.self) == (guest.isOld ? 1 : 0))
    #expect(guest.load(Guest.out + place.size, UInt64.self) == 5)
    #expect(guest.load(Guest.out + place.size + 8, UInt64.self) == nanoseconds(host.st_atim))
    #expect(guest.load(Guest.out + place.size + 16, UInt64.self) == nanoseconds(host.st_mtim))
    #expect(guest.load(Guest.out + place.size + 24, UInt64.self) == nanoseconds(host.st_ctim))
    #expect(guest.load(Guest.out + place.count, UInt64.self) == 0xEEEE_EEEE_EEEE_EEEE)
    // By its path it has the same.
    let known = guest.bytes(Guest.out, Int(place.count))
    guest.write([UInt8](repeating: 0xEE, count: 80), at: Guest.out)
    #expect(try guest("path_filestat_get", n(Guest.root), 0, "f", Self.out) == .success)
    #expect(guest.bytes(Guest.out, Int(place.count)) == known)
    #expect(guest.load(Guest.out + place.count, UInt64.self) == 0xEEEE_EEEE_EEEE_EEEE)
    // Size
    #expect(try guest("fd_filestat_set_size", n(fd), 2) == .success)
    #expect(sandbox.folder.contents("f") == "12")
    #expect(try guest("fd_filestat_set_size", n(fd), 4) == .success)
    #expect(sandbox.folder.contents("f") == "12\0\0")
    #expect(try guest("fd_filestat_set_size", n(fd), n(-1)) == .inval)
    // Times: 1 and 4 set, 2 and 8 now
    #expect(try guest("fd_filestat_set_times", n(fd), 1_000_000_007, 2_000_000_009, 5) == .success)
    #expect(lstat(sandbox.folder.path + "/f", &host) == 0)
    #expect(nanoseconds(host.st_atim) == 1_000_000_007)
    #expect(nanoseconds(host.st_mtim) == 2_000_000_009)
    #expect(try guest("fd_filestat_set_times", n(fd), 5, 6, 8) == .success)
    #expect(lstat(sandbox.folder.path + "/f", &host) == 0)
    #expect(nanoseconds(host.st_atim) == 1_000_000_007)
    #expect(host.st_mtim.tv_sec > 1_700_000_000)
    for flags in [3, 12, 16] {
      #expect(try guest("fd_filestat_set_times", n(fd), 0, 0, n(flags)) == .inval)
    }
  }

  @Test(arguments: Engine.allCases)
  func space(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { $0.file("f", "12345") }
    let guest = sandbox.guest
    let fd = try guest.opened("f")
    #expect(try guest("fd_allocate", n(fd), 2, 8) == .success)
    #expect(sandbox.folder.contents("f") == "12345\0\0\0\0\0")
    #expect(try guest("fd_allocate", n(fd), 0, 0) == .inval)
    #expect(try guest("fd_allocate", n(fd), n(-1), 1) == .inval)
    #expect(try guest("fd_allocate", n(fd), n(Int.max), 1) == .fbig)
    for advice in 0..<6 { #expect(try guest("fd_advise", n(fd), 0, 5, n(advice)) == .success) }
    #expect(try guest("fd_advise", n(fd), 0, 5, 6) == .inval)
    #expect(try guest("fd_advise", n(fd), n(-1), 5, 0) == .inval)
    #expect(try guest("fd_sync", n(fd)) == .success)
    #expect(try guest("fd_datasync", n(fd)) == .success)
    #expect(sandbox.folder.contents("f") == "12345\0\0\0\0\0")
  }

  @Test(arguments: Engine.allCases)
  func renumberAndClose(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) {
      $0.file("a", "aaa"); $0.file("b", "bbb")
    }
    let guest = sandbox.guest
    let (a, b) = (try guest.opened("a"), try guest.opened("b"))
    #expect(try guest("fd_renumber", n(a), n(a)) == .success)
    #expect(try guest("fd_renumber", n(a), n(b)) == .success)
    #expect(try guest.read(b) == "aaa")
    #expect(try guest("fd_close", n(a)) == .badf)
    #expect(try guest("fd_renumber", n(b), n(a)) == .badf)
    #expect(try guest("fd_renumber", n(a), n(b)) == .badf)
    #expect(try guest("fd_renumber", n(b), 0xFFFF_FFFF) == .badf)
    #expect(try guest.opened("b") == a)  // the lowest free number
    #expect(try guest("fd_close", n(b)) == .success)
    #expect(try guest("fd_close", n(b)) == .badf)
    // Directories can go, too; what was opened in them stays.
    #expect(try guest("fd_close", n(Guest.root)) == .success)
    #expect(try guest("fd_prestat_get", n(Guest.root), Self.out) == .badf)
    #expect(try guest.read(a) == "bbb")
  }

  @Test(arguments: Engine.allCases)
  func preopens(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine)
    let guest = sandbox.guest
    guest.write([UInt8](repeating: 0xEE, count: 16), at: Guest.out)
    #expect(try guest("fd_prestat_get", n(Guest.root), Self.out) == .success)
    #expect(guest.bytes(Guest.out, 9) == [0, 0, 0, 0, 5, 0, 0, 0, 0xEE])
    #expect(try guest("fd_prestat_dir_name", n(Guest.root), 200, 4) == .nametoolong)
    #expect(try guest("fd_prestat_dir_name", n(Guest.root), 200, 5) == .success)
    #expect(guest.text(200, 6) == "/data\0")
    #expect(try guest("fd_prestat_dir_name", n(Guest.root), 300, 100) == .success)
    #expect(guest.text(300, 6) == "/data\0")
    // A directory that was opened is none.
    sandbox.folder.directory("d")
    let fd = try guest.opened("d", .directory, rights: .directory)
    #expect(try guest("fd_prestat_get", n(fd), Self.out) == .badf)
    #expect(try guest("fd_prestat_dir_name", n(fd), 200, 5) == .badf)
  }

  /// What the specification's own tests demand of a directory's descriptor.
  @Test(arguments: Engine.allCases)
  func directoriesAreNoFiles(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine)
    let guest = sandbox.guest
    guest.vector(1024, 1)
    let (root, vectors) = (n(Guest.root), n(Guest.vectors))
    #expect(try guest("fd_read", root, vectors, 1, Self.out) == .badf)
    #expect(try guest("fd_write", root, vectors, 1, Self.out) == .badf)
    #expect(try guest("fd_pread", root, vectors, 1, 0, Self.out) == .badf)
    #expect(try guest("fd_pwrite", root, vectors, 1, 0, Self.out) == .badf)
    for whence in 0..<3 { #expect(try guest("fd_seek", root, 0, n(whence), Self.out) == .badf) }
    #expect(try guest("fd_tell", root, Self.out) == .badf)
    #expect(try guest("fd_allocate", root, 0, 1) == .badf)
    #expect(try guest("fd_filestat_set_size", root, 0) == .badf)
    #expect(try guest("fd_sync", root) == .success)
    #expect(try guest("fd_datasync", root) == .success)
    #expect(try guest("fd_filestat_get", root, Self.out) == .success)
    #expect(guest.load(Guest.out + 16, UInt8.self) == 3)
    #expect(try guest("sock_send", root, vectors, 1, 0, Self.out) == .notsock)
  }

  @Test(arguments: Engine.allCases)
  func unopenedDescriptors(engine: Engine) throws {
    let guest = try Guest(on: engine)
    guest.vector(1024, 1)
    for fd in [3, 1000, 0x7FFF_FFFF, 0xFFFF_FFFF] as [UInt32] {
      for (name, arguments) in guest.having(Self.descriptorCalls) {
        #expect(try guest(name, [n(fd)] + arguments) == .badf, "\(name)")
      }
    }
  }

  /// All calls whose first argument is a descriptor, and good values for the others.
  static let descriptorCalls: [(String, [Argument])] = [
    ("fd_advise", [0, 0, 0]), ("fd_allocate", [0, 1]), ("fd_close", []), ("fd_datasync", []),
    ("fd_fdstat_get", [out]), ("fd_fdstat_set_flags", [0]), ("fd_fdstat_set_rights", [0, 0]),
    ("fd_filestat_get", [out]), ("fd_filestat_set_size", [0]),
    ("fd_filestat_set_times", [0, 0, 0]), ("fd_pread", [n(Guest.vectors), 1, 0, out]),
    ("fd_prestat_get", [out]), ("fd_prestat_dir_name", [1024, 10]),
    ("fd_pwrite", [n(Guest.vectors), 1, 0, out]), ("fd_read", [n(Guest.vectors), 1, out]),
    ("fd_readdir", [1024, 100, 0, out]), ("fd_renumber", [0]), ("fd_seek", [0, 0, out]),
    ("fd_sync", []), ("fd_tell", [out]), ("fd_write", [n(Guest.vectors), 1, out]),
    ("path_create_directory", ["x"]), ("path_filestat_get", [0, "x", out]),
    ("path_filestat_set_times", [0, "x", 0, 0, 0]), ("path_link", [0, "x", 3, "y"]),
    ("path_open", [0, "x", 0, 0, 0, 0, out]), ("path_readlink", ["x", 1024, 10, out]),
    ("path_remove_directory", ["x"]), ("path_rename", ["x", 3, "y"]),
    ("path_unlink_file", ["x"]), ("sock_accept", [0, out]),
    ("sock_recv", [n(Guest.vectors), 1, 0, out, n(Guest.out + 8)]),
    ("sock_send", [n(Guest.vectors), 1, 0, out]), ("sock_shutdown", [1]),
  ]

  /// Each call that needs a right says so when it is missing.
  @Test(arguments: Engine.allCases)
  func rights(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) {
      $0.file("f", "12345"); $0.directory("d")
    }
    let guest = sandbox.guest
    guest.vector(1024, 1)
    let file = try guest.opened("f", rights: .file)
    let directory = try guest.opened("d", .directory, rights: .directory)
    #expect(try guest("fd_fdstat_set_rights", n(file), 0, 0) == .success)
    #expect(try guest("fd_fdstat_set_rights", n(directory), 0, 0) == .success)
    let free: Set = [
      "fd_close", "fd_renumber", "fd_fdstat_get", "fd_fdstat_set_rights", "fd_prestat_get",
      "fd_prestat_dir_name", "path_rename", "path_link",
    ]
    for (name, arguments) in guest.having(Self.descriptorCalls) where !free.contains(name) {
      let isOfDirectory = name.hasPrefix("path_") || name == "fd_readdir"
      let expected: WASIErrno = name.hasPrefix("sock_") ? .notsock : .notcapable
      let fd = n(isOfDirectory ? directory : file)
      #expect(try guest(name, [fd] + arguments) == expected, "\(name)")
    }
    let root = n(Guest.root)
    #expect(try guest("path_rename", n(directory), "x", root, "y") == .notcapable)
    #expect(try guest("path_rename", root, "f", n(directory), "y") == .notcapable)
    #expect(try guest("path_link", n(directory), 0, "x", root, "y") == .notcapable)
    #expect(try guest("path_link", root, 0, "f", n(directory), "y") == .notcapable)
    #expect(try guest("path_symlink", "f", n(directory), "y") == .notcapable)
    #expect(sandbox.folder.contents("f") == "12345")
  }
}

extension Guest {
  /// Those calls that its interface has.
  func having(_ calls: [(String, [Argument])]) -> [(String, [Argument])] {
    calls.filter { !(isOld && $0.0 == "sock_accept") }
  }
}

func nanoseconds(_ time: timespec) -> UInt64 {
  UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
