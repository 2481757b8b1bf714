import CLLVM
import Wasm

/// Vector instructions on integer lanes.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  func translateVectorInteger(_ i: Instruction, _ lanes: Lanes) -> Bool {
    translateVectorComparison(i, lanes) || translateVectorArithmetic(i, lanes)
      || translateNarrowOrWide(i, lanes)
  }

  // MARK: Lane by lane

  private func translateVectorComparison(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .i8x16Eq, .i16x8Eq, .i32x4Eq, .i64x2Eq: compare(LLVMIntEQ, lanes)
    case .i8x16Ne, .i16x8Ne, .i32x4Ne, .i64x2Ne: compare(LLVMIntNE, lanes)
    case .i8x16LtS, .i16x8LtS, .i32x4LtS, .i64x2LtS: compare(LLVMIntSLT, lanes)
    case .i8x16LtU, .i16x8LtU, .i32x4LtU: compare(LLVMIntULT, lanes)
    case .i8x16GtS, .i16x8GtS, .i32x4GtS, .i64x2GtS: compare(LLVMIntSGT, lanes)
    case .i8x16GtU, .i16x8GtU, .i32x4GtU: compare(LLVMIntUGT, lanes)
    case .i8x16LeS, .i16x8LeS, .i32x4LeS, .i64x2LeS: compare(LLVMIntSLE, lanes)
    case .i8x16LeU, .i16x8LeU, .i32x4LeU: compare(LLVMIntULE, lanes)
    case .i8x16GeS, .i16x8GeS, .i32x4GeS, .i64x2GeS: compare(LLVMIntSGE, lanes)
    case .i8x16GeU, .i16x8GeU, .i32x4GeU: compare(LLVMIntUGE, lanes)
    default: return false
    }
    return true
  }

  private func compare(_ predicate: LLVMIntPredicate, _ lanes: Lanes) {
    let (left, right) = popVectors(lanes)
    pushMask(unit.compare(predicate, left, right), lanes)
  }

  private func binary(_ lanes: Lanes, _ build: BinaryBuilder) {
    let (left, right) = popVectors(lanes)
    pushVector(build(builder, left, right, "")!)
  }

  /// - Parameter lanes: of the operands.
  private func binary(_ lanes: Lanes, _ name: String, isOverloaded: Bool = true) {
    let (left, right) = popVectors(lanes)
    pushVector(name, isOverloaded ? [unit.type(lanes)] : [], left, right)
  }

  private func translateVectorArithmetic(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .i8x16Add, .i16x8Add, .i32x4Add, .i64x2Add: binary(lanes, LLVMBuildAdd)
    case .i8x16Sub, .i16x8Sub, .i32x4Sub, .i64x2Sub: binary(lanes, LLVMBuildSub)
    case .i16x8Mul, .i32x4Mul, .i64x2Mul: binary(lanes, LLVMBuildMul)
    case .i8x16AddSatS, .i16x8AddSatS: binary(lanes, "llvm.sadd.sat")
    case .i8x16AddSatU, .i16x8AddSatU: binary(lanes, "llvm.uadd.sat")
    case .i8x16SubSatS, .i16x8SubSatS: binary(lanes, "llvm.ssub.sat")
    case .i8x16SubSatU, .i16x8SubSatU: binary(lanes, "llvm.usub.sat")
    case .i8x16MinS, .i16x8MinS, .i32x4MinS: binary(lanes, "llvm.smin")
    case .i8x16MinU, .i16x8MinU, .i32x4MinU: binary(lanes, "llvm.umin")
    case .i8x16MaxS, .i16x8MaxS, .i32x4MaxS: binary(lanes, "llvm.smax")
    case .i8x16MaxU, .i16x8MaxU, .i32x4MaxU: binary(lanes, "llvm.umax")
    case .i8x16AvgrU: binary(lanes, "llvm.x86.sse2.pavg.b", isOverloaded: false)
    case .i16x8AvgrU: binary(lanes, "llvm.x86.sse2.pavg.w", isOverloaded: false)
    case .i8x16Abs, .i16x8Abs, .i32x4Abs, .i64x2Abs:
      pushVector(
        "llvm.abs", [unit.type(lanes)], popVector(lanes), LLVMConstInt(unit.i1, 0, 0))
    case .i8x16Neg, .i16x8Neg, .i32x4Neg, .i64x2Neg:
      pushVector(LLVMBuildNeg(builder, popVector(lanes), ""))
    case .i8x16Popcnt: pushVector("llvm.ctpop", [unit.type(lanes)], popVector(lanes))
    case .i8x16Shl, .i16x8Shl, .i32x4Shl, .i64x2Shl: shift(lanes, LLVMBuildShl)
    case .i8x16ShrS: shiftBytesRight()
    case .i16x8ShrS, .i32x4ShrS, .i64x2ShrS: shift(lanes, LLVMBuildAShr)
    case .i8x16ShrU, .i16x8ShrU, .i32x4ShrU, .i64x2ShrU: shift(lanes, LLVMBuildLShr)
    case .i16x8Q15mulrSatS:
      let product = q15Product()
      let overflows = unit.compare(LLVMIntEQ, product, unit.splat(lanes, bits: 0x8000))
      pushVector(LLVMBuildXor(builder, product, mask(overflows, lanes), ""))
    default: return false
    }
    return true
  }

  /// All lanes by one count, taken modulo the width.
  private func shift(_ lanes: Lanes, _ build: BinaryBuilder) {
    let count = LLVMBuildAnd(builder, pop(), unit.int32(UInt32(lanes.bits - 1)), "")!
    let counts = splat(lanes, count)
    pushVector(build(builder, popVector(lanes), counts, "")!)
  }

  /// There is no shift of bytes. By a count that is not constant, LLVM's sequence for this one is longer than two shifts of words,
  /// whose upper bytes are the vector's.
  private func shiftBytesRight() {
    guard LLVMIsAConstant(operands[operands.count - 1].value) == nil else {
      return shift(.i8x16, LLVMBuildAShr)
    }
    let count = LLVMBuildAnd(builder, pop(), unit.int32(7), "")!
    let counts = splat(.i16x8, LLVMBuildAdd(builder, count, unit.int32(8), ""))
    let bytes = popVector(.i8x16)
    func half(_ first: Int) -> Value {
      let words = unit.cast(unit.shuffle(bytes, (0..<16).map { first + $0 / 2 }), .i16x8)
      return LLVMBuildAShr(builder, words, counts, "")
    }
    pushVector("llvm.x86.sse2.packsswb.128", [], half(0), half(8))
  }

  /// `(a * b + 0x4000) >> 15` of 16 bits, where -1 * -1 gives -1 (`pmulhrsw`).
  func q15Product() -> Value {
    let (left, right) = popVectors(.i16x8)
    return unit.callIntrinsic("llvm.x86.ssse3.pmul.hr.sw.128", [], [left, right])
  }

  // MARK: To other lanes

  private func translateNarrowOrWide(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .i8x16NarrowI16x8S: binary(.i16x8, "llvm.x86.sse2.packsswb.128", isOverloaded: false)
    case .i8x16NarrowI16x8U: binary(.i16x8, "llvm.x86.sse2.packuswb.128", isOverloaded: false)
    case .i16x8NarrowI32x4S: binary(.i32x4, "llvm.x86.sse2.packssdw.128", isOverloaded: false)
    case .i16x8NarrowI32x4U: binary(.i32x4, "llvm.x86.sse41.packusdw", isOverloaded: false)
    case .i16x8ExtendLowI8x16S, .i32x4ExtendLowI16x8S, .i64x2ExtendLowI32x4S:
      pushVector(widen(popVector(lanes.half), to: lanes, LLVMSExt, isHigh: false))
    case .i16x8ExtendLowI8x16U, .i32x4ExtendLowI16x8U, .i64x2ExtendLowI32x4U:
      pushVector(widen(popVector(lanes.half), to: lanes, LLVMZExt, isHigh: false))
    case .i16x8ExtendHighI8x16S, .i32x4ExtendHighI16x8S, .i64x2ExtendHighI32x4S:
      pushVector(widen(popVector(lanes.half), to: lanes, LLVMSExt, isHigh: true))
    case .i16x8ExtendHighI8x16U, .i32x4ExtendHighI16x8U, .i64x2ExtendHighI32x4U:
      pushVector(widen(popVector(lanes.half), to: lanes, LLVMZExt, isHigh: true))
    case .i16x8ExtmulLowI8x16S, .i32x4ExtmulLowI16x8S, .i64x2ExtmulLowI32x4S:
      multiply(lanes, LLVMSExt, isHigh: false)
    case .i32x4ExtmulLowI16x8U: multiplyWords(isHigh: false)
    case .i32x4ExtmulHighI16x8U: multiplyWords(isHigh: true)
    case .i16x8ExtmulLowI8x16U, .i64x2ExtmulLowI32x4U:
      multiply(lanes, LLVMZExt, isHigh: false)
    case .i16x8ExtmulHighI8x16S, .i32x4ExtmulHighI16x8S, .i64x2ExtmulHighI32x4S:
      multiply(lanes, LLVMSExt, isHigh: true)
    case .i16x8ExtmulHighI8x16U, .i64x2ExtmulHighI32x4U:
      multiply(lanes, LLVMZExt, isHigh: true)
    case .i32x4DotI16x8S: binary(.i16x8, "llvm.x86.sse2.pmadd.wd", isOverloaded: false)
    case .i16x8ExtaddPairwiseI8x16S:
      pushVector(byteProducts(unit.splat(.i8x16, bits: 1), popVector(.i8x16)))
    case .i16x8ExtaddPairwiseI8x16U:
      pushVector(byteProducts(popVector(.i8x16), unit.splat(.i8x16, bits: 1)))
    case .i32x4ExtaddPairwiseI16x8S: pushVector(sumOfPairs(popVector(.i16x8)))
    case .i32x4ExtaddPairwiseI16x8U:
      let pairs = popVector(lanes)
      let high = LLVMBuildLShr(builder, pairs, unit.splat(lanes, bits: 16), "")
      let low = LLVMBuildAnd(builder, pairs, unit.splat(lanes, bits: 0xFFFF), "")
      pushVector(LLVMBuildAdd(builder, high, low, ""))
    default: return false
    }
    return true
  }

  /// Half of the lanes of a vector, each extended to twice its width.
  private func widen(
    _ vector: Value, to lanes: Lanes, _ extension: LLVMOpcode, isHigh: Bool
  ) -> Value {
    let first = isHigh ? lanes.count : 0
    return LLVMBuildCast(
      builder, `extension`, unit.shuffle(vector, first..<first + lanes.count), unit.type(lanes), "")
  }

  private func multiply(_ lanes: Lanes, _ extension: LLVMOpcode, isHigh: Bool) {
    let (left, right) = popVectors(lanes.half)
    pushVector(
      LLVMBuildMul(
        builder, widen(left, to: lanes, `extension`, isHigh: isHigh),
        widen(right, to: lanes, `extension`, isHigh: isHigh), ""))
  }

  /// Products of unsigned words. LLVM would use the slow `pmulld`.
  private func multiplyWords(isHigh: Bool) {
    let (left, right) = popVectors(.i16x8)
    let low = LLVMBuildMul(builder, left, right, "")!
    let high = unit.callIntrinsic("llvm.x86.sse2.pmulhu.w", [], [left, right])
    let first = isHigh ? 4 : 0
    pushVector(unit.shuffle(low, high, (first..<first + 4).flatMap { [$0, $0 + 8] }))
  }

  /// Products of unsigned and signed bytes, added in pairs to 16 bits with saturation (`pmaddubsw`).
  func byteProducts(_ unsigned: Value, _ signed: Value) -> Value {
    unit.callIntrinsic("llvm.x86.ssse3.pmadd.ub.sw.128", [], [unsigned, signed])
  }

  /// Pairs of signed 16 bits, added to 32.
  func sumOfPairs(_ vector: Value) -> Value {
    unit.callIntrinsic("llvm.x86.sse2.pmadd.wd", [], [vector, unit.splat(.i16x8, bits: 1)])
  }
}
