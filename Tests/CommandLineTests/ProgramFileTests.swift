import Foundation
import TestSupport
import Testing
import WasmText

/// Artefacts in other forms than the compiler wrote: stripped, through pipes, for other processors.
@Suite struct ProgramFileTests {
  private static let options = "--invoke run -- 2000 700"

  private func expected() throws -> String {
    try Sample.shared.get().folder("sample.wasm").command("run sample.wasm \(Self.options)").output
  }

  // MARK: Stripped

  @Test(arguments: ["strip", "strip -g", "objcopy --strip-unneeded"])
  func strippedArtefactsRun(tool: String) throws {
    let folder = try Sample.shared.get().folder("sample.so")
    let before = try folder.bytes("sample.so").count
    try #require(try folder.command.shell("\(tool) sample.so").status == 0)
    #expect(try folder.bytes("sample.so").count < before)
    let outcome = try folder.command("run --stats sample.so \(Self.options)")
    #expect(outcome.status == 0 && outcome.errors.contains("deopts       1\n"), "\(outcome.errors)")
    #expect(try outcome.output == expected())
    #expect(try folder.command("inspect --all sample.so").status == 0)
    #expect(try folder.command("verify sample.so \(Self.options)").status == 0)
  }

  /// What is loaded is checked still: the code, the tables, and what is between them.
  @Test func strippedArtefactsAreChecked() throws {
    let folder = try Sample.shared.get().folder("sample.so")
    try #require(try folder.command.shell("strip sample.so").status == 0)
    let bytes = try folder.bytes("sample.so")
    // As readelf sees it: the file's part that is loaded.
    let headers = try folder.command.shell("readelf -lW sample.so").output
    let loaded = headers.split(separator: "\n").map { $0.split(separator: " ") }
      .filter { $0.first == "LOAD" }
      .compactMap { row -> Range<Int>? in
        guard let start = Int(row[1].dropFirst(2), radix: 16),
          let size = Int(row[4].dropFirst(2), radix: 16)
        else { return nil }
        return start..<start + size
      }
    try #require(loaded.count > 1)
    var random = TestRandom(seed: 3)
    for range in loaded {
      for _ in 0..<12 {
        // In the header are the places of what is not loaded.
        let place = Int.random(in: max(64, range.lowerBound)..<range.upperBound, using: &random)
        var damaged = bytes
        damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        try folder.write(damaged, "damaged")
        let outcome = try folder.command("run damaged \(Self.options)")
        #expect([65, 69].contains(outcome.status), "byte \(place): \(outcome.status)")
        #expect(outcome.output == "", "byte \(place)")
      }
    }
    for count in [1, 8, 64, 1000] {
      try folder.write(bytes.dropLast(count), "damaged")
      #expect(try folder.command("run damaged \(Self.options)").status == 65)
    }
    try folder.write(bytes + [0], "damaged")
    #expect(try folder.command("run damaged \(Self.options)").status == 65)
  }

  // MARK: Pipes

  @Test(arguments: ["sample.wasm", "sample.so", "sample.o"]) func pipes(file: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so", file)
    let command = folder.command
    let expected = try expected()
    for script in [
      "cat \(file) | \"$pgo\" run /dev/stdin \(Self.options)",
      "\"$pgo\" run /dev/stdin \(Self.options) < \(file)",
      "mkfifo f; cat \(file) > f & \"$pgo\" run f \(Self.options)",
    ] {
      let outcome = try command.shell(script)
      #expect(outcome.status == 0 && outcome.output == expected, "\(script): \(outcome.errors)")
    }
    let verified = try command.shell("cat \(file) | \"$pgo\" verify /dev/stdin \(Self.options)")
    #expect(verified.output.hasSuffix("equal to the baseline\n"), "\(verified.errors)")
    if file != "sample.wasm" {
      let forced = try command.shell(
        "cat \(file) | \"$pgo\" run /dev/stdin --deopt-every 1 \(Self.options)")
      #expect(forced.output == expected, "\(forced.errors)")
      #expect(try command.shell("cat \(file) | \"$pgo\" inspect --all /dev/stdin").status == 0)
    }
  }

  /// What the output is called follows from the module's name, and a pipe has none.
  @Test(arguments: ["compile", "record"]) func outputsOfPipes(command name: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    for script in ["cat sample.wasm | \"$pgo\" \(name)", "\"$pgo\" \(name) < sample.wasm"] {
      let unnamed = try folder.command.shell(
        script.replacing(name, with: "\(name) /dev/stdin"))
      #expect(unnamed.status == 64 && unnamed.errors.contains("help: name one with -o"))
      let outcome = try folder.command.shell(
        script.replacing(name, with: "\(name) /dev/stdin -o out"))
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try folder.bytes("out").count > 100)
    }
    #expect(!FileManager.default.fileExists(atPath: "/dev/stdin.so"))
  }

  // MARK: Other processors

  /// Shown by `inspect`, refused by what would run it.
  @Test(arguments: ["sample.so", "sample.o"]) func otherProcessors(file: String) throws {
    let folder = try TemporaryFolder()
    var other = try ArtefactSurgery(Sample.shared.get().bytes(file))
    let manifest = try #require(other.contents(.manifest))
    let name = Array("sse2".utf8)
    let place = try #require(manifest.dropLast(4).first { Array(other.elf[$0..<$0 + 4]) == name })
    other.elf[place] = UInt8(ascii: "x")
    try folder.write(other.sealed(), "other")
    let shown = try folder.command("inspect --all other")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("missing here    xse2\n"), "\(shown.output)")
    #expect(shown.output.contains("\nwasm features   mvp"), "\(shown.output)")
    #expect(shown.output.contains("frame states\n"))
    for command in ["run", "verify"] {
      let outcome = try folder.command("\(command) other")
      #expect(outcome.status == 69 && outcome.errors.contains("lacks xse2"), "\(outcome.errors)")
    }
  }
}
