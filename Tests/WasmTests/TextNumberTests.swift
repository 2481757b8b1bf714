import Testing
import WasmText

/// Literals to bits.
struct TextNumberTests {
  static func f32(_ literal: String) throws -> UInt32 {
    let bytes = try TextEncodingTests.body("f32.const \(literal)").dropFirst()
    return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func f64(_ literal: String) throws -> UInt64 {
    let bytes = try TextEncodingTests.body("f64.const \(literal)").dropFirst()
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  static let singles: [(String, UInt32)] = [
    ("0", 0), ("-0", 0x8000_0000), ("-0x0p9999999999999999999999", 0x8000_0000),
    ("inf", 0x7F80_0000), ("-inf", 0xFF80_0000),
    ("nan", 0x7FC0_0000), ("+nan", 0x7FC0_0000), ("-nan", 0xFFC0_0000),
    ("nan:0x1", 0x7F80_0001), ("-nan:0x7f_ffff", 0xFFFF_FFFF), ("nan:0x20_0000", 0x7FA0_0000),
    ("1.", 0x3F80_0000), ("1.e1", 0x4120_0000), ("1_0.0_0e-0_1", 0x3F80_0000),
    ("0x1.", 0x3F80_0000), ("0xA.8p+1", 0x41A8_0000), ("0x1.8P0", 0x3FC0_0000),
    ("1E2", 0x42C8_0000),
    // Ties to even, and just above a tie.
    ("16777217", 0x4B80_0000), ("16777219", 0x4B80_0002), ("0x1.000001p0", 0x3F80_0000),
    ("0x1.000003p0", 0x3F80_0002), ("0x1.0000010000000000000001p0", 0x3F80_0001),
    // In binary64 this would be the tie 1 + 2^-24, which rounds to 1: one rounding gives the next float.
    ("1.00000005960464477539062501", 0x3F80_0001),
    ("1.000000059604644775390625", 0x3F80_0000),
    ("0x1.00000100000000000001p0", 0x3F80_0001),
    // Subnormals, the least of all, and what is too small.
    ("0x1p-149", 1), ("1e-45", 1), ("0x1p-150", 0), ("0x1.000001p-150", 1), ("7e-46", 0),
    ("0x1.fffffep-127", 0x0080_0000), ("1e-99999999999999999999", 0),
    // The greatest, and what still rounds to it.
    ("0x1.fffffep127", 0x7F7F_FFFF), ("0x1.fffffefffp127", 0x7F7F_FFFF),
    ("340282356779733661637539395458142568447", 0x7F7F_FFFF),
  ]

  @Test(arguments: singles.indices)
  func single(index: Int) throws {
    let (literal, bits) = Self.singles[index]
    #expect(try Self.f32(literal) == bits, "\(literal)")
  }

  static let doubles: [(String, UInt64)] = [
    ("0.1", 0x3FB9_9999_9999_999A), ("-1", 0xBFF0_0000_0000_0000),
    ("nan", 0x7FF8_0000_0000_0000), ("-nan:0xf_ffff_ffff_ffff", .max),
    ("nan:0x1", 0x7FF0_0000_0000_0001),
    ("9007199254740993", 0x4340_0000_0000_0000), ("9007199254740995", 0x4340_0000_0000_0002),
    ("0x1.00000000000008p0", 0x3FF0_0000_0000_0000),
    ("0x1.000000000000080001p0", 0x3FF0_0000_0000_0001),
    ("0x1p-1074", 1), ("5e-324", 1), ("2.4703282292062327e-324", 0), ("0x1p-1075", 0),
    ("0x1.0001p-1075", 1),
    ("0x20000000000001p-1128", 1), ("0x1.fffffffffffff_8p-1075", 1),
    ("1.7976931348623158e308", 0x7FEF_FFFF_FFFF_FFFF),
    ("0x1.fffffffffffff7p1023", 0x7FEF_FFFF_FFFF_FFFF),
    ("2.2250738585072011e-308", 0x000F_FFFF_FFFF_FFFF),
  ]

  @Test(arguments: doubles.indices)
  func double(index: Int) throws {
    let (literal, bits) = Self.doubles[index]
    #expect(try Self.f64(literal) == bits, "\(literal)")
  }

  /// Long literals that their exponent brings back.
  @Test func longLiterals() throws {
    let zeros = String(repeating: "0", count: 5000)
    #expect(try Self.f64("1\(zeros)e-5000") == 0x3FF0_0000_0000_0000)
    #expect(try Self.f32("0.\(zeros)1e5001") == 0x3F80_0000)
    #expect(try Self.f32("0x1\(zeros)p-20000") == 0x3F80_0000)
    // A last digit five thousand places on still decides a tie.
    #expect(try Self.f32("16777217.\(zeros)1") == 0x4B80_0001)
  }

  /// Every bit pattern's shortest decimal, and its hexadecimal form, read back to itself.
  @Test func shortestDecimals() throws {
    var generator = RobustnessTests.Generator(state: 0x0123_4567_89AB_CDEF)
    for _ in 0..<2_000 {
      let double = Double(bitPattern: generator.next())
      let single = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      if double.isFinite { #expect(try Self.f64("\(double)") == double.bitPattern) }
      if single.isFinite {
        #expect(try Self.f32("\(single)") == single.bitPattern)
        let significand = String(single.significandBitPattern << 1, radix: 16)
        let digits = String(repeating: "0", count: 6 - significand.count) + significand
        let lead = single.isNormal ? 1 : 0
        let exponent = single.isNormal ? Int(single.exponentBitPattern) - 127 : -126
        let sign = single.sign == .minus ? "-" : ""
        #expect(try Self.f32("\(sign)0x\(lead).\(digits)p\(exponent)") == single.bitPattern)
      }
    }
  }

  static let malformed = [
    "i32.const", "i32.const 1.0", "i32.const 0x", "i32.const 1_", "i32.const _1", "i32.const 1__0",
    "i32.const 0x_1", "i32.const 0X1", "i32.const 4294967296", "i32.const -2147483649",
    "i32.const +4294967295", "i32.const - 1", "i32.const --1", "i32.const 1a", "i32.const $x",
    "i64.const 18446744073709551616", "i64.const -9223372036854775809", "i64.const inf",
    "f32.const 0x1p128", "f32.const 0x1.ffffffp127", "f32.const 1e39", "f32.const .5",
    "f32.const 1._0", "f32.const 1_.0", "f32.const 1e", "f32.const 1e+", "f32.const 1e1.0",
    "f32.const 0x1p", "f32.const 0x1pA", "f32.const 0x.1", "f32.const 1p1", "f32.const nan:0x0",
    "f32.const nan:0x80_0000", "f32.const nan:1", "f32.const nan:canonical", "f32.const infinity",
    "f32.const NaN", "f32.const 1e_1", "f32.const 340282356779733661637539395458142568448",
    "f64.const 0x1p1024", "f64.const 1.8e308", "f64.const nan:0x10_0000_0000_0000",
    "f64.const 0x1.fffffffffffff8p1023", "f64.const 1e999999999999999999999",
    "i32.load align=0", "i32.load align=3", "i32.load offset=-1",
    "i32.load offset=18446744073709551616",
    "i32.load offset= 1", "i32.load align=4 offset=0", "br 4294967296", "br -1", "local.get 0x1_",
  ]

  @Test(arguments: malformed)
  func refused(instruction: String) {
    #expect(throws: WasmTextError.self) { try assemble("(memory 1) (func \(instruction))") }
  }
}
