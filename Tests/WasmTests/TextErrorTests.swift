import Testing
import WasmText

/// What is refused, where, and why.
struct TextErrorTests {
  /// A text, the line and column of its error, and what the message must contain.
  static let errors: [(String, Int, Int, String)] = [
    ("(module", 1, 8, "end of text"), ("(module))", 1, 9, "end of text"),
    ("(module) x", 1, 10, "'x'"),
    ("x", 1, 1, "'x'"), ("(module (foo))", 1, 10, "module field"), ("(func", 1, 6, "end of text"),
    ("(func\n  i32.foo)", 2, 3, "unknown instruction 'i32.foo'"),
    ("(func (; é ;) foo)", 1, 15, "unknown instruction 'foo'"),
    ("(func (local.get $x))", 1, 18, "unknown local $x"),
    ("(func call $f)", 1, 12, "unknown function $f"), ("(func br $l)", 1, 10, "unknown label $l"),
    ("(func global.get $g)", 1, 18, "unknown global $g"),
    ("(func (type $t))", 1, 13, "unknown type $t"), ("(start $s)", 1, 8, "unknown function $s"),
    ("(func table.get $t)", 1, 17, "unknown table $t"),
    ("(func memory.size $m)", 1, 19, "unknown memory $m"),
    ("(func data.drop $d)", 1, 17, "unknown data segment $d"),
    ("(func elem.drop $e)", 1, 17, "unknown element segment $e"),
    (#"(export "x" (memory $m))"#, 1, 21, "unknown memory $m"),
    ("(func $f)\n(func $f)", 2, 7, "duplicate function $f"),
    (#"(import "" "" (func $f)) (func $"f")"#, 1, 32, #"duplicate function $"f""#),
    ("(type $t (func)) (type $t (func))", 1, 24, "duplicate type"),
    ("(func (param $x i32) (local $x i32))", 1, 29, "duplicate local $x"),
    ("(func (param $x i32 i32))", 1, 21, "')'"), ("(func (result $x i32))", 1, 15, "')'"),
    ("(func (result i32) (param i32))", 1, 21, "unknown instruction 'param'"),
    ("(func (nop) (local i32))", 1, 14, "unknown instruction 'local'"),
    ("(type (func (param i32))) (func (type 0) (param i64))", 1, 42, "inline function type"),
    ("(func (type 7) (param i32))", 1, 16, "unknown type 7"),
    ("(func call_indirect (param $x i32))", 1, 28, "')'"),
    ("(func block (param $x i32) end)", 1, 20, "')'"),
    ("(func block $a end $b)", 1, 20, "label $b"), ("(func block end $b)", 1, 17, "label $b"),
    ("(func i32.const 0 if $a else $b end)", 1, 30, "label $b"),
    ("(func end)", 1, 7, "'end' without"),
    ("(func else)", 1, 7, "'else' without"), ("(func block else end)", 1, 13, "'else' without"),
    ("(func i32.const 0 if else else end)", 1, 27, "'else' without"),
    ("(func block)", 1, 12, "'end' of 'block'"),
    ("(func (block end))", 1, 14, "'end' without"), ("(func (end))", 1, 8, "unexpected 'end'"),
    ("(func (if (i32.const 0)))", 1, 24, "(then"), ("(func (if (then) nop))", 1, 18, "'('"),
    ("(func (if (then) (else) (else)))", 1, 25, "')'"), ("(func (then))", 1, 8, "'then'"),
    ("(func (drop i32.const 1))", 1, 13, "'('"), ("(func br_table)", 1, 15, "label"),
    ("(func (nop) \"x\")", 1, 13, "an instruction"),
    ("(func i32.const 1,)", 1, 17, "blank missing"),
    ("(func i32.const 0$x)", 1, 17, "malformed"),
    (#"(func (export "a""b"))"#, 1, 15, "blank missing"),
    (#"(import "a" "b" (func)) (func) (import "a" "b" (func))"#, 1, 33, "import after"),
    (#"(memory 1) (global (import "a" "b") i32)"#, 1, 13, "import after"),
    ("(func) (start 0) (start 0)", 1, 19, "multiple start"),
    ("(memory 4294967296)", 1, 9, "out of range"), ("(memory)", 1, 8, "a size"),
    ("(memory 1 2 3)", 1, 13, "')'"), ("(table 1 i32)", 1, 10, "no reference type"),
    ("(table 1)", 1, 9, "value type"),
    ("(table funcref)", 1, 15, "(elem"), ("(global i32 (i32.const 0)", 1, 26, "')'"),
    ("(global (mut i32 i32) nop)", 1, 18, "')'"),
    ("(elem (i32.const 0) i32 (ref.null func))", 1, 21, "no reference"),
    ("(elem (offset) x)", 1, 16, "value type"),
    ("(elem declare (i32.const 0) func)", 1, 15, "value type"),
    ("(data 1)", 1, 7, "')'"), (#"(data "a" (i32.const 0))"#, 1, 11, "')'"),
    ("(export \"a\" (type 0))", 1, 14, "func, table, memory, tag or global"),
    ("(export a (func 0))", 1, 9, "a string"),
    ("(memory 1 1 shared)", 1, 13, "needs threads"),
    ("(memory 0 (pagesize 3))", 1, 21, "invalid custom page size"),
    ("(memory (pagesize 0) (data))", 1, 19, "invalid custom page size"),
    ("(memory (pagesize 1) 1)", 1, 22, "(data"),
    ("(type (struct))", 1, 8, "needs gc"),
    ("(module quote \"(func\\n x)\")", 1, 15, "in quoted module: 2:2: unknown instruction 'x'"),
    ("(module binary \"a\" x)", 1, 20, "')'"),
    (#"(module quote "(module quote \22\22)")"#, 1, 15, "in quoted module"),
    // Lexer
    (#"(func (export"b"))"#, 1, 8, "blank missing"),
    ("(; (; ;)", 1, 1, "unclosed comment"), (";; a\n(; ", 2, 1, "unclosed comment"),
    ("\"abc", 1, 1, "unclosed string"), ("(data \"a\nb\")", 1, 7, "unclosed string"),
    ("(data \"\u{7}\")", 1, 8, "control character"), (#"(data "\x")"#, 1, 8, "escape"),
    (#"(data "\u{d800}")"#, 1, 8, "escape"), (#"(data "\u{110000}")"#, 1, 8, "escape"),
    (#"(data "\u{}")"#, 1, 8, "escape"), (#"(data "\0")"#, 1, 8, "escape"),
    ("(func é)", 1, 7, "illegal character"),
    ("(func \u{0})", 1, 7, "illegal character"), ("(func $)", 1, 7, "empty identifier"),
    (#"(func $"")"#, 1, 7, "empty identifier"), (#"(func $"\ff")"#, 1, 8, "UTF-8"),
    (#"(func (export "\ff"))"#, 1, 15, "UTF-8"),
    ("(@)", 1, 3, "annotation name"), ("(@ x)", 1, 3, "annotation name"),
    ("(@x (", 1, 1, "unclosed annotation"),
    ("(func (@x \"\\z\"))", 1, 12, "escape"),
  ]

  @Test(arguments: errors.indices)
  func refused(index: Int) throws {
    let (text, line, column, message) = Self.errors[index]
    let error = #expect(throws: WasmTextError.self, "\(text)") { try assemble(text) }
    guard let error else { return }
    #expect((error.line, error.column) == (line, column), "\(text): \(error)")
    #expect(error.message.contains(message), "\(text): \(error)")
    #expect(Array(text.utf8).count >= error.offset)
  }

  @Test func offsetCountsBytes() {
    let error = #expect(throws: WasmTextError.self) { try assemble(";; é\n;; €\n(func é)") }
    #expect(error?.offset == 6 + 7 + 6)
    #expect(error?.description == "3:7: illegal character")
  }

  /// What only looks wrong.
  static let fine = [
    ";; comment at the end", "(;;)(module(;(;;);));;", "(func)\r(func)\r\n;;x\r(func)\t",
    #"(@a (b ,;[]{} "(" (c) $) "x" 1x$)(func (@b)nop)"#, #"(@"q r" x)"#, "(func(nop)nop(nop))",
    #"(data "\t\n\r\"\'\\\u{1_F600}\00é")"#,
    #"(func (export "\u{0}"))"#,
    "(func $!#$%&'*+-./:<=>?@\\^_`|~0aZ)", "(func (block $a (block $a)))",
    "(func br 99 local.get 99 call 99)",
    "(func (type 9))", "(data $d) (data $\"d \")", "(module binary)", "(elem func) (elem funcref)",
    "(@custom \"x\" \"y\") (@name \"z\")",
  ]

  @Test(arguments: fine)
  func taken(text: String) throws { _ = try assemble(text) }

  /// Equal as strings, but not as identifiers.
  @Test func identifiersAreScalars() throws {
    _ = try assemble(#"(func $"\u{e9}") (func $"e\u{301}")"#)
  }
}
