import TestSupport
import Testing
import Wasm

@testable import WasmText

/// Texts that nobody would write: an error or a well-formed module, in time, without a crash.
struct TextRobustnessTests {
  static let sample = """
    (module $m (type $t (func (param $a i32) (result i32)))
      (import "env" "f" (func $f (type $t))) (func $g (export "g") (import "a" "b") (param f32))
      (memory $mem (data "abc\\00\\u{e9}")) (table $tab funcref (elem $f (;x;) $g)) (@note (a b))
      (global $x (mut i64) (i64.const -0x1_0)) (start $s) (elem $e declare func $f)
      (elem (table $tab) (offset i32.const 0) funcref (ref.null func) (item ref.func $f))
      (data $d "x") (export "mem" (memory $mem)) ;; end
      (func $s (local $l f64) (local i32 i32)
        (block $b (result i32) (br_if $b (i32.const 1) (local.get 1)) (drop) (i32.const 0x7f))
        (if (param i32) (result i32) (then (call $f)) (else i32.const 2 drop call_indirect $tab (type $t)))
        drop block $c loop br_table $c 0 1 end end $c f32.const nan:0x12 drop f64.const 1.5e-3
        (select (result i32) (i32.load offset=4 align=2 (i32.const 0)) (i32.const 1) (i32.const 0))
        (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) table.copy $tab $tab data.drop $d))
    """

  /// Whether `text` was taken; then it is well-formed.
  func exercise(_ text: [UInt8]) -> Bool {
    let bytes: [UInt8]
    do throws(WasmTextError) {
      bytes = try assemble(text)
    } catch {
      #expect(error.offset <= text.count && error.line > 0 && error.column > 0)
      return false
    }
    do throws(WasmError) {
      _ = try Module(decoding: bytes)
    } catch {
      if error.kind == .malformed {
        Issue.record("\(String(decoding: text, as: UTF8.self)): \(error)")
      }
    }
    return true
  }

  @Test func truncation() {
    let text = Array(Self.sample.utf8)
    for length in 1..<text.count where exercise(Array(text[..<length])) {
      Issue.record("cut at \(length)")
    }
    #expect(exercise(text))
  }

  @Test func damagedBytes() {
    var generator = RobustnessTests.Generator(state: 0x9E37_79B9_7F4A_7C15)
    var accepted = 0
    for _ in 0..<10_000 {
      var text = Array(Self.sample.utf8)
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let index = text.indices.randomElement(using: &generator)!
        text[index] = UInt8.random(in: 0...127, using: &generator)
      }
      if exercise(text) { accepted += 1 }
    }
    print("damaged texts: \(accepted) of 10000 still assemble")
  }

  /// Tokens dropped, doubled, exchanged: these get past the lexer.
  @Test func shuffledTokens() throws {
    var generator = RobustnessTests.Generator(state: 0xD1B5_4A32_D192_ED03)
    let source = Array(Self.sample.utf8)
    let tokens = try Lexer.tokens(of: source).dropLast()
      .map { Array(source[Int($0.start)..<Int($0.end)]) }
    var accepted = 0
    for _ in 0..<20_000 {
      var changed = tokens
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let (a, b) = (
          changed.indices.randomElement(using: &generator)!,
          Int.random(in: 0..<changed.count, using: &generator)
        )
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: changed.remove(at: a)
        case 1: changed.insert(changed[b], at: a)
        case 2: changed.swapAt(a, b)
        default: changed[a] = changed[b]
        }
      }
      if exercise(Array(changed.joined(separator: [0x20]))) { accepted += 1 }
    }
    print("shuffled texts: \(accepted) of 20000 still assemble")
    #expect(accepted > 0)
  }

  static let nested: [(String, String, String)] = [
    ("(func ", "(block $a (br $a)", ")"), ("(func ", "(block ", ""), ("(func ", "block ", "end "),
    ("(func (drop ", "(i32.eqz ", ")"), ("(func ", "(if (i32.const 0) (then ", "))"),
    ("(func ", "(if ", ""), ("(@a ", "(", ")"), ("", "(;", ";)"), ("(foo ", "(", ")"),
    ("(global i32 ", "(i32.clz ", ")"), ("(func ", "(", ")"), ("(type ", "(func ", ")"),
  ]

  /// 100,000 levels: nothing here may recurse, or search outward level by level.
  @Test(arguments: nested.indices) func nesting(index: Int) {
    let start = ProcessorTime.ofThread
    let (head, open, close) = Self.nested[index]
    let text =
      head + String(repeating: open, count: 100_000) + String(repeating: close, count: 100_000)
    _ = exercise(Array(text.utf8))
    _ = exercise(Array((text + "))").utf8))
    _ = exercise(Array((text + ")").utf8))
    #expect(ProcessorTime.ofThread - start < .seconds(30))
  }

  /// All branches to the outermost of many labels.
  @Test func farLabels() {
    let start = ProcessorTime.ofThread
    let text =
      "(func block $far " + String(repeating: "block $near br $far ", count: 100_000)
      + String(repeating: "end ", count: 100_001) + ")"
    #expect(exercise(Array(text.utf8)))
    #expect(ProcessorTime.ofThread - start < .seconds(30))
  }
}
