import CLLVM
import Wasm

/// Where LLVM 19 does with floats what WebAssembly does not allow, and what is done about it. All of it is named here, and
/// tested by FloatTests, FloatFoldTests and random expressions (`wasm-pgo-fuzz floats`).
///
/// **Signalling NaNs.** Arithmetic on a NaN gives a quiet one (spec 4.3.3). LLVM may leave a NaN as it is (its language reference,
/// "Behavior of Floating-Point NaN values"; issue 97837), and folds `x * 1`, `x / 1`, `x + -0`, `x - 0`, `-0 - x`, `x * -1` and
/// `fptrunc (fpext x)` to x or -x. Such constants come from inlining, unrolling and forwarded stores, at
/// any time. (FloatFoldTests.arithmeticIsQuiet)
///
/// **Zeros and NaNs of selects.** Of `select (fcmp x, 0), ...`, InstCombine makes a minimum or maximum whose zero may have the other
/// sign, or an fabs that changes a NaN's sign: issues 157254 (with a cast), 141017 (two zeros), 113989 and 136646
/// (`x <= 0 ? 0 - x : x`). SelectionDAG would do it with unordered compares, if x86 had its minnum: 93414.
/// (FloatFoldTests.choicesByZero)
///
/// So from the first pass on (``hide``), a constant that these folds look for is one that LLVM does not know, and an operand that they
/// may leave over is multiplied by 1. Both before code generation (``reveal``) are what they were wherever nothing can
/// be folded any more, which is nearly everywhere: an operation makes its operands quiet itself, and a compare does not mind.
///
///     %r = fmul float %x, 1.0            ; x may signal
///     %r = fmul float %x, %one           ; %one = llvm.arithmetic.fence(1.0), in the entry block; and stays
///
///     %r = fadd float %x, %sum           ; %sum = phi [-0.0, ...], [%r, ...]
///     %q = fmul float %x, %one
///     %r = fadd float %q, %sum           ; at the end %x again, unless %sum is -0.0 by then
///
///     %c = fcmp olt float %x, 0.0
///     %c = fcmp olt float %x, %zero      ; at the end 0.0 again
///
/// **Crash.** `foldMinimumMaximumSharedOp` takes any intrinsic beside a minimum of the same operands for one of four and jumps
/// into nowhere (pull request 173705): no copysign intrinsic is made (``FunctionTranslator/copysign``). (FloatTests.extremumOfCopysign)
///
/// **Minimum and maximum** of a signalling NaN are what LLVM likes: ``FunctionTranslator/extremum``.
struct FloatFolds {
  let unit: LLVMUnit

  /// Hides constants and operands. Locals must be values by now.
  func hide() {
    for function in MemoryChecks(unit: unit).functions() { FloatHiding(unit, function).run() }
  }

  /// Takes back what ``hide`` did, where it can.
  func reveal() { FloatRevealing(unit: unit).run() }
}

// MARK: Translation

extension FunctionTranslator {
  /// Of two constants, LLVM's builder takes the one for the result beside which the other one is neutral, even if it signals.
  func arithmetic(
    _ type: ValueType, _ build: (LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?) -> Value?
  ) {
    let right = quiet(pop())
    let left = quiet(pop())
    push(build(unit.builder, left, right, "")!, type)
  }

  /// A constant that is a signalling NaN, made quiet, as arithmetic does it.
  private func quiet(_ value: Value) -> Value {
    guard unit.isSignalling(value), let bits = unit.floatBits(value) else { return value }
    return LLVMTypeOf(value) == unit.f64
      ? floatConstant(.f64, bits: bits | 1 << 51) : floatConstant(.f32, bits: bits | 1 << 22)
  }

  /// Of the intrinsics only what they do with numbers: of a signalling NaN they may make what they like, where the specification wants a
  /// quiet one. A sum is quiet.
  func extremum(_ type: ValueType, _ name: String) {
    let right = pop()
    let left = pop()
    let isNaN = LLVMBuildFCmp(unit.builder, LLVMRealUNO, left, right, "")
    let sum = LLVMBuildFAdd(unit.builder, quiet(left), quiet(right), "")
    let extremum = unit.callIntrinsic(name, [irType(type)], [left, right])
    LLVMSetFastMathFlags(extremum, LLVMFastMathFlags(LLVMFastMathNoNaNs))
    push(LLVMBuildSelect(unit.builder, isNaN, sum, extremum, ""), type)
  }

  /// With integers, which stay in vector registers and cost at most two instructions more than LLVM's intrinsic, which is beside a
  /// minimum of the same operands what ``FloatFolds`` calls a crash.
  func copysign(_ type: ValueType, integer: ValueType, signBit: UInt64) {
    let builder = unit.builder
    let ir = irType(integer)
    let sign = LLVMBuildBitCast(builder, pop(), ir, "")
    let magnitude = LLVMBuildBitCast(builder, pop(), ir, "")
    let bits = LLVMBuildOr(
      builder, LLVMBuildAnd(builder, magnitude, LLVMConstInt(ir, signBit - 1, 0), ""),
      LLVMBuildAnd(builder, sign, LLVMConstInt(ir, signBit, 0), ""), "")
    push(LLVMBuildBitCast(builder, bits, irType(type), ""), type)
  }
}
