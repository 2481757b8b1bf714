import CLLVM

/// Folds compares of a guard's symbol with a number, which LLVM leaves alone: where inlining made the index of an
/// indirect call known, nothing remains to be guarded. Before and after:
///
///     %hit = icmp eq i32 7, ptrtoint (ptr @wpgo.index.7 to i32)
///     br i1 %hit, label %body, label %miss
///     …
///     br i1 true, label %body, label %miss
struct GuardFolding {
  let unit: LLVMUnit

  /// - Returns: whether anything changed.
  func run() -> Bool {
    var hasChanged = false
    for compare in GuardSymbol.compares(in: unit) {
      guard let left = GuardSymbol.value(of: LLVMGetOperand(compare, 0)),
        let right = GuardSymbol.value(of: LLVMGetOperand(compare, 1)),
        let holds = Self.holds(LLVMGetICmpPredicate(compare), left, right)
      else { continue }
      LLVMReplaceAllUsesWith(compare, LLVMConstInt(unit.i1, holds ? 1 : 0, 0))
      LLVMInstructionEraseFromParent(compare)
      hasChanged = true
    }
    return hasChanged
  }

  /// Guards test for equality; whatever else LLVM made of it stays.
  private static func holds(_ predicate: LLVMIntPredicate, _ left: UInt64, _ right: UInt64) -> Bool?
  {
    switch predicate {
    case LLVMIntEQ: left == right
    case LLVMIntNE: left != right
    case LLVMIntULT: left < right
    case LLVMIntULE: left <= right
    case LLVMIntUGT: left > right
    case LLVMIntUGE: left >= right
    default: nil
    }
  }
}
