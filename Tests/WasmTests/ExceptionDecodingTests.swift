import Testing
import Wasm
import WasmText

/// Exceptions in both binary forms, and the one form that they become.
struct ExceptionDecodingTests {
  private static func module(_ fields: String) throws -> Module {
    try Module(validating: assemble("(module \(fields))"))
  }

  @Test func tags() throws {
    let module = try Self.module(
      """
      (type $t (func (param i32)))
      (import "a" "b" (tag $imported (param i64)))
      (tag $own (export "own") (type $t))
      (export "again" (tag $imported))
      """)
    #expect(module.tags.map(\.typeIndex) == [1, 0])
    #expect(module.importedTagCount == 1)
    #expect(module.imports[0].type == .tag(TagType(typeIndex: 1)))
    #expect(module.exports.map(\.kind) == [.tag, .tag])
    #expect(module.exports.map(\.index) == [1, 0])
    #expect(try module.features().contains(.exceptions))
  }

  @Test func clauses() throws {
    let module = try Self.module(
      """
      (tag $t (param i32))
      (func (result i32)
        (block $a (result exnref)
          (block $b (result i32 exnref)
            (block $c (result i32)
              (try_table (result i32)
                (catch $t $c) (catch_ref $t $b) (catch_all_ref $a)
                (i32.const 0)))
            (return))
          (drop) (return))
        (throw_ref))
      """)
    var reader = InstructionReader(module, function: 0)
    while let i = try reader.next() {
      guard i.opcode == .tryTable else {
        #expect(i.clauses.isEmpty)
        continue
      }
      #expect(i.blockType == .value(.i32))
      #expect(
        i.clauses == [
          CatchClause(tag: 0, keepsException: false, target: .label(0)),
          CatchClause(tag: 0, keepsException: true, target: .label(1)),
          CatchClause(tag: nil, keepsException: true, target: .label(2)),
        ])
    }
  }

  /// For each instruction that may throw, the number of the block that handles it; and each scope.
  private static func walk(_ fields: String) throws -> (handlers: [Int?], scopes: [HandlerScope]) {
    let module = try Self.module(fields)
    var walker = BodyWalker(module, function: module.functions.count - 1)
    var result: (handlers: [Int?], scopes: [HandlerScope]) = ([], [])
    while try walker.next() {
      if walker.instruction.mayThrow { result.handlers.append(walker.handler()?.number) }
      if walker.instruction.opcode.control.contains(.opensBlock), let scope = walker.openedScope {
        result.scopes.append(scope)
      }
    }
    return result
  }

  @Test func handlers() throws {
    let (handlers, scopes) = try Self.walk(
      """
      (tag $t) (func $g)
      (func
        (call $g)
        (block $b
          (try_table (catch_all $b)
            (call $g)
            (loop (call $g))
            (try_table (catch $t 1) (call $g))
            (throw $t)))
        (call $g))
      """)
    #expect(handlers == [nil, 1, 1, 3, 1, nil])
    #expect(scopes.map(\.catchesAll) == [true, false])
  }

  /// Arms are outside of the body, and a `delegate` skips scopes.
  @Test func legacy() throws {
    let (handlers, scopes) = try Self.walk(
      """
      (tag $t (param i32)) (func $g)
      (func
        (try $outer
          (do
            (call $g)
            (try
              (do (try (do (call $g)) (delegate $outer)))
              (catch $t (drop) (call $g) (rethrow 0))
              (catch_all (call $g))))
          (catch_all (call $g)))
        (try (do (try (do (call $g)) (delegate 1))) (catch_all)))
      """)
    #expect(handlers == [0, 2, 0, 0, 0, nil, 4])
    #expect(scopes.map(\.outerLabel) == [0, 0, 1, 0, 1])
    #expect(
      scopes[1].clauses == [
        CatchClause(tag: 0, keepsException: true, target: .arm(0)),
        CatchClause(tag: nil, keepsException: false, target: .arm(1)),
      ])
    #expect(scopes[2].clauses.isEmpty)
  }

  /// A hidden operand beneath each arm counts.
  @Test func operandHeight() throws {
    let module = try Self.module(
      """
      (tag $t (param i32 i32))
      (func (try (do) (catch $t (drop) (drop))))
      (func (block (result i32 i32) (try_table (catch $t 0)) unreachable) (drop) (drop))
      """)
    #expect(module.maxOperandHeight(ofFunction: 0) == 3)
    #expect(module.maxOperandHeight(ofFunction: 1) == 2)
  }

  static let invalid: [(String, String)] = [
    ("(func (throw 0))", "unknown tag 0"), ("(tag (result i32))", "non-empty tag result type"),
    ("(tag $t (param i32)) (func (throw $t))", "type mismatch"),
    ("(func (throw_ref))", "type mismatch"),
    ("(tag $t (param i32)) (func (try_table (catch $t 0)))", "type mismatch"),
    ("(func (try_table (catch_all_ref 0)))", "type mismatch"),
    ("(func (try_table (catch_all 1)))", "unknown label 1"),
    ("(func (result i32) (try_table (result i32) (catch_all 0) (i32.const 0)))", "type mismatch"),
    ("(func (rethrow 0))", "invalid rethrow label"),
    ("(func (try (do (rethrow 0)) (catch_all)))", "invalid rethrow label"),
    ("(func (try (do) (catch_all (drop))))", "type mismatch"),
    ("(tag $t (param i32)) (func (try (do) (catch $t)))", "type mismatch"),
    ("(func (try (do) (delegate 1)))", "unknown label 1"),
    ("(func (try (result i32) (do (i32.const 0)) (catch_all)) drop)", "type mismatch"),
    (#"(export "e" (tag 0))"#, "unknown tag 0"),
  ]

  @Test(arguments: invalid) func refused(_ fields: String, _ message: String) throws {
    let error = #expect(throws: WasmError.self) { try Self.module(fields) }
    #expect(error?.message.hasPrefix(message) == true, "\(fields): \(error as Any)")
    #expect(error?.kind == .invalid)
  }

  /// What the text format cannot say.
  @Test(
    arguments: [
      [0x19, 0x0B], [0x07, 0, 0x0B], [0x06, 0x40, 0x19, 0x19, 0x0B, 0x0B],
      [0x06, 0x40, 0x19, 0x18, 0, 0x0B], [0x06, 0x40, 0x05, 0x0B, 0x0B], [0x18, 0, 0x0B],
      [0x02, 0x40, 0x18, 0, 0x0B], [0x1F, 0x40, 1, 4, 0, 0x0B, 0x0B],
      [0x1F, 0x40, 0x7F, 0x0B, 0x0B],
    ] as [[UInt8]])
  func malformed(_ body: [UInt8]) throws {
    let bytes = Binary.function(Array(body.dropLast()))
    #expect(throws: WasmError.self, "\(body)") { try Module(decoding: bytes) }
    #expect(throws: WasmError.self, "\(body)") { try Module(validating: bytes) }
  }

  /// Flat and folded, the same bytes.
  @Test func text() throws {
    let tag = "(tag $t (param i32))"
    for (flat, folded) in [
      (
        "try $l (result i32) i32.const 0 catch $t catch_all rethrow $l end $l drop",
        "(try $l (result i32) (do (i32.const 0)) (catch $t) (catch_all (rethrow $l))) (drop)"
      ),
      (
        "try $o try $i nop delegate $o end",
        "(try $o (do (try $i (do (nop)) (delegate $o))))"
      ),
      (
        "block $b try_table $x (catch_all $b) br $x end end",
        "(block $b (try_table $x (catch_all $b) (br $x)))"
      ),
    ] {
      let one = try assemble("(module \(tag) (func \(flat)))")
      #expect(try one == assemble("(module \(tag) (func \(folded)))"), "\(flat)")
      _ = try Module(validating: one)
    }
    for wrong in [
      "(func catch_all)", "(func (try (catch_all)))", "(func (try (do) (catch_all) (catch_all)))",
      "(func try catch_all delegate 0)", "(func (try (do) (catch 0) (delegate 0)))",
      "(func (catch 0))", "(func try)",
    ] {
      #expect(throws: WasmTextError.self, "\(wrong)") { try assemble("(module \(wrong))") }
    }
  }
}
