import Foundation
import TestSupport
import Testing
import WasmText

/// What a module asks of its host, and how it begins and ends.
@Suite struct ImportTests {
  private func folder(_ text: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(assemble(text), "m.wasm")
    return folder
  }

  // MARK: Imports that nobody provides

  static let foreign = [
    (#"(import "env" "f" (func $f))"#, "env.f"),
    (#"(import "wasi_snapshot_preview1" "proc_exit" (func $f (param i64)))"#, "proc_exit"),
    (#"(import "wasi_snapshot_preview1" "no_such" (func $f))"#, "no_such"),
    (#"(import "env" "g" (global i32))"#, "env.g"),
    (#"(import "env" "m" (table 1 funcref))"#, "env.m"),
  ]

  /// `compile` warns, for the artefact is good for a host program; nothing else calls it an internal error.
  @Test(arguments: foreign) func foreignImports(text: String, name: String) throws {
    let folder = try folder(
      "(module \(text) (memory (export \"memory\") 1) (func (export \"_start\")))")
    let compiled = try folder.command("compile m.wasm")
    #expect(compiled.status == 0)
    #expect(compiled.errors.hasPrefix("warning: m.wasm: imports "), "\(compiled.errors)")
    #expect(compiled.errors.contains(name), "\(compiled.errors)")
    for line in ["run m.wasm", "run m.so", "record m.wasm", "verify m.wasm", "verify m.so"] {
      let outcome = try folder.command(line)
      #expect(outcome.status == 65, "\(line): \(outcome.status) \(outcome.errors)")
      #expect(outcome.output == "")
      let error = outcome.errors.split(separator: "\n").first { $0.hasPrefix("error: ") }
      #expect(error?.contains(name) ?? false, "\(line): \(outcome.errors)")
      let help =
        name == "proc_exit" ? "help: WASI has it as" : "help: wasm-pgo provides WASI preview 1"
      #expect(outcome.errors.contains(help))
    }
  }

  @Test func knownImportsAreNoWarning() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    #expect(try !folder.command("compile sample.wasm").errors.contains("warning"))
  }

  /// `verify` has the same exit codes as `run`.
  @Test func verifyAndRunAgree() throws {
    let folder = try folder(
      """
      (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (func (export "_start")) (func (export "f") (param i32)))
      """)
    for (options, status) in [("", 65), ("--dir missing", 64)] as [(String, Int32)] {
      for command in ["run", "record", "verify"] {
        let outcome = try folder.command("\(command) m.wasm \(options)")
        #expect(outcome.status == status, "\(command) \(options): \(outcome.errors)")
      }
    }
    let sample = try Sample.shared.get().folder("sample.wasm")
    for options in ["--invoke none", "--invoke exit", "--invoke exit -- x"] {
      for command in ["run", "verify"] {
        let outcome = try sample.command("\(command) sample.wasm \(options)")
        #expect(outcome.status == 64, "\(command) \(options): \(outcome.errors)")
      }
    }
  }

  // MARK: Reactors

  private static let reactor = """
    (module
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize")
        (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
      (func (export "ready") (result i32) (global.get $ready)))
    """

  /// The application ABI of WASI: `_initialize` comes before any other export, and once.
  @Test func reactorsAreInitialized() throws {
    let folder = try folder(Self.reactor)
    try #require(try folder.command("compile m.wasm").status == 0)
    for way in ["run m.wasm", "run m.so", "record m.wasm"] {
      #expect(try folder.command("\(way) --invoke ready").output == "1\n", "\(way)")
      let own = try folder.command("\(way) --invoke _initialize")
      #expect(own.status == 0 && own.output == "")
      let none = try folder.command(way)
      #expect(none.status == 65 && none.errors.contains("--invoke"))
    }
    #expect(try folder.command("verify m.wasm --invoke ready").status == 0)
  }

  /// One that has `_start`, too, is a command.
  @Test func commandsAreNot() throws {
    let folder = try folder(Self.reactor.dropLast() + "(func (export \"_start\")))")
    #expect(try folder.command("run m.wasm --invoke ready").output == "0\n")
  }

  @Test func initializationMayTrapOrExit() throws {
    let trap = try folder(
      "(module (func (export \"_initialize\") unreachable) (func (export \"f\")))")
    #expect(try trap.command("run m.wasm --invoke f").status == 134)
    let exit = try folder(
      """
      (module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_initialize") (call $exit (i32.const 3))) (func (export "f") unreachable))
      """)
    #expect(try exit.command("run m.wasm --invoke f").status == 3)
  }

  // MARK: Exit codes

  /// Codes of 32 bits in the eight that a process has: a failure stays one.
  @Test func largeExitCodes() throws {
    let folder = try folder(
      """
      (module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "exit") (param i32) (call $exit (local.get 0))))
      """)
    try #require(try folder.command("compile m.wasm").status == 0)
    for way in ["run m.wasm", "run m.so", "record m.wasm"] {
      for (code, status) in [
        ("0", 0), ("1", 1), ("125", 125), ("126", 126), ("255", 255), ("256", 255), ("257", 1),
        ("65536", 255), ("-256", 255), ("-1", 255), ("-2", 254),
      ] as [(String, Int32)] {
        let outcome = try folder.command("\(way) --invoke exit -- \(code)")
        #expect(outcome.status == status, "\(way), \(code)")
        #expect(outcome.errors == "")
      }
    }
  }
}
