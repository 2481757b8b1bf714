import Wasm

/// How the 128 bits of a vector are divided (spec 4.3.1, vector shapes).
enum Lanes: String, CaseIterable {
  case i8x16, i16x8, i32x4, i64x2, f32x4, f64x2

  /// Number of lanes.
  var count: Int { 128 / bits }

  /// Of a lane.
  var bits: Int {
    switch self {
    case .i8x16: 8
    case .i16x8: 16
    case .i32x4, .f32x4: 32
    case .i64x2, .f64x2: 64
    }
  }

  var isFloat: Bool { self == .f32x4 || self == .f64x2 }

  /// The same lanes as integers.
  var integer: Lanes { self == .f32x4 ? .i32x4 : self == .f64x2 ? .i64x2 : self }

  /// Integer lanes of half the width.
  var half: Lanes { self == .i64x2 ? .i32x4 : self == .i32x4 ? .i16x8 : .i8x16 }

  /// The type of a lane on the operand stack.
  var scalar: ValueType {
    switch self {
    case .i8x16, .i16x8, .i32x4: .i32
    case .i64x2: .i64
    case .f32x4: .f32
    case .f64x2: .f64
    }
  }

  /// The lowest bits of a number that a lane has room for.
  var mask: UInt64 { .max >> UInt64(64 - bits) }

  /// Only the top bit of a lane.
  var signBit: UInt64 { 1 << UInt64(bits - 1) }

  /// The shape that an opcode's mnemonic begins with, by ordinal.
  private static let ofOpcode = Opcode.allCases.map { opcode in
    let mnemonic = opcode.info.mnemonic
    return mnemonic.firstIndex(of: ".").flatMap { Lanes(rawValue: String(mnemonic[..<$0])) }
  }

  /// The shape that an instruction of one is named after, nil for all others: `i8x16.add`.
  init?(_ opcode: Opcode) {
    guard let lanes = Self.ofOpcode[opcode.ordinal] else { return nil }
    self = lanes
  }
}
