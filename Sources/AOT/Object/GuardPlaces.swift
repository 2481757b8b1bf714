import CLLVM

/// Where LLVM moved or merged a guard's compare it dropped the place in the source, by which the artefact tells whose
/// compare it is. Then the place of a deopt that its failing leads to stands in: the nearest one.
struct GuardPlaces {
  /// Blocks to look at for each compare.
  private static let limit = 64

  let unit: LLVMUnit

  func run() {
    let name = FunctionTranslator.deoptName
    guard let deopt = LLVMGetNamedFunction(unit.module, name) else { return }
    var places: [LLVMBasicBlockRef: LLVMMetadataRef] = [:]
    var use = LLVMGetFirstUse(deopt)
    while let current = use {
      let call = LLVMGetUser(current)!
      places[LLVMGetInstructionParent(call)] = LLVMInstructionGetDebugLoc(call)
      use = LLVMGetNextUse(current)
    }
    for compare in GuardSymbol.compares(in: unit) where !hasPlace(compare) {
      guard let place = place(from: sides(of: compare), places) else { continue }
      LLVMInstructionSetDebugLoc(compare, place)
    }
  }

  private func hasPlace(_ instruction: LLVMValueRef) -> Bool {
    guard let location = LLVMInstructionGetDebugLoc(instruction) else { return false }
    return LLVMDILocationGetLine(location) != 0 && LLVMDILocationGetColumn(location) != 0
  }

  /// Blocks that the compare decides about, those of failing first.
  private func sides(of compare: LLVMValueRef) -> [LLVMBasicBlockRef] {
    let failsIfTrue = LLVMGetICmpPredicate(compare) == LLVMIntNE
    var sides: [(isFailing: Bool, block: LLVMBasicBlockRef)] = []
    var waiting = [(value: compare, depth: 0)]
    while let (value, depth) = waiting.popLast() {
      var use = LLVMGetFirstUse(value)
      while let current = use {
        let user = LLVMGetUser(current)!
        use = LLVMGetNextUse(current)
        if LLVMIsABranchInst(user) != nil {
          for side in 0..<2 {
            sides.append(((side == 0) == failsIfTrue, LLVMGetSuccessor(user, UInt32(side))))
          }
        } else if depth < 4, LLVMTypeOf(user) == unit.i1 {
          // `freeze`, `and`, `or`, `select` of conditions.
          waiting.append((user, depth + 1))
        }
      }
    }
    return sides.filter(\.isFailing).map(\.block) + sides.filter { !$0.isFailing }.map(\.block)
  }

  private func place(
    from starts: [LLVMBasicBlockRef], _ places: [LLVMBasicBlockRef: LLVMMetadataRef]
  ) -> LLVMMetadataRef? {
    for start in starts {
      var seen: Set<LLVMBasicBlockRef> = [start]
      var order = [start]
      var next = 0
      while next < order.count, next < Self.limit {
        let block = order[next]
        next += 1
        if let place = places[block] { return place }
        guard let end = LLVMGetBasicBlockTerminator(block) else { continue }
        for number in 0..<LLVMGetNumSuccessors(end) {
          let successor = LLVMGetSuccessor(end, number)!
          if seen.insert(successor).inserted { order.append(successor) }
        }
      }
    }
    return nil
  }
}
