import Feedback
import TestSupport
import Testing

/// `wasm-pgo profile …`.
@Suite struct ProfileCommandTests {
  /// Two recordings of the sample: `a` of `run`, `b` of `crash`.
  private func folder() throws -> TemporaryFolder {
    let folder = try Sample.shared.get().folder("sample.wasm")
    try folder.write(Sample.shared.get().bytes("sample.wasmprof"), "a")
    try folder.write(Sample.shared.get().bytes("crash.wasmprof"), "b")
    return folder
  }

  @Test func mergesInAnyOrder() throws {
    let folder = try folder()
    let command = folder.command
    for (line, output) in [
      ("a b", "1"), ("b a", "2"), ("a b -j 1", "3"), ("a a a b", "4"), ("--weighted a:3 b", "5"),
    ] {
      let outcome = try command("profile merge \(line) -o \(output)")
      #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome)")
    }
    #expect(try folder.bytes("1") == folder.bytes("2") && folder.bytes("1") == folder.bytes("3"))
    #expect(try folder.bytes("4") == folder.bytes("5") && folder.bytes("1") != folder.bytes("4"))
    try folder.write(Array("a\nb\n".utf8), "list")
    #expect(try command("profile merge --inputs list -o 6").status == 0)
    #expect(try folder.bytes("6") == folder.bytes("1"))
    let expected = try ProfileFile(decoding: folder.bytes("a"))
      .merged(with: ProfileFile(decoding: folder.bytes("b")))
    #expect(try ProfileFile(decoding: folder.bytes("1")) == expected)
    try #require(try command("profile merge a b --sparse -o 7").status == 0)
    #expect(try folder.bytes("7").count < folder.bytes("1").count)
  }

  @Test func namesWhatItCannotRead() throws {
    let folder = try folder()
    let command = folder.command
    try folder.write(Array(folder.bytes("a").dropLast()), "cut")
    try folder.write(Array(repeating: 7, count: 100), "noise")
    let names = try folder.names
    let refused = try command("profile merge a cut b missing noise -o sum")
    #expect(refused.status == 65)
    for name in ["cut, byte ", "missing\n", "noise, byte 0"] {
      #expect(refused.errors.contains("at: \(name)"), "\(refused.errors)")
    }
    #expect(refused.errors.contains("--skip-unreadable"))
    #expect(try folder.names == names)
    let skipped = try command("profile merge a cut b missing noise -o sum --skip-unreadable")
    #expect(skipped.status == 0)
    #expect(
      skipped.errors.split(separator: "\n").count { $0.hasPrefix("warning: left out: ") } == 3)
    try #require(try command("profile merge a b -o whole").status == 0)
    #expect(try folder.bytes("sum") == folder.bytes("whole"))
    let none = try command("profile merge cut noise -o none --skip-unreadable")
    #expect(none.status == 65)
    #expect(try !folder.names.contains("none"))
    #expect(try command("profile merge a b -o a").status == 64)
    #expect(try command("profile merge -o x").status == 64)
    try folder.write([0x0A], "empty")
    let empty = try command("profile merge --inputs empty -o x")
    #expect(empty.status == 64 && empty.errors.contains("the list is empty\n  at: empty\n"))
    #expect(try command("profile merge --weighted a:0 -o x").status == 64)
    #expect(try command("profile merge --weighted a -o x").status == 64)
  }

  @Test func shows() throws {
    let folder = try folder()
    let command = folder.command
    let all = try command("profile show a").output
    #expect(all.contains("\nrun  ") && all.contains("\napply  ") && all.contains("\nadd  "))
    let top = try command("profile show a --top 1").output
    #expect(top.hasSuffix("\n(2 more functions)\n"), "\(top)")
    let one = try command("profile show a --function apply").output
    #expect(one.contains("\napply  ") && !one.contains("\nrun  "), "\(one)")
    let none = try command("profile show a --function nobody")
    #expect(none.status == 64 && none.errors.contains("has no function 'nobody'"))
    let sites = try command("profile show a --sites").output
    #expect(
      sites.contains(/\napply @\d+  \d+\.\d %  2000  monomorphic\n +100.0 %  2000  add\n$/),
      "\(sites)")
    let json = try command("profile show a --json --function apply").output
    #expect(json.contains(/"functions": \[{"name": "apply", "hash": "[0-9a-f]{16}"/), "\(json)")
    #expect(json.contains(#""count": 2000, "state": "monomorphic", "targets": [{"name": "add""#))
  }

  @Test func compares() throws {
    let folder = try folder()
    let command = folder.command
    #expect(try command("profile overlap a a").output == "100.00\n")
    let moved = try command("record sample.wasm --invoke run -o c -- 2000 500")
    try #require(moved.status == 0)
    let overlap = try command("profile overlap a c").output
    let number = try #require(Double(overlap.dropLast()))
    #expect(number > 50 && number < 100)
    let diff = try command("profile diff a c").output
    #expect(
      diff.hasPrefix("overlap \(overlap.dropLast()) %\n\ncall sites that moved\n  apply @"),
      "\(diff)")
    #expect(diff.contains("  75.0 % of its calls, "), "\(diff)")
    #expect(diff.contains("    before  add 2000\n    after   mix 1500, add 500\n"), "\(diff)")
    let json = try command("profile diff a c --json").output
    #expect(json.hasPrefix("{\"overlap_percent\": \(overlap.dropLast()), "), "\(json)")
    #expect(json.contains(#""moved_percent": 75.00"#))
  }

  @Test func trimsAndValidates() throws {
    let folder = try folder()
    let command = folder.command
    #expect(try command("profile trim a -o t").status == 0)
    #expect(try folder.bytes("t") == folder.bytes("a"))
    #expect(try command("profile trim a -o t --keep 10 --sparse").status == 0)
    #expect(try folder.bytes("t").count < folder.bytes("a").count)
    #expect(try command("profile trim a -o a").status == 64)
    let valid = try command("profile validate a b --module sample.wasm")
    #expect(valid.status == 0)
    #expect(
      valid.output.contains("a: 1 run, 12 functions, 3 entered; 100.0 % of its counts match\n"),
      "\(valid)")
    try folder.write(Array(folder.bytes("a").dropLast()), "cut")
    let bad = try command("profile validate a cut missing")
    #expect(bad.status == 66 && bad.output.hasPrefix("a: 1 run"))
    #expect(bad.errors.contains("at: cut, byte ") && bad.errors.contains("at: missing"))
  }
}
