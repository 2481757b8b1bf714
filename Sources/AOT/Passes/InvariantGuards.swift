import CLLVM

/// Gives guards that do not change in a loop their numbers, so that they cannot be forced any more. It must run right in front
/// of `indvars`: that pass of LLVM knows that a loop is left on an invariant condition in its first iteration or never, and so
/// puts the values of the first iteration into the frame state (`rewriteFirstIterationLoopExitValues` of LLVM 19). Forced in a
/// later iteration, the guard would make the baseline go on with values of the first. Before and after:
///
///     %hit = icmp eq i32 %index, ptrtoint (ptr @wpgo.index.7.0.0 to i32)     ; in front of the loop
///     br i1 %hit, label %body, label %miss                                   ; in the loop
///     …
///     %hit = icmp eq i32 %index, 7
///
/// What unswitching has moved out of its loop stays as it is (toolchain-docs/decisions/forced-guards.md).
struct InvariantGuards {
  let unit: LLVMUnit

  func run() {
    let compares = Set(GuardSymbol.compares(in: unit))
    guard !compares.isEmpty else { return }
    var function = LLVMGetFirstFunction(unit.module)
    while let current = function {
      function = LLVMGetNextFunction(current)
      guard LLVMIsDeclaration(current) == 0 else { continue }
      for condition in Self.invariantExits(of: current) { number(compares, in: condition) }
    }
  }

  /// The conditions on which a loop is left and that are computed outside of it.
  private static func invariantExits(of function: LLVMValueRef) -> [LLVMValueRef] {
    let tree = Dominators(function)
    var result: [LLVMValueRef] = []
    for (header, latches) in tree.backEdges() {
      let members = Set(tree.loop(header, latches))
      for block in members {
        guard let end = LLVMGetBasicBlockTerminator(block), LLVMIsABranchInst(end) != nil,
          LLVMIsConditional(end) != 0,
          Dominators.successors(block).contains(where: { !members.contains($0) })
        else { continue }
        let condition = LLVMGetCondition(end)!
        guard LLVMIsAInstruction(condition) != nil,
          !members.contains(LLVMGetInstructionParent(condition))
        else { continue }
        result.append(condition)
      }
    }
    return result
  }

  /// Replaces the symbols of all compares that a condition is made of.
  private func number(_ compares: Set<LLVMValueRef>, in condition: LLVMValueRef) {
    var seen: Set<LLVMValueRef> = [condition]
    var waiting = [condition]
    while let value = waiting.popLast() {
      for operand in 0..<UInt32(LLVMGetNumOperands(value)) {
        let source = LLVMGetOperand(value, operand)!
        if compares.contains(value), LLVMIsAConstantInt(source) == nil,
          let number = GuardSymbol.value(of: source)
        {
          LLVMSetOperand(value, operand, LLVMConstInt(LLVMTypeOf(source), number, 0))
        } else if LLVMTypeOf(source) == unit.i1, LLVMIsAInstruction(source) != nil,
          seen.insert(source).inserted
        {
          waiting.append(source)
        }
      }
    }
  }
}
