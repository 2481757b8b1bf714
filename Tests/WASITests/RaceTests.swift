import Glibc
import TestSupport
import Testing

@testable import WASI

/// While the guest works beneath a directory, another thread keeps swapping that for a link to the outside.
/// `WASI_RACE_SECONDS` says how much processor time the guest gets for it with each way of resolving paths; both tiers share it.
@Suite(.serialized) struct RaceTests {
  private static let seconds =
    getenv("WASI_RACE_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1

  @Test(arguments: Engine.tiers, resolutions)
  func swappedForALink(engine: Engine, resolution: WASIConfiguration.PathResolution) throws {
    let folder = try Folder()
    for name in ["outside", "box", "box/a", "box/a/swap"] { folder.directory(name) }
    folder.file("outside/f", "secret")
    folder.file("outside/victim", "secret")
    folder.file("box/a/swap/f", "inside")
    folder.link("box/a/link", to: "../../outside")
    folder.file("box/g", "inside")
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path + "/box", as: "/")
    configuration.pathResolution = resolution
    let guest = try Guest(configuration, on: engine)
    let (swap, link) = (folder.path + "/box/a/swap", folder.path + "/box/a/link")
    let between = folder.path + "/box/a/between"
    let racer = RepeatingThread {
      rename(swap, between)
      rename(link, swap)
      rename(between, link)
    }
    let end = ProcessorTime.ofThread + .seconds(Self.seconds) / Engine.tiers.count
    var (reads, refusals) = (0, 0)
    // Longer where a busy machine did not let both come about yet.
    func isOver() -> Bool {
      let now = ProcessorTime.ofThread
      return now >= end && (reads > 0 && refusals > 0 || now >= end + .seconds(60))
    }
    while !isOver() {
      let (errno, fd) = try guest.open("a/swap/f", rights: [.fdRead, .fdWrite])
      if errno == .success {
        #expect(try guest.read(fd) == "inside")
        #expect(try guest("fd_close", n(fd)) == .success)
        reads += 1
      } else {
        refusals += 1
      }
      try changes(guest)
    }
    racer.stop()
    print("race, \(engine), \(resolution): \(reads) reads, \(refusals) refusals")
    // Both happened, or it was no race.
    #expect(reads > 0 && refusals > 0)
    #expect(folder.contents("outside/f") == "secret")
    #expect(folder.contents("outside/victim") == "secret")
    var status = Glibc.stat()
    #expect(lstat(folder.path + "/outside", &status) == 0)
    #expect(status.st_nlink == 2)  // no directory was made
    for name in ["new", "made", "l", "h", "moved"] { #expect(!folder.exists("outside/" + name)) }
    #expect(lstat(folder.path + "/outside/f", &status) == 0)
    #expect(status.st_nlink == 1)
    #expect(status.st_mtim.tv_sec > 1_000_000)
  }

  /// Calls that would be seen outside. Some succeed, inside.
  private func changes(_ guest: Guest) throws {
    let root = n(Guest.root)
    _ = try guest("path_create_directory", root, "a/swap/made")
    _ = try guest("path_remove_directory", root, "a/swap/made")
    let (errno, fd) = try guest.open("a/swap/new", .create, rights: .fdWrite)
    if errno == .success { _ = try guest("fd_close", n(fd)) }
    _ = try guest("path_unlink_file", root, "a/swap/new")
    _ = try guest("path_unlink_file", root, "a/swap/victim")
    _ = try guest("path_symlink", "x", root, "a/swap/l")
    _ = try guest("path_unlink_file", root, "a/swap/l")
    _ = try guest("path_link", root, 0, "g", root, "a/swap/h")
    _ = try guest("path_unlink_file", root, "a/swap/h")
    _ = try guest("path_link", root, 1, "a/swap/f", root, "stolen")
    let stolen = try guest.open("stolen")
    if stolen.errno == .success {
      #expect(try guest.read(stolen.descriptor) == "inside")
      _ = try guest("fd_close", n(stolen.descriptor))
    }
    _ = try guest("path_unlink_file", root, "stolen")
    _ = try guest("path_rename", root, "a/swap/victim", root, "moved")
    _ = try guest("path_filestat_set_times", root, 1, "a/swap/f", 1, 1, 5)
    _ = try guest("path_filestat_set_times", root, 0, "a/swap/f", 1, 1, 5)
  }
}
