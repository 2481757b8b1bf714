import Foundation
import TestSupport
import Testing
import WasmText

/// `compile --ninja`: a build whose steps give the artefact that `compile` gives.
@Suite struct NinjaTests {
  private static let options = "--cpu x86-64-v2 --profile p"

  /// Several partitions: functions of about a kilobyte. `main` calls the first few of them.
  private static func module(constant: Int = 7) -> String {
    let work = String(
      repeating: "(i32.xor (i32.const 1000003)) (i32.rotl (local.get 0))", count: 120)
    let functions = (0..<100).map { number in
      "(func $f\(number) (param i32) (result i32) (local.get 0) (i32.const \(constant + number)) (i32.add) \(work))"
    }
    let calls = (0..<9).map { "(call $f\($0))" }.joined()
    return """
      (module \(functions.joined())
        (func (export "main") (param i32) (result i32) (local.get 0) \(calls)))
      """
  }

  /// A folder with `m.wasm` and its profile `p`, both under these names.
  private func folder(module name: String = "m.wasm") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(assemble(Self.module()), name)
    try #require(
      folder.command.run(["record", name, "--invoke", "main", "-o", "p", "--", "1"]).status == 0)
    return folder
  }

  private func ninja(_ folder: TemporaryFolder) throws -> Command.Outcome {
    try folder.command.shell("ninja -f build/build.ninja")
  }

  @Test(arguments: ["so", "o"]) func givesTheSameBytes(kind: String) throws {
    let folder = try folder()
    let command = folder.command
    try #require(command("compile m.wasm \(Self.options) -o expected.\(kind)").status == 0)
    let written = try command("compile m.wasm \(Self.options) -o x.\(kind) --ninja build")
    #expect(written.status == 0 && written.output == "")
    #expect(written.errors.hasPrefix("warning: p: only "), "\(written.errors)")
    #expect(try !folder.names.contains("x.\(kind)"))
    let built = try ninja(folder)
    #expect(built.status == 0, "\(built.output)\(built.errors)")
    #expect(try folder.bytes("x.\(kind)") == folder.bytes("expected.\(kind)"))
    #expect(FileManager.default.fileExists(atPath: folder.url("build/partition-1").path))
    #expect(try ninja(folder).output.contains("no work to do"))
  }

  /// The build is written again, then what it describes is built.
  @Test func followsItsInputs() throws {
    let folder = try folder()
    let command = folder.command
    try #require(command("compile m.wasm \(Self.options) -o x.so --ninja build").status == 0)
    try #require(ninja(folder).status == 0)
    let first = try folder.bytes("x.so")
    try folder.write(assemble(Self.module(constant: 9)), "m.wasm")
    let again = try ninja(folder)
    #expect(again.status == 0, "\(again.output)\(again.errors)")
    try #require(command("compile m.wasm \(Self.options) -o expected.so").status == 0)
    #expect(try folder.bytes("x.so") == folder.bytes("expected.so"))
    #expect(try folder.bytes("x.so") != first)
  }

  /// Each step runs in a folder that has nothing but the inputs that the build declares.
  @Test func declaresAllInputs() throws {
    let folder = try folder()
    let command = folder.command
    try #require(command("compile m.wasm \(Self.options) -o expected.so").status == 0)
    try #require(command("compile m.wasm \(Self.options) -o x.so --ninja build").status == 0)
    let lines = String(decoding: try folder.bytes("build/build.ninja"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let script = try #require(lines.first { $0.contains("--step $step") }).dropFirst(
      "  command = ".count)
    for (line, next) in zip(lines, lines.dropFirst()) where next.hasPrefix("  step = ") {
      let words = line.split(separator: " ").map(String.init)
      let output = words[1].dropLast()
      let sandbox = try TemporaryFolder()
      try FileManager.default.createDirectory(
        at: sandbox.url("build"), withIntermediateDirectories: true)
      for input in words[3...].prefix(while: { $0 != "|" }) {
        try sandbox.write(folder.bytes(input), input)
      }
      let step = String(script.replacing("$step", with: next.dropFirst("  step = ".count)))
      let outcome = try sandbox.command.shell(step)
      #expect(outcome.status == 0 && outcome.errors == "", "\(step): \(outcome.errors)")
      try folder.write(sandbox.bytes(String(output)), String(output))
    }
    #expect(try folder.bytes("x.so") == folder.bytes("expected.so"))
  }

  /// Characters that are special to ninja or to the shell.
  @Test func quotesNames() throws {
    let name = "a $b: 'c' \"d\".wasm"
    let folder = try folder(module: name)
    let command = folder.command
    let arguments = ["compile", name, "--cpu", "x86-64-v2", "--profile", "p"]
    try #require(command.run(arguments + ["-o", "expected.so"]).status == 0)
    try #require(command.run(arguments + ["--ninja", "build"]).status == 0)
    let built = try ninja(folder)
    #expect(built.status == 0, "\(built.output)\(built.errors)")
    #expect(try folder.bytes("a $b: 'c' \"d\".so") == folder.bytes("expected.so"))
    let refused = try command.run(arguments + ["-o", "a|b.so", "--ninja", "build"])
    #expect(refused.status == 64 && refused.errors.contains("a |"), "\(refused.errors)")
  }

  /// The profile beside the module is named in the build. Without one, `off` is.
  @Test func namesTheProfile() throws {
    let folder = try folder()
    let command = folder.command
    for (file, expected) in [
      (nil, "'--profile' 'off'"), ("m.wasmprof", "'--profile' 'm.wasmprof'"),
    ] {
      if let file { try folder.write(folder.bytes("p"), file) }
      try #require(command("compile m.wasm --cpu x86-64-v2 --ninja build").status == 0)
      let build = String(decoding: try folder.bytes("build/build.ninja"), as: UTF8.self)
      #expect(build.contains(expected), "\(build)")
    }
  }

  @Test func overwritesNoInput() throws {
    let folder = try folder()
    try FileManager.default.createDirectory(
      at: folder.url("build"), withIntermediateDirectories: true)
    for (name, step) in [("build/build.ninja", ""), ("build/plan", "--step plan")] {
      try folder.write(folder.bytes("m.wasm"), name)
      let line = "compile \(name) --cpu x86-64-v2 -o x.so --ninja build \(step)"
      let outcome = try folder.command(line)
      #expect(outcome.status == 64, "\(outcome.errors)")
      #expect(outcome.errors.contains("--ninja would overwrite the module"), "\(outcome.errors)")
      #expect(try folder.bytes(name) == folder.bytes("m.wasm"))
    }
  }

  @Test func refusesFilesOfOtherBuilds() throws {
    let folder = try folder()
    let command = folder.command
    func step(_ name: String, _ options: String = Self.options) throws -> Command.Outcome {
      try command("compile m.wasm \(options) -o x.so --ninja build --step \(name)")
    }
    try FileManager.default.createDirectory(
      at: folder.url("build"), withIntermediateDirectories: true)
    #expect(try step("link").status == 66)
    try #require(step("plan").status == 0)
    #expect(try step("partition-0", "--cpu x86-64-v2 --profile off").status == 65)
    #expect(try step("partition-999").errors.contains("there is no partition 999"))
    #expect(try step("link").status == 66)
    // Partition 0 for another processor.
    try #require(step("partition-0", "--cpu x86-64-v3 --profile p").status == 0)
    var number = 1
    while try step("partition-\(number)").status == 0 { number += 1 }
    #expect(try step("link").errors.contains("not the file of partition 0"))
    try #require(step("partition-0").status == 0)
    #expect(try step("link").status == 0)
    for name in ["build/plan", "build/partition-0"] {
      var bytes = try folder.bytes(name)
      bytes[bytes.count / 2] ^= 1
      try folder.write(bytes, name)
      let outcome = try step("link")
      #expect(outcome.status == 65 && outcome.errors.contains("not the "), "\(outcome.errors)")
      bytes[bytes.count / 2] ^= 1
      try folder.write(bytes, name)
    }
    #expect(try step("link").status == 0)
  }
}
