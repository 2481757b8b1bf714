import Runtime
import TestSupport
import Testing

/// Float instructions in compiled code, where LLVM is not to be trusted.
@Suite struct FloatTests {
  /// LLVM 19 crashes on a minimum of the minimum and the copysign intrinsic of the same two numbers (mended by its
  /// pull request 173705). Found by fuzzing: seed 77283, shrunk.
  @Test(arguments: ["f32", "f64"]) func extremumOfCopysign(type: String) throws {
    let functions = ["min", "max"].flatMap { name in
      [false, true].map { isFirst in
        let extremum = "(\(type).\(name) (local.get $a) (local.get $b))"
        let copysign = "(\(type).copysign (local.get $a) (local.get $b))"
        return """
          (func (export "\(name)\(isFirst)") (param i32 i32) (result \(type))
            (local $a \(type)) (local $b \(type))
            (local.set $a (\(type).convert_i32_s (local.get 0)))
            (local.set $b (\(type).convert_i32_s (local.get 1)))
            (\(type).\(name) \(isFirst ? copysign + extremum : extremum + copysign)))
          """
      }
    }
    let program = try DeoptCase("(module \(functions.joined(separator: "\n")))", [])
    let numbers: [Int32] = [0, 1, -1, 7, -7, .max, .min]
    let calls: [DeoptComparison.Call] = ["minfalse", "mintrue", "maxfalse", "maxtrue"].flatMap {
      name in numbers.flatMap { a in numbers.map { b in (name, [.i32(a), .i32(b)]) } }
    }
    let result = try DeoptComparison(program, calls)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    // The greatest of 7, -7 and -7.
    let place = try #require(
      calls.firstIndex { $0.function == "maxtrue" && $0.arguments == [.i32(7), .i32(-7)] })
    let seven: Value = type == "f32" ? .f32(Float(7)) : .f64(Double(7))
    #expect(result.optimized.outcomes[place] == .returned([seven]))
  }

  /// All bits count, also those of NaNs.
  @Test func copysignBits() throws {
    let program = try DeoptCase(
      """
      (module
        (func (export "f32") (param i32 i32) (result i32)
          (i32.reinterpret_f32
            (f32.copysign (f32.reinterpret_i32 (local.get 0)) (f32.reinterpret_i32 (local.get 1)))))
        (func (export "f64") (param i64 i64) (result i64)
          (i64.reinterpret_f64
            (f64.copysign (f64.reinterpret_i64 (local.get 0)) (f64.reinterpret_i64 (local.get 1))))))
      """, [])
    let small: [UInt32] = [0, 0x8000_0000, 0x3F80_0000, 0x7FA0_0001, 0xFFC0_0000, 0x7F80_0000]
    let large: [UInt64] = [0, 1 << 63, 0x3FF0 << 48, 0x7FF4 << 48 | 1, 0xFFF8 << 48, 0x7FF0 << 48]
    var calls: [DeoptComparison.Call] = []
    var expected: [DeoptCase.Outcome] = []
    for (a, b) in small.flatMap({ a in small.map { (a, $0) } }) {
      calls.append(("f32", [.i32(Int32(bitPattern: a)), .i32(Int32(bitPattern: b))]))
      expected.append(.returned([.i32(Int32(bitPattern: a & 0x7FFF_FFFF | b & 0x8000_0000))]))
    }
    for (a, b) in large.flatMap({ a in large.map { (a, $0) } }) {
      calls.append(("f64", [.i64(Int64(bitPattern: a)), .i64(Int64(bitPattern: b))]))
      expected.append(.returned([.i64(Int64(bitPattern: a & ~(1 << 63) | b & 1 << 63))]))
    }
    let result = try DeoptComparison(program, calls)
    #expect(result.optimized.outcomes == expected)
    #expect(result.baseline.outcomes == expected)
  }
}
