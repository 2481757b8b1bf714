import Feedback
import Files
import Glibc
import Testing
import Wasm

@Suite struct CountersFileTests {
  private func temporaryPath() -> String {
    "/tmp/wasm-pgo-counters-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  /// Writes the sample's run through the mapping.
  private func record(_ path: String) throws -> CountersFile {
    let sample = try recordedSample()
    let file = try CountersFile(creating: HostString(path), module: sample.module)
    #expect(file.layout.size == sample.layout.size)
    sample.bytes.withUnsafeBytes {
      file.counters.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
    }
    return file
  }

  @Test func isReadableWhileItIsRecorded() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let file = try record(path)
    let expected = try recordedSample().profile()
    #expect(try ProfileFile.read(path: path) == expected)
    #expect(try file.profile() == expected)
    try file.finish()
    #expect(try ProfileFile.read(path: path) == expected)
    #expect(try readFile(HostString(path)) == expected.encode())
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
    let second = try CountersFile(creating: HostString(path), module: decode(sampleText))
    #expect(try first.profile() == recordedSample().profile())
    #expect(try second.profile().functions.values.allSatisfy { $0.entryCount == 0 })
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
    let countersStart = bytes.count - (try recordedSample().layout.size)
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

  @Test func unwritablePlaces() throws {
    let module = try decode(sampleText)
    #expect(throws: ProfileError.self) {
      try CountersFile(creating: "/nonexistent/profile", module: module)
    }
    #expect(throws: ProfileError.self) { try ProfileFile.read(path: "/nonexistent/profile") }
  }

  @Test func moduleWithoutFunctions() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let file = try CountersFile(creating: HostString(path), module: decode("(module)"))
    #expect(try ProfileFile.read(path: path) == file.profile())
  }
}
