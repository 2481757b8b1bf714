import CLLVM
import Wasm

/// Works around LLVM 19's float folds that violate WebAssembly's semantics. All known ones are listed here and tested by
/// FloatTests, FloatFoldTests and random expressions (`wasm-pgo-fuzz floats`).
///
/// **Signalling NaNs.** Arithmetic on a NaN produces a quiet one (spec 4.3.3). LLVM may return a NaN unchanged (its language
/// reference, "Behavior of Floating-Point NaN values"; issue 97837), and folds `x * 1`, `x / 1`, `x + -0`, `x - 0`, `-0 - x`,
/// `x * -1` and `fptrunc (fpext x)` to x or -x. Inlining, unrolling and store forwarding can expose such constants at any time.
/// (FloatFoldTests.arithmeticIsQuiet)
///
/// **Zeros and NaNs of selects.** InstCombine turns `select (fcmp x, 0), ...` into a minimum or maximum whose zero may have the
/// wrong sign, or into an fabs that changes a NaN's sign: issues 157254 (with a cast), 141017 (two zeros), 113989 and 136646
/// (`x <= 0 ? 0 - x : x`). SelectionDAG would do the same for unordered compares if x86 had the minnum that it needs: 93414.
/// (FloatFoldTests.choicesByZero)
///
/// So once locals are promoted, before any pass that folds, ``hide()`` makes each constant that enables one of these folds opaque
/// to LLVM, and multiplies each operand that a fold might return unchanged by an opaque 1. Before code generation, ``reveal()``
/// restores the originals wherever no fold can apply any more, which is nearly everywhere: an operation quiets its operands
/// itself, and a compare accepts any NaN.
///
///     %r = fmul float %x, 1.0            ; x may signal
///     %r = fmul float %x, %one           ; %one = llvm.arithmetic.fence(1.0), in the entry block; stays
///
///     %r = fadd float %x, %sum           ; %sum = phi [-0.0, ...], [%r, ...]
///     %q = fmul float %x, %one
///     %r = fadd float %q, %sum           ; reveal() restores %x, unless %sum is -0.0 by then
///
///     %c = fcmp olt float %x, 0.0
///     %c = fcmp olt float %x, %zero      ; reveal() restores 0.0
///
/// **Crash.** `foldMinimumMaximumSharedOp` takes any intrinsic that shares its operands with a minimum for one of four and
/// jumps to an invalid address (pull request 173705), so no copysign intrinsic is emitted (``FunctionTranslator/copysign``).
/// (FloatTests.extremumOfCopysign)
///
/// **Minimum and maximum** of a signalling NaN are unspecified in LLVM: ``FunctionTranslator/extremum``.
struct FloatFolds {
  let unit: LLVMUnit

  /// Hides constants and operands. Locals must be in SSA form.
  func hide() {
    for function in MemoryChecks(unit: unit).functions() { FloatHiding(unit, function).run() }
  }

  /// Undoes ``hide()`` where that is safe.
  func reveal() { FloatRevealing(unit: unit).run() }
}

// MARK: Translation

extension FunctionTranslator {
  /// LLVM's builder folds an operation on a neutral constant to the other constant, even if that one is a signalling NaN.
  func arithmetic(
    _ type: ValueType, _ build: (LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?) -> Value?
  ) {
    let right = quiet(pop())
    let left = quiet(pop())
    push(build(unit.builder, left, right, "")!, type)
  }

  /// Quiets a constant that is a signalling NaN, as arithmetic would, and a vector's lanes that are.
  func quiet(_ value: Value) -> Value {
    guard unit.isSignalling(value) else { return value }
    if let bits = unit.vectorBits(value), let lanes = unit.lanes(of: LLVMTypeOf(value)) {
      return unit.vector(
        lanes,
        (0..<lanes.count).map {
          LLVMUnit.quieted(bits.lane($0, bits: lanes.bits), isDouble: lanes == .f64x2)
        })
    }
    guard let bits = unit.floatBits(value) else { return value }
    let isDouble = LLVMTypeOf(value) == unit.f64
    return floatConstant(
      isDouble ? .f64 : .f32, bits: LLVMUnit.quieted(bits, isDouble: isDouble))
  }

  /// Uses the intrinsic for numbers only. For a signalling NaN it may return anything, but the specification requires a quiet
  /// NaN; the sum of the operands is one.
  func extremum(_ type: ValueType, _ name: String) {
    let right = pop()
    let left = pop()
    let isNaN = LLVMBuildFCmp(unit.builder, LLVMRealUNO, left, right, "")
    let sum = LLVMBuildFAdd(unit.builder, quiet(left), quiet(right), "")
    let extremum = unit.callIntrinsic(name, [irType(type)], [left, right])
    LLVMSetFastMathFlags(extremum, LLVMFastMathFlags(LLVMFastMathNoNaNs))
    push(LLVMBuildSelect(unit.builder, isNaN, sum, extremum, ""), type)
  }

  /// Uses integer operations, which stay in vector registers and cost at most two instructions more than LLVM's intrinsic.
  /// Beside a minimum of the same operands, the intrinsic crashes LLVM: ``FloatFolds``.
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
