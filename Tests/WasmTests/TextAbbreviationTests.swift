import Testing
import Wasm
import WasmText

/// Every abbreviation of the text format means what the specification's expansion of it means.
struct TextAbbreviationTests {
  /// An abbreviation and its expansion. Where identifiers matter both have them, since they are in the binary.
  static let pairs: [(String, String)] = [
    // Modules
    ("", "(module)"),
    ("(memory 1) (func)", "(module (memory 1) (func))"),
    (#"(module binary "\00asm" "\01\00\00\00")"#, "(module)"),
    (#"(module quote "(memory" " 1)")"#, "(module (memory 1))"),
    (#"(module $m quote "(module $n (func))")"#, "(module $n (func))"),
    // Types
    (
      "(type (func (param i32 i64) (result f32 f64)))",
      "(type (func (param i32) (param $x i64) (result f32) (result f64)))"
    ),
    ("(type (func (param) (result)))", "(type (func))"),
    // Type uses
    ("(func (param i32))", "(type (func (param i32))) (func (type 0))"),
    ("(func (type 0)) (type (func))", "(type (func)) (func (type 0))"),
    (
      "(type (func)) (type (func)) (type (func (result i32))) (func) (func (param i64))",
      """
      (type (func)) (type (func)) (type (func (result i32))) (type (func (param i64)))
      (func (type 0)) (func (type 3))
      """
    ),
    (
      "(func (block (param i32))) (func (param i64)) (type (func (param f32)))",
      """
      (type (func (param f32))) (type (func)) (type (func (param i32))) (type (func (param i64)))
      (func (type 1) block (type 2) end) (func (type 3))
      """
    ),
    ("(type (func (param i32))) (func (type 0) (param i32))", "(func (param i32))"),
    ("(type (func (param i32))) (func (type 0) (param) (result))", "(func (param i32))"),
    // Locals
    (
      "(func (param i32) (local i32 i32) (local f32) (local) (local f32))",
      "(func (param i32) (local i32) (local i32 f32 f32))"
    ),
    // Imports and exports
    (#"(func (import "a" "b") (param i32))"#, #"(import "a" "b" (func (param i32)))"#),
    (#"(func $f (import "a" "b"))"#, #"(import "a" "b" (func $f))"#),
    (
      #"(table (import "a" "b") 1 2 funcref)"#, #"(import "a" "b" (table 1 2 funcref))"#
    ),
    (#"(memory (import "a" "b") 1)"#, #"(import "a" "b" (memory 1))"#),
    (#"(global (import "a" "b") (mut i32))"#, #"(import "a" "b" (global (mut i32)))"#),
    (#"(func (export "x"))"#, #"(func) (export "x" (func 0))"#),
    (
      #"(func) (func (export "x") (export "y")) (export "z" (func 0))"#,
      #"(func) (func) (export "x" (func 1)) (export "y" (func 1)) (export "z" (func 0))"#
    ),
    (
      #"(func (export "x") (import "a" "b"))"#, #"(import "a" "b" (func)) (export "x" (func 0))"#
    ),
    (#"(memory (export "m") 1)"#, #"(memory 1) (export "m" (memory 0))"#),
    (#"(table (export "t") 1 funcref)"#, #"(table 1 funcref) (export "t" (table 0))"#),
    (
      #"(global (export "g") i32 (i32.const 1))"#,
      #"(global i32 (i32.const 1)) (export "g" (global 0))"#
    ),
    (
      #"(memory (export "m") (data "abc"))"#,
      #"(memory 1 1) (export "m" (memory 0)) (data (memory 0) (offset i32.const 0) "abc")"#
    ),
    // Segments in tables and memories
    (#"(memory (data "ab" "c"))"#, #"(memory 1 1) (data (i32.const 0) "abc")"#),
    ("(memory (data))", "(memory 0 0) (data (i32.const 0))"),
    (
      "(func $f) (table funcref (elem $f $f))",
      "(func $f) (table 2 2 funcref) (elem (table 0) (offset (i32.const 0)) func 0 0)"
    ),
    (
      "(func) (table 1 funcref) (table funcref (elem (ref.null func) (item ref.func 0)))",
      """
      (func) (table 1 funcref) (table 2 2 funcref)
      (elem (table 1) (offset i32.const 0) funcref (item ref.null func) (ref.func 0))
      """
    ),
    (
      "(table externref (elem (ref.null extern)))",
      "(table 1 1 externref) (elem (table 0) (offset i32.const 0) externref (ref.null extern))"
    ),
    ("(table funcref (elem))", "(table 0 0 funcref) (elem (i32.const 0) func)"),
    // An inline segment takes an index before the ones that come after it.
    (
      #"(memory (data "a")) (data "b") (func data.drop 1)"#,
      #"(memory 1 1) (data (i32.const 0) "a") (data "b") (func data.drop 1)"#
    ),
    (
      #"(memory (data "a")) (data $d "b") (func data.drop $d)"#,
      #"(memory 1 1) (data (i32.const 0) "a") (data $d "b") (func data.drop 1)"#
    ),
    (
      "(table funcref (elem)) (elem $e func) (func elem.drop $e)",
      "(table 0 0 funcref) (elem (i32.const 0) func) (elem $e func) (func elem.drop 1)"
    ),
    // Element segments
    (
      "(table 1 funcref) (func) (elem (i32.const 0) 0)",
      "(table 1 funcref) (func) (elem (table 0) (offset i32.const 0) func 0)"
    ),
    (
      "(table 1 funcref) (func) (elem (offset (i32.const 0)) func 0)",
      "(table 1 funcref) (func) (elem (i32.const 0) funcref (ref.func 0))"
    ),
    (
      "(table 1 funcref) (elem (i32.add (i32.const 1) (i32.const 2)) func)",
      "(table 1 funcref) (elem (offset i32.const 1 i32.const 2 i32.add) func)"
    ),
    ("(func) (elem func 0)", "(func) (elem funcref (item (ref.func 0)))"),
    ("(func) (elem declare func 0)", "(func) (elem declare funcref (ref.func 0))"),
    // Data segments
    (
      #"(memory 1) (data (i32.const 1) "x")"#,
      #"(memory 1) (data (memory 0) (offset i32.const 1) "x")"#
    ),
    // Instructions: left-out indices
    (
      """
      (memory 1) (data "") (table 1 funcref) (elem func)
      (func i32.load memory.size memory.grow memory.fill memory.copy memory.init 0
        table.get table.set table.size table.grow table.fill table.copy table.init 0
        call_indirect)
      """,
      """
      (memory 1) (data "") (table 1 funcref) (elem func)
      (func i32.load 0 offset=0 align=4 memory.size 0 memory.grow 0 memory.fill 0 memory.copy 0 0
        memory.init 0 0 table.get 0 table.set 0 table.size 0 table.grow 0 table.fill 0
        table.copy 0 0 table.init 0 0 call_indirect 0 (type 0))
      """
    ),
    ("(func select (result i32))", "(func select (result i32) (result))"),
    // Folded instructions
    (
      "(func (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))) drop)",
      "(func i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add drop)"
    ),
    ("(func i32.const 1 (drop))", "(func i32.const 1 drop)"),
    (
      "(func (block $l (result i32) (br $l (i32.const 1))) drop)",
      "(func block $l (result i32) i32.const 1 br 0 end $l drop)"
    ),
    ("(func (loop nop (nop) br 0))", "(func loop nop nop br 0 end)"),
    (
      "(func (if (result i32) (i32.const 1) (then i32.const 2) (else (i32.const 3))) drop)",
      "(func i32.const 1 if (result i32) i32.const 2 else i32.const 3 end drop)"
    ),
    ("(func (if (i32.const 1) (then)))", "(func i32.const 1 if end)"),
    ("(func (if $x (i32.const 1) (then br $x) (else)))", "(func i32.const 1 if br 0 else end)"),
    (
      "(func (if (block (result i32) i32.const 1) (then (if (i32.const 2) (then nop)))))",
      "(func block (result i32) i32.const 1 end if i32.const 2 if nop end end)"
    ),
    (
      "(func (call_indirect (param i32) (result i64) (i32.const 1) (i32.const 2)))",
      "(func i32.const 1 i32.const 2 call_indirect 0 (param i32) (result i64))"
    ),
    // Labels: the innermost of a name, and a condition is outside its `if`
    (
      "(func block $a block $a block $b br $a end end end)",
      "(func block block block br 1 end end end)"
    ),
    (
      "(func block $a block $a end $a br $a end $a)", "(func block block end br 0 end)"
    ),
    (
      "(func (block $a (if $a (br_if $a (i32.const 1)) (then br $a))))",
      "(func block i32.const 1 br_if 0 if br 0 end end)"
    ),
    ("(func block $a br_table $a 0 $a end)", "(func block br_table 0 0 0 end)"),
    // A block's type
    (
      "(type (func (param i32) (result i32))) (func block (param i32) (result i32) end)",
      "(type (func (param i32) (result i32))) (func block (type 0) end)"
    ),
    // Constant expressions
    (
      "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
      "(global i32 i32.const 1 i32.const 2 i32.add)"
    ),
    // Identifiers: used before they are defined, each in a space of its own
    (
      #"(export "x" (func $a)) (func call $b) (func $b) (func $a)"#,
      #"(export "x" (func 2)) (func call 1) (func $b) (func $a)"#
    ),
    (
      """
      (type $x (func)) (func $x (type $x) (local $x i32) global.get $x local.get $x call $x drop drop)
      (global $x i32 (i32.const 0)) (memory $x 1) (table $x 1 funcref) (start $x)
      """,
      """
      (type $x (func)) (func $x (type 0) (local $x i32) global.get 0 local.get 0 call 0 drop drop)
      (global $x i32 (i32.const 0)) (memory $x 1) (table $x 1 funcref) (start 0)
      """
    ),
    (#"(func $"a b\u{e9}" call $"a b\c3\a9")"#, #"(func $"a b\u{e9}" call 0)"#),
    (#"(func $a call $"a")"#, "(func $a call 0)"),
  ]

  @Test(arguments: pairs.indices)
  func abbreviation(index: Int) throws {
    let (short, long) = Self.pairs[index]
    #expect(try assemble(short) == assemble(long), "\(short)")
    _ = try Module(decoding: assemble(short))
  }
}
