import Wasm

/// Sizes of instructions for the planner, whose constants are in wasm bytes: a scalar instruction has two or three, and becomes
/// about one of the machine. A vector instruction counts as what it becomes, which its bytes do not tell: a constant has 18 and
/// is one load, and `f32x4.min` has three.
enum VectorCost {
  /// Bytes for each machine instruction.
  private static let bytesEach = 3

  /// What is added to the bytes of an instruction to get its size; 0 for all scalar ones.
  static func correction(_ instruction: Instruction) -> Int {
    guard let count = counts[instruction.opcode.ordinal] else { return 0 }
    return count * bytesEach - (instruction.end - instruction.offset)
  }

  /// Machine instructions at x86-64-v2 beside moves and accesses to memory, by ordinal; nil where the bytes tell as much.
  private static let counts: [Int?] = Opcode.allCases.map { opcode in
    switch opcode {
    case .v128Const: 1
    case .i8x16Shuffle: 2
    case .i64x2Mul, .i8x16Popcnt, .i8x16Shl, .i8x16ShrS, .i8x16ShrU, .i32x4TruncSatF32x4U: 8
    case .f32x4Min, .f32x4Max, .f64x2Min, .f64x2Max, .i64x2ShrS, .i32x4TruncSatF32x4S,
      .i32x4TruncSatF64x2SZero, .i32x4TruncSatF64x2UZero, .f32x4ConvertI32x4U,
      .i32x4RelaxedTruncF32x4U:
      6
    case .i8x16AllTrue, .i16x8AllTrue, .i32x4AllTrue, .i64x2AllTrue, .i16x8ExtmulHighI8x16S,
      .i16x8ExtmulHighI8x16U, .i32x4ExtaddPairwiseI16x8U, .f64x2ConvertLowI32x4U, .v128Load8Splat,
      .i8x16Splat:
      4
    default: nil
    }
  }
}
