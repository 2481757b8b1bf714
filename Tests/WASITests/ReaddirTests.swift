import Glibc
import Testing

@testable import WASI

@Suite(.serialized) struct ReaddirTests {
  private struct Entry: Equatable {
    var name: String
    var type: UInt8
    var inode: UInt64
    var next: UInt64
  }

  /// One call: the entries that came whole, and the bytes that were used.
  private func read(
    _ guest: Guest, _ fd: UInt32, cookie: UInt64 = 0, size: Int = 8192
  ) throws -> (entries: [Entry], used: Int) {
    let buffer: UInt32 = 16_384
    guest.write([UInt8](repeating: 0xEE, count: size + 8), at: buffer)
    let errno = try guest(
      "fd_readdir", n(fd), n(buffer), n(size), .number(cookie), n(Guest.out))
    try #require(errno == .success)
    let used = Int(guest.load(Guest.out, UInt32.self))
    #expect(guest.bytes(buffer + UInt32(used), 8) == [UInt8](repeating: 0xEE, count: 8))
    var entries: [Entry] = []
    var offset = 0
    while offset + 24 <= used {
      let record = buffer + UInt32(offset)
      let count = Int(guest.load(record + 16, UInt32.self))
      guard offset + 24 + count <= used else { break }
      entries.append(
        Entry(
          name: guest.text(record + 24, count), type: guest.load(record + 20, UInt8.self),
          inode: guest.load(record + 8, UInt64.self), next: guest.load(record, UInt64.self)))
      offset += 24 + count
    }
    return (entries, used)
  }

  @Test(arguments: Engine.allCases)
  func entries(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) {
      $0.file("f"); $0.directory("d"); $0.link("l", to: "f"); $0.file("häß")
      #expect(mkfifo($0.path + "/p", 0o600) == 0)
    }
    let (entries, _) = try read(sandbox.guest, Guest.root)
    #expect(entries.map(\.next) == Array(1...UInt64(entries.count)))
    let types = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.type) })
    #expect(types == [".": 3, "..": 3, "f": 4, "d": 3, "l": 7, "häß": 4, "p": 0])
    for entry in entries where entry.name != ".." {
      var status = Glibc.stat()
      #expect(lstat(sandbox.folder.path + "/" + entry.name, &status) == 0)
      #expect(entry.inode == status.st_ino)
    }
    // What lies above is the guest's business only as far as it can go there.
    #expect(entries.first { $0.name == ".." }?.inode == entries.first { $0.name == "." }?.inode)
    #expect(try read(sandbox.guest, Guest.root, cookie: entries.last!.next).used == 0)
    #expect(try read(sandbox.guest, Guest.root, cookie: 1 << 40).used == 0)
    #expect(try read(sandbox.guest, Guest.root, size: 0).used == 0)
    let file = try sandbox.guest.opened("f")
    let errno = try sandbox.guest("fd_readdir", n(file), 1024, 100, 0, n(Guest.out))
    #expect(errno == .notdir)
  }

  /// Going on from each entry's cookie, with buffers that cut entries off: nothing is lost, nothing comes twice.
  @Test(arguments: Engine.allCases)
  func cookies(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { folder in
      for number in 0..<300 { folder.file("file-\(number)") }
    }
    let guest = sandbox.guest
    var whole: [Entry] = []
    while true {
      let part = try read(guest, Guest.root, cookie: whole.last?.next ?? 0)
      if part.used == 0 { break }
      whole += part.entries
    }
    #expect(whole.count == 302)
    #expect(Set(whole.map(\.name)).count == 302)
    for size in [64, 100, 555] {
      var found: [Entry] = []
      while true {
        let part = try read(guest, Guest.root, cookie: found.last?.next ?? 0, size: size)
        if part.entries.isEmpty { break }
        // A full buffer says that there is more.
        if found.count + part.entries.count < 302 { #expect(part.used == size) }
        found += part.entries
      }
      #expect(found == whole)
    }
    // In any order, also on a descriptor that has not been read up to there.
    let other = try guest.opened(".", .directory, rights: .directory)
    for index in [250, 3, 120, 0, 301] {
      let expected = Array(whole[index...].prefix(3))
      let cookie = UInt64(index)
      let bytes = expected.reduce(0) { $0 + 24 + $1.name.utf8.count }
      #expect(try read(guest, Guest.root, cookie: cookie, size: bytes).entries == expected)
      #expect(try read(guest, other, cookie: cookie, size: bytes).entries == expected)
    }
  }

  /// Removing what was listed does not skip what was not.
  @Test(arguments: Engine.allCases)
  func removingWhileReading(engine: Engine) throws {
    let sandbox = try Sandbox(on: engine) { folder in
      folder.directory("d")
      for number in 0..<200 { folder.file("d/file-\(number)") }
    }
    let guest = sandbox.guest
    let fd = try guest.opened("d", .directory, rights: .directory)
    var cookie: UInt64 = 0
    while true {
      let part = try read(guest, fd, cookie: cookie, size: 500)
      guard let last = part.entries.last else { break }
      for entry in part.entries where entry.type == 4 {
        #expect(try guest("path_unlink_file", n(fd), s(entry.name)) == .success)
      }
      cookie = last.next
    }
    #expect(try guest("path_remove_directory", n(Guest.root), "d") == .success)
  }
}
