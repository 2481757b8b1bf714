import TestSupport
import Testing
import WasmText

/// A guest that does not catch an exception.
@Suite struct UncaughtTests {
  @Test func endsLikeATrap() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      assemble(
        """
        (module
          (tag $t (param i32 f64))
          (func $inner (param i32) (throw $t (local.get 0) (f64.const 0.5)))
          (func (export "f") (param i32) (call $inner (local.get 0))))
        """), "m.wasm")
    let outcome = try folder.command("run m.wasm --invoke f -- 7")
    #expect(outcome.status == 134)
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.first == "error: uncaught exception (i32 7, f64 0.5)")
    #expect(lines.dropFirst().prefix(2).map { $0.split(separator: " ")[1] } == ["inner", "f"])
  }
}
