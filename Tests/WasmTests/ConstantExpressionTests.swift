import Glibc
import Testing
import Wasm
import WasmText

/// Constant expressions of any length, in time linear in it.
struct ConstantExpressionTests {
  /// `count` constants, then as many additions but one.
  private static func module(_ count: Int, _ last: String = "") throws -> [UInt8] {
    try assemble(
      """
      (module (global (export "g") i32
        \(String(repeating: "(i32.const 1)", count: count))
        \(String(repeating: "i32.add ", count: count - 1)) \(last)))
      """)
  }

  @Test func deepExpressionsAreLinear() throws {
    let bytes = try Self.module(160_000)
    let start = clock()
    let module = try Module(validating: bytes)
    // 20 s if the stack is copied at each step, a hundredth of a second if not.
    #expect(Double(clock() - start) / Double(CLOCKS_PER_SEC) < 8)
    #expect(module.globals[0].initializer?.steps.count == 319_999)
  }

  @Test func operandsMustBeThere() throws {
    for (last, message) in [("i32.add", "type mismatch"), ("i64.add", "type mismatch")] {
      let bytes = try Self.module(3, last)
      #expect(throws: WasmError.self, "\(message)") { try Module(validating: bytes) }
    }
  }
}
