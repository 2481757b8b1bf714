import Foundation
import TestSupport
import Testing
import WasmText

/// What a guest gets of its host: the same options, for `record` and for `run` on each kind of file.
@Suite(.serialized) struct GuestOptionTests {
  /// Exports: `copy` (input to output, and to the errors), `arguments`, `environment`, `write` (makes the file "new" in
  /// descriptor 3; its exit code is the errno), `escape`, `spin`, `sleep`, `grow` (pages that it may grow by).
  private static let text = """
    (module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get"
        (func $environ_sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 2)
      (data (i32.const 256) "new")
      (func $print (param $fd i32) (param $address i32) (param $count i32)
        (i32.store (i32.const 0) (local.get $address))
        (i32.store (i32.const 4) (local.get $count))
        (drop (call $w (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
      (func (export "copy")
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 1000))
        (drop (call $r (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)))
        (call $print (i32.const 1) (i32.const 1024) (i32.load (i32.const 12)))
        (call $print (i32.const 2) (i32.const 1024) (i32.load (i32.const 12))))
      (func (export "_start")
        (drop (call $sizes (i32.const 16) (i32.const 20)))
        (drop (call $args (i32.const 1024) (i32.const 4096)))
        (call $print (i32.const 1) (i32.const 4096) (i32.load (i32.const 20))))
      (func (export "environment")
        (drop (call $environ_sizes (i32.const 16) (i32.const 20)))
        (drop (call $environ (i32.const 1024) (i32.const 32768)))
        (call $print (i32.const 1) (i32.const 32768) (i32.load (i32.const 20))))
      (func (export "write")
        (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 256) (i32.const 3)
          (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 24))))
      (func (export "spin") (loop $top (br $top)))
      (func (export "sleep")
        (i32.store (i32.const 1040) (i32.const 1))
        (i64.store (i32.const 1048) (i64.const -1))
        (loop $top
          (drop (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 8)))
          (br $top)))
      (func (export "grow") (result i32)
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (memory.size)))
    """

  // The suite is serialized: one test at a time.
  /// A folder with the program in all forms.
  nonisolated(unsafe) private static let folder = Result {
    let folder = try TemporaryFolder()
    try folder.write(assemble(text), "p.wasm")
    for line in ["compile p.wasm --profile off -o p.so", "compile p.wasm --profile off -o p.o"] {
      let outcome = try folder.command(line)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    return folder
  }

  static let ways = ["run p.wasm", "run p.so", "run p.o", "record p.wasm"]

  private func command(_ line: String) throws -> Command.Outcome {
    try Self.folder.get().command(line)
  }

  @Test(arguments: ways)
  func streams(way: String) throws {
    let folder = try Self.folder.get()
    try folder.write(Array("some input".utf8), "in")
    let outcome = try command("\(way) --invoke copy --stdin in --stdout out --stderr err")
    #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "")
    #expect(try folder.bytes("out") == Array("some input".utf8))
    #expect(try folder.bytes("err") == Array("some input".utf8))
    // Both into one file, which is emptied first.
    #expect(try command("\(way) --invoke copy --stdin in --stdout out --stderr out").status == 0)
    #expect(try folder.bytes("out") == Array("some inputsome input".utf8))
    // Where nothing is said, the command's own.
    let plain = try command("\(way) --invoke copy --stdin in")
    #expect(plain.output == "some input" && plain.errors == "some input")
  }

  @Test(arguments: ways)
  func streamsThatCannotBe(way: String) throws {
    let missing = try command("\(way) --invoke copy --stdin none")
    #expect(missing.status == 66)
    #expect(
      missing.errors.contains("cannot read the file: No such file")
        && missing.errors.contains("none"))
    let unwritable = try command("\(way) --invoke copy --stdout none/out")
    #expect(unwritable.status == 73)
    #expect(unwritable.errors.contains("cannot write the file"))
  }

  @Test(arguments: ways)
  func argumentsAndEnvironment(way: String) throws {
    let name = String(way.split(separator: " ")[1])
    #expect(try command("\(way) -- a --b").output == "\(name)\0a\0--b\0")
    #expect(try command("\(way) --argv0 zero -- a").output == "zero\0a\0")
    var command = try Self.folder.get().command
    command.environment = ["FROM_HOST": "1"]
    #expect(try command("\(way) --invoke environment").output == "")
    #expect(
      try command("\(way) --invoke environment --env A=x=y --env FROM_HOST --env ABSENT").output
        == "A=x=y\0FROM_HOST=1\0")
    let all = try command("\(way) --invoke environment --inherit-env --env FROM_HOST=2").output
    #expect(all.contains("FROM_HOST=2\0") && !all.contains("FROM_HOST=1") && all.contains("PATH="))
  }

  @Test(arguments: ways)
  func directories(way: String) throws {
    let folder = try Self.folder.get()
    let path = folder.url("data").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try command("\(way) --invoke write").status == 8)  // badf: no directory
    #expect(try command("\(way) --invoke write --dir data::/:ro").status == 69)  // rofs
    #expect(!FileManager.default.fileExists(atPath: path + "/new"))
    #expect(try command("\(way) --invoke write --dir data::/").status == 0)
    #expect(FileManager.default.fileExists(atPath: path + "/new"))
    let missing = try command("\(way) --invoke write --dir nothing::/")
    #expect(missing.status == 64 && missing.errors.contains("'nothing'"))
  }

  @Test(arguments: ways, ["spin", "sleep"])
  func timeout(way: String, name: String) throws {
    var isPlaceShown = false
    for time in ["0.2", "200ms", "0.2s"] {
      let outcome = try command("\(way) --invoke \(name) --timeout \(time)")
      #expect(outcome.status == 124 && !outcome.isTimeout)
      let shown = time == "0.2" ? "0.2 s" : time
      // A busy machine may not even have loaded it by then.
      #expect(outcome.errors.contains("longer than \(shown)"), "\(outcome.errors)")
      isPlaceShown = isPlaceShown || outcome.errors.contains("0: \(name) at")
    }
    // A busy machine may not let it get there in that time.
    for seconds in [1, 10, 100, 1000] where !isPlaceShown {
      let outcome = try command("\(way) --invoke \(name) --timeout \(seconds)")
      isPlaceShown = outcome.errors.contains("0: \(name) at")
    }
    #expect(isPlaceShown)
    if way.hasPrefix("record") {
      #expect(try command("profile show p.wasmprof").output.contains(name))
    }
    for wrong in ["x", "-1", "1d", "s", "nan", "1e99"] {
      let outcome = try command("\(way) --timeout=\(wrong)")
      #expect(outcome.status == 64 && outcome.errors.contains("--timeout: '\(wrong)'"))
    }
    #expect(try command("\(way) --timeout 1h").status == 0)
  }

  /// A guest cannot drive the operator's terminal, unless it may.
  @Test(arguments: ways)
  func terminals(way: String) throws {
    try Self.folder.get().write(Array("a\u{1b}[31mb".utf8), "escape")
    for (option, expected) in [("", "a\u{241b}[31mb"), (" --allow-escapes", "a\u{1b}[31mb")] {
      var (host, terminal): (Int32, Int32) = (0, 0)
      #expect(openpty(&host, &terminal, nil, nil, nil) == 0)
      defer { for descriptor in [host, terminal] { close(descriptor) } }
      var command = try Self.folder.get().command
      command.standardOutput = String(cString: ttyname(terminal))
      let outcome = try command("\(way) --invoke copy --stdin escape\(option)")
      #expect(outcome.status == 0)
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = read(host, &buffer, buffer.count)
      #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == expected)
      // Files and pipes get what was written.
      #expect(outcome.errors == "a\u{1b}[31mb")
    }
  }

  @Test(arguments: ways)
  func memory(way: String) throws {
    // Less than the module begins with.
    let outcome = try command("\(way) --invoke grow --max-memory 64K")
    #expect(outcome.status == 65 && outcome.errors.contains("--max-memory"))
    let grown = try command("\(way) --invoke grow --max-memory 1M")
    #expect(grown.status == 0 && grown.output == "16\n")
  }

  /// Both commands say all of it in their help, in the same words.
  @Test func help() throws {
    func section(_ text: String, _ title: String) -> String {
      text.components(separatedBy: "\n\n").first { $0.hasPrefix(title) } ?? ""
    }
    let (run, record) = (try command("run --help").output, try command("record --help").output)
    for title in ["WASI:", "STREAMS:", "LIMITS:"] {
      #expect(section(run, title) == section(record, title))
    }
    for option in [
      "--dir", "--env", "--inherit-env", "--argv0", "--stdin", "--stdout", "--stderr",
      "--allow-escapes", "--max-memory", "--max-table-elements", "--stack-size", "--timeout",
    ] {
      #expect(run.contains("  \(option)"), "\(option)")
    }
  }
}
