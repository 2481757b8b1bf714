import CLLVM
import Contract
import Wasm

/// Relaxed SIMD (spec 4.3.6, "Relaxed Operations"): what the artefact's ``RelaxedSemantics`` choose.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  private func chooses(_ choice: RelaxedSemantics) -> Bool { partition.relaxed.contains(choice) }

  func translateRelaxed(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .i8x16RelaxedSwizzle:
      if !chooses(.swizzleWraps) { return translateAs(.i8x16Swizzle, i) }
      let (vector, numbers) = popVectors(lanes)
      pushSwizzle(vector, numbers)
    case .i32x4RelaxedTruncF32x4S, .i32x4RelaxedTruncF32x4U, .i32x4RelaxedTruncF64x2SZero,
      .i32x4RelaxedTruncF64x2UZero:
      pushVector(relaxedTruncation(i.opcode))
    case .f32x4RelaxedMadd, .f64x2RelaxedMadd: multiplyAdd(lanes, isNegated: false)
    case .f32x4RelaxedNmadd, .f64x2RelaxedNmadd: multiplyAdd(lanes, isNegated: true)
    case .i8x16RelaxedLaneselect, .i16x8RelaxedLaneselect, .i32x4RelaxedLaneselect,
      .i64x2RelaxedLaneselect:
      guard chooses(.selectsByTopBit) else {
        bitselect()
        break
      }
      let mask = popVector(lanes)
      let (first, second) = popVectors(lanes)
      let bits = unit.compare(LLVMIntSLT, mask, unit.zero(LLVMTypeOf(mask)))
      pushVector(LLVMBuildSelect(builder, bits, first, second, ""))
    case .f32x4RelaxedMin, .f64x2RelaxedMin: relaxedExtremum(lanes, lesser, LLVMBuildOr)
    case .f32x4RelaxedMax, .f64x2RelaxedMax: relaxedExtremum(lanes, greater, LLVMBuildAnd)
    case .i16x8RelaxedQ15mulrS:
      if !chooses(.q15Wraps) { return translateAs(.i16x8Q15mulrSatS, i) }
      pushVector(q15Product())
    case .i16x8RelaxedDotI8x16I7x16S:
      let (first, second) = popVectors(.i8x16)
      pushVector(dot(first, second))
    case .i32x4RelaxedDotI8x16I7x16AddS:
      let sum = popVector(lanes)
      let (first, second) = popVectors(.i8x16)
      if chooses(.dotAddIsExact) {
        pushVector(
          "llvm.x86.avx512.vpdpbusd.128", [], sum, unit.cast(second, lanes),
          unit.cast(first, lanes))
      } else {
        pushVector(LLVMBuildAdd(builder, sumOfPairs(dot(first, second)), sum, ""))
      }
    default: return false
    }
    return true
  }

  /// Translates as another instruction with the same operands.
  private func translateAs(_ opcode: Opcode, _ i: Instruction) -> Bool {
    translateVector(Instruction(opcode: opcode, offset: i.offset, end: i.end))
  }

  private func relaxedTruncation(_ opcode: Opcode) -> Value {
    switch opcode {
    case .i32x4RelaxedTruncF32x4S:
      let floats = popVector(.f32x4)
      return chooses(.truncationIndefinite) ? truncated(floats) : saturatedSigned(floats)
    case .i32x4RelaxedTruncF64x2SZero:
      let floats = popVector(.f64x2)
      return chooses(.truncationIndefinite) ? truncatedLow(floats) : saturatedSignedLow(floats)
    case .i32x4RelaxedTruncF32x4U:
      let floats = popVector(.f32x4)
      if chooses(.unsignedTruncationIndefinite) { return truncatedUnsigned(floats) }
      guard chooses(.unsignedTruncationInHalves) else { return saturatedUnsigned(floats) }
      let rest = LLVMBuildFSub(builder, floats, unit.splat(.f32x4, number: 0x1p31), "")!
      return truncatedInHalves(floats, rest)
    default:
      let floats = popVector(.f64x2)
      if chooses(.unsignedTruncationIndefinite) { return truncatedUnsignedLow(floats) }
      return chooses(.unsignedTruncationInHalves)
        ? lowBits(of: floats) : saturatedUnsignedLow(floats)
    }
  }

  /// `a * b + c`, or `c - a * b`.
  private func multiplyAdd(_ lanes: Lanes, isNegated: Bool) {
    let sum = quiet(popVector(lanes))
    let (left, right) = popVectors(lanes)
    guard chooses(.fusesMultiplyAdd) else {
      let product = LLVMBuildFMul(builder, quiet(left), quiet(right), "")!
      pushVector(
        isNegated
          ? LLVMBuildFSub(builder, sum, product, "") : LLVMBuildFAdd(builder, sum, product, ""))
      return
    }
    let factor = isNegated ? LLVMBuildFNeg(builder, left, "")! : left
    pushVector("llvm.fma", [unit.type(lanes)], quiet(factor), quiet(right), sum)
  }

  private func relaxedExtremum(
    _ lanes: Lanes, _ choose: (Lanes, Value, Value) -> Value, _ combine: BinaryBuilder
  ) {
    guard chooses(.extremumIsSecond) else { return extremum(lanes, choose, combine) }
    let (left, right) = popVectors(lanes)
    pushVector(choose(lanes, left, right))
  }

  /// Products of signed bytes and of those of the second operand, added in pairs with saturation.
  private func dot(_ first: Value, _ second: Value) -> Value {
    if chooses(.dotTakesUnsigned) { return byteProducts(second, first) }
    func bytes(_ vector: Value) -> (even: Value, odd: Value) {
      let words = unit.cast(vector, .i16x8)
      let width = unit.splat(.i16x8, bits: 8)
      let low = LLVMBuildShl(builder, words, width, "")
      return (
        LLVMBuildAShr(builder, low, width, ""), LLVMBuildAShr(builder, words, width, "")
      )
    }
    let (a, b) = (bytes(first), bytes(second))
    return unit.callIntrinsic(
      "llvm.sadd.sat", [unit.type(.i16x8)],
      [
        LLVMBuildMul(builder, a.even, b.even, ""), LLVMBuildMul(builder, a.odd, b.odd, ""),
      ])
  }
}
