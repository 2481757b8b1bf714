import Feedback
import Files
import Glibc
import Testing
import Wasm

@Suite struct CountersFileTests {
  private func temporaryPath() -> String {
    "/tmp/wasm-pgo-counters-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  private func prepare(_ path: String, _ module: Module) throws -> CountersFile {
    try CountersFile(preparing: HostString(path), module: module, layout: FeedbackLayout(module))
  }

  /// Writes the sample's run through the mapping, into each block.
  private func record(_ path: String, blocks: Int = 1) throws -> CountersFile {
    let sample = try recordedSample()
    let file = try prepare(path, sample.module)
    for _ in 0..<blocks {
      let block = try file.addBlock()
      sample.bytes.withUnsafeBytes {
        block.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
    }
    try file.publish()
    return file
  }

  @Test func isReadableWhileItIsRecorded() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let file = try record(path)
    #expect(file.isPublished)
    #expect(try ProfileFile.read(path: path) == recordedSample().profile())
  }

  /// One recording, whose counts are the sum of all blocks.
  @Test(arguments: [2, 5]) func blocksAreAddedUp(count: Int) throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let file = try record(path, blocks: count)
    var expected = ProfileFile()
    for _ in 0..<count { expected.merge(try recordedSample().profile()) }
    expected.runCount = 1
    #expect(try ProfileFile.read(path: path) == expected)
    // One that nothing was counted in, and the beginning of another, of which the header knows nothing yet.
    _ = try file.addBlock()
    #expect(try ProfileFile.read(path: path) == expected)
    let bytes = try readFile(HostString(path))
    #expect(try ProfileFile(reading: bytes + [1, 2, 3]) == expected)
    #expect(throws: ProfileError.self) { try ProfileFile(reading: bytes.dropLast()) }
  }

  /// Nobody sees a file that was not published.
  @Test func unpublishedFilesAreRemoved() throws {
    let path = temporaryPath()
    try writeFile([1], to: HostString(path))
    defer { unlink(path) }
    do {
      let file = try prepare(path, decode(sampleText))
      _ = try file.addBlock()
      #expect(!file.isPublished)
    }
    #expect(try readFile(HostString(path)) == [1])
    #expect(throws: ProfileError.self) { try prepare("/dev/null", decode(sampleText)) }
  }

  @Test func aFileThatCannotBePublishedIsNowhere() throws {
    let path = temporaryPath()
    let file = try prepare(path, decode(sampleText))
    _ = try file.addBlock()
    #expect(mkdir(path, 0o700) == 0)
    defer { rmdir(path) }
    for _ in 0..<2 { #expect(throws: ProfileError.self) { try file.publish() } }
    #expect(!file.isPublished)
  }

  @Test func survivesKill() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    // The mapping goes without finishing, as the kernel would drop it.
    do { _ = try record(path) }
    #expect(try ProfileFile.read(path: path) == recordedSample().profile())
  }

  @Test func takesTheirPlaceWithoutTouchingOthers() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let first = try record(path)
    let old = try readFile(HostString(path))
    let second = try prepare(path, decode(sampleText))
    _ = try second.addBlock()
    try second.publish()
    #expect(first.isPublished && second.isPublished)
    #expect(try ProfileFile(reading: old) == recordedSample().profile())
    #expect(
      try ProfileFile.read(path: path).functions.values.allSatisfy { $0.entryCount == 0 })
  }

  @Test func truncationsAreRefused() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    _ = try record(path)
    let bytes = try readFile(HostString(path))
    for length in 0..<bytes.count {
      #expect(throws: ProfileError.self) { try ProfileFile(reading: Array(bytes[..<length])) }
    }
  }

  /// Only counters may change without being noticed.
  @Test func flipsAreRefusedOrCounts() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    _ = try record(path)
    let bytes = try readFile(HostString(path))
    let countersStart = 4096
    for bit in 0..<8 * bytes.count {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      if bit / 8 < countersStart {
        #expect(throws: ProfileError.self) { try ProfileFile(reading: flipped) }
      } else if let profile = try? ProfileFile(reading: flipped) {
        #expect(try ProfileFile(decoding: profile.encode()) == profile)
      }
    }
  }

  /// Each block costs a pass over the module.
  @Test func moreBlocksThanARecorderMakesAreRefused() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    _ = try record(path)
    var bytes = try readFile(HostString(path))
    let block = Array(bytes[4096...])
    for _ in 0..<CountersFile.maximumBlockCount { bytes += block }
    for (count, isRead) in [(64, true), (65, false)] as [(UInt8, Bool)] {
      bytes[64] = count
      let file = try? ProfileFile(reading: bytes)
      #expect((file != nil) == isRead)
    }
  }

  @Test func unwritablePlaces() throws {
    let module = try decode(sampleText)
    #expect(throws: ProfileError.self) {
      try prepare("/nonexistent/profile", module)
    }
    #expect(throws: ProfileError.self) { try ProfileFile.read(path: "/nonexistent/profile") }
  }

  @Test func moduleWithoutFunctions() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let file = try prepare(path, decode("(module)"))
    _ = try file.addBlock()
    try file.publish()
    #expect(try ProfileFile.read(path: path).functions.isEmpty)
  }
}
