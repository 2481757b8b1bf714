import Testing
import Wasm
import WasmText

/// Typed function references (spec 3.0): what validates, and where what does not is wrong.
struct FunctionReferenceTests {
  private func error(_ fields: String) throws -> WasmError? {
    refusal(of: try assemble("(module (type $t (func (param i32) (result i32))) \(fields))"))
  }

  static let valid = [
    // Locals without a default: set on every way to their use.
    "(func (param (ref $t)) (local (ref $t)) (local.set 1 (local.get 0)) (drop (local.get 1)))",
    """
    (func (param (ref $t)) (local i32 (ref $t) f64 (ref $t))
      (drop (local.tee 4 (local.get 0)))
      (block (loop (if (i32.const 1) (then (drop (local.get 4))) (else (drop (local.get 4))))))
      (block (local.set 2 (local.get 4)) (drop (local.get 2))))
    """,
    // Never read.
    "(func (local (ref $t)))",
    "(func (param (ref $t)) (drop (block (result (ref null $t)) (local.get 0))))",
    "(func (param (ref $t)) (result funcref) (local.get 0))",
    "(func (param (ref null $t)) (result i32) (call_ref $t (i32.const 1) (local.get 0)))",
    "(func (result i32) (call_ref $t (i32.const 1) (ref.null $t)))",
    "(func (param (ref $t)) (result i32) (return_call_ref $t (i32.const 1) (local.get 0)))",
    // Another index of an equal type.
    "(type $u (func (param i32) (result i32))) (func (param (ref $u)) (result i32) (call_ref $t (i32.const 1) (local.get 0)))",
    """
    (func (param (ref null $t)) (result i32)
      (block $null (return (call_ref $t (i32.const 1) (br_on_null $null (local.get 0)))))
      (i32.const 0))
    """,
    """
    (func (param (ref null $t)) (result i64 (ref $t))
      (i64.const 1) (br_on_non_null 0 (local.get 0)) (drop) (unreachable))
    """,
    "(func (param externref) (result (ref extern)) (ref.as_non_null (local.get 0)))",
    // In unreachable code, any reference.
    "(func (result i32) (unreachable) (ref.as_non_null) (ref.is_null))",
    "(func (unreachable) (br_on_null 0) (ref.is_null) (drop))",
    "(func (result i32) (unreachable) (ref.as_non_null) (call_ref $t))",
    "(func (result (ref $t)) (unreachable) (ref.as_non_null))",
    "(func $f (type $t) (local.get 0)) (table 3 (ref $t) (ref.func $f))",
    "(func $f (type $t) (local.get 0)) (table 3 funcref (ref.func $f))",
    "(import \"\" \"\" (global $g (ref $t))) (table 3 (ref null $t) (global.get $g))",
    "(table 3 (ref null $t)) (table 3 funcref) (elem (table 1) (i32.const 0) (ref null $t))",
    "(func $f (type $t) (local.get 0)) (global (ref $t) (ref.func $f)) (func (drop (ref.func $f)))",
    "(func $f (type $t) (local.get 0)) (table 1 (ref $t) (ref.func $f)) (func (drop (ref.func $f)))",
    "(func (param (ref $t) (ref null $t) i32) (drop (select (result (ref null $t)) (local.get 0) (local.get 1) (local.get 2))))",
    "(func (param (ref $t) i32) (drop (if (result funcref) (local.get 1) (then (local.get 0)) (else (ref.null func)))))",
  ]

  @Test(arguments: valid) func isValid(fields: String) throws {
    #expect(try error(fields) == nil)
  }

  static let invalid: [(String, String)] = [
    ("(func (local (ref $t)) (drop (local.get 0)))", "uninitialized local 0"),
    (
      "(func (param (ref $t)) (local (ref $t)) (block (local.set 1 (local.get 0))) (drop (local.get 1)))",
      "uninitialized local 1"
    ),
    (
      """
      (func (param (ref $t) i32) (local (ref $t))
        (if (local.get 1) (then (local.set 2 (local.get 0))) (else (drop (local.get 2)))))
      """, "uninitialized local 2"
    ),
    ("(func (local (ref $t)) (unreachable) (drop (local.get 0)))", "uninitialized local 0"),
    ("(func (param (ref null $t)) (result (ref $t)) (local.get 0))", "type mismatch"),
    (
      "(func (param funcref) (result i32) (call_ref $t (i32.const 1) (local.get 0)))",
      "type mismatch"
    ),
    (
      "(type $u (func)) (func (param (ref $u)) (result i32) (call_ref $t (i32.const 1) (local.get 0)))",
      "type mismatch"
    ),
    ("(func (param i32) (drop (ref.as_non_null (local.get 0))))", "type mismatch"),
    ("(func (param funcref) (br_on_non_null 0 (local.get 0)))", "type mismatch"),
    ("(func (result i32) (unreachable) (ref.as_non_null) (i32.eqz))", "type mismatch"),
    ("(func (unreachable) (br_on_null 0) (i32.eqz) (drop))", "type mismatch"),
    ("(func (unreachable) (ref.as_non_null) (i32.const 0) (select) (drop))", "type mismatch"),
    ("(table 3 (ref $t))", "type mismatch"),
    ("(table 3 (ref $t) (ref.null $t))", "type mismatch"),
    ("(func $f) (table 3 (ref $t) (ref.func $f))", "type mismatch"),
    (
      "(global $g (ref null $t) (ref.null $t)) (table 3 (ref null $t) (global.get $g))",
      "unknown global"
    ),
    (
      "(table 1 (ref null $t)) (table 1 funcref) (elem (table 0) (i32.const 0) funcref)",
      "type mismatch"
    ),
    (
      "(func $f (type $t) (local.get 0)) (func (drop (ref.func $f)))",
      "undeclared function reference"
    ),
    (
      "(table 1 (ref null $t)) (func (param funcref) (table.set 0 (i32.const 0) (local.get 0)))",
      "type mismatch"
    ),
    ("(func (call_ref 7))", "unknown type 7"),
    (
      "(func (param (ref $t)) (result i64) (return_call_ref $t (i32.const 1) (local.get 0)))",
      "type mismatch"
    ),
  ]

  @Test(arguments: invalid) func isInvalid(fields: String, message: String) throws {
    let error = try #require(try error(fields))
    #expect(error.kind == .invalid && error.message.hasPrefix(message), "\(error)")
  }

  /// Which locals are set is forgotten from function to function.
  @Test func initializationIsOfOneFunction() throws {
    let set =
      "(func (param (ref $t)) (local (ref $t)) (local.set 1 (local.get 0)) (drop (local.get 1)))"
    let unset = "(func (param (ref $t)) (local (ref $t)) (drop (local.get 1)))"
    #expect(try error(set + set) == nil)
    #expect(try error(set + unset)?.message == "uninitialized local 1")
  }

  /// Of many locals, those that the types are not expanded for, too.
  @Test func manyLocals() throws {
    let locals = "(local \(String(repeating: "i32 ", count: 300)) (ref $t))"
    let set = "(local.set 301 (local.get 0))"
    let get = "(drop (local.get 301))"
    #expect(try error("(func (param (ref $t)) \(locals) \(set) \(get))") == nil)
    #expect(
      try error("(func (param (ref $t)) \(locals) \(get) \(set))")?.message
        == "uninitialized local 301")
  }

  @Test func initializersAreDecoded() throws {
    let module = try Module(
      validating: assemble(
        """
        (module (type $t (func)) (func $f (type $t))
          (table 1 funcref) (table 2 4 (ref $t) (ref.func $f)) (table 3 (ref null $t) (ref.null $t)))
        """))
    #expect(module.tables.map(\.element.description) == ["funcref", "(ref 0)", "(ref null 0)"])
    #expect(module.tableInitializers.keys.sorted() == [1, 2])
    #expect(module.tableInitializers[1] == ConstantExpression([.refFunc(0)]))
    #expect(try module.features().contains(.functionReferences))
  }

  @Test(
    arguments: [
      ([1, 0x40, 1, 0x70, 0, 0, 0xD0, 0x70, 0x0B], "malformed table", 12),
      ([1, 0x40, 0, 0x70, 0, 0, 0xD0, 0x70], "unexpected end", 18),
      ([1, 0x40, 0, 0x70, 0, 0, 0x41, 0, 0x0B], "type mismatch", 18),
    ] as [([UInt8], String, Int)])
  func damagedInitializers(_ table: [UInt8], _ message: String, _ offset: Int) throws {
    let error = try #require(refusal(of: Binary.module((.table, table))))
    #expect(error.message.hasPrefix(message) && error.offset == offset, "\(error)")
  }
}
