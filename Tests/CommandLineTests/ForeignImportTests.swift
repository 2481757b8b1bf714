import Foundation
import TestSupport
import Testing
import WasmText

/// `--imports` and `--link`: modules that import more than WASI.
@Suite struct ForeignImportTests {
  private func folder(_ modules: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in modules { try folder.write(assemble(text), name) }
    return folder
  }

  private func expect(
    _ command: Command, _ line: String, _ status: Int32, _ parts: String..., output: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try command(line)
    #expect(
      outcome.status == status, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == output, "\(line)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(
        outcome.errors.contains(part), "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    }
    if parts.isEmpty {
      #expect(outcome.errors == "", "\(line)", sourceLocation: sourceLocation)
    }
  }

  // MARK: Stand-ins

  /// One import of each kind, those with types of the module's own included.
  private static let everything = """
    (module
      (type $f (func (param i32) (result i32)))
      (import "env" "f" (func $f (param i32) (result i32 f64 v128 externref)))
      (import "env" "typed" (func $typed (result (ref null $f))))
      (import "env" "never" (func $never (result (ref $f))))
      (import "env" "m" (memory $m 2 3))
      (import "env" "t" (table $t 5 funcref))
      (import "env" "typed table" (table $r 2 (ref null $f)))
      (import "env" "g" (global $g (mut i64)))
      (import "env" "typed global" (global $h (ref null $f)))
      (import "env" "e" (tag $e (param i32)))
      (func (export "call") (result i32 f64) (local i32 f64)
        (call $f (i32.const 1)) (drop) (drop) (local.set 1) (local.set 0)
        (local.get 0) (local.get 1))
      (func (export "never") (drop (call $never)))
      (func (export "state") (result i32 i32 i32 i64 i32 i32)
        (memory.size) (table.size $t) (table.size $r) (global.get $g)
        (ref.is_null (global.get $h)) (ref.is_null (call $typed)))
      (func (export "use") (result i32 i32 i64)
        (i32.store (i32.const 65536) (i32.const 7))
        (global.set $g (i64.const 9))
        (block $caught (result i32)
          (try_table (catch $e $caught) (throw $e (i32.const 5))) (i32.const 0))
        (i32.load (i32.const 65536)) (global.get $g))
      (func (export "_start")))
    """

  @Test(arguments: ["run m.wasm", "run m.so", "record m.wasm"])
  func standIns(line: String) throws {
    let folder = try folder(["m.wasm": Self.everything])
    let command = folder.command
    if line.contains("so") { #expect(try command("compile m.wasm").status == 0) }
    try expect(command, "\(line) --imports trap", 0)
    try expect(
      command, "\(line) --imports trap --invoke call", 134,
      "error: trap: unknown import: env.f was called", "call at 0x")
    try expect(command, "\(line) --imports zero --invoke call", 0, output: "0\n0.0\n")
    try expect(
      command, "\(line) --imports zero --invoke state", 0, output: "2\n5\n2\n0\n1\n1\n")
    for way in ["trap", "zero"] {
      try expect(
        command, "\(line) --imports \(way) --invoke never", 134,
        "error: trap: unknown import: env.never was called")
      try expect(command, "\(line) --imports \(way) --invoke use", 0, output: "5\n7\n9\n")
    }
    try expect(
      command, line, 65, "error: unknown import: env.f",
      "help: wasm-pgo provides WASI preview 1; --imports and --link")
  }

  /// What is recorded with stand-ins is what they let the module do.
  @Test func recordedAndVerified() throws {
    let folder = try folder([
      "m.wasm": """
      (module (import "env" "f" (func $f (result i32)))
        (func $g) (func (export "_start") (if (call $f) (then unreachable) (else (call $g)))))
      """
    ])
    let command = folder.command
    try expect(command, "record m.wasm --imports zero", 0)
    let shown = try command("profile show m.wasmprof")
    #expect(shown.output.contains("2 functions, 2 entered"), "\(shown.output)")
    #expect(try command("verify m.wasm --imports zero").status == 0)
    #expect(try command("verify m.wasm --imports trap").status == 0)
    #expect(try command("verify m.wasm").status == 65)
  }

  static let impossible = [
    #"(import "env" "x" (table 1 (ref func)))"#, #"(import "env" "x" (global (ref func)))"#,
  ]

  @Test(arguments: impossible) func nothingToStandIn(text: String) throws {
    let folder = try folder(["m.wasm": "(module \(text) (func (export \"_start\")))"])
    try expect(
      folder.command, "run m.wasm --imports zero", 65,
      "unknown import: env.x, and (ref func) has no default value")
  }

  /// A stand-in is for what is missing, not for what is wrong.
  @Test func wasiWithOtherTypes() throws {
    let folder = try folder([
      "m.wasm": """
      (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i64)))
        (import "wasi_snapshot_preview1" "no_such" (func))
        (memory (export "memory") 1) (func (export "_start")))
      """
    ])
    try expect(
      folder.command, "run m.wasm --imports zero", 65,
      "error: incompatible import type: wasi_snapshot_preview1.proc_exit",
      "help: WASI has it as (i32) -> (), the module wants (i64) -> ()")
  }

  /// Memory of a stand-in counts as the guest's.
  @Test func limits() throws {
    let folder = try folder([
      "m.wasm": "(module (import \"env\" \"m\" (memory 3)) (func (export \"_start\")))"
    ])
    try expect(
      folder.command, "run m.wasm --imports zero --max-memory 128K", 65,
      "help: raise the limit with --max-memory")
  }

  // MARK: Libraries

  /// The sample library, built for `folder`; by clang, which is Swift's.
  private func build(
    _ folder: TemporaryFolder, _ source: String? = nil, _ options: String = ""
  ) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var path = root.appending(path: "Samples/imports/library.c").path
    if let source {
      path = folder.url("own.c").path
      try folder.write(Array(source.utf8), "own.c")
    }
    let outcome = try folder.command.shell(
      "clang -Wall -Wextra -Werror -shared -fPIC \(options) -I\(root.path)/Sources/CImports/include \(path) -o library.so"
    )
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private static let user = """
    (module
      (import "env" "print" (func $print (param i32 i32) (result i32)))
      (import "env" "mix" (func $mix (param i32 i64 f32 f64) (result f64 i32)))
      (import "env" "swap" (func $swap (param v128) (result v128)))
      (import "env" "count" (func $count (result i32)))
      (import "env" "twice" (func $twice (param i32) (result i32)))
      (import "env" "same" (func $same (param funcref) (result funcref)))
      (memory 1)
      (table funcref (elem $f))
      (data (i32.const 8) "hello\\n")
      (start $count_once)
      (func $count_once (drop (call $count)))
      (func $f)
      (func (export "_start") (drop (call $print (i32.const 8) (i32.const 6))))
      (func (export "far") (drop (call $print (i32.const 65535) (i32.const 2))))
      (func (export "mix") (result f64 i32)
        (call $mix (i32.const -1) (i64.const 0x100000000) (f32.const 0.5) (f64.const 0.25)))
      (func (export "swap") (result v128) (call $swap (v128.const i64x2 1 2)))
      (func (export "count") (result i32) (drop (call $count)) (call $count))
      (func (export "twice") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (i32.mul (local.get 0) (i32.const 2)))
      (func (export "back") (param i32) (result i32) (call $twice (local.get 0)))
      (func (export "same") (result i32)
        (table.set (i32.const 0) (call $same (table.get (i32.const 0))))
        (call_indirect (i32.const 0)) (ref.is_null (call $same (ref.null func)))))
    """

  @Test(arguments: ["run m.wasm", "run m.so", "record m.wasm"])
  func library(line: String) throws {
    let folder = try folder(["m.wasm": Self.user])
    try build(folder)
    let command = folder.command
    if line.contains("so") {
      let compiled = try command("compile m.wasm")
      #expect(compiled.status == 0)
      for name in ["print", "mix", "swap", "count", "twice", "same"] {
        #expect(compiled.errors.contains("env.\(name)"), "\(compiled.errors)")
      }
    }
    let run = line + " --imports library.so"
    try expect(command, run, 0, output: "hello\n")
    try expect(
      command, "\(run) --invoke far", 134, "error: trap: print: out of bounds", "far at 0x")
    try expect(command, "\(run) --invoke mix", 0, output: "4294967295.75\n-1\n")
    let swapped = try command("\(run) --invoke swap")
    #expect(swapped.status == 0 && swapped.output.contains("1"), "\(swapped)")
    // The start function called it first.
    try expect(command, "\(run) --invoke count", 0, output: "3\n")
    try expect(command, "\(run) --invoke back -- 21", 0, output: "43\n")
    try expect(
      command, "\(run) --invoke back -- 0", 134, "error: trap: unreachable", "twice at 0x")
    try expect(command, "\(run) --invoke same", 0, output: "1\n")
  }

  @Test func verifiedWithALibrary() throws {
    let folder = try folder(["m.wasm": Self.user])
    try build(folder)
    let outcome = try folder.command("verify m.wasm --imports library.so --invoke mix")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// What the library lacks: an error, with a name that is near; or a stand-in.
  @Test func missingAndOtherTypes() throws {
    let folder = try folder([
      "near.wasm": """
      (module (import "env" "prnit" (func (param i32 i32) (result i32))) (func (export "_start")))
      """,
      "other.wasm": """
      (module (import "env" "count" (func (result i32))) (import "host" "count" (func (result i32)))
        (func (export "_start")))
      """,
      "type.wasm": #"(module (import "env" "count" (func (result i64))) (func (export "_start")))"#,
      "kind.wasm": #"(module (import "env" "count" (global i32)) (func (export "_start")))"#,
    ])
    try build(folder)
    let command = folder.command
    try expect(
      command, "run near.wasm --imports library.so", 65, "error: unknown import: env.prnit",
      "help: did you mean env.print?")
    try expect(
      command, "run other.wasm --imports library.so", 65, "error: unknown import: host.count")
    try expect(command, "run other.wasm --imports library.so --imports trap", 0)
    try expect(
      command, "run type.wasm --imports library.so --imports zero", 65,
      "error: incompatible import type: env.count",
      "help: library.so has it as () -> (i32), the module wants () -> (i64)")
    try expect(
      command, "record kind.wasm --imports library.so", 65,
      "error: incompatible import type: env.count")
    #expect(try !folder.names.contains { $0.hasSuffix("wasmprof") })
  }

  private static func source(_ table: String, _ more: String = "") -> String {
    """
    #include <wasm_pgo_imports.h>
    \(more)
    void f(wasm_pgo_import_call *c, const wasm_pgo_import_value *a, wasm_pgo_import_value *r);
    void f(wasm_pgo_import_call *c, const wasm_pgo_import_value *a, wasm_pgo_import_value *r) { (void)c, (void)a, (void)r; }
    \(table)
    """
  }

  private static func row(_ row: String) -> String {
    source(
      "static const wasm_pgo_import rows[] = {\(row)};\nconst wasm_pgo_import_table wasm_pgo_imports = {1, 1, rows};"
    )
  }

  static let bad: [(source: String, message: String)] = [
    (source("int other;"), "it does not define wasm_pgo_imports"),
    (
      source("const wasm_pgo_import_table wasm_pgo_imports = {9, 0, 0};"),
      "its table of imports has version 9, expected 1"
    ),
    (
      source("const wasm_pgo_import_table wasm_pgo_imports = {1, 2, 0};"),
      "its table has 2 imports at no address"
    ),
    (row("{\"env\", 0, \"() -> ()\", f, 0}"), "import 0 of its table has no names, or no function"),
    (row("{\"env\", \"f\", \"() -> ()\", 0, 0}"), "has no names, or no function"),
    (row("{\"env\", \"f\", \"i32\", f, 0}"), "env.f has the type 'i32', not one like"),
    (row("{\"env\", \"f\", \"(i33) -> ()\", f, 0}"), "env.f has the type '(i33) -> ()'"),
    (row("{\"env\", \"f\", 0, f, 0}"), "env.f has the type ''"),
    (
      source(
        "const wasm_pgo_import_table wasm_pgo_imports = {1, 0, 0};",
        "extern int nowhere(void); int user(void); int user(void) { return nowhere(); }"),
      "it cannot be loaded: "
    ),
  ]

  @Test(arguments: bad) func unusableLibraries(source: String, message: String) throws {
    let folder = try folder([
      "m.wasm": #"(module (import "env" "f" (func)) (func (export "_start")))"#
    ])
    try build(folder, source)
    try expect(
      folder.command, "run m.wasm --imports library.so", 65, "error: cannot use the library: ",
      message, "  at: library.so")
  }

  /// References that a library makes up are refused.
  @Test func inventedReferences() throws {
    let folder = try folder([
      "m.wasm": """
      (module (import "env" "f" (func $f (result funcref))) (func (export "_start") (drop (call $f))))
      """
    ])
    try build(
      folder,
      """
      #include <wasm_pgo_imports.h>
      static void f(wasm_pgo_import_call *c, const wasm_pgo_import_value *a, wasm_pgo_import_value *r) {
        (void)c, (void)a;
        r[0].reference = 12345;
      }
      static const wasm_pgo_import rows[] = {{"env", "f", "() -> (funcref)", f, 0}};
      const wasm_pgo_import_table wasm_pgo_imports = {1, 1, rows};
      """)
    try expect(
      folder.command, "run m.wasm --imports library.so", 134,
      "the library passes 12345 as a value of type funcref")
  }

  @Test func noLibraries() throws {
    let folder = try folder([
      "m.wasm": #"(module (import "env" "f" (func)) (func (export "_start")))"#
    ])
    try folder.write(Array("text".utf8), "text.so")
    try folder.write([0x7F] + Array("ELF and no more".utf8), "elf.so")
    let command = folder.command
    try expect(
      command, "run m.wasm --imports trpa", 64, "error: --imports: there is no file 'trpa'",
      "help: did you mean trap?")
    try expect(command, "run m.wasm --imports ./trap", 66, "  at: ./trap")
    try expect(command, "run m.wasm --imports none.so", 66, "  at: none.so")
    try expect(command, "run m.wasm --imports text.so", 65, "it is not a shared object")
    try expect(command, "run m.wasm --imports elf.so", 65, "it cannot be loaded")
    try expect(
      command, "run m.wasm --imports m.wasm", 65, "error: this is a module, not a shared object",
      "help: link modules: --link NAME=m.wasm")
    try expect(
      command, "run m.wasm --imports trap --imports zero", 64, "trap and zero cannot be combined")
  }

  // MARK: Linked modules

  private static let library = """
    (module
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 8) "\\10\\00\\00\\00\\03\\00\\00\\00lib")
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $ready (i32.const 1)))
      (func (export "ready") (result i32) (global.get $ready))
      (func (export "say") (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0))))
      (func (export "fail") unreachable)
      (global (export "number") i32 (i32.const 42))
      (table (export "table") 3 funcref))
    """
  private static let linked = """
    (module
      (import "lib" "ready" (func $ready (result i32)))
      (import "lib" "say" (func $say))
      (import "lib" "fail" (func $fail))
      (import "lib" "number" (global $number i32))
      (import "lib" "table" (table $table 1 funcref))
      (import "lib" "memory" (memory 1))
      (func (export "_start") (call $say))
      (func (export "state") (result i32 i32 i32)
        (call $ready) (global.get $number) (table.size $table))
      (func (export "fail") (call $fail)))
    """

  @Test(arguments: ["run m.wasm", "run m.so", "record m.wasm"], ["lib.wasm", "lib.so"])
  func links(line: String, library: String) throws {
    let folder = try folder(["m.wasm": Self.linked, "lib.wasm": Self.library])
    let command = folder.command
    for name in ["m", "lib"] where "\(line) \(library)".contains("\(name).so") {
      #expect(try command("compile \(name).wasm").status == 0)
    }
    let run = "\(line) --link lib=\(library)"
    try expect(command, run, 0, output: "lib")
    try expect(command, "\(run) --invoke state", 0, output: "1\n42\n3\n")
    try expect(
      command, "\(run) --invoke fail", 134, "error: trap: unreachable", "0: fail at", "1: fail at")
  }

  @Test func verifiedWithALink() throws {
    let folder = try folder(["m.wasm": Self.linked, "lib.wasm": Self.library])
    let outcome = try folder.command("verify m.wasm --link lib=lib.wasm")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// A linked module may import from those before it, and trap before the guest begins.
  @Test func chains() throws {
    let folder = try folder([
      "a.wasm": #"(module (func (export "f") (result i32) (i32.const 5)))"#,
      "b.wasm": """
      (module (import "a" "f" (func $f (result i32)))
        (func (export "g") (result i32) (i32.add (call $f) (i32.const 1))))
      """,
      "m.wasm": """
      (module (import "b" "g" (func $g (result i32))) (func (export "g") (result i32) (call $g)))
      """,
      "trap.wasm":
        #"(module (func $s unreachable) (start $s) (func (export "g") (result i32) (i32.const 0)))"#,
      "type.wasm": #"(module (func (export "g") (result i64) (i64.const 0)))"#,
    ])
    let command = folder.command
    try expect(
      command, "run m.wasm --link a=a.wasm --link b=b.wasm --invoke g", 0, output: "6\n")
    try expect(
      command, "run m.wasm --link b=b.wasm --link a=a.wasm --invoke g", 64,
      "error: --link: nothing is imported from 'a'", "  at: a.wasm", "help: imports are from b")
    try expect(
      command, "run m.wasm --link b=b.wasm --invoke g", 65, "error: unknown import: a.f",
      "  at: b.wasm")
    try expect(
      command, "record m.wasm --link b=trap.wasm --invoke g", 134, "error: trap: unreachable",
      "  at: trap.wasm")
    #expect(try !folder.names.contains("m.wasmprof"))
    try expect(
      command, "run m.wasm --link b=type.wasm --invoke g", 65,
      "error: incompatible import type: b.g")
    try expect(
      command, "run m.wasm --link c=b.wasm --link a=a.wasm --invoke g", 64, "help: ")
    try expect(command, "run m.wasm --link b=none.wasm --invoke g", 66, "  at: none.wasm")
    try expect(command, "run m.wasm --link b --invoke g", 64, "'b' is not NAME=FILE")
    let near = try self.folder([
      "l.wasm": #"(module (func (export "f")))"#,
      "m.wasm": #"(module (import "library" "f" (func)) (func (export "_start")))"#,
    ])
    try expect(
      near.command, "run m.wasm --link libary=l.wasm", 64, "help: did you mean library?")
  }

  /// Each module of a process that the environment records gets a profile.
  @Test func severalModulesByTheEnvironment() throws {
    let folder = try folder([
      "l.wasm": #"(module (func (export "f")))"#,
      "m.wasm": #"(module (import "l" "f" (func $f)) (func (export "_start") (call $f)))"#,
    ])
    var command = folder.command
    command.environment["WASM_PGO_PROFILE"] = "p.wasmprof"
    try expect(command, "run m.wasm --link l=l.wasm", 0)
    let names = try folder.names.filter { $0.hasPrefix("p.") }
    #expect(names.count == 2 && names.contains("p.wasmprof"))
    #expect(names.contains { $0.wholeMatch(of: /p\.[0-9a-f]{16}\.wasmprof/) != nil })
    // `record` records its module, and no other.
    command.environment["WASM_PGO_PROFILE"] = "r.wasmprof"
    try expect(command, "record m.wasm --link l=l.wasm", 0)
    #expect(try folder.names.filter { $0.hasPrefix("r.") } == ["r.wasmprof"])
  }
}
