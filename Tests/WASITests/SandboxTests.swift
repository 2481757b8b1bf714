import Glibc
import Testing

@testable import WASI

/// Attempts to leave the sandbox. Outside of it lies a file that nobody may read, and nothing there may change.
@Suite(.serialized) struct SandboxTests {
  /// `top/outside/secret`, `top/box` for the guest, and `top/second`, a second directory of the guest's.
  private final class World {
    let folder: Folder
    let guest: Guest
    private let before: [String]

    init(_ setting: Setting) throws {
      folder = try Folder()
      for name in ["outside", "box", "box/a", "box/a/b", "box/a/b/c", "second"] {
        folder.directory(name)
      }
      folder.file("outside/secret", "secret")
      folder.file("box/f", "inside")
      folder.file("second/g", "inside")
      Self.plant(folder)
      var configuration = WASIConfiguration()
      configuration.addDirectory(folder.path + "/box", as: "/box")
      configuration.addDirectory(folder.path + "/second", as: "/second")
      configuration.pathResolution = setting.resolution
      guest = try Guest(configuration, on: setting.engine)
      before = Self.outside(folder)
    }

    /// Links that lie in the box already: the host's, or from another program.
    private static func plant(_ folder: Folder) {
      folder.link("box/absolute", to: folder.path + "/outside/secret")
      folder.link("box/absolute-directory", to: folder.path + "/outside")
      folder.link("box/root", to: "/")
      folder.link("box/up", to: "..")
      folder.link("box/outside", to: "../outside")
      folder.link("box/secret", to: "../outside/secret")
      folder.link("box/new", to: "../outside/new")
      folder.link("box/a/b/c/deep", to: "../../../../outside/secret")
      folder.link("box/one", to: "two")
      folder.link("box/two", to: "a/b/three")
      folder.link("box/a/b/three", to: "../../secret")
      folder.link("box/roundabout", to: "a/../../box/f")
      folder.link("box/self", to: "/proc/self/cwd")
      folder.link("box/process", to: "/proc/self/root")
      folder.link("box/descriptor", to: "/proc/self/fd/0")
      folder.link("box/slashes", to: "..//outside//secret")
      folder.link("box/dots", to: "./././../outside/secret")
    }

    /// Names, sizes, times of what lies outside.
    private static func outside(_ folder: Folder) -> [String] {
      [".", "outside", "outside/secret", "outside/new", "outside/new2"].map { name in
        var status = Glibc.stat()
        guard lstat(folder.path + "/" + name, &status) == 0 else { return "\(name): none" }
        return "\(name): \(status.st_mode) \(status.st_size) \(status.st_nlink) "
          + "\(nanoseconds(status.st_mtim)) \(nanoseconds(status.st_ctim))"
      }
    }

    func expectUntouched(_ what: String) {
      #expect(Self.outside(folder) == before, "\(what)")
      #expect(folder.contents("outside/secret") == "secret", "\(what)")
    }
  }

  /// Paths from the box that lead outside, through what is planted there.
  private static let paths: [String] = [
    "..", "../", "../.", "../outside/secret", "../box/f", "a/../..", "a/../../outside/secret",
    "a/b/../../../outside/secret", "a/b/c/../../../../outside/secret", "./../outside/secret",
    ".//..//outside//secret", "/", "//", "/etc/passwd", "/proc/self/root", "absolute",
    "absolute/", "absolute-directory", "absolute-directory/", "absolute-directory/secret", "root",
    "root/", "root/etc/passwd", "up", "up/", "up/outside/secret", "up/box/f", "outside",
    "outside/", "outside/.", "outside/secret", "outside/new", "secret", "secret/", "new",
    "a/b/c/deep", "one", "one/", "two", "a/b/three", "roundabout", "self", "self/", "self/x",
    "process", "process/", "process/etc/passwd", "descriptor", "slashes", "dots",
    "a/./b/.././../../outside/secret", "f/../../outside/secret", "missing/../../outside/secret",
  ]

  private static let refusals: Set<WASIErrno> = [
    .perm, .noent, .notdir, .loop, .inval, .exist, .isdir, .busy,
  ]

  @Test(arguments: Setting.all)
  func nothingIsOpened(setting: Setting) throws {
    let world = try World(setting)
    let guest = world.guest
    for path in Self.paths {
      for (flags, rights) in [
        ([], .fdRead), (.directory, [.fdReaddir, .pathOpen]), (.create, .fdWrite),
        ([.create, .exclusive], .fdWrite), (.truncate, .fdWrite),
      ] as [(OpenFlags, WASIRights)] {
        for follow in [true, false] {
          let (errno, fd) = try guest.open(path, follow: follow, flags, rights: rights)
          #expect(Self.refusals.contains(errno), "\(path) \(flags.rawValue) \(follow): \(errno)")
          if errno == .success { _ = try guest("fd_close", n(fd)) }
        }
      }
      world.expectUntouched(path)
    }
  }

  /// Calls that follow links tell nothing of what is outside; those that do not may name the link itself.
  @Test(arguments: Setting.all)
  func nothingIsSeenOrChanged(setting: Setting) throws {
    let world = try World(setting)
    let (guest, root, out) = (world.guest, n(Guest.root), n(Guest.out))
    for path in Self.paths {
      #expect(try guest("path_filestat_get", root, 1, s(path), out) != .success, "\(path)")
      #expect(
        try guest("path_filestat_set_times", root, 1, s(path), 1, 1, 5) != .success, "\(path)")
      #expect(try guest("path_create_directory", root, s(path)) != .success, "\(path)")
      #expect(try guest("path_symlink", "f", root, s(path)) != .success, "\(path)")
      #expect(try guest("path_link", root, 0, "f", root, s(path)) != .success, "\(path)")
      #expect(try guest("path_link", root, 1, s(path), root, "made") != .success, "\(path)")
      #expect(try guest("path_remove_directory", root, s(path)) != .success, "\(path)")
      world.expectUntouched(path)
      // With a slash or more behind it the kernel would follow the link.
      for slashes in ["/", "//"] {
        let path = path + slashes
        #expect(try guest("path_filestat_get", root, 0, s(path), out) != .success, "\(path)")
        #expect(
          try guest("path_filestat_set_times", root, 0, s(path), 1, 1, 5) != .success, "\(path)")
        #expect(try guest("path_readlink", root, s(path), 1024, 100, out) != .success, "\(path)")
        #expect(try guest("path_link", root, 0, s(path), root, "made") != .success, "\(path)")
        #expect(try guest("path_rename", root, s(path), root, "made") != .success, "\(path)")
        #expect(try guest("path_unlink_file", root, s(path)) != .success, "\(path)")
        world.expectUntouched(path)
      }
      // To the outside, over what is there.
      #expect(try guest("path_rename", root, "a", root, s(path + "/x")) != .success, "\(path)")
      #expect(try guest("path_link", root, 0, "f", root, s(path + "/x")) != .success, "\(path)")
      #expect(!world.folder.exists("box/made"))
      world.expectUntouched(path)
    }
    // From the outside, by names above.
    for path in ["../outside/secret", "up/outside/secret", "outside/secret", "a/../../outside"] {
      #expect(try guest("path_rename", root, s(path), root, "made") == .perm)
      #expect(try guest("path_link", root, 0, s(path), root, "made") == .perm)
      #expect(try guest("path_unlink_file", root, s(path)) == .perm)
      #expect(try guest("path_rename", root, "f", root, s(path)) == .perm)
    }
    world.expectUntouched("renames")
    #expect(world.folder.contents("box/f") == "inside")
  }

  /// `..` at each depth: as deep as the path went, and one more.
  @Test(arguments: Setting.all)
  func dotsAtEachDepth(setting: Setting) throws {
    let world = try World(setting)
    let directories = ["a", "a/b", "a/b/c"]
    for (depth, directory) in directories.enumerated() {
      let up = String(repeating: "../", count: depth + 1)
      #expect(try world.guest.read(try world.guest.opened(directory + "/" + up + "f")) == "inside")
      #expect(try world.guest.open(directory + "/" + up + "../box/f").errno == .perm)
      // Also from a descriptor of a directory further down: it is a box of its own.
      let fd = try world.guest.opened(
        directory, .directory, rights: .directory, inheriting: .all)
      #expect(try world.guest.open("..", in: fd, rights: []).errno == .perm)
      #expect(try world.guest.open(up + "f", in: fd).errno == .perm)
    }
  }

  /// What links the guest can make itself lead nowhere, either.
  @Test(arguments: Setting.all)
  func ownLinks(setting: Setting) throws {
    let world = try World(setting)
    let (guest, root) = (world.guest, n(Guest.root))
    #expect(try guest("path_symlink", "/etc", root, "mine") == .perm)
    #expect(try guest("path_symlink", "../../../outside/secret", root, "a/b/mine") == .success)
    #expect(try guest.open("a/b/mine").errno == .perm)
    // Moved up, it points elsewhere, and still not outside.
    #expect(try guest("path_rename", root, "a/b/mine", root, "mine") == .success)
    #expect(try guest.open("mine").errno == .perm)
    #expect(try guest("path_symlink", "..", root, "a/up") == .success)
    #expect(try guest.read(try guest.opened("a/up/f")) == "inside")
    #expect(try guest("path_rename", root, "a/up", root, "moved") == .success)
    #expect(try guest.open("moved/outside/secret").errno == .perm)
    // A chain: each link one level up.
    var name = "f"
    for number in 0..<50 {
      #expect(try guest("path_symlink", s(name), root, s("chain-\(number)")) == .success)
      name = "chain-\(number)"
    }
    #expect(try guest.open("chain-30").errno == .success)
    #expect(try guest.open("chain-45").errno == .loop)
    world.expectUntouched("own links")
  }

  /// Between two directories things can be moved and linked, but no way leads from one to the other.
  @Test(arguments: Setting.all)
  func acrossDirectories(setting: Setting) throws {
    let world = try World(setting)
    let (guest, root, second) = (world.guest, n(Guest.root), n(Guest.root + 1))
    #expect(try guest("path_link", root, 0, "f", second, "f") == .success)
    #expect(try guest("path_rename", root, "a", second, "a") == .success)
    #expect(world.folder.exists("second/a/b/c"))
    // A link out of the box stays one wherever it is.
    #expect(try guest("path_rename", root, "secret", second, "a/secret") == .success)
    #expect(try guest.open("a/secret", in: Guest.root + 1).errno == .noent)
    #expect(try guest("path_rename", second, "a/secret", second, "secret") == .success)
    #expect(try guest.open("secret", in: Guest.root + 1).errno == .perm)
    #expect(try guest("path_link", root, 0, "outside", second, "outside") == .success)
    #expect(try guest.open("outside/secret", in: Guest.root + 1).errno == .perm)
    #expect(try guest.open("../box/f", in: Guest.root + 1).errno == .perm)
    #expect(try guest("path_rename", root, "f", root, "../second/h") == .perm)
    // An open directory that is moved away stays a box: its `..` is not the new parent.
    let fd = try guest.opened(
      "a/b", in: Guest.root + 1, .directory, rights: .directory, inheriting: .all)
    #expect(try guest("path_rename", second, "a/b", root, "moved") == .success)
    #expect(try guest.open("../f", in: fd).errno == .perm)
    #expect(try guest.open("c", in: fd, .directory, rights: []).errno == .success)
    world.expectUntouched("across")
  }

  /// Magic links of /proc jump anywhere without being links.
  @Test(arguments: Setting.all)
  func magicLinks(setting: Setting) throws {
    var configuration = WASIConfiguration()
    configuration.addDirectory("/proc/self", as: "/self")
    configuration.pathResolution = setting.resolution
    let guest = try Guest(configuration, on: setting.engine)
    let root = n(Guest.root)
    for path in [
      "root", "root/", "root/etc/passwd", "cwd", "cwd/.", "exe", "fd/0", "fd/1", "ns/mnt",
    ] {
      let (errno, _) = try guest.open(path, rights: .fdRead)
      #expect([.perm, .loop, .noent].contains(errno), "\(path): \(errno)")
      #expect(try guest("path_filestat_get", root, 1, s(path), n(Guest.out)) != .success, "\(path)")
    }
    #expect(try guest.open("status", rights: .fdRead).errno == .success)
  }
}
