import CLLVM
import Contract
import Wasm

/// Numeric instructions (spec 4.3, 4.4.1). Arithmetic wraps: no nsw or nuw.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  private func binary(
    _ type: ValueType, _ build: (LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?) -> Value?
  ) {
    let right = pop()
    let left = pop()
    push(build(builder, left, right, "")!, type)
  }

  private func truth(_ bit: Value) { push(LLVMBuildZExt(builder, bit, unit.i32, ""), .i32) }

  private func compare(_ predicate: LLVMIntPredicate) {
    let right = pop()
    let left = pop()
    truth(unit.compare(predicate, left, right))
  }

  private func compare(_ predicate: LLVMRealPredicate) {
    let right = pop()
    let left = pop()
    truth(LLVMBuildFCmp(builder, predicate, left, right, ""))
  }

  /// A shift; the count is taken modulo the width.
  private func shift(
    _ type: ValueType, _ build: (LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?) -> Value?
  ) {
    let count = pop()
    let value = pop()
    let mask = LLVMConstInt(irType(type), type == .i32 ? 31 : 63, 0)
    push(build(builder, value, LLVMBuildAnd(builder, count, mask, ""), "")!, type)
  }

  private func rotate(_ type: ValueType, _ name: String) {
    let count = pop()
    let value = pop()
    push(unit.callIntrinsic(name, [irType(type)], [value, value, count]), type)
  }

  private func unary(_ type: ValueType, _ name: String) {
    push(unit.callIntrinsic(name, [irType(type)], [pop()]), type)
  }

  private func countZeros(_ type: ValueType, _ name: String) {
    push(
      unit.callIntrinsic(name, [irType(type)], [pop(), LLVMConstInt(unit.i1, 0, 0)]), type)
  }

  private func cast(_ opcode: LLVMOpcode, _ type: ValueType) {
    push(LLVMBuildCast(builder, opcode, pop(), irType(type), ""), type)
  }

  private func signExtend(_ narrow: LLVMTypeRef, _ type: ValueType) {
    let low = LLVMBuildTrunc(builder, pop(), narrow, "")
    push(LLVMBuildSExt(builder, low, irType(type), ""), type)
  }

  // MARK: Division

  private func divide(_ type: ValueType, isSigned: Bool, isRemainder: Bool) {
    var divisor = pop()
    let dividend = pop()
    let ir = irType(type)
    trap(if: unit.compare(LLVMIntEQ, divisor, unit.zero(ir)), .integerDivideByZero)
    guard isSigned else {
      push(
        isRemainder
          ? LLVMBuildURem(builder, dividend, divisor, "")
          : LLVMBuildUDiv(builder, dividend, divisor, ""), type)
      return
    }
    let isMinusOne = unit.compare(LLVMIntEQ, divisor, LLVMConstAllOnes(ir))
    if isRemainder {
      // LLVM leaves MIN rem -1 undefined; x rem 1 is 0 as well.
      divisor = LLVMBuildSelect(builder, isMinusOne, LLVMConstInt(ir, 1, 0), divisor, "")
      push(LLVMBuildSRem(builder, dividend, divisor, ""), type)
      return
    }
    let least = LLVMConstInt(ir, type == .i32 ? 1 << 31 : 1 << 63, 0)!
    let isLeast = unit.compare(LLVMIntEQ, dividend, least)
    trap(if: LLVMBuildAnd(builder, isMinusOne, isLeast, ""), .integerOverflow)
    push(LLVMBuildSDiv(builder, dividend, divisor, ""), type)
  }

  // MARK: Floats

  func floatConstant(_ type: ValueType, bits: UInt64) -> Value {
    type == .f32
      ? LLVMConstBitCast(unit.int32(UInt32(truncatingIfNeeded: bits)), unit.f32)
      : LLVMConstBitCast(unit.int64(bits), unit.f64)
  }

  // MARK: Truncation

  /// Float to integer, trapping (spec 4.3.3): the value must lie strictly between `low` and `high`, or equal `low` if
  /// `includesLow`.
  private func truncate(
    _ source: ValueType, _ result: ValueType, isSigned: Bool, low: Double, includesLow: Bool,
    high: Double
  ) {
    let value = pop()
    let ir = irType(source)
    let aboveLow = LLVMBuildFCmp(
      builder, includesLow ? LLVMRealOGE : LLVMRealOGT, value, LLVMConstReal(ir, low), "")
    let belowHigh = LLVMBuildFCmp(builder, LLVMRealOLT, value, LLVMConstReal(ir, high), "")
    let isFine = LLVMBuildAnd(builder, aboveLow, belowHigh, "")
    trap(if: LLVMBuildNot(builder, isFine, "")) {
      let isNaN = LLVMBuildFCmp(builder, LLVMRealUNO, value, value, "")
      return LLVMBuildSelect(
        builder, isNaN, unit.int64(UInt64(TrapCode.invalidConversionToInteger.rawValue)),
        unit.int64(UInt64(TrapCode.integerOverflow.rawValue)), "")
    }
    push(
      isSigned
        ? LLVMBuildFPToSI(builder, value, irType(result), "")
        : LLVMBuildFPToUI(builder, value, irType(result), ""), result)
  }

  private func truncate(_ source: ValueType, _ result: ValueType, isSigned: Bool) {
    let power: Double =
      switch (result, isSigned) {
      case (.i32, true): 0x1p31
      case (.i32, false): 0x1p32
      case (_, true): 0x1p63
      case (_, false): 0x1p64
      }
    if !isSigned {
      truncate(source, result, isSigned: false, low: -1, includesLow: false, high: power)
    } else if source == .f64 && result == .i32 {
      // The only conversion for which fractions exist between the least integer and the next float below it.
      truncate(source, result, isSigned: true, low: -power - 1, includesLow: false, high: power)
    } else {
      truncate(source, result, isSigned: true, low: -power, includesLow: true, high: power)
    }
  }

  private func saturate(_ result: ValueType, isSigned: Bool) {
    let value = pop()
    push(
      unit.callIntrinsic(
        isSigned ? "llvm.fptosi.sat" : "llvm.fptoui.sat", [irType(result), LLVMTypeOf(value)],
        [value]), result)
  }

  // MARK: Dispatch

  /// Returns false if the instruction is none of these.
  func translateNumeric(_ i: Instruction) -> Bool {
    translateConstantOrComparison(i) || translateInteger(i) || translateFloat(i)
      || translateConversion(i)
  }

  private func translateConstantOrComparison(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .i32Const: push(unit.int32(UInt32(truncatingIfNeeded: i.bits)), .i32)
    case .i64Const: push(unit.int64(i.bits), .i64)
    case .f32Const: push(floatConstant(.f32, bits: i.bits), .f32)
    case .f64Const: push(floatConstant(.f64, bits: i.bits), .f64)
    case .i32Eqz, .i64Eqz:
      let value = pop()
      truth(unit.compare(LLVMIntEQ, value, unit.zero(LLVMTypeOf(value))))
    case .i32Eq, .i64Eq: compare(LLVMIntEQ)
    case .i32Ne, .i64Ne: compare(LLVMIntNE)
    case .i32LtS, .i64LtS: compare(LLVMIntSLT)
    case .i32LtU, .i64LtU: compare(LLVMIntULT)
    case .i32GtS, .i64GtS: compare(LLVMIntSGT)
    case .i32GtU, .i64GtU: compare(LLVMIntUGT)
    case .i32LeS, .i64LeS: compare(LLVMIntSLE)
    case .i32LeU, .i64LeU: compare(LLVMIntULE)
    case .i32GeS, .i64GeS: compare(LLVMIntSGE)
    case .i32GeU, .i64GeU: compare(LLVMIntUGE)
    case .f32Eq, .f64Eq: compare(LLVMRealOEQ)
    case .f32Ne, .f64Ne: compare(LLVMRealUNE)
    case .f32Lt, .f64Lt: compare(LLVMRealOLT)
    case .f32Gt, .f64Gt: compare(LLVMRealOGT)
    case .f32Le, .f64Le: compare(LLVMRealOLE)
    case .f32Ge, .f64Ge: compare(LLVMRealOGE)
    default: return false
    }
    return true
  }

  private func translateInteger(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .i32Clz: countZeros(.i32, "llvm.ctlz")
    case .i64Clz: countZeros(.i64, "llvm.ctlz")
    case .i32Ctz: countZeros(.i32, "llvm.cttz")
    case .i64Ctz: countZeros(.i64, "llvm.cttz")
    case .i32Popcnt: unary(.i32, "llvm.ctpop")
    case .i64Popcnt: unary(.i64, "llvm.ctpop")
    case .i32Add: binary(.i32, LLVMBuildAdd)
    case .i64Add: binary(.i64, LLVMBuildAdd)
    case .i32Sub: binary(.i32, LLVMBuildSub)
    case .i64Sub: binary(.i64, LLVMBuildSub)
    case .i32Mul: binary(.i32, LLVMBuildMul)
    case .i64Mul: binary(.i64, LLVMBuildMul)
    case .i32DivS: divide(.i32, isSigned: true, isRemainder: false)
    case .i64DivS: divide(.i64, isSigned: true, isRemainder: false)
    case .i32DivU: divide(.i32, isSigned: false, isRemainder: false)
    case .i64DivU: divide(.i64, isSigned: false, isRemainder: false)
    case .i32RemS: divide(.i32, isSigned: true, isRemainder: true)
    case .i64RemS: divide(.i64, isSigned: true, isRemainder: true)
    case .i32RemU: divide(.i32, isSigned: false, isRemainder: true)
    case .i64RemU: divide(.i64, isSigned: false, isRemainder: true)
    case .i32And: binary(.i32, LLVMBuildAnd)
    case .i64And: binary(.i64, LLVMBuildAnd)
    case .i32Or: binary(.i32, LLVMBuildOr)
    case .i64Or: binary(.i64, LLVMBuildOr)
    case .i32Xor: binary(.i32, LLVMBuildXor)
    case .i64Xor: binary(.i64, LLVMBuildXor)
    case .i32Shl: shift(.i32, LLVMBuildShl)
    case .i64Shl: shift(.i64, LLVMBuildShl)
    case .i32ShrS: shift(.i32, LLVMBuildAShr)
    case .i64ShrS: shift(.i64, LLVMBuildAShr)
    case .i32ShrU: shift(.i32, LLVMBuildLShr)
    case .i64ShrU: shift(.i64, LLVMBuildLShr)
    case .i32Rotl: rotate(.i32, "llvm.fshl")
    case .i64Rotl: rotate(.i64, "llvm.fshl")
    case .i32Rotr: rotate(.i32, "llvm.fshr")
    case .i64Rotr: rotate(.i64, "llvm.fshr")
    case .i32Extend8S: signExtend(unit.i8, .i32)
    case .i32Extend16S: signExtend(unit.i16, .i32)
    case .i64Extend8S: signExtend(unit.i8, .i64)
    case .i64Extend16S: signExtend(unit.i16, .i64)
    case .i64Extend32S: signExtend(unit.i32, .i64)
    default: return false
    }
    return true
  }

  private func translateFloat(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .f32Abs: unary(.f32, "llvm.fabs")
    case .f64Abs: unary(.f64, "llvm.fabs")
    case .f32Neg: push(LLVMBuildFNeg(builder, pop(), ""), .f32)
    case .f64Neg: push(LLVMBuildFNeg(builder, pop(), ""), .f64)
    case .f32Ceil: unary(.f32, "llvm.ceil")
    case .f64Ceil: unary(.f64, "llvm.ceil")
    case .f32Floor: unary(.f32, "llvm.floor")
    case .f64Floor: unary(.f64, "llvm.floor")
    case .f32Trunc: unary(.f32, "llvm.trunc")
    case .f64Trunc: unary(.f64, "llvm.trunc")
    case .f32Nearest: unary(.f32, "llvm.roundeven")
    case .f64Nearest: unary(.f64, "llvm.roundeven")
    case .f32Sqrt: unary(.f32, "llvm.sqrt")
    case .f64Sqrt: unary(.f64, "llvm.sqrt")
    case .f32Add: arithmetic(.f32, LLVMBuildFAdd)
    case .f64Add: arithmetic(.f64, LLVMBuildFAdd)
    case .f32Sub: arithmetic(.f32, LLVMBuildFSub)
    case .f64Sub: arithmetic(.f64, LLVMBuildFSub)
    case .f32Mul: arithmetic(.f32, LLVMBuildFMul)
    case .f64Mul: arithmetic(.f64, LLVMBuildFMul)
    case .f32Div: arithmetic(.f32, LLVMBuildFDiv)
    case .f64Div: arithmetic(.f64, LLVMBuildFDiv)
    case .f32Min: extremum(.f32, "llvm.minimum")
    case .f64Min: extremum(.f64, "llvm.minimum")
    case .f32Max: extremum(.f32, "llvm.maximum")
    case .f64Max: extremum(.f64, "llvm.maximum")
    case .f32Copysign: copysign(.f32, integer: .i32, signBit: 1 << 31)
    case .f64Copysign: copysign(.f64, integer: .i64, signBit: 1 << 63)
    default: return false
    }
    return true
  }

  private func translateConversion(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .i32WrapI64: cast(LLVMTrunc, .i32)
    case .i64ExtendI32S: cast(LLVMSExt, .i64)
    case .i64ExtendI32U: cast(LLVMZExt, .i64)
    case .i32TruncF32S: truncate(.f32, .i32, isSigned: true)
    case .i32TruncF32U: truncate(.f32, .i32, isSigned: false)
    case .i32TruncF64S: truncate(.f64, .i32, isSigned: true)
    case .i32TruncF64U: truncate(.f64, .i32, isSigned: false)
    case .i64TruncF32S: truncate(.f32, .i64, isSigned: true)
    case .i64TruncF32U: truncate(.f32, .i64, isSigned: false)
    case .i64TruncF64S: truncate(.f64, .i64, isSigned: true)
    case .i64TruncF64U: truncate(.f64, .i64, isSigned: false)
    case .i32TruncSatF32S, .i32TruncSatF64S: saturate(.i32, isSigned: true)
    case .i32TruncSatF32U, .i32TruncSatF64U: saturate(.i32, isSigned: false)
    case .i64TruncSatF32S, .i64TruncSatF64S: saturate(.i64, isSigned: true)
    case .i64TruncSatF32U, .i64TruncSatF64U: saturate(.i64, isSigned: false)
    case .f32ConvertI32S, .f32ConvertI64S: cast(LLVMSIToFP, .f32)
    case .f32ConvertI32U, .f32ConvertI64U: cast(LLVMUIToFP, .f32)
    case .f64ConvertI32S, .f64ConvertI64S: cast(LLVMSIToFP, .f64)
    case .f64ConvertI32U, .f64ConvertI64U: cast(LLVMUIToFP, .f64)
    case .f32DemoteF64: cast(LLVMFPTrunc, .f32)
    case .f64PromoteF32: cast(LLVMFPExt, .f64)
    case .i32ReinterpretF32: cast(LLVMBitCast, .i32)
    case .i64ReinterpretF64: cast(LLVMBitCast, .i64)
    case .f32ReinterpretI32: cast(LLVMBitCast, .f32)
    case .f64ReinterpretI64: cast(LLVMBitCast, .f64)
    default: return false
    }
    return true
  }
}
