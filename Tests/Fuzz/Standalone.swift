import ArgumentParser
import CommandLineSupport
import Files
import WasmText

/// Writes modules that any engine can run without knowing of this fuzzer.
struct Standalone: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "standalone",
    abstract: "Write modules of seeds for other engines: without imports, each call an export.")

  @Option(help: "First seed.") var seed: UInt64 = 1
  @Option(help: "Number of seeds; those with two modules are skipped.") var count: UInt64 = 100
  @Option(help: "Folder for the modules.") var output: String

  func run() throws {
    for seed in seed..<seed &+ count {
      guard let text = FuzzProgram(seed: seed).standalone else { continue }
      let bytes = try assemble(text)
      do throws(FileError) {
        try writeFile(bytes, to: HostString("\(output)/seed-\(seed).wasm"))
      } catch {
        throw Diagnostic(writing: error)
      }
    }
  }
}

extension FuzzProgram {
  /// The program as one module without imports: the host's part is in it, and each call is an export without parameters. Its state is
  /// exported, too. Nil with a library, with instructions of relaxed SIMD, which engines may execute differently, and with what
  /// the tools around do not read: typed references, exceptions, several memories (Debian's binaryen; wasmtime's Python
  /// package has no typed references).
  var standalone: String? {
    guard library == nil, !hasEdges, !Self.hasReferences(seed: seed),
      !Self.hasExceptions(seed: seed), !text.contains("relaxed")
    else { return nil }
    var module = text.trimmingSpaces
    module.replace(Self.hostImports, with: "")
    for name in FuzzGenerator.ownGlobals {
      module.replace("(global $\(name) (", with: "(global $\(name) (export \"\(name)\") (")
    }
    for name in ["run", "set"] {
      module.replace("(func (export \"\(name)\")", with: "(func $\(name)")
    }
    module.replace("(func $edge (export \"edge\")", with: "(func $edge")
    // With the arguments that other engines' transcripts give them, these would make NaNs that are seen.
    module.replace(/\(export "e\d+" \(func [^)]*\)\)/, with: "")
    let calls = calls.enumerated().map { number, call in
      let arguments = call.arguments.map { "(i32.const \($0))" }.joined(separator: " ")
      return switch call {
      case .run(let mode, _, let seed):
        """
        (func (export "call\(number)") (result i64)
          (global.set $mode (i32.const \(mode))) (global.set $tick (i32.const \(seed)))
          (call $run \(arguments)))
        """
      case .set: "(func (export \"call\(number)\") (call $set \(arguments)))"
      case .edge: "(func (export \"call\(number)\") (result i64) (call $edge \(arguments)))"
      }
    }
    // The last parenthesis closes the module.
    return module.dropLast() + Self.host + calls.joined(separator: "\n") + ")"
  }

  private static let hostImports = """
    (import "host" "note" (func $note (param i32) (result i32)))
    (import "host" "pick" (func $pick (param i32 i32) (result i32)))
    """

  /// ``FuzzWorld``'s host in WebAssembly. Nothing rests on both doing the same: a standalone module is compared with itself only.
  private static let host = """
    (global $mode (mut i32) (i32.const 0))
    (global $tick (mut i32) (i32.const 0))
    (global $notes (mut i32) (i32.const 0))
    (func $note (param i32) (result i32)
      (global.set $notes (i32.add (global.get $notes) (i32.const 1)))
      (i32.xor (i32.mul (local.get 0) (i32.const 33)) (global.get $notes)))
    (func $pick (param $site i32) (param $count i32) (result i32)
      (local $usual i32) (local $other i32)
      (global.set $tick (i32.add (global.get $tick) (i32.const 1)))
      (local.set $usual (i32.rem_u (local.get $site) (local.get $count)))
      (local.set $other (i32.rem_u (i32.add (local.get $site) (i32.const 1)) (local.get $count)))
      (if (i32.eq (global.get $mode) (i32.const 1)) (then (return (local.get $other))))
      (if (i32.eq (global.get $mode) (i32.const 2)) (then (return
        (i32.rem_u (i32.add (local.get $site) (i32.and (global.get $tick) (i32.const 1))) (local.get $count)))))
      (if (i32.eq (global.get $mode) (i32.const 3)) (then (return
        (i32.rem_u (i32.shr_u (i32.mul (global.get $tick) (i32.const 0x9E3779B1)) (i32.const 13)) (local.get $count)))))
      (if (i32.eq (global.get $mode) (i32.const 4)) (then (return
        (select (local.get $usual) (local.get $other) (i32.rem_u (global.get $tick) (i32.const 11))))))
      (if (i32.eq (global.get $mode) (i32.const 5)) (then (return
        (select (local.get $usual)
          (i32.add (local.get $count) (i32.and (i32.shr_u (global.get $tick) (i32.const 5)) (i32.const 3)))
          (i32.rem_u (global.get $tick) (i32.const 32))))))
      (local.get $usual))

    """
}
