import Foundation
import TestSupport
import Testing
import WasmText

/// Arguments, variables and paths are bytes: what is no UTF-8 gets through, and is readable in messages.
@Suite struct HostStringTests {
  /// Prints its arguments; `environment`: its variables; `file`: opens "\377" in descriptor 3, its exit code is the errno.
  private static let text = """
    (module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get"
        (func $environ_sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
        (func $name (param i32 i32 i32) (result i32)))
      (memory (export "memory") 2)
      (func $print (param $address i32) (param $count i32)
        (i32.store (i32.const 0) (local.get $address))
        (i32.store (i32.const 4) (local.get $count))
        (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
      (func (export "_start")
        (drop (call $sizes (i32.const 16) (i32.const 20)))
        (drop (call $args (i32.const 1024) (i32.const 4096)))
        (call $print (i32.const 4096) (i32.load (i32.const 20))))
      (func (export "environment")
        (drop (call $environ_sizes (i32.const 16) (i32.const 20)))
        (drop (call $environ (i32.const 1024) (i32.const 32768)))
        (call $print (i32.const 32768) (i32.load (i32.const 20))))
      (func (export "directory")
        (drop (call $name (i32.const 3) (i32.const 4096) (i32.const 5)))
        (call $print (i32.const 4096) (i32.const 5))))
    """

  /// A folder with the program, and variables of the shell for what is no UTF-8.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(assemble(Self.text), "p.wasm")
    return folder
  }

  /// `$x` is FF, `$y` a cut-off character, `$z` the last private character, `$e` the escape character.
  private static let variables =
    #"x=$(printf '\377'); y=$(printf 'a\303'); z=$(printf '\364\217\277\277'); e=$(printf '\033'); "#

  /// The output in hex, two digits a byte.
  private func hex(_ folder: TemporaryFolder, _ script: String) throws -> String {
    let outcome = try folder.command.shell(
      Self.variables + script + " > out 2> errors; status=$?; cat errors >&2; exit $status")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try folder.bytes("out").map { String(format: "%02x", $0) }.joined()
  }

  @Test func arguments() throws {
    let folder = try folder()
    try #require(try folder.command("compile p.wasm").status == 0)
    for file in ["p.wasm", "p.so"] {
      let name = file.utf8.map { String(format: "%02x", $0) }.joined()
      let line = "\"$pgo\" run \(file) -- \"$x\" \"$y\" \"$z\" ok"
      #expect(try hex(folder, line) == name + "00ff0061c300f48fbfbf006f6b00")
      #expect(try hex(folder, "\"$pgo\" run \(file) --argv0 \"$x\"") == "ff00")
    }
    #expect(try hex(folder, #""$pgo" record p.wasm -- "$x""#) == "702e7761736d00ff00")
  }

  @Test func variables() throws {
    let folder = try folder()
    let run = "\"$pgo\" run p.wasm --invoke environment"
    #expect(try hex(folder, "\(run) --env \"A=$x\" --env \"$y=b\"") == "413dff0061c33d6200")
    #expect(try hex(folder, "A=\"$x\" \(run) --env A") == "413dff00")
    #expect(try hex(folder, "env -i \"A$x=$y\" \(run) --inherit-env").contains("41ff3d61c300"))
  }

  /// Modules, profiles, artefacts, streams and directories with such names, by all commands.
  @Test func paths() throws {
    let folder = try folder()
    let outcome = try folder.command.shell(
      Self.variables + """
        set -e
        mkdir "d$x" && cp p.wasm "d$x/$y.wasm" && cd "d$x"
        "$pgo" record "$y.wasm" > /dev/null
        test -f "$y.wasmprof"
        "$pgo" record "$y.wasm" -o "$z$x" > /dev/null
        "$pgo" profile show "$z$x" > /dev/null
        TMPDIR="$PWD" "$pgo" compile "$y.wasm" --profile "$z$x" --cache "c$x"
        test -f "$y.so" -a -d "c$x"
        "$pgo" inspect --all "$y.so" > /dev/null
        TMPDIR="$PWD" "$pgo" verify "$y.wasm" < /dev/null > /dev/null
        "$pgo" run "$y.so" --stdin "$y.wasm" --stdout "out$x" --stderr "errors$x"
        "$pgo" run "$y.so" --dir "../d$x::$x" --invoke directory > name
        od -An -tx1 "out$x"
        od -An -tx1 name
        ls | wc -l
        """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    try #require(lines.count == 3, "\(outcome.output)")
    #expect(lines[0] == " 61 c3 2e 73 6f 00")
    #expect(lines[1] == " ff 00 00 00 00")
    #expect(lines[2] == "8")
  }

  /// Names that a module gives its functions do not drive the terminal either.
  @Test func namesOfFunctions() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      assemble(
        #"(module (func (export "a\1b[31m\c2\9b") unreachable) (func (export "_start") (call 0)))"#),
      "m.wasm")
    let trap = try folder.command("record m.wasm")
    #expect(trap.status == 134 && trap.errors.contains(#"a\x1b[31m\xc2\x9b at"#), "\(trap.errors)")
    for line in ["profile show m.wasmprof", "compile m.wasm", "inspect --all m.so"] {
      let outcome = try folder.command(line)
      #expect(!outcome.output.contains("\u{1b}") && !outcome.output.contains("\u{9b}"), "\(line)")
      #expect(outcome.status == 0)
    }
    let unknown = try folder.command("run m.wasm --invoke none")
    #expect(unknown.errors.contains(#"a\x1b[31m"#), "\(unknown.errors)")
  }

  /// A message shows such bytes, and what would drive a terminal, as `\xff`.
  @Test func messages() throws {
    let folder = try folder()
    for (line, what) in [
      (#"run "$x""#, #"  at: \xff"#), (#"record "$y""#, #"  at: a\xc3"#),
      (#"compile "$z""#, #"  at: \xf4\x8f\xbf\xbf"#), (#"compile "$e[31m""#, #"  at: \x1b[31m"#),
      (#"inspect "$x/a""#, #"  at: \xff/a"#), (#"verify "$x""#, #"  at: \xff"#),
      (#"profile show "$x""#, #"  at: \xff"#), (#"compile p.wasm -o "no$x/a""#, #"  at: no\xff/a"#),
      (#"run p.wasm --dir "$x""#, #"'\xff'"#), (#"run p.wasm "--$x""#, #"'--\xff'"#),
      (#"run p.wasm --invoke "$x""#, #"not export a function '\xff'"#),
      (#""$x""#, #"unknown command '\xff'"#),
      (#"run p.wasm --stdin "$e""#, #"  at: \x1b"#), (#"compile p.wasm --cpu "$x""#, #"'\xff'"#),
      (#"run """#, "  at: ''"),
    ] {
      let outcome = try folder.command.shell(Self.variables + "exec \"$pgo\" \(line)")
      #expect(outcome.status > 63 && outcome.status < 74, "\(line)")
      #expect(outcome.errors.contains(what), "\(line): \(outcome.errors)")
    }
  }
}
