/// Bits that folds may meet.
enum FloatBits {
  static let doubles = magnitudes64 + magnitudes64.map { $0 | 0x8000_0000_0000_0000 }
  static let floats = magnitudes32 + magnitudes32.map { $0 | 0x8000_0000 }
  private static let magnitudes64: [UInt64] =
    [
      0, 1, 0x000F_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x3FF0_0000_0000_0000,
      0x3FE0_0000_0000_0000, 0x4000_0000_0000_0000, 0x3FF8_0000_0000_0000,
      0x4008_0000_0000_0000, 0x3FEF_FFFF_FFFF_FFFF, 0x3FF0_0000_0000_0001, 0x3FDF_FFFF_FFFF_FFFF,
      0x7FEF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000, 0x41E0_0000_0000_0000, 0x41F0_0000_0000_0000,
      0x43E0_0000_0000_0000, 0x43F0_0000_0000_0000,
      0x41DF_FFFF_FFC0_0000, 0x41EF_FFFF_FFE0_0000, 0x43DF_FFFF_FFFF_FFFF, 0x3FB9_9999_9999_999A,
      0x4004_0000_0000_0000, 0x47EF_FFFF_E000_0000, 0x47EF_FFFF_F000_0000, 0x3690_0000_0000_0000,
      0x36A0_0000_0000_0000,
      0x380F_FFFF_FFFF_FFFF, 0x3810_0000_0000_0000, 0x3FF0_0000_1000_0000, 0x4330_0000_0000_0000,
      0x4340_0000_0000_0001,
      0x432F_FFFF_FFFF_FFFF, 0x4059_0000_0000_0000, 0x406F_E000_0000_0000,
    ]
  private static let magnitudes32: [UInt64] =
    [
      0, 1, 0x7F_FFFF, 0x80_0000, 0x3F80_0000, 0x3F00_0000, 0x4000_0000, 0x3FC0_0000, 0x4040_0000,
      0x3F7F_FFFF, 0x3F80_0001, 0x3EFF_FFFF, 0x7F7F_FFFF, 0x7F80_0000, 0x4F00_0000, 0x4F80_0000,
      0x5F00_0000, 0x5F80_0000, 0x4EFF_FFFF, 0x4F7F_FFFF, 0x5EFF_FFFF, 0x3DCC_CCCD, 0x4020_0000,
      0x4B00_0000, 0x4B80_0001, 0x4AFF_FFFF, 0x42C8_0000, 0x437F_0000, 0x1A00_0000, 0x6000_0000,
    ]
  static let canonicalDoubles: [UInt64] = [0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0000]
  static let canonicalFloats: [UInt64] = [0x7FC0_0000, 0xFFC0_0000]
  static let otherDoubles: [UInt64] = [
    0x7FF0_0000_0000_0001, 0xFFF0_0000_0000_0001, 0x7FF4_0000_0000_0000, 0xFFF4_0000_0000_0000,
    0x7FF8_0000_0000_0001,
    0xFFFF_FFFF_FFFF_FFFF, 0x7FF0_0000_2000_0000, 0xFFF7_FFFF_FFFF_FFFF,
  ]
  static let otherFloats: [UInt64] = [
    0x7F80_0001, 0xFF80_0001, 0x7FA0_0000, 0xFFA1_2345, 0x7FC0_0001, 0xFFFF_FFFF, 0x7FBF_FFFF,
  ]
  static let ints: [UInt64] = [
    0, 1, 0xFFFF_FFFF, 2, 0x7FFF_FFFF, 0x8000_0000, 0x0100_0001, 0x00FF_FFFF, 100, 0xFFFF_FF9C,
    0x3F80_0000, 0x7FFF_FFBF,
  ]
  static let longs: [UInt64] = [
    0, 1, .max, 2, 0x8000_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x0020_0000_0000_0001,
    0x001F_FFFF_FFFF_FFFF, 0x0100_0001, 0x0001_0000_0000, 0x8000_0000,
    0x3FF0_0000_0000_0000, 0x7FFF_FFFF_FFFF_FC00, 100,
  ]

  static func numbers(_ kind: FloatKind) -> [UInt64] {
    switch kind {
    case .f32: floats
    case .f64: doubles
    case .i32: ints
    case .i64: longs
    }
  }

  static func nans(_ kind: FloatKind, canonical: Bool) -> [UInt64] {
    switch kind {
    case .f32: canonical ? canonicalFloats : otherFloats
    case .f64: canonical ? canonicalDoubles : otherDoubles
    default: []
    }
  }
}
