import TestSupport
import Testing

/// Vectors as arguments and results of `--invoke`.
struct VectorArgumentTests {
  @Test(
    arguments: [
      ("0", "i32x4 0x00000000 0x00000000 0x00000000 0x00000000"),
      (
        "340282366920938463463374607431768211455",
        "i32x4 0xffffffff 0xffffffff 0xffffffff 0xffffffff"
      ),
      ("0x10000000200000003", "i32x4 0x00000003 0x00000002 0x00000001 0x00000000"),
      ("i32x4 1 -1 0x10 4294967295", "i32x4 0x00000001 0xffffffff 0x00000010 0xffffffff"),
      (
        "i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -128 255",
        "i32x4 0x04030201 0x08070605 0x0c0b0a09 0xff800e0d"
      ),
      ("i16x8 1 2 3 4 5 6 7 8", "i32x4 0x00020001 0x00040003 0x00060005 0x00080007"),
      ("i64x2 1 -1", "i32x4 0x00000001 0x00000000 0xffffffff 0xffffffff"),
      ("f32x4 1 -0 inf 0.5", "i32x4 0x3f800000 0x80000000 0x7f800000 0x3f000000"),
      ("f64x2 1 -0", "i32x4 0x00000000 0x3ff00000 0x00000000 0x80000000"),
    ])
  func vector(argument: String, printed: String) throws {
    let folder = try Self.folder()
    let outcome = try Command(directory: folder.root).run([
      "run", "m.wasm", "--invoke", "same", "--", argument,
    ])
    #expect(outcome.status == 0 && outcome.output == printed + "\n", "\(outcome)")
    // What is printed is an argument too.
    let again = try Command(directory: folder.root).run([
      "run", "m.wasm", "--invoke", "same", "--", printed,
    ])
    #expect(again.output == outcome.output)
  }

  @Test(
    arguments: [
      "", "x", "1.5", "-1", "340282366920938463463374607431768211456", "i32x4 1 2 3",
      "i32x4 1 2 3 4 5", "i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 256", "i64x2 1",
      "i16x8 1 2 3 4 5 6 7 -32769", "f32x4 1 2 3", "f64x2 1 x", "i32x2 1 2",
    ])
  func invalid(argument: String) throws {
    let folder = try Self.folder()
    let outcome = try Command(directory: folder.root).run([
      "run", "m.wasm", "--invoke", "same", "--", argument,
    ])
    #expect(
      outcome.status == 64 && outcome.errors.contains("'\(argument)' is not a valid v128"),
      "\(outcome)")
  }

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    // (module (func (export "same") (param v128) (result v128) (local.get 0)))
    try folder.write(
      [
        0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7B, 1, 0x7B, 3, 2, 1, 0, 7, 8, 1, 4,
        0x73, 0x61, 0x6D, 0x65, 0, 0, 10, 6, 1, 4, 0, 0x20, 0, 0x0B,
      ], "m.wasm")
    return folder
  }
}
