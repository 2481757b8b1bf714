import CLLVM
import Wasm

/// Wide arithmetic: integers of 128 bits, each as its low and its high half. LLVM makes carries and long multiplications of them.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }
  private var wide: LLVMTypeRef { LLVMIntTypeInContext(unit.context, 128) }

  /// Returns false if the instruction is none of these.
  func translateWide(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .i64Add128: binary(LLVMBuildAdd)
    case .i64Sub128: binary(LLVMBuildSub)
    case .i64MulWideS: multiply(LLVMSExt)
    case .i64MulWideU: multiply(LLVMZExt)
    default: return false
    }
    return true
  }

  private func binary(
    _ build: (LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?) -> Value?
  ) {
    let right = popWide()
    let left = popWide()
    pushWide(build(builder, left, right, "")!)
  }

  private func multiply(_ extension: LLVMOpcode) {
    let factors = popAll(2).map { LLVMBuildCast(builder, `extension`, $0, wide, "") }
    pushWide(LLVMBuildMul(builder, factors[0], factors[1], ""))
  }

  private var halfWidth: Value { LLVMConstInt(wide, 64, 0) }

  private func popWide() -> Value {
    let halves = popAll(2).map { LLVMBuildZExt(builder, $0, wide, "") }
    let high = LLVMBuildShl(builder, halves[1], halfWidth, "")
    return LLVMBuildOr(builder, halves[0], high, "")
  }

  private func pushWide(_ value: Value) {
    let high = LLVMBuildLShr(builder, value, halfWidth, "")
    push(LLVMBuildTrunc(builder, value, unit.i64, ""), .i64)
    push(LLVMBuildTrunc(builder, high, unit.i64, ""), .i64)
  }
}
