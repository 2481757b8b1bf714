import TestSupport
import Testing
import WasmText

/// `compile --relaxed-simd`, and who says what it chose.
struct RelaxedSIMDTests {
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    // (1 + 2^-12)^2 - 1: rounded once, 2^-11 + 2^-24; rounded twice, 2^-11.
    try folder.write(
      WasmText.assemble(
        """
        (module (func (export "madd") (result v128)
          (f32x4.relaxed_madd (f32x4.splat (f32.const 0x1.001p0)) (f32x4.splat (f32.const 0x1.001p0))
            (f32x4.splat (f32.const -1)))))
        """), "m.wasm")
    return folder
  }

  @Test(
    arguments: [
      (
        "--relaxed-simd deterministic --cpu x86-64-v3", "relaxed SIMD    deterministic\n",
        "0x3a000000"
      ),
      ("--relaxed-simd fastest --cpu x86-64-v2", "swizzle-wraps", "0x3a000000"),
      ("--cpu x86-64-v3", "fused-multiply-add", "0x3a000400"),
    ])
  func choice(options: String, shown: String, lane: String) throws {
    let folder = try Self.folder()
    let compiled = try folder.command("compile m.wasm -o m.so \(options)")
    try #require(compiled.status == 0, "\(compiled.errors)")
    #expect(try folder.command("inspect m.so").output.contains(shown))
    let lanes = Array(repeating: lane, count: 4).joined(separator: " ")
    #expect(try folder.command("run m.so --invoke madd").output == "i32x4 \(lanes)\n")
    let verified = try folder.command("verify m.so --invoke madd").output
    #expect(verified.contains("\nrelaxed SIMD  "), "\(verified)")
  }

  @Test func unknownChoice() throws {
    let outcome = try Self.folder().command("compile m.wasm --relaxed-simd slow")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("fastest") && outcome.errors.contains("deterministic"))
  }
}
