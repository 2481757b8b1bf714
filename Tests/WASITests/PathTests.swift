import Glibc
import Testing

@testable import WASI

/// A way of running and a way of resolving paths.
struct Setting: Sendable, CustomStringConvertible {
  let engine: Engine
  let resolution: WASIConfiguration.PathResolution
  var description: String { "\(engine), \(resolution)" }

  static let all = Engine.allCases.flatMap { engine in
    resolutions.map { Setting(engine: engine, resolution: $0) }
  }

  func sandbox(isReadOnly: Bool = false, _ fill: (Folder) throws -> Void = { _ in }) throws
    -> Sandbox
  { try Sandbox(resolution, isReadOnly: isReadOnly, on: engine, fill) }
}

/// Calls on paths: what they do, and each way to fail.
@Suite(.serialized) struct PathTests {
  private static let out = n(Guest.out)
  private static let root = n(Guest.root)

  @Test(arguments: Setting.all)
  func directories(setting: Setting) throws {
    let sandbox = try setting.sandbox { $0.file("f") }
    let (guest, root) = (sandbox.guest, Self.root)
    #expect(try guest("path_create_directory", root, "d") == .success)
    #expect(try guest("path_create_directory", root, "d/e//") == .success)
    #expect(sandbox.folder.exists("d/e"))
    for path in ["d", "d/", ".", "d/.", "d/..", "f"] {
      #expect(try guest("path_create_directory", root, s(path)) == .exist, "\(path)")
    }
    #expect(try guest("path_create_directory", root, "x/y") == .noent)
    #expect(try guest("path_create_directory", root, "f/y") == .notdir)
    #expect(try guest("path_create_directory", root, "") == .noent)
    let long = String(repeating: "n", count: 256)
    #expect(try guest("path_create_directory", root, s(long)) == .nametoolong)
    #expect(try guest("path_remove_directory", root, "d") == .notempty)
    #expect(try guest("path_remove_directory", root, "f") == .notdir)
    #expect(try guest("path_remove_directory", root, "x") == .noent)
    #expect(try guest("path_remove_directory", root, ".") == .inval)
    #expect(try guest("path_remove_directory", root, "d/e/") == .success)
    #expect(try guest("path_remove_directory", root, "d") == .success)
    #expect(!sandbox.folder.exists("d"))
  }

  @Test(arguments: Setting.all)
  func unlinking(setting: Setting) throws {
    let sandbox = try setting.sandbox {
      $0.file("f"); $0.directory("d"); $0.link("l", to: "d"); $0.link("dangling", to: "x")
    }
    let (guest, root) = (sandbox.guest, Self.root)
    #expect(try guest("path_unlink_file", root, "d") == .isdir)
    #expect(try guest("path_unlink_file", root, "d/") == .isdir)
    #expect(try guest("path_unlink_file", root, ".") == .isdir)
    #expect(try guest("path_unlink_file", root, "f/") == .notdir)
    #expect(try guest("path_unlink_file", root, "l/") == .notdir)
    #expect(try guest("path_unlink_file", root, "x") == .noent)
    for name in ["f", "l", "dangling"] {
      #expect(try guest("path_unlink_file", root, s(name)) == .success)
      #expect(!sandbox.folder.exists(name))
    }
    #expect(sandbox.folder.exists("d"))
  }

  @Test(arguments: Setting.all)
  func opening(setting: Setting) throws {
    let sandbox = try setting.sandbox {
      $0.file("f", "12345"); $0.directory("d"); $0.link("to-f", to: "f"); $0.link("to-d", to: "d")
      $0.link("dangling", to: "new"); $0.link("loop", to: "loop")
    }
    let guest = sandbox.guest
    func fails(
      _ errno: WASIErrno, _ path: String, _ flags: OpenFlags = [], follow: Bool = true
    ) throws {
      guest.store(UInt32(0xEEEE_EEEE), Guest.out)
      let found = try guest.open(path, follow: follow, flags).errno
      #expect(found == errno, "\(path) \(flags.rawValue)")
      #expect(guest.load(Guest.out, UInt32.self) == 0xEEEE_EEEE)
    }
    try fails(.noent, "x")
    try fails(.noent, "")
    try fails(.notdir, "f/")
    try fails(.notdir, "f/x")
    try fails(.notdir, "f", .directory)
    try fails(.exist, "f", [.create, .exclusive])
    try fails(.exist, "to-f", [.create, .exclusive])
    try fails(.exist, "dangling", [.create, .exclusive])
    try fails(.inval, "d", [.create, .directory])
    try fails(.isdir, "d", .create)
    try fails(.isdir, "d", .truncate)
    try fails(.isdir, "x/", .create)
    try fails(.loop, "loop")
    try fails(.loop, "to-f", follow: false)
    try fails(.loop, "to-d", .directory, follow: false)
    try fails(.noent, "dangling")
    try fails(.inval, "a\0b")
    #expect(!sandbox.folder.exists("new"))
    // A link in the middle is always followed, and one with a slash behind it.
    #expect(try guest.open("to-d/.", follow: false).errno == .success)
    #expect(try guest.open("to-d/", follow: false).errno == .success)
    #expect(try guest.read(guest.opened("to-f")) == "12345")
    _ = try guest.opened("dangling", .create)
    #expect(sandbox.folder.exists("new"))
    _ = try guest.opened("f", .truncate, rights: [])
    #expect(sandbox.folder.contents("f") == "")
    // Bits that mean nothing.
    #expect(try guest("path_open", Self.root, 2, "f", 0, 0, 0, 0, Self.out) == .inval)
    #expect(try guest("path_open", Self.root, 0, "f", 16, 0, 0, 0, Self.out) == .inval)
    #expect(try guest("path_open", Self.root, 0, "f", 0, 0, 0, 32, Self.out) == .inval)
    let file = try guest.opened("f")
    #expect(try guest.open("x", in: file).errno == .notdir)
    #expect(try guest("path_open", Self.root, 0, .bytes([0xFF]), 0, 0, 0, 0, Self.out) == .ilseq)
  }

  /// What has no other end, or none that can be opened.
  @Test(arguments: Setting.all)
  func openingPipesAndSockets(setting: Setting) throws {
    let sandbox = try setting.sandbox { #expect(mkfifo($0.path + "/pipe", 0o600) == 0) }
    let guest = sandbox.guest
    #expect(try guest.open("pipe", rights: .fdWrite, flags: .nonblock).errno == .nxio)
    let reader = try guest.opened(
      "pipe", rights: [.fdRead, .fdSync, .fdDatasync], flags: .nonblock)
    #expect(try guest.read(reader) == "")
    #expect(try guest("fd_sync", n(reader)) == .inval)
    #expect(try guest("fd_datasync", n(reader)) == .inval)
    let writer = try guest.opened("pipe", rights: .fdWrite, flags: .nonblock)
    #expect(try guest.write(writer, "through") == .success)
    #expect(try guest.read(reader) == "through")
    guest.vector(1024, 1)
    #expect(try guest("fd_read", n(reader), n(Guest.vectors), 1, Self.out) == .again)
    #expect(try guest("fd_seek", n(reader), 0, 1, Self.out) == .spipe)
    #expect(try guest("fd_close", n(reader)) == .success)
    #expect(try guest.write(writer, "nobody") == .pipe)
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array((sandbox.folder.path + "/socket").utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
      }
    }
    #expect(try guest.open("socket", rights: .fdRead).errno == .nxio)
    #expect(try guest("path_unlink_file", Self.root, "socket") == .success)
  }

  /// Two file systems: things can be neither moved nor linked from one to the other.
  @Test(arguments: Setting.all)
  func acrossFileSystems(setting: Setting) throws {
    let folder = try Folder()
    folder.file("f", "text")
    folder.directory("d")
    var (here, there) = (Glibc.stat(), Glibc.stat())
    #expect(lstat(folder.path, &here) == 0)
    guard lstat("/dev/shm", &there) == 0, here.st_dev != there.st_dev else {
      print("acrossFileSystems: skipped, /tmp and /dev/shm are one file system")
      return
    }
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path, as: "/")
    configuration.addDirectory("/dev/shm", as: "/other")
    configuration.pathResolution = setting.resolution
    let guest = try Guest(configuration, on: setting.engine)
    let name = s("wasm-pgo-test-\(getpid())")
    #expect(try guest("path_rename", 3, "f", 4, name) == .xdev)
    #expect(try guest("path_rename", 3, "d", 4, name) == .xdev)
    #expect(try guest("path_link", 3, 0, "f", 4, name) == .xdev)
    #expect(folder.contents("f") == "text")
  }

  @Test(arguments: Engine.allCases)
  func openingWithRights(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) {
      $0.file("f", "12345"); $0.directory("d")
    }
    let guest = sandbox.guest
    let reader = try guest.opened("f", rights: .fdRead)
    #expect(try guest.write(reader, "x") == .notcapable)
    let writer = try guest.opened("f", rights: .fdWrite)
    guest.vector(1024, 1)
    #expect(try guest("fd_read", n(writer), n(Guest.vectors), 1, Self.out) == .notcapable)
    // A directory passes on what it may pass on, and no more.
    let directory = try guest.opened(
      "d", .directory, rights: [.pathOpen, .pathCreateFile], inheriting: [.fdRead, .fdWrite])
    #expect(try guest.open("n", in: directory, .create, rights: .fdRead).errno == .success)
    #expect(try guest.open("n", in: directory, rights: [.fdRead, .fdSeek]).errno == .notcapable)
    #expect(try guest.open("n", in: directory, rights: [], flags: .dsync).errno == .notcapable)
    #expect(try guest.open("n", in: directory, rights: [], flags: .sync).errno == .notcapable)
    #expect(try guest.open("n", in: directory, .truncate, rights: []).errno == .notcapable)
    #expect(try guest("fd_fdstat_set_rights", n(directory), n(.pathOpen), 0) == .success)
    #expect(try guest.open("n", in: directory, rights: []).errno == .success)
    #expect(try guest.open("n", in: directory, .create, rights: []).errno == .notcapable)
    #expect(try guest.open("n", in: directory, rights: .fdRead).errno == .notcapable)
  }

  /// From directory to directory the rights only ever get fewer.
  @Test(arguments: Engine.allCases)
  func inheritance(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { folder in
      for name in ["a", "a/b", "a/b/c"] { folder.directory(name) }
      folder.file("a/b/c/f", "text")
    }
    let guest = sandbox.guest
    func rights(_ fd: UInt32) throws -> [WASIRights] {
      try #require(try guest("fd_fdstat_get", n(fd), Self.out) == .success)
      return [8, 16].map { WASIRights(rawValue: guest.load(Guest.out + $0, UInt64.self)) }
    }
    let passed: WASIRights = [.fdRead, .fdReaddir, .pathOpen, .fdTell]
    let a = try guest.opened("a", .directory, rights: .directory, inheriting: passed)
    #expect(try rights(a) == [.directory, passed])
    // Neither for itself nor to pass on may it ask for what `a` does not pass on.
    let asked: [(own: WASIRights, inherited: WASIRights)] = [
      ([.pathOpen, .pathUnlinkFile], passed), ([.pathOpen], passed.union(.fdWrite)),
    ]
    for (own, inherited) in asked {
      let found = try guest.open("b", in: a, .directory, rights: own, inheriting: inherited)
      #expect(found.errno == .notcapable)
    }
    let b = try guest.opened(
      "b", in: a, .directory, rights: [.pathOpen, .fdReaddir], inheriting: [.fdRead, .pathOpen])
    #expect(try rights(b) == [[.pathOpen, .fdReaddir], [.fdRead, .pathOpen]])
    #expect(try guest("path_unlink_file", n(b), "c/f") == .notcapable)
    #expect(try guest("path_unlink_file", n(a), "b/c/f") == .success)
    sandbox.folder.file("a/b/c/f", "text")
    // What means nothing for a kind of file is left out of its rights; a file passes nothing on.
    let file = try guest.opened("c/f", in: b, rights: [.fdRead, .pathOpen], inheriting: .fdRead)
    #expect(try rights(file) == [.fdRead, []])
    #expect(try guest.read(file) == "text")
    #expect(try guest("fd_tell", n(file), Self.out) == .notcapable)
    // Taking away what is passed on leaves what is open as it is.
    #expect(try guest("fd_fdstat_set_rights", n(b), n(.pathOpen), n(.pathOpen)) == .success)
    #expect(try guest.open("c/f", in: b, rights: .fdRead).errno == .notcapable)
    #expect(try guest("fd_readdir", n(b), 1024, 100, 0, Self.out) == .notcapable)
    #expect(try rights(file) == [.fdRead, []])
  }

  @Test(arguments: Engine.allCases)
  func tooManyDescriptors(engine: Engine) throws {
    let folder = try Folder()
    folder.file("f")
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path, as: "/")
    configuration.maximumDescriptors = 6
    let guest = try Guest(configuration, on: engine)
    let (first, _) = (try guest.opened("f"), try guest.opened("f"))
    #expect(try guest.open("new", .create).errno == .mfile)
    #expect(!folder.exists("new"))
    #expect(try guest("fd_close", n(first)) == .success)
    #expect(try guest.opened("f") == first)
  }

  @Test(arguments: Setting.all)
  func links(setting: Setting) throws {
    let sandbox = try setting.sandbox {
      $0.file("f", "text"); $0.directory("d"); $0.link("to-f", to: "f"); $0.link("to-d", to: "d")
    }
    let (guest, root) = (sandbox.guest, Self.root)
    #expect(try guest("path_link", root, 0, "f", root, "d/g") == .success)
    #expect(sandbox.folder.contents("d/g") == "text")
    for path in ["f", "d", "to-f", ".", "d/.."] {
      #expect(try guest("path_link", root, 0, "f", root, s(path)) == .exist, "\(path)")
    }
    #expect(try guest("path_link", root, 0, "d", root, "x") == .perm)
    #expect(try guest("path_link", root, 0, "f", root, "x/") == .noent)
    #expect(try guest("path_link", root, 0, "f/", root, "x") == .notdir)
    #expect(try guest("path_link", root, 0, "x", root, "y") == .noent)
    #expect(try guest("path_link", root, 2, "f", root, "y") == .inval)
    // The link itself, or what it leads to.
    #expect(try guest("path_link", root, 0, "to-f", root, "link") == .success)
    #expect(try guest("path_link", root, 1, "to-f", root, "file") == .success)
    #expect(try guest("path_filestat_get", root, 0, "link", Self.out) == .success)
    #expect(guest.load(Guest.out + 16, UInt8.self) == WASIFileType.symbolicLink.rawValue)
    #expect(try guest("path_filestat_get", root, 0, "file", Self.out) == .success)
    #expect(guest.load(Guest.out + 16, UInt8.self) == WASIFileType.regularFile.rawValue)
    #expect(guest.load(Guest.out + guest.filestat.links, UInt32.self) == 3)
  }

  @Test(arguments: Setting.all)
  func symbolicLinks(setting: Setting) throws {
    let sandbox = try setting.sandbox {
      $0.file("f"); $0.directory("d")
    }
    let (guest, root) = (sandbox.guest, Self.root)
    #expect(try guest("path_symlink", "../target", root, "d/l") == .success)
    guest.write([UInt8](repeating: 0xEE, count: 16), at: 1024)
    #expect(try guest("path_readlink", root, "d/l", 1024, 12, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 9)
    #expect(guest.bytes(1024, 10) == Array("../target".utf8) + [0xEE])
    #expect(try guest("path_readlink", root, "d/l", 1100, 4, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 4)
    #expect(guest.text(1100, 5) == "../t\0")
    #expect(try guest("path_readlink", root, "d/l", 1024, 0, Self.out) == .success)
    #expect(guest.load(Guest.out, UInt32.self) == 0)
    for path in ["f", "d", ".", "d/.", "d/"] {
      #expect(try guest("path_readlink", root, s(path), 1024, 12, Self.out) == .inval, "\(path)")
    }
    #expect(try guest("path_readlink", root, "f/", 1024, 12, Self.out) == .notdir)
    #expect(try guest("path_readlink", root, "x", 1024, 12, Self.out) == .noent)
    for path in ["f", "d", "d/l"] {
      #expect(try guest("path_symlink", "t", root, s(path)) == .exist, "\(path)")
    }
    #expect(try guest("path_symlink", "t", root, "x/") == .noent)
    #expect(try guest("path_symlink", "t", root, "f/x") == .notdir)
    #expect(try guest("path_symlink", "", root, "x") == .noent)
    #expect(try guest("path_symlink", "/t", root, "x") == .perm)
    #expect(!sandbox.folder.exists("x"))
  }

  @Test(arguments: Setting.all)
  func renaming(setting: Setting) throws {
    let sandbox = try setting.sandbox {
      $0.file("f", "f"); $0.file("g", "g"); $0.directory("d"); $0.directory("e"); $0.file("e/x")
      $0.link("l", to: "d")
    }
    let (guest, root) = (sandbox.guest, Self.root)
    func rename(_ old: String, _ new: String) throws -> WASIErrno {
      try guest("path_rename", root, s(old), root, s(new))
    }
    #expect(try rename("f", "f") == .success)
    #expect(try rename("f", "g") == .success)
    #expect(sandbox.folder.contents("g") == "f")
    #expect(!sandbox.folder.exists("f"))
    #expect(try rename("f", "h") == .noent)
    #expect(try rename("g", "d") == .isdir)
    #expect(try rename("d", "g") == .notdir)
    #expect(try rename("d", "e") == .notempty)
    #expect(try rename("e", "e/y") == .inval)
    #expect(try rename("g/", "h") == .notdir)
    #expect(try rename("g", "h/") == .notdir)
    #expect(try rename("l/", "h") == .notdir)
    #expect(try rename(".", "h") == .busy)
    #expect(try rename("g", "d/..") == .busy)
    #expect(try rename("", "h") == .noent)
    #expect(try rename("d/", "h/") == .success)
    #expect(try rename("e", "h") == .success)  // an empty directory is replaced
    #expect(sandbox.folder.exists("h/x"))
    let directory = try guest.opened("h", .directory, rights: .directory)
    #expect(try guest("path_rename", root, "g", n(directory), "moved") == .success)
    #expect(sandbox.folder.contents("h/moved") == "f")
  }

  @Test(arguments: Setting.all)
  func attributes(setting: Setting) throws {
    let sandbox = try setting.sandbox {
      $0.file("f", "text"); $0.directory("d"); $0.link("l", to: "f"); $0.link("dangling", to: "x")
    }
    let (guest, root) = (sandbox.guest, Self.root)
    func type(_ path: String, follow: Bool) throws -> UInt8 {
      #expect(try guest("path_filestat_get", root, follow ? 1 : 0, s(path), Self.out) == .success)
      return guest.load(Guest.out + 16, UInt8.self)
    }
    #expect(try type("f", follow: false) == 4)
    #expect(guest.load(Guest.out + guest.filestat.size, UInt64.self) == 4)
    #expect(try type("d", follow: false) == 3)
    #expect(try type(".", follow: true) == 3)
    #expect(try type("l", follow: false) == 7)
    #expect(try type("l", follow: true) == 4)
    #expect(try type("dangling", follow: false) == 7)
    #expect(try guest("path_filestat_get", root, 1, "dangling", Self.out) == .noent)
    #expect(try guest("path_filestat_get", root, 0, "f/", Self.out) == .notdir)
    #expect(try guest("path_filestat_get", root, 0, "x", Self.out) == .noent)
    #expect(try guest("path_filestat_get", root, 2, "f", Self.out) == .inval)
    // Times of a file, of a link itself, of what it leads to, of a directory.
    func modified(_ name: String) -> UInt64 {
      var status = Glibc.stat()
      #expect(lstat(sandbox.folder.path + "/" + name, &status) == 0)
      return nanoseconds(status.st_mtim)
    }
    func set(_ path: String, follow: Bool, _ time: UInt64, flags: Int = 4) throws -> WASIErrno {
      try guest(
        "path_filestat_set_times", root, follow ? 1 : 0, s(path), 0, .number(time), n(flags))
    }
    #expect(try set("f", follow: false, 1_000_000_001) == .success)
    #expect(modified("f") == 1_000_000_001)
    #expect(try set("l", follow: false, 2_000_000_002) == .success)
    #expect(modified("l") == 2_000_000_002)
    #expect(modified("f") == 1_000_000_001)
    #expect(try set("l", follow: true, 3_000_000_003) == .success)
    #expect(modified("f") == 3_000_000_003)
    #expect(try set("d/", follow: false, 4_000_000_004) == .success)
    #expect(modified("d") == 4_000_000_004)
    #expect(try set("f", follow: false, 0, flags: 8) == .success)
    #expect(modified("f") > 1_700_000_000_000_000_000)
    #expect(try set("dangling", follow: true, 1) == .noent)
    #expect(try set("f/", follow: true, 1) == .notdir)
    for flags in [3, 12, 16] { #expect(try set("f", follow: true, 1, flags: flags) == .inval) }
  }
}
