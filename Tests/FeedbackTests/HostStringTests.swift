import Files
import Testing

/// Bytes that go through text and come out as they were.
@Suite struct HostStringTests {
  @Test(
    arguments: [
      [], [0x61], [0xFF], [0x80, 0x80], [0xC3], [0xC3, 0xA4], [0xC3, 0x28], [0xE2, 0x82, 0xAC],
      [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x8F, 0xBE, 0x80], [0xF4, 0x8F, 0xBD, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0x1B, 0x5B],
      [0x65, 0xCC, 0x81, 0xF0, 0x9F, 0x98, 0x80, 0xFE],
    ] as [[UInt8]]) func carriesBytes(bytes: [UInt8])
  {
    let string = HostString(bytes: bytes)
    #expect(HostString(carried: string.carried) == string)
    #expect(string.withCString { HostString(cString: $0) } == string)
    #expect(string.text.map { Array($0.utf8) == bytes } ?? true)
  }

  /// No two are carried alike, whatever is in them.
  @Test func carriesApart() {
    var seen: [String: [UInt8]] = [:]
    let parts: [[UInt8]] = [
      [0xF4, 0x8F, 0xBF, 0xBF], [0xFF], [0xF4], [0x8F, 0xBF, 0xBF], [0xC3, 0xA4], [0xA4], [0xC3],
    ]
    for a in parts {
      for b in parts {
        let bytes = a + b
        let other = seen.updateValue(bytes, forKey: HostString(bytes: bytes).carried)
        #expect(other == nil || other == bytes)
      }
    }
  }

  @Test func partsAndPaths() {
    let name: HostString = "HOST::GUEST:ro"
    #expect(name.split(at: "::")?.before == "HOST" && name.split(at: "::")?.behind == "GUEST:ro")
    #expect(name.split(at: "x") == nil && HostString("").split(at: "=") == nil)
    #expect(name.dropping(suffix: ":ro") == "HOST::GUEST" && name.dropping(suffix: ":rw") == name)
    #expect(HostString("/a/b").lastComponent == "b" && HostString("/a/b").parent == "/a/")
    #expect(HostString("b").parent == "" && HostString("/").lastComponent == "/")
    #expect(HostString("a").appending("b") == "a/b" && HostString("a/").appending("b") == "a/b")
  }

  @Test func showsWhatIsNoText() {
    #expect(HostString(bytes: [0x61, 0xFF, 0x1B, 0xC3, 0xA4]).description == #"a\xff\x1bä"#)
    #expect(HostString(bytes: [0x0A, 0xC2, 0x9B, 0x05]).description == #"\x0a\xc2\x9b\x05"#)
  }
}
