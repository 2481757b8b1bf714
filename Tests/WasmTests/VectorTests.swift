import Testing
import Wasm
import WasmText

/// Vectors in modules, and the value type of the host.
struct VectorTests {
  @Test func lanes() {
    let vector = V128([1, 2, 3, 0xFFFF_FFFF] as [UInt32])
    #expect(vector == V128(low: 0x2_0000_0001, high: 0xFFFF_FFFF_0000_0003))
    #expect(vector.lanes(UInt32.self) == [1, 2, 3, 0xFFFF_FFFF])
    #expect(vector.lanes(Int16.self) == [1, 0, 2, 0, 3, 0, -1, -1])
    #expect(vector.lanes(UInt64.self) == [vector.low, vector.high])
    #expect(V128([1.5, -2, 0, .infinity] as [Float]).lanes(Float.self) == [1.5, -2, 0, .infinity])
    #expect(V128([0.1, -0.0] as [Double]).lanes(Double.self).map(\.sign) == [.plus, .minus])
    #expect(V128((0..<16).map { UInt8($0) }).low == 0x0706_0504_0302_0100)
    #expect("\(vector)" == "i32x4 0x00000001 0x00000002 0x00000003 0xffffffff")
  }

  /// The last lane of each shape, and the one behind it.
  @Test(
    arguments: [
      ("i8x16.extract_lane_s %", 16), ("i8x16.extract_lane_u %", 16),
      ("i16x8.extract_lane_s %", 8), ("i16x8.extract_lane_u %", 8), ("i32x4.extract_lane %", 4),
      ("i64x2.extract_lane %", 2), ("f32x4.extract_lane %", 4), ("f64x2.extract_lane %", 2),
      ("i8x16.replace_lane % (i32.const 0)", 16), ("i16x8.replace_lane % (i32.const 0)", 8),
      ("i32x4.replace_lane % (i32.const 0)", 4), ("i64x2.replace_lane % (i64.const 0)", 2),
      ("f32x4.replace_lane % (f32.const 0)", 4), ("f64x2.replace_lane % (f64.const 0)", 2),
      ("i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 % (local.get 0)", 32),
      ("v128.load8_lane %", 16), ("v128.load16_lane %", 8), ("v128.load32_lane %", 4),
      ("v128.load64_lane %", 2), ("v128.store8_lane %", 16), ("v128.store16_lane %", 8),
      ("v128.store32_lane %", 4), ("v128.store64_lane %", 2),
    ])
  func laneBounds(instruction: String, count: Int) throws {
    func refusal(lane: Int) throws -> WasmError? {
      let address = instruction.hasPrefix("v128.") ? "(i32.const 0) " : ""
      let text = instruction.replacing("%", with: "\(lane)")
      // The operands that the instruction has behind it in the text come after the vector.
      let parts = text.split(separator: "(", maxSplits: 1)
      let rest = parts.count > 1 ? "(" + parts[1] : ""
      let drop = instruction.hasPrefix("v128.store") ? "" : "drop"
      let module = try WasmText.assemble(
        """
        (module (memory 1) (func (param v128)
          \(address)(local.get 0) \(rest) \(parts[0]) \(drop)))
        """)
      do throws(WasmError) {
        _ = try Module(validating: module)
        return nil
      } catch {
        return error
      }
    }
    #expect(try refusal(lane: count - 1) == nil)
    let error = try #require(try refusal(lane: count))
    #expect(error.message.contains("invalid lane index"), "\(error)")
  }

  @Test(
    arguments: [
      ("(func)", false), ("(func (local i64 f64))", false), ("(func (param v128))", true),
      ("(func (local i32 i32 v128))", true), ("(func (result v128) (global.get 0))", true),
      ("(func (drop (i32x4.splat (i32.const 1))))", true), ("(func (call 1) drop)", true),
      ("(func (i32.store (i32.const 0) (i32.const 1)))", false),
    ])
  func functionsWithVectors(function: String, expected: Bool) throws {
    let bytes = try WasmText.assemble(
      """
      (module (memory 1) \(function) (func (result v128) (v128.const i64x2 1 2))
        (global v128 (v128.const i64x2 1 2)))
      """)
    #expect(try Module(validating: bytes).hasVectors(inFunction: 0) == expected)
    #expect(try Module(deferringBodies: bytes).hasVectors(inFunction: 0) == expected)
  }
}
