import Contract
import Wasm
import X64

/// References (spec 3.0 4.4, reference instructions; br_on_null, br_on_non_null).
extension FunctionCompiler {
  mutating func compileRefFunc(_ index: Int) {
    let result = allocateGeneral()
    assembler.loadAddress(.qword, result, field(layout.funcRef(index)))
    push(result, module.referenceType(ofFunction: index))
  }

  mutating func compileAsNonNull() {
    let type = stack[stack.count - 1].type
    if type.isNonNullReference { return }
    let reference = popTestedReference()
    trap(if: .equal, .nullReference)
    push(reference, type.withNull(false))
  }

  /// A null is dropped by the branch, anything else stays.
  mutating func compileBranchOnNull(_ depth: Int) {
    let type = stack[stack.count - 1].type
    let reference = popTestedReference()
    compileBranch(depth, if: Test(.equal))
    push(reference, type.withNull(false))
  }

  /// The branch takes the reference along, a null is dropped.
  mutating func compileBranchOnNonNull(_ depth: Int) {
    let type = stack[stack.count - 1].type
    let reference = popTestedReference()
    push(reference, type.withNull(false))
    compileBranch(depth, if: Test(.notEqual))
    _ = pop()
  }

  /// A register of its own with the reference on top; the flags tell whether it is null.
  private mutating func popTestedReference() -> Register {
    let reference = ownGeneral(pop())
    assembler.test(.qword, .register(reference), reference)
    return reference
  }
}
