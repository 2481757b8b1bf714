import Glibc
import Runtime
import TestSupport
import Testing
import Wasm

@testable import WASI

/// Calls with arguments at random, in any order: nothing crashes, nothing hangs, nothing outside changes.
@Suite(.serialized) struct FuzzTests {
  @Test(arguments: Setting.all, 0..<2)
  func randomCalls(setting: Setting, seed: Int) throws {
    let folder = try Folder()
    for name in ["box", "fixed", "outside"] { folder.directory(name) }
    folder.file("outside/secret", "secret")
    folder.file("box/f", "text")
    folder.file("fixed/f", "text")
    folder.link("box/out", to: "../outside")
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    var configuration = WASIConfiguration()
    configuration.addDirectory(folder.path + "/box", as: "/")
    configuration.addDirectory(folder.path + "/fixed", as: "/fixed", isReadOnly: true)
    configuration.inheritedDescriptors = [ends[0]]
    configuration.pathResolution = setting.resolution
    configuration.maximumDescriptors = 64
    let guest = try Guest(configuration, on: setting.engine)
    var random = TestRandom(seed: UInt64(seed))
    var errnos: Set<WASIErrno> = []
    // More where a busy machine hardly lets calls begin in time.
    for round in 0..<400_000 {
      if round >= 4000 && errnos.count > 8 { break }
      prepare(guest, &random)
      let function = WASI.functions(guest.version).randomElement(using: &random)!
      let arguments = function.type.parameters.map {
        Argument.number(value($0 == .i64, guest, &random))
      }
      do {
        errnos.insert(
          try guest.store.withTimeout(.milliseconds(2)) { try guest(function.name, arguments) })
      } catch is WASIExit {
      } catch let trap as Trap {
        #expect(trap.code == .interrupted)
      }
    }
    #expect(errnos.count > 8)
    #expect(folder.contents("outside/secret") == "secret")
    #expect(folder.contents("fixed/f") == "text")
    var status = Glibc.stat()
    #expect(lstat(folder.path + "/outside", &status) == 0 && status.st_nlink == 2)
  }

  /// Paths, vectors and subscriptions where arguments may point to.
  private func prepare(_ guest: Guest, _ random: inout TestRandom) {
    let paths = ["f", "out/secret", "../outside/secret", "new", "d", "d/e", ".", "out", "x/"]
    guest.write(Array(paths.randomElement(using: &random)!.utf8) + [0], at: 512)
    guest.write(Array(paths.randomElement(using: &random)!.utf8), at: 600)
    for vector in 0..<4 as Range<UInt32> {
      guest.store(UInt32.random(in: 0...70_000, using: &random), 128 + 8 * vector)
      guest.store(UInt32.random(in: 0...300, using: &random), 132 + 8 * vector)
    }
    for byte in 2048..<2240 as Range<UInt32> {
      guest.store(UInt8.random(in: 0...5, using: &random) & 1, byte)
    }
  }

  private func value(_ isLong: Bool, _ guest: Guest, _ random: inout TestRandom) -> UInt64 {
    let interesting: [UInt64] = [
      0, 0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 16, 63, 128, 512, 600, 1024, 2048, 4096, 32_768,
      UInt64(guest.size) - 4, UInt64(guest.size), 0x7FFF_FFFF, 0xFFFF_FFFF,
    ]
    if isLong && Bool.random(using: &random) {
      return [0, WASIRights.all.rawValue, 1 << 40, .max, UInt64(Int64.max)].randomElement(
        using: &random)!
    }
    return interesting.randomElement(using: &random)!
  }
}
