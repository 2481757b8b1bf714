import Foundation
import TestSupport
import Testing
import WasmText

/// What a guest is refused for its size is its own error (65), on each way to it, and never an internal one.
@Suite struct GuestLimitTests {
  private static func folder(_ text: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(assemble(text), "p.wasm")
    return folder
  }

  private static let ways = ["run p.wasm", "record p.wasm", "verify p.wasm", "run p.so"]

  /// Compiles if the way needs it, and expects 65.
  private static func expectRefusal(
    _ folder: TemporaryFolder, _ way: String, _ words: [String]
  ) throws {
    if way.contains(".so") {
      #expect(try folder.command("compile p.wasm --profile off -o p.so").status == 0)
    }
    let outcome = try folder.command(way)
    #expect(outcome.status == 65, "\(way): \(outcome.errors)")
    #expect(!outcome.errors.contains("internal"))
    for word in words { #expect(outcome.errors.contains(word), "\(way): \(outcome.errors)") }
  }

  // MARK: Tables and memories

  @Test(arguments: ways) func tableTooLarge(way: String) throws {
    let folder = try Self.folder(
      """
      (module (table 4294967295 funcref) (memory (export "memory") 1) (func (export "_start")))
      """)
    try Self.expectRefusal(folder, way, ["4294967295", "--max-table-elements"])
  }

  @Test(arguments: ways) func tablesCountTogether(way: String) throws {
    let tables = String(repeating: "(table 1000000 funcref)", count: 20)
    let folder = try Self.folder(
      "(module \(tables) (memory (export \"memory\") 1) (func (export \"_start\")))")
    try Self.expectRefusal(folder, way, ["--max-table-elements"])
    let allowed = try folder.command("\(way) --max-table-elements 20M")
    #expect(allowed.status == 0, "\(allowed.errors)")
    try Self.expectRefusal(folder, "\(way) --max-table-elements 10", ["--max-table-elements"])
  }

  @Test(arguments: ways) func memoryTooLarge(way: String) throws {
    let folder = try Self.folder(
      "(module (memory (export \"memory\") 2) (func (export \"_start\")))")
    try Self.expectRefusal(folder, "\(way) --max-memory 64K", ["2 pages", "--max-memory"])
  }

  /// What no runtime can make is said when it is compiled.
  @Test func compileSaysWhatCannotBe() throws {
    let cases = [
      ("(table 4294967295 funcref)", "table 0"),
      (String(repeating: "(table 6000000 funcref)", count: 2), "tables"),
      ("(table 2 funcref) (elem (i32.const 1) func $f $f)", "element segment 0"),
      ("(memory 1) (data (i32.const 65535) \"ab\")", "data segment 0"),
    ]
    for (definition, word) in cases {
      let folder = try Self.folder("(module (func $f (export \"_start\")) \(definition))")
      let outcome = try folder.command("compile p.wasm -o p.so")
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("warning:") && outcome.errors.contains(word))
    }
    let folder = try Self.folder(
      "(module (table 2 funcref) (func $f (export \"_start\")) (elem (i32.const 1) func $f))")
    #expect(try !folder.command("compile p.wasm -o p.so").errors.contains("warning"))
  }

  // MARK: Counts

  /// A module whose only body is `body`, local declarations included.
  private static func module(body: [UInt8]) -> [UInt8] {
    BinaryPieces.header + BinaryPieces.section(1, [1, 0x60, 0, 0])
      + BinaryPieces.section(3, [1, 0])
      + BinaryPieces.section(5, [1, 0, 1])
      + BinaryPieces.section(
        7,
        [2, 6] + Array("_start".utf8) + [0, 0, 6]
          + Array("memory".utf8) + [2, 0])
      + BinaryPieces.section(10, [1] + BinaryPieces.leb(body.count) + body)
  }

  @Test func moduleLimits() throws {
    let header: [UInt8] = BinaryPieces.header
    let typed = header + BinaryPieces.section(1, [1, 0x60, 0, 0])
    let modules: [(String, [UInt8])] = [
      ("types", header + BinaryPieces.section(1, BinaryPieces.leb(1_000_001))),
      ("imports", header + BinaryPieces.section(2, BinaryPieces.leb(1_000_001))),
      ("functions", typed + BinaryPieces.section(3, BinaryPieces.leb(1_000_001))),
      ("tables", header + BinaryPieces.section(4, BinaryPieces.leb(100_001))),
      ("globals", header + BinaryPieces.section(6, BinaryPieces.leb(1_000_001))),
      ("exports", header + BinaryPieces.section(7, BinaryPieces.leb(1_000_001))),
      ("segments", header + BinaryPieces.section(9, BinaryPieces.leb(10_000_001))),
      ("elements", header + BinaryPieces.section(9, [1, 1, 0] + BinaryPieces.leb(10_000_001))),
      ("segments", header + BinaryPieces.section(11, BinaryPieces.leb(100_001))),
      ("parameters", header + BinaryPieces.section(1, [1, 0x60] + BinaryPieces.leb(1001))),
      (
        "bytes of code",
        typed + BinaryPieces.section(3, [1, 0])
          + BinaryPieces.section(10, [1] + BinaryPieces.leb(7_654_322))
      ),
      ("locals", Self.module(body: [1] + BinaryPieces.leb(50_001) + [0x7F, 0x0B])),
      (
        "nest",
        Self.module(
          body: [0] + Array(repeating: [0x02, 0x40], count: 50_001).joined()
            + Array(repeating: 0x0B, count: 50_002))
      ),
    ]
    let folder = try TemporaryFolder()
    for (what, bytes) in modules {
      try folder.write(bytes, "p.wasm")
      for way in ["run p.wasm", "compile p.wasm -o p.so", "record p.wasm", "verify p.wasm"] {
        let outcome = try folder.command(way)
        #expect(outcome.status == 65, "\(what): \(outcome.errors)")
        #expect(outcome.errors.contains("limit"), "\(what): \(outcome.errors)")
      }
    }
  }

  /// What is just within the limits runs.
  @Test func largestFunctions() throws {
    let folder = try TemporaryFolder()
    let bodies: [[UInt8]] = [
      [0] + Array(repeating: 0x01, count: 7_654_321 - 2) + [0x0B],
      [1] + BinaryPieces.leb(50_000) + [0x7F, 0x0B],
      [0] + Array(repeating: [0x02, 0x40], count: 49_999).joined()
        + Array(repeating: 0x0B, count: 50_000),
    ]
    for body in bodies {
      try folder.write(Self.module(body: body), "p.wasm")
      for way in ["run p.wasm", "record p.wasm"] {
        let outcome = try folder.command(way)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
    }
  }

  /// A valid function whose machine code would be out of all proportion: each branch moves a thousand operands.
  @Test(arguments: ["run p.wasm", "record p.wasm"]) func functionOverTheCodeSizeLimit(way: String)
    throws
  {
    let types = String(repeating: " i64", count: 1000)
    let folder = try Self.folder(
      """
      (module (memory (export "memory") 1)
        (func $explodes (export "_start")
          (i64.const 0)
          (block (result\(types))
            \(String(repeating: "(i64.const 0)", count: 1001))
            \(String(repeating: "(br_if 0 (i32.const 0))", count: 20_000))
            unreachable)
          unreachable))
      """)
    try Self.expectRefusal(folder, way, ["explodes", "limit", "byte"])
  }

  // MARK: Time and streams

  /// Loading counts.
  @Test(arguments: ["run p.wasm", "record p.wasm"]) func timeoutOfLoading(way: String) throws {
    let folder = try TemporaryFolder()
    // One long function, which is never called.
    let long = [0] + Array(repeating: UInt8(0x01), count: 7_000_000) + [0x0B]
    let codes = Array(repeating: BinaryPieces.leb(long.count) + long, count: 4).joined()
    let bytes =
      BinaryPieces.header + BinaryPieces.section(1, [1, 0x60, 0, 0])
      + BinaryPieces.section(3, [5, 0, 0, 0, 0, 0]) + BinaryPieces.section(5, [1, 0, 1])
      + BinaryPieces.section(7, [1, 6] + Array("_start".utf8) + [0, 0])
      + BinaryPieces.section(10, [5, 2, 0, 0x0B] + codes)
    try folder.write(bytes, "p.wasm")
    let outcome = try folder.command("\(way) --timeout 1ms")
    #expect(outcome.status == 124, "\(outcome.errors)")
    #expect(outcome.errors.contains("1ms"))
    #expect(try folder.command("\(way) --timeout 100s").status == 0)
  }

  /// A guest finds a closed stream closed; the command's own files never get its number.
  @Test func closedStreams() throws {
    let folder = try Self.folder(
      """
      (module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\\10\\00\\00\\00\\04\\00\\00\\00")
        (func (export "in")
          (call $exit (call $r (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func (export "out")
          (call $exit (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func (export "err")
          (call $exit (call $w (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))))
      """)
    #expect(try folder.command.shell("\"$pgo\" compile p.wasm -o p.so <&- >&- 2>&-").status == 0)
    for file in ["p.wasm", "p.so"] {
      let streams = [("in", "<&-"), ("out", ">&-"), ("err", "2>&-"), ("out", "<&- >&- 2>&-")]
      for (name, closed) in streams {
        let outcome = try folder.command.shell("\"$pgo\" run \(file) --invoke \(name) \(closed)")
        #expect(outcome.status == 8, "\(name) \(closed): \(outcome.errors)")
      }
      #expect(try folder.command.shell("\"$pgo\" run \(file) --invoke out").status == 0)
    }
    // The command's own output.
    let help = try folder.command.shell("\"$pgo\" --help >&-")
    #expect(help.status == 74)
  }
}
