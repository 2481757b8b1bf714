import Glibc
import TestSupport
import Testing

@testable import WASI

/// `--dir HOST::GUEST:ro`: nothing beneath it can be changed, by any call.
@Suite(.serialized) struct ReadOnlyTests {
  private static let root = n(Guest.root)
  private static let out = n(Guest.out)

  private func sandbox(_ setting: Setting) throws -> Sandbox {
    try setting.sandbox(isReadOnly: true) {
      $0.file("f", "text"); $0.directory("d"); $0.file("d/g", "g"); $0.directory("empty")
      $0.link("l", to: "f"); $0.link("to-d", to: "d"); $0.link("dangling", to: "new")
    }
  }

  /// Everything that a change would show in.
  private func state(_ folder: Folder) -> [String] {
    [".", "f", "d", "d/g", "empty", "l", "to-d", "dangling", "new", "x", "d/x"].map { name in
      var status = Glibc.stat()
      guard lstat(folder.path + "/" + name, &status) == 0 else { return "\(name): none" }
      return "\(name): \(status.st_mode) \(status.st_size) \(status.st_nlink) "
        + "\(nanoseconds(status.st_mtim)) \(nanoseconds(status.st_ctim))"
    }
  }

  @Test(arguments: Setting.all)
  func namesStay(setting: Setting) throws {
    let sandbox = try sandbox(setting)
    let (guest, root) = (sandbox.guest, Self.root)
    let before = state(sandbox.folder)
    let directory = n(try guest.opened("d", .directory, rights: .directory, inheriting: .all))
    for (name, arguments) in [
      ("path_create_directory", [root, "x"]), ("path_create_directory", [directory, "x"]),
      ("path_remove_directory", [root, "empty"]), ("path_remove_directory", [root, "empty/"]),
      ("path_unlink_file", [root, "f"]), ("path_unlink_file", [directory, "g"]),
      ("path_unlink_file", [root, "l"]), ("path_symlink", ["f", root, "x"]),
      ("path_symlink", ["f", directory, "x"]), ("path_rename", [root, "f", root, "x"]),
      ("path_rename", [directory, "g", root, "x"]), ("path_rename", [root, "f", root, "l"]),
      ("path_link", [root, 0, "f", root, "x"]), ("path_link", [directory, 0, "g", root, "x"]),
      ("path_filestat_set_times", [root, 0, "f", 1, 1, 5]),
      ("path_filestat_set_times", [root, 1, "l", 1, 1, 10]),
      ("path_filestat_set_times", [directory, 0, ".", 1, 1, 5]),
      ("fd_filestat_set_times", [root, 1, 1, 5]), ("fd_filestat_set_times", [directory, 0, 0, 10]),
    ] as [(String, [Argument])] {
      #expect(try guest(name, arguments) == .rofs, "\(name)")
    }
    #expect(state(sandbox.folder) == before)
  }

  @Test(arguments: Setting.all)
  func filesStay(setting: Setting) throws {
    let sandbox = try sandbox(setting)
    let guest = sandbox.guest
    let before = state(sandbox.folder)
    for path in ["f", "l", "d/g", "to-d/g"] {
      for rights in [.fdWrite, [.fdRead, .fdWrite], .fdAllocate, .fdFilestatSetSize] as [WASIRights]
      {
        #expect(try guest.open(path, rights: rights).errno == .rofs, "\(path) \(rights.rawValue)")
      }
      #expect(try guest.open(path, .truncate, rights: []).errno == .rofs)
      #expect(try guest.open(path, [.create, .exclusive], rights: []).errno == .exist)
      // Without a change it is none.
      #expect(try guest.open(path, .create, rights: .fdRead).errno == .success)
    }
    for path in ["x", "d/x", "to-d/x", "dangling"] {
      #expect(try guest.open(path, .create, rights: .fdRead).errno == .rofs, "\(path)")
      #expect(try guest.open(path, rights: .fdWrite).errno == .noent, "\(path)")
    }
    #expect(try guest.open("d", .create, rights: []).errno == .isdir)
    #expect(try guest.open("d", rights: .fdWrite).errno == .isdir)
    #expect(try guest.open("l", follow: false, rights: .fdWrite).errno == .loop)
    #expect(state(sandbox.folder) == before)
  }

  /// A file opened for reading, with all rights that can be had of it.
  @Test(arguments: Setting.all)
  func openFilesStay(setting: Setting) throws {
    let sandbox = try sandbox(setting)
    let guest = sandbox.guest
    let before = state(sandbox.folder)
    let rights = WASIRights.file.subtracting([.fdWrite, .fdAllocate, .fdFilestatSetSize])
    let fd = n(try guest.opened("f", rights: rights))
    guest.vector(1024, 1)
    let vectors = n(Guest.vectors)
    #expect(try guest("fd_write", fd, vectors, 1, Self.out) == .notcapable)
    #expect(try guest("fd_pwrite", fd, vectors, 1, 0, Self.out) == .notcapable)
    #expect(try guest("fd_allocate", fd, 0, 10) == .notcapable)
    #expect(try guest("fd_filestat_set_size", fd, 0) == .notcapable)
    #expect(try guest("fd_filestat_set_times", fd, 1, 1, 5) == .rofs)
    #expect(try guest("fd_fdstat_set_flags", fd, 1) == .success)
    #expect(try guest("fd_fdstat_set_rights", fd, n(.all), 0) == .notcapable)
    #expect(try guest("fd_advise", fd, 0, 4, 0) == .success)
    #expect(try guest("fd_sync", fd) == .success)
    #expect(try guest.read(4) == "text")
    #expect(state(sandbox.folder) == before)
  }

  @Test(arguments: Setting.all)
  func besideAWritableDirectory(setting: Setting) throws {
    let folder = try Folder()
    for name in ["fixed", "free"] { folder.directory(name) }
    folder.file("fixed/f", "fixed")
    folder.file("free/g", "free")
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path + "/fixed", as: "/fixed", isReadOnly: true)
    configuration.addDirectory(folder.path + "/free", as: "/free")
    configuration.pathResolution = setting.resolution
    let guest = try Guest(configuration, on: setting.engine)
    let (fixed, free): (Argument, Argument) = (3, 4)
    #expect(try guest("path_rename", fixed, "f", free, "f") == .rofs)
    #expect(try guest("path_rename", free, "g", fixed, "g") == .rofs)
    #expect(try guest("path_rename", free, "g", fixed, "f") == .rofs)
    #expect(try guest("path_link", free, 0, "g", fixed, "g") == .rofs)
    // A second name, through which the file could be written.
    #expect(try guest("path_link", fixed, 0, "f", free, "f") == .xdev)
    #expect(folder.contents("fixed/f") == "fixed")
    #expect(folder.contents("free/g") == "free")
    #expect(!folder.exists("free/f") && !folder.exists("fixed/g"))
  }

  /// A file that is removed between a look at it and its opening must not be made again.
  @Test(arguments: Setting.all)
  func racingCreation(setting: Setting) throws {
    let sandbox = try setting.sandbox(isReadOnly: true) { $0.file("other", "") }
    let path = sandbox.folder.path
    let racer = RepeatingThread {
      rename(path + "/other", path + "/f")
      rename(path + "/f", path + "/other")
    }
    for _ in 0..<2000 {
      let (errno, fd) = try sandbox.guest.open("f", .create, rights: .fdRead)
      #expect([.success, .rofs, .noent].contains(errno))
      if errno == .success { #expect(try sandbox.guest("fd_close", n(fd)) == .success) }
    }
    racer.stop()
    #expect(!sandbox.folder.exists("f"))
  }
}
