import Feedback
import Files
import Glibc
import Testing

@Suite struct ProfileNameTests {
  @Test func parts() throws {
    func path(_ pattern: String) throws -> String? {
      try ProfileName(HostString(pattern)).path(module: 0xAB).text
    }
    #expect(try path("a/b.wasmprof") == "a/b.wasmprof")
    #expect(try path("") == "")
    #expect(try path("%p-%m%%") == "\(getpid())-00000000000000ab%")
    let time = try #require(try path("%t").flatMap { Int($0) })
    #expect(time > 1_700_000_000)
  }

  /// Bytes of a name that are no UTF-8 stay.
  @Test func bytes() throws {
    let name = try ProfileName(HostString(bytes: [0xFF, 0x25, 0x25, 0xFE]))
    #expect(name.path(module: 0).bytes == [0xFF, 0x25, 0xFE])
  }

  @Test(arguments: ["%", "a%", "%x", "%P", "%%%", "%\u{E4}"]) func unknownParts(pattern: String) {
    let error = #expect(throws: ProfileError.self) { try ProfileName(HostString(pattern)) }
    #expect(error?.kind == .name)
  }

  @Test func suffixes() {
    func suffixed(_ path: String) -> String? {
      ProfileName.suffixed(HostString(path), module: 0xAB).text
    }
    #expect(suffixed("a/b.wasmprof") == "a/b.00000000000000ab.wasmprof")
    #expect(suffixed("a.d/b") == "a.d/b.00000000000000ab")
    #expect(suffixed("a/.b") == "a/.b.00000000000000ab")
    #expect(suffixed("b.c.d") == "b.c.00000000000000ab.d")
    #expect(ProfileName.suffixed("a.b/c.d", process: 4711).text == "a.b/c.4711.d")
  }
}
