import Baseline
import Contract
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

/// What a small body must not cost, and what a large one may.
@Suite("Limits of the baseline compiler")
struct BaselineLimitTests {
  private static func compile(_ text: String) throws -> CompiledFunction {
    let module = try Module(validating: assemble(text))
    return try BaselineCompiler.compile(module, function: 0, layout: ContextLayout(module))
  }

  /// Each br_if moves a thousand operands.
  @Test func codeExplosionIsRefused() throws {
    let types = String(repeating: " i64", count: 1000)
    let branches = String(repeating: "(br_if 0 (local.get 0))", count: 20_000)
    let text = """
      (module (func (param i32)
        (i64.const 0)
        (block (result\(types))
          \(String(repeating: "(i64.const 0)", count: 1001))
          \(branches)
          unreachable)
        unreachable))
      """
    #expect(throws: WasmError.self) { try Self.compile(text) }
  }

  /// Each clause of a handler copies a thousand values, behind the body.
  @Test func explosionOfHandlersIsRefused() throws {
    let types = String(repeating: " i64", count: 1000)
    let clauses = String(repeating: "(catch 0 1)", count: 20_000)
    let text = """
      (module (tag (param\(types))) (func (result\(types))
        (block (try_table \(clauses) (call 0) unreachable))
        unreachable))
      """
    #expect(throws: WasmError.self) { try Self.compile(text) }
  }

  /// Operands below, and local.set all the time: time must stay linear.
  @Test func aliasesAreFoundOnce() throws {
    let count = 20_000
    let text = """
      (module (func (param i32) (result i32)
        \(String(repeating: "(local.get 0)", count: count))
        \(String(repeating: "(local.set 0 (i32.add (local.get 0) (i32.const 1)))", count: count))
        \(String(repeating: "i32.add ", count: count - 1))))
      """
    let module = try Module(validating: assemble(text))
    let time = try ProcessorTime.measure {
      _ = try BaselineCompiler.compile(module, function: 0, layout: ContextLayout(module))
    }
    #expect(time < .seconds(2))
    let machine = try Machine()
    let instance = try machine.instantiate(
      text.replacing("(func (param", with: "(func (export \"f\") (param"))
    #expect(try instance.call("f", .i32(3)) == [.i32(Int32(3 * count))])
  }

  @Test func manyLocalsAreZero() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module (func (export "f") (param i32 i64 f32 i64) (result i64)
        (local \(String(repeating: " i64", count: 1000)))
        \((4..<1004).map { "(local.get \($0))" }.joined())
        \(String(repeating: "i64.or ", count: 999))
        (i64.add (local.get 3))
        (i64.add (i64.extend_i32_u (local.get 0)))))
      """)
    #expect(try instance.call("f", .i32(-1), .i64(-1), .f32(1.5), .i64(2)) == [.i64(0x1_0000_0001)])
  }

  /// Larger than the guard page: the check comes before the frame is touched.
  @Test func hugeFramesOverflowTheStackCleanly() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module (func $f (export "f") (param i32) (result i32)
        (local \(String(repeating: " i64", count: 40_000)))
        (call $f (i32.add (local.get 0) (i32.const 1)))))
      """)
    #expect(try instance.trap("f", .i32(0))?.code == .stackOverflow)
  }

  /// Operands beyond the registers, of both kinds, across calls and shifts and divisions.
  @Test func registersRunOut() throws {
    let depth = 40
    let integers = (0..<depth).map { "(i64.add (local.get 0) (i64.const \($0)))" }.joined()
    let floats = (0..<depth).map { "(f64.add (local.get 1) (f64.const \($0)))" }.joined()
    let text = """
      (module (func (export "f") (param i64 f64) (result i64)
        \(integers)
        (i64.div_u (local.get 0) (i64.shl (i64.const 1) (i64.and (local.get 0) (i64.const 3))))
        (i64.rotl (local.get 0)) (i64.rem_s (i64.const 1000))
        \(String(repeating: "i64.add ", count: depth))
        \(floats)
        \(String(repeating: "f64.add ", count: depth - 1))
        i64.trunc_f64_s
        i64.add))
      """
    let machine = try Machine()
    let instance = try machine.instantiate(text)
    let sum = depth * (depth - 1) / 2
    let expected = Int64(depth * 21 + sum + depth * 2 + sum + (10 << 21) % 1000)
    #expect(try instance.call("f", .i64(21), .f64(Double(2))) == [.i64(expected)])
  }
}
