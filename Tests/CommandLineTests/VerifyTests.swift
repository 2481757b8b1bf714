import Foundation
import TestSupport
import Testing
import WasmText

/// `verify` on the benchmark kernels and the sample, with their committed profiles: each deopt point that they reach is forced.
@Suite struct VerifyTests {
  struct Program: Sendable, CustomStringConvertible {
    var module: String
    var arguments: String
    /// Deopt points that must be reached.
    var points: Int = 0
    var name: String { URL(fileURLWithPath: module).deletingPathExtension().lastPathComponent }
    var description: String { name }

    static func kernel(_ name: String, _ arguments: String, points: Int = 0) -> Program {
      Program(
        module: "Benchmarks/kernels/\(name).wasm", arguments: arguments, points: points)
    }
  }

  static let programs: [Program] = [
    Program(module: "Samples/shapes/shapes.wasm", arguments: "all 40 7 --change", points: 6),
    .kernel("mono", "3000", points: 2), .kernel("bimorphic", "1000"), .kernel("mega", "140"),
    .kernel("vector", "60", points: 1), .kernel("rays", "2"), .kernel("richards", "125", points: 6),
    .kernel("deltablue", "3", points: 50), .kernel("interp", "1"),
    .kernel("sort", "1", points: 2), .kernel("pipeline", "300", points: 5),
    .kernel("phase", "2000 50", points: 2), .kernel("matmul", "3"), .kernel("sha256", "20"),
    .kernel("hashtable", "12"), .kernel("strings", "200"),
  ]

  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func points(_ output: String) throws -> (forced: Int, reached: Int, emitted: Int) {
    let match = try #require(
      output.firstMatch(of: /deopt points +(\d+) forced, (\d+) reached, (\d+) emitted/), "\(output)"
    )
    return (try #require(Int(match.1)), try #require(Int(match.2)), try #require(Int(match.3)))
  }

  @Test(arguments: programs) func allReachedPointsAreForced(program: Program) throws {
    let folder = try TemporaryFolder()
    let module = Self.root.appending(path: program.module).path
    let profile = Self.root.appending(path: "profiles/\(program.name).wasmprof").path
    let outcome = try folder.command(
      "verify \(module) --profile \(profile) -- \(program.arguments)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasSuffix("equal to the baseline\n"))
    let counts = try points(outcome.output)
    #expect(counts.forced == counts.reached)
    #expect(counts.reached >= program.points)
    #expect(counts.emitted >= counts.reached)
  }

  /// Calls through its table if it reads an "x", or has two arguments.
  private static let text = """
    (module
      (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (type $op (func (param i32) (result i32)))
      (memory (export "memory") 1)
      (table funcref (elem $next $other))
      (func $next (type $op) (i32.add (local.get 0) (i32.const 1)))
      (func $other (type $op) (i32.add (local.get 0) (i32.const 2)))
      (func (export "_start") (local $i i32)
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 1))
        (drop (call $r (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)))
        (drop (call $sizes (i32.const 16) (i32.const 20)))
        (if (i32.or (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 120))
            (i32.eq (i32.load (i32.const 16)) (i32.const 3)))
          (then (loop $top
            (local.set $i (call_indirect (type $op)
              (local.get $i) (i32.load8_u (i32.const 2000))))
            (br_if $top (i32.lt_u (local.get $i) (i32.const 5000))))))))
    """

  /// A corpus reaches what the arguments alone do not.
  @Test func corpus() throws {
    let folder = try TemporaryFolder()
    try folder.write(assemble(Self.text), "p.wasm")
    try FileManager.default.createDirectory(
      at: folder.url("inputs"), withIntermediateDirectories: false)
    for name in ["x", "y"] { try folder.write(Array(name.utf8), "inputs/\(name)") }
    try folder.write(Array("one\n\none two\n".utf8), "lines")
    #expect(try folder.command("record p.wasm --stdin inputs/x").status == 0)
    let own = try folder.command("verify p.wasm")
    #expect(try points(own.output) == (0, 0, 1), "\(own.output)\(own.errors)")
    for corpus in ["inputs", "lines"] {
      let more = try folder.command("verify p.wasm --corpus \(corpus)")
      #expect(more.status == 0 && more.output.contains("inputs        3\n"), "\(more.errors)")
      #expect(try points(more.output) == (1, 1, 1))
    }
    let missing = try folder.command("verify p.wasm --corpus none")
    #expect(missing.status == 66 && missing.errors.contains("none"))
  }

  @Test func takesArtefacts() throws {
    let sample = try Sample.shared.get()
    for file in ["sample.so", "sample.o"] {
      let folder = try sample.folder(file)
      let outcome = try folder.command("verify \(file) --invoke run -- 50 20")
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
      let counts = try points(outcome.output)
      #expect(counts.forced == counts.reached && counts.reached > 0)
    }
  }
}
