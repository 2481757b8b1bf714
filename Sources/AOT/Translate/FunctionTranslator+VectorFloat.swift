import CLLVM
import Wasm

/// Vector instructions on float lanes, and conversions from and to them.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  func translateVectorFloat(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .f32x4Eq, .f64x2Eq: compare(LLVMRealOEQ, lanes)
    case .f32x4Ne, .f64x2Ne: compare(LLVMRealUNE, lanes)
    case .f32x4Lt, .f64x2Lt: compare(LLVMRealOLT, lanes)
    case .f32x4Gt, .f64x2Gt: compare(LLVMRealOGT, lanes)
    case .f32x4Le, .f64x2Le: compare(LLVMRealOLE, lanes)
    case .f32x4Ge, .f64x2Ge: compare(LLVMRealOGE, lanes)
    case .f32x4Abs, .f64x2Abs: unary(lanes, "llvm.fabs")
    case .f32x4Neg, .f64x2Neg: pushVector(LLVMBuildFNeg(builder, popVector(lanes), ""))
    case .f32x4Sqrt, .f64x2Sqrt: unary(lanes, "llvm.sqrt")
    case .f32x4Ceil, .f64x2Ceil: unary(lanes, "llvm.ceil")
    case .f32x4Floor, .f64x2Floor: unary(lanes, "llvm.floor")
    case .f32x4Trunc, .f64x2Trunc: unary(lanes, "llvm.trunc")
    case .f32x4Nearest, .f64x2Nearest: unary(lanes, "llvm.roundeven")
    case .f32x4Add, .f64x2Add: arithmetic(lanes, LLVMBuildFAdd)
    case .f32x4Sub, .f64x2Sub: arithmetic(lanes, LLVMBuildFSub)
    case .f32x4Mul, .f64x2Mul: arithmetic(lanes, LLVMBuildFMul)
    case .f32x4Div, .f64x2Div: arithmetic(lanes, LLVMBuildFDiv)
    case .f32x4Min, .f64x2Min: extremum(lanes, lesser, LLVMBuildOr)
    case .f32x4Max, .f64x2Max: extremum(lanes, greater, LLVMBuildAnd)
    // `b < a ? b : a`: the second operand of `minps` is the result where the compare fails.
    case .f32x4Pmin, .f64x2Pmin:
      let (left, right) = popVectors(lanes)
      pushVector(lesser(lanes, right, left))
    case .f32x4Pmax, .f64x2Pmax:
      let (left, right) = popVectors(lanes)
      pushVector(greater(lanes, right, left))
    default: return false
    }
    return true
  }

  private func compare(_ predicate: LLVMRealPredicate, _ lanes: Lanes) {
    let (left, right) = popVectors(lanes)
    pushMask(LLVMBuildFCmp(builder, predicate, left, right, ""), lanes)
  }

  private func unary(_ lanes: Lanes, _ name: String) {
    pushVector(name, [unit.type(lanes)], popVector(lanes))
  }

  private func arithmetic(_ lanes: Lanes, _ build: BinaryBuilder) {
    let (left, right) = popVectors(lanes)
    pushVector(build(builder, quiet(left), quiet(right), "")!)
  }

  // MARK: Minimum and maximum

  /// `a < b ? a : b` (`minps`, `minpd`). LLVM has no operation with these rules for NaNs and zeros.
  func lesser(_ lanes: Lanes, _ a: Value, _ b: Value) -> Value {
    let name = lanes == .f32x4 ? "llvm.x86.sse.min.ps" : "llvm.x86.sse2.min.pd"
    return unit.callIntrinsic(name, [], [a, b])
  }

  /// `a > b ? a : b` (`maxps`, `maxpd`).
  func greater(_ lanes: Lanes, _ a: Value, _ b: Value) -> Value {
    let name = lanes == .f32x4 ? "llvm.x86.sse.max.ps" : "llvm.x86.sse2.max.pd"
    return unit.callIntrinsic(name, [], [a, b])
  }

  /// Both orders of the operands give the same, unless one is a NaN or both are zeros. Of zeros, a minimum has the sign bit of
  /// either, a maximum only one that both have. NaNs become the canonical one: all ones without the bits below the quiet bit.
  func extremum(
    _ lanes: Lanes, _ choose: (Lanes, Value, Value) -> Value, _ combine: BinaryBuilder
  ) {
    let integer = lanes.integer
    let (left, right) = popVectors(lanes)
    let isNaN = mask(LLVMBuildFCmp(builder, LLVMRealUNO, left, right, ""), lanes)
    let bits = combine(
      builder, unit.cast(choose(lanes, left, right), integer),
      unit.cast(choose(lanes, right, left), integer), "")
    let payload = LLVMBuildLShr(
      builder, isNaN, unit.splat(integer, bits: UInt64(lanes == .f32x4 ? 10 : 13)), "")
    pushVector(
      LLVMBuildAnd(
        builder, LLVMBuildOr(builder, bits, isNaN, ""), LLVMBuildNot(builder, payload, ""), ""))
  }

  // MARK: Conversions

  func translateVectorConversion(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .f32x4ConvertI32x4S: convert(popVector(.i32x4), LLVMSIToFP, lanes)
    case .f32x4ConvertI32x4U: convert(popVector(.i32x4), LLVMUIToFP, lanes)
    case .f64x2ConvertLowI32x4S: convert(lowHalf(popVector(.i32x4)), LLVMSIToFP, lanes)
    case .f64x2ConvertLowI32x4U: convert(lowHalf(popVector(.i32x4)), LLVMUIToFP, lanes)
    case .f64x2PromoteLowF32x4: convert(lowHalf(popVector(.f32x4)), LLVMFPExt, lanes)
    case .f32x4DemoteF64x2Zero:
      let narrow = LLVMBuildFPTrunc(
        builder, popVector(.f64x2), LLVMVectorType(unit.f32, 2), "")!
      pushVector(unit.shuffle(narrow, unit.zero(LLVMTypeOf(narrow)), 0..<4))
    case .i32x4TruncSatF32x4S: pushVector(saturatedSigned(popVector(.f32x4)))
    case .i32x4TruncSatF32x4U: pushVector(saturatedUnsigned(popVector(.f32x4)))
    case .i32x4TruncSatF64x2SZero: pushVector(saturatedSignedLow(popVector(.f64x2)))
    case .i32x4TruncSatF64x2UZero: pushVector(saturatedUnsignedLow(popVector(.f64x2)))
    default: return false
    }
    return true
  }

  private func convert(_ value: Value, _ opcode: LLVMOpcode, _ lanes: Lanes) {
    pushVector(LLVMBuildCast(builder, opcode, value, unit.type(lanes), ""))
  }

  private func lowHalf(_ vector: Value) -> Value { unit.shuffle(vector, 0..<2) }

  /// -2³¹ for NaNs and what is out of range (`cvttps2dq`).
  func truncated(_ floats: Value) -> Value {
    unit.callIntrinsic("llvm.x86.sse2.cvttps2dq", [], [floats])
  }

  /// The same from two lanes, with zeros in the others (`cvttpd2dq`).
  func truncatedLow(_ floats: Value) -> Value {
    unit.callIntrinsic("llvm.x86.sse2.cvttpd2dq", [], [floats])
  }

  /// Lanes of ones where a lane is no NaN (`cmpordps a, a`). LLVM's own compare would be with a register of zeros.
  private func isNumber(_ floats: Value, _ lanes: Lanes) -> Value {
    let name = lanes == .f32x4 ? "llvm.x86.sse.cmp.ps" : "llvm.x86.sse2.cmp.pd"
    let ordered = LLVMConstInt(unit.i8, 7, 0)!
    return unit.cast(unit.callIntrinsic(name, [], [floats, floats, ordered]), lanes.integer)
  }

  func saturatedSigned(_ floats: Value) -> Value {
    let limit = unit.splat(.f32x4, number: 0x1p31)
    let isGreat = mask(LLVMBuildFCmp(builder, LLVMRealUGE, floats, limit, ""), .i32x4)
    // -2³¹ becomes 2³¹ - 1 where the number is too great.
    return LLVMBuildAnd(
      builder, LLVMBuildXor(builder, truncated(floats), isGreat, ""), isNumber(floats, .f32x4), "")
  }

  func saturatedSignedLow(_ floats: Value) -> Value {
    let isNumber = isNumber(floats, .f64x2)
    let greatest = unit.cast(unit.splat(.f64x2, number: 0x1p31 - 1), .i64x2)
    // The limit is 0 for a NaN, and the result is the limit.
    let limit = unit.cast(LLVMBuildAnd(builder, isNumber, greatest, ""), .f64x2)
    return truncatedLow(lesser(.f64x2, floats, limit))
  }

  func saturatedUnsigned(_ floats: Value) -> Value {
    // 0 for NaNs and what is negative.
    let positive = greater(.f32x4, floats, unit.zero(unit.type(.f32x4)))
    if partition.hasShortVectors { return truncatedUnsigned(positive) }
    let limit = unit.splat(.f32x4, number: 0x1p31)
    let rest = LLVMBuildFSub(builder, positive, limit, "")!
    // Still too great.
    let isGreat = mask(LLVMBuildFCmp(builder, LLVMRealOGE, rest, limit, ""), .i32x4)
    return LLVMBuildOr(builder, truncatedInHalves(positive, rest), isGreat, "")
  }

  /// From a number below 2³², or from what is left of it above 2³¹.
  func truncatedInHalves(_ floats: Value, _ rest: Value) -> Value {
    let low = truncated(floats)
    let isLow = LLVMBuildAShr(builder, low, unit.splat(.i32x4, bits: 31), "")
    return LLVMBuildOr(builder, low, LLVMBuildAnd(builder, truncated(rest), isLow, ""), "")
  }

  func saturatedUnsignedLow(_ floats: Value) -> Value {
    let positive = greater(.f64x2, floats, unit.zero(unit.type(.f64x2)))
    if partition.hasShortVectors { return truncatedUnsignedLow(positive) }
    return lowBits(of: lesser(.f64x2, positive, unit.splat(.f64x2, number: 0x1p32 - 1)))
  }

  /// The lowest 32 bits of truncated numbers, with zeros in the other lanes.
  func lowBits(of floats: Value) -> Value {
    let whole = unit.callIntrinsic("llvm.trunc", [unit.type(.f64x2)], [floats])
    // The integer is now at the bottom of the mantissa.
    let sum = unit.cast(
      LLVMBuildFAdd(builder, whole, unit.splat(.f64x2, number: 0x1p52), ""), .i32x4)
    return unit.shuffle(sum, unit.zero(LLVMTypeOf(sum)), [0, 2, 4, 5])
  }

  /// 2³² - 1 for NaNs and what is out of range (`vcvttps2udq`).
  func truncatedUnsigned(_ floats: Value) -> Value {
    unit.callIntrinsic(
      "llvm.x86.avx512.mask.cvttps2udq.128", [],
      [floats, unit.zero(unit.type(.i32x4)), LLVMConstAllOnes(unit.i8)])
  }

  /// The same from two lanes, with zeros in the others (`vcvttpd2udq`).
  func truncatedUnsignedLow(_ floats: Value) -> Value {
    unit.callIntrinsic(
      "llvm.x86.avx512.mask.cvttpd2udq.128", [],
      [floats, unit.zero(unit.type(.i32x4)), LLVMConstAllOnes(unit.i8)])
  }
}
