import Foundation
import TestSupport
import Testing
import WasmText

/// A small program, recorded and compiled by the executables themselves: `sample.wasm`, `.wasmprof`, `.so`, `.o`.
///
/// - `_start`: prints; its exit code is the number of arguments behind the program's name.
/// - `run(n, change)`: n indirect calls to `add`, from turn `change` on to `mix`. Recorded with a change that never
///   comes, so that a change deoptimizes.
/// - `crash(x)`: 1000 / x, three inlined bodies deep once compiled.
/// - `exit(code)`, `environment()`, `note()` (prints the file note.txt), `spin()` (runs for ever).
final class Sample: Sendable {
  static let shared = Result { try Sample() }

  /// Removed by nobody but the system: it is needed until the process ends.
  let root: URL
  let wasm: [UInt8]

  private init() throws {
    root = FileManager.default.temporaryDirectory.appending(
      path: "wasm-pgo-sample-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    let folder = root
    atExit { try? FileManager.default.removeItem(at: folder) }
    wasm = try assemble(Self.text)
    try Data(wasm).write(to: root.appending(path: "sample.wasm"))
    let command = Command(directory: root)
    for line in [
      "record sample.wasm --invoke run -- 2000 5000",
      "compile sample.wasm", "compile sample.wasm -o sample.o",
      "compile sample.wasm --profile off -o off.so",
      "record sample.wasm --invoke crash -o crash.wasmprof -- 5",
      // All of its few events count.
      "compile sample.wasm --profile crash.wasmprof --tier-threshold 100 -o crash.so",
    ] {
      let outcome = try command(line)
      guard outcome.status == 0 else { throw SampleFailure(line: line, errors: outcome.errors) }
    }
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appending(path: name)))
  }

  /// A folder with copies of these files.
  func folder(_ names: String...) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in names { try folder.write(bytes(name), name) }
    return folder
  }

  static let text = """
    (module $sample
      (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (import "wasi_snapshot_preview1" "fd_write"
        (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read"
        (func $fd_read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get"
        (func $environ_sizes_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get"
        (func $environ_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get"
        (func $args_sizes_get (param i32 i32) (result i32)))
      (type $op (func (param i64) (result i64)))
      (memory (export "memory") 1)
      (data (i32.const 256) "note.txt")
      (data (i32.const 272) "started\\n")
      (table 3 3 funcref)
      (elem (i32.const 0) $add $mix $divide)
      (func $add (type $op) (i64.add (local.get 0) (i64.const 3)))
      (func $mix (type $op) (i64.mul (local.get 0) (i64.const 31)))
      (func $divide (type $op) (i64.div_s (i64.const 1000) (local.get 0)))
      (func $apply (param $x i64) (param $which i32) (result i64)
        (i64.xor (call_indirect (type $op) (local.get $x) (local.get $which)) (i64.const 1)))
      (func $run (export "run") (param $n i32) (param $change i32) (result i64)
        (local $i i32) (local $sum i64)
        (loop $top
          (local.set $sum
            (call $apply (local.get $sum) (i32.ge_u (local.get $i) (local.get $change))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $top (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $sum))
      (func $crash (export "crash") (param $x i64) (result i64)
        (i64.sub (call $apply (local.get $x) (i32.const 2)) (i64.const 7)))
      (func (export "exit") (param i32) (call $proc_exit (local.get 0)))
      (func (export "spin")
        (loop $for_ever
          (drop (call $run (i32.const 1000) (i32.const 2000)))
          (br $for_ever)))
      (func $print (param $address i32) (param $count i32)
        (i32.store (i32.const 0) (local.get $address))
        (i32.store (i32.const 4) (local.get $count))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
      (func (export "environment")
        (drop (call $environ_sizes_get (i32.const 16) (i32.const 20)))
        (drop (call $environ_get (i32.const 1024) (i32.const 4096)))
        (call $print (i32.const 4096) (i32.load (i32.const 20))))
      (func (export "note")
        (if
          (call $path_open (i32.const 3) (i32.const 0) (i32.const 256) (i32.const 8) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 24))
          (then (call $proc_exit (i32.const 9))))
        (i32.store (i32.const 0) (i32.const 8192))
        (i32.store (i32.const 4) (i32.const 1000))
        (drop (call $fd_read (i32.load (i32.const 24)) (i32.const 0) (i32.const 1) (i32.const 28)))
        (call $print (i32.const 8192) (i32.load (i32.const 28))))
      (func (export "_start") (local $count i32)
        (call $print (i32.const 272) (i32.const 8))
        (drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
        (local.set $count (i32.sub (i32.load (i32.const 16)) (i32.const 1)))
        (if (local.get $count) (then (call $proc_exit (local.get $count))))))
    """
}

struct SampleFailure: Error, CustomStringConvertible {
  var line: String
  var errors: String
  var description: String { "\(line): \(errors)" }
}

private nonisolated(unsafe) var atExitActions: [() -> Void] = []

/// Runs `action` when the process ends. Called once, from the sample's own initialization.
private func atExit(_ action: @escaping () -> Void) {
  atExitActions.append(action)
  atexit { for action in atExitActions { action() } }
}
