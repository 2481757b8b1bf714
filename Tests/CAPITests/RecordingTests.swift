import Feedback
import Foundation
import TestSupport
import Testing
import Wasm
import WasmText

/// Hosts in C whose modules are recorded: by `wasm_pgo.h`, and by the environment alone.
@Suite struct RecordingTests {
  private static func command(_ program: String) throws -> Command {
    let command = try CLibrary.command(modules: ["indirect", "late"])
    let source = CLibrary.sources.appending(path: "Programs/\(program).c").path
    try CLibrary.compile(source, to: program, .sanitized, in: command)
    return command
  }

  private static func run(_ line: String, _ command: Command) throws -> String {
    let outcome = try command.shell(line)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    return outcome.output
  }

  /// Calls of `$a` and `$b` from the module's indirect call, in a profile.
  private static func calls(_ name: String, _ command: Command) throws -> [UInt64] {
    let folder = try #require(command.folder)
    let module = try Module(validating: folder.bytes("indirect.wasm"))
    let profile = try ProfileFile(reading: folder.bytes(name))
    let site = profile.match(module).functions[3]?.callSites.values.first
    return [1, 2].map { function in
      site?.targets.first { $0.function == function }?.count ?? 0
    }
  }

  private static func profiles(_ command: Command) throws -> [String] {
    try #require(command.folder).names.filter { $0.hasSuffix(".wasmprof") }
  }

  @Test func byTheInterface() throws {
    let command = try Self.command("recording")
    _ = try Self.run("./recording", command)
    #expect(
      try Self.profiles(command)
        == ["engine.wasmprof", "last.wasmprof", "memory.wasmprof", "store.wasmprof"])
    #expect(try Self.calls("engine.wasmprof", command) == [2000, 35])
    #expect(try Self.calls("memory.wasmprof", command) == [2000, 30])
    #expect(try Self.calls("store.wasmprof", command) == [7, 0])
    #expect(try Self.calls("last.wasmprof", command) == [0, 11])
  }

  /// The host knows nothing of profiles. It is run with the variable; what comes of that is compiled, and loaded by the same host.
  @Test func byTheVariable() throws {
    var command = try Self.command("recorded")
    let plain = command
    command.environment["WASM_PGO_PROFILE"] = "p.wasmprof"
    #expect(try Self.run("./recorded indirect.wasm 100000 0", command) == "0\n")
    #expect(try Self.calls("p.wasmprof", plain) == [100_000, 0])
    _ = try Self.run(
      """
      set -e
      $pgo compile indirect.wasm --profile p.wasmprof -o p.so 2>warnings
      $pgo compile indirect.wasm -o none.so 2>>warnings
      """, plain)
    // What the profile saw, and what it did not; nothing to speculate on without a profile.
    #expect(try Self.run("./recorded p.so 100000 0", command) == "0\n")
    #expect(try Self.run("./recorded p.so 100000 1", command) != "0\n")
    #expect(try Self.run("./recorded none.so 100000 1", command) == "0\n")
    // Artefacts are not recorded.
    #expect(try Self.profiles(plain) == ["p.wasmprof"])
    #expect(try Self.calls("p.wasmprof", plain) == [100_000, 0])
  }

  @Test(arguments: ["variable", "recording"])
  func forked(by kind: String) throws {
    var command = try Self.command("forked")
    if kind == "variable" { command.environment["WASM_PGO_PROFILE"] = "p.wasmprof" }
    let children = try Self.run("./forked \(kind)", command).split(separator: "\n")
    try #require(children.count == 4)
    #expect(
      try Set(Self.profiles(command))
        == [
          "p.wasmprof", "aside.wasmprof", "p.\(children[0]).wasmprof", "p.\(children[1]).wasmprof",
        ])
    #expect(try Self.calls("p.\(children[0]).wasmprof", command) == [100, 0])
    #expect(try Self.calls("p.\(children[1]).wasmprof", command) == [0, 101])
    // With what the third child did in the parent's instance.
    #expect(try Self.calls("p.wasmprof", command) == [1050, 6])
    #expect(try #require(command.folder).bytes("p.wasmprof").starts(with: "PGOPROF1".utf8))
  }
}
