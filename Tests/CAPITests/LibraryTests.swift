import Foundation
import TestSupport
import Testing

/// What the library's files show and need.
@Suite struct LibraryTests {
  private static func lines(_ script: String) throws -> [String] {
    let outcome = try TemporaryFolder().command.shell(script)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  /// The functions that the headers declare, but for the inline ones.
  private static var declared: [String] {
    get throws {
      let path = try CLibrary.path
      return try lines(
        """
        gcc -E -P \(path)/include/wasm_pgo.h | tr -d '\\n' | sed ':a; s/{[^{}]*}/;/; ta; s/;/;\\n/g' |
          grep -v inline | grep -oE '\\bwasm_[a-z0-9_]+\\(' | tr -d '(' | sort -u
        """)
    }
  }

  @Test func sharedLibraryExportsWhatHeadersDeclare() throws {
    let exported = try Self.lines(
      "nm -D --defined-only \(CLibrary.path)/lib/libwasmpgo.so | awk '$2 == \"T\" { print $3 }' "
        + "| sed 's/@.*//' | sort -u")
    #expect(exported == (try Self.declared))
    #expect(exported.count > 300)
  }

  @Test func staticLibraryShowsTheSame() throws {
    let visible = try Self.lines(
      "nm -g --defined-only \(CLibrary.path)/lib/libwasmpgo.a | awk 'NF == 3 { print $3 }' | sort -u"
    )
    #expect(visible == (try Self.declared))
  }

  @Test func needsTheCLibraryOnly() throws {
    let needed = try Self.lines(
      "readelf -d \(CLibrary.path)/lib/libwasmpgo.so | sed -nE 's/.*NEEDED.*\\[(.*)\\]/\\1/p'")
    #expect(Set(needed).isSubset(of: ["libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"]))
    let name = try Self.lines(
      "readelf -d \(CLibrary.path)/lib/libwasmpgo.so | sed -nE 's/.*SONAME.*\\[(.*)\\]/\\1/p'")
    #expect(name == ["libwasmpgo.so.0"])
  }
}
