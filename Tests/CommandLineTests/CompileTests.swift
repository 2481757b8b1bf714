import Foundation
import TestSupport
import Testing

/// `compile`: the same bytes each time, and files that are whole or not there.
@Suite struct CompileTests {
  /// The larger of the repository's samples: several partitions.
  private static let shapes = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Samples/shapes/shapes.wasm").standardizedFileURL

  @Test(arguments: ["so", "o"]) func givesTheSameBytes(kind: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(at: Self.shapes, to: folder.url("shapes.wasm"))
    try FileManager.default.copyItem(at: Self.shapes, to: folder.url("other.wasm"))
    let command = folder.command
    try #require(command("record shapes.wasm -o p -- all 2 7").status == 0)
    for (module, output, jobs) in [("shapes", "a", 1), ("shapes", "b", 3), ("other", "c", 2)] {
      let line = "compile \(module).wasm --profile p -O1 -j \(jobs) -o \(output).\(kind)"
      let outcome = try command(line)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("warning") && outcome.output == "")
    }
    let first = try folder.bytes("a.\(kind)")
    #expect(try folder.bytes("b.\(kind)") == first)
    #expect(try folder.bytes("c.\(kind)") == first)
    let expected = try command("run shapes.wasm -- all 3 8 --change")
    let outcome = try command("run a.\(kind) -- all 3 8 --change")
    #expect(outcome.output == expected.output && !outcome.output.isEmpty)
  }

  @Test func namesTheOutputAfterTheModule() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    #expect(try folder.command("compile sample.wasm").status == 0)
    // The profile beside the module was taken.
    #expect(try folder.bytes("sample.so") == Sample.shared.get().bytes("sample.so"))
    #expect(try folder.names == ["sample.so", "sample.wasm", "sample.wasmprof"])
    #expect(try folder.command("compile sample.wasm --profile off").status == 0)
    #expect(try folder.bytes("sample.so") == Sample.shared.get().bytes("off.so"))
  }

  /// Half of the functions at a time, as bisecting does: the same results, and deopts only where the site is.
  @Test func optimizesSomeFunctionsOnly() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    let command = folder.command
    let expected = try command("run sample.wasm --invoke run -- 100 50").output
    // f10 calls through the table. f11 calls f10, into which it is inlined, so f10 itself is not optimized.
    for (range, deopts) in [("0-9", 0), ("10-10", 0), ("11-11", 1), ("12-99", 0), ("0-99", 1)] {
      let line = "compile sample.wasm --optimize-only \(range) -o \(range).so"
      try #require(try command(line).status == 0)
      let outcome = try command("run --stats=json \(range).so --invoke run -- 100 50")
      #expect(outcome.output == expected)
      #expect(outcome.errors.contains("\"deopts\": \(deopts),"), "\(range): \(outcome.errors)")
    }
  }

  /// With 124, as `run` does, and without an artefact.
  @Test(arguments: ["1ms", "0"]) func stopsWhenTheTimeIsOver(time: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(at: Self.shapes, to: folder.url("shapes.wasm"))
    let outcome = try folder.command("compile shapes.wasm --timeout \(time)")
    #expect(outcome.status == 124, "\(outcome.errors)")
    #expect(outcome.errors.contains("not compiled within \(time)"), "\(outcome.errors)")
    #expect(try folder.names == ["shapes.wasm"])
    #expect(try folder.command("compile shapes.wasm --timeout 1h").status == 0)
    let wrong = try folder.command("compile shapes.wasm --timeout soon")
    #expect(wrong.status == 64 && wrong.errors.contains("--timeout: 'soon' is not a time"))
  }

  /// Line tables only on request.
  @Test func keepsLineTables() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(at: Self.shapes, to: folder.url("shapes.wasm"))
    for (name, option) in [("plain", ""), ("lines", " -g")] {
      #expect(
        try folder.command("compile shapes.wasm --profile off -O1\(option) -o \(name).so").status
          == 0)
    }
    let (plain, lines) = (try folder.bytes("plain.so"), try folder.bytes("lines.so"))
    let name = Array(".debug_line".utf8)
    #expect(!plain.contains(name) && lines.contains(name))
  }

  /// The sum of all profiles counts, in whatever order.
  @Test func addsUpProfiles() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let command = folder.command
    try #require(try command("record sample.wasm --invoke run -o a -- 2000 5000").status == 0)
    try #require(try command("record sample.wasm --invoke crash -o b -- 5").status == 0)
    func sites(_ profiles: String) throws -> String {
      let compiled = try command("compile sample.wasm \(profiles) -o x.so")
      #expect(compiled.status == 0 && !compiled.errors.contains("warning"), "\(compiled.errors)")
      return try command("inspect --sites x.so").output
    }
    let both = try sites("--profile a --profile b")
    // `apply` calls one function in each.
    #expect(both.contains("\"add\"  2000") && both.contains("\"divide\"  1 "), "\(both)")
    let reversed = try sites("--profile b --profile a")
    #expect(reversed == both)
    #expect(try sites("--profile a") != both)
    #expect(
      try command("verify sample.wasm --profile a --profile b --invoke run -- 9 5").status == 0)
    #expect(try command("compile sample.wasm --profile a --profile none").status == 66)
  }

  @Test func printsStatistics() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let outcome = try folder.command("compile sample.wasm --stats --verify")
    #expect(outcome.status == 0 && outcome.output == "")
    #expect(outcome.errors.contains("functions        12\n"))
    #expect(outcome.errors.contains(/\nlinking s        \d+\.\d\d\n/), "\(outcome.errors)")
    let json = try folder.command("compile sample.wasm --json")
    #expect(json.errors == "")
    #expect(
      json.output.contains(
        /^{"functions": 12, "baseline_functions": \d+, .*, "warnings": \[\]}\n$/),
      "\(json.output)")
    let quiet = try folder.command("compile sample.wasm --quiet")
    #expect(quiet.status == 0 && quiet.errors == "" && quiet.output == "")
    #expect(try folder.command("compile sample.wasm --quiet --json").status == 64)
  }

  /// Says what became of the functions, and what it took.
  @Test func endsWithALine() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    let outcome = try folder.command("compile sample.wasm")
    #expect(
      outcome.errors.contains(
        /^12 functions: .*\d+ baseline; 1 with deopts; profile: 3 functions match, 0 by staleness, 0 not, 100.0 % of its counts; indirect calls: 1 speculated, 0 generic; \d+\.\d\d s of CPU time: planning .*; \d+ bytes\n$/
      ), "\(outcome.errors)")
    let level = try folder.command("compile sample.wasm -O0")
    #expect(level.errors.hasPrefix("12 functions: 12 baseline; "), "\(level.errors)")
  }

  /// `wasm-pgo compile` is the other executable, which can also be called by its name.
  @Test func isTheOtherExecutable() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    #expect(try folder.command.run(["sample.wasm", "-o", "x.so"], program: .compiler).status == 0)
    #expect(try folder.bytes("x.so") == Sample.shared.get().bytes("off.so"))
  }

  // MARK: Artefacts of others

  @Test(arguments: ["sample.so", "sample.o"]) func refusesOtherVersions(file: String) throws {
    let folder = try TemporaryFolder()
    var version = try ArtefactSurgery(Sample.shared.get().bytes(file))
    version[.manifest, 0] += 1
    try folder.write(version.sealed(), "version")
    for command in ["run", "inspect"] {
      let outcome = try folder.command("\(command) version")
      #expect(outcome.status == 69, "\(outcome.errors)")
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("version"), "\(outcome.errors)")
      #expect(outcome.errors.contains("help: compile the module again"))
    }
  }
}
