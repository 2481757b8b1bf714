import Feedback
import Foundation
import TestSupport
import Testing
import WasmText

/// Where profiles go, by option, by environment, and by the module's name.
@Suite struct RecordingTests {
  private static let text = """
    (module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func $f)
      (func (export "_start") (call $f) (call $f))
      (func (export "exit") (call $f) (call $exit (i32.const 7)))
      (func (export "trap") (call $f) unreachable))
    """

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(assemble(Self.text), "m.wasm")
    return folder
  }

  private func command(_ folder: TemporaryFolder, _ variable: String?) -> Command {
    var command = folder.command
    command.environment["WASM_PGO_PROFILE"] = variable
    return command
  }

  /// Calls of `$f`.
  private func count(_ folder: TemporaryFolder, _ name: String) throws -> UInt64 {
    let profile = try ProfileFile(reading: folder.bytes(name))
    return profile.functions.values.map(\.entryCount).max() ?? 0
  }

  // MARK: record

  @Test func namesOfProfiles() throws {
    let folder = try folder()
    let plain = command(folder, nil)
    #expect(try plain("record m.wasm").status == 0)
    #expect(try count(folder, "m.wasmprof") == 2)
    #expect(try plain("record m.wasm -o %%.p").status == 0)
    #expect(try count(folder, "%.p") == 2)
    #expect(try plain("record m.wasm -o x-%m-%t-%p.p").status == 0)
    #expect(
      try folder.names.count { $0.wholeMatch(of: /x-[0-9a-f]{16}-\d{10}-\d+\.p/) != nil } == 1)
    // The option counts before the variable.
    let variable = command(folder, "env.p")
    #expect(try variable("record m.wasm").status == 0)
    #expect(try count(folder, "env.p") == 2)
    #expect(try variable("record m.wasm --invoke exit -o option.p").status == 7)
    #expect(try count(folder, "option.p") == 1)
    #expect(try count(folder, "env.p") == 2)
    #expect(try folder.names.count == 6)
  }

  @Test(arguments: [("record m.wasm -o %x.p", nil), ("record m.wasm", "%x.p")])
  func unknownParts(line: String, variable: String?) throws {
    let folder = try folder()
    let outcome = try command(folder, variable)(line)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("error: '%x' in a profile's name: write %p, %t, %m, or %%"))
    #expect(try folder.names == ["m.wasm"])
  }

  // MARK: Host programs

  /// `run` is a host program that knows nothing of profiles.
  @Test(arguments: [("", 0, 2), ("--invoke exit", 7, 1), ("--invoke trap", 134, 1)])
  func byTheEnvironment(options: String, status: Int32, calls: UInt64) throws {
    let folder = try folder()
    let outcome = try command(folder, "%m.p")("run m.wasm \(options)")
    #expect(outcome.status == status)
    #expect(!outcome.errors.contains("warning"), "\(outcome.errors)")
    let name = try #require(folder.names.first { $0.hasSuffix(".p") })
    #expect(try count(folder, name) == calls)
    // Finished.
    #expect(try folder.bytes(name).starts(with: "PGOPROF1".utf8))
    #expect(try folder.names == [name, "m.wasm"].sorted())
  }

  @Test func withoutTheVariable() throws {
    let folder = try folder()
    for variable in [nil, ""] as [String?] {
      #expect(try command(folder, variable)("run m.wasm").status == 0)
      #expect(try folder.names == ["m.wasm"])
    }
  }

  /// A process that is killed leaves its counters.
  @Test func killed() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      assemble(
        """
        (module (func $f) (func (export "_start") (loop $l (call $f) (br $l))))
        """), "m.wasm")
    let running = try command(folder, "k.p").start(["run", "m.wasm"])
    #expect(waitUntil { ((try? count(folder, "k.p")) ?? 0) > 1000 })
    running.signal(SIGKILL)
    #expect(try running.wait().status == 128 + SIGKILL)
    #expect(try count(folder, "k.p") > 1000)
  }

  /// The program goes on, and says so once.
  @Test(arguments: ["none/p", "%x", "/dev/null", "."])
  func recordingThatFails(variable: String) throws {
    let folder = try folder()
    let outcome = try command(folder, variable)("run m.wasm --invoke exit")
    #expect(outcome.status == 7)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("warning: WASM_PGO_PROFILE: cannot record \(variable): "))
    #expect(try folder.names == ["m.wasm"])
  }
}
