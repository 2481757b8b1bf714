import CLLVM

/// Disables LLVM's loop optimizations that are unsound here. It must run right before each of them, since passes that change loops may
/// lose their metadata.
///
/// *Partial* unswitching evaluates a condition of a loop's header once more in front of the loop, including the loads that it
/// depends on, but does not check whether something before a load, here its probe, may end the iteration
/// (`hasPartialIVCondition` of LLVM 19). A load that should trap would then trap before effects that precede it.
///
///     br i1 %again, label %header, label %exit, !llvm.loop !1
///     !1 = distinct !{!1, !2}
///     !2 = !{!"llvm.loop.unswitch.partial.disable"}
///
/// *Vectorizing* loops with stores of two sizes to one address: LoopAccessAnalysis of LLVM 19 has one entry for both stores and
/// does not compare it with itself. A store of one iteration may therefore move after a smaller one of the next iteration that
/// overlaps it. Two addresses may turn out to be equal at any time until then, so such loops are not vectorized unless their
/// addresses differ by constants.
struct LoopMetadata {
  private static let noPartialUnswitching = "llvm.loop.unswitch.partial.disable"
  private static let vectorizing = "llvm.loop.vectorize.enable"

  let unit: LLVMUnit

  func run() {
    var function = LLVMGetFirstFunction(unit.module)
    while let current = function {
      if LLVMIsDeclaration(current) == 0 { mark(current) }
      function = LLVMGetNextFunction(current)
    }
  }

  private func mark(_ function: LLVMValueRef) {
    let tree = Dominators(function)
    for (header, latches) in tree.backEdges() {
      // LLVM requires all latches of a loop to agree. A loop that has options was handled before, or is a copy of one.
      let ends = latches.compactMap { LLVMGetBasicBlockTerminator(tree.blocks[$0]) }
      let isMixed = storesOfTwoSizesMayMeet(tree.loop(header, latches))
      guard isMixed || ends.contains(where: { unit.loopIdentity($0) == nil }) else { continue }
      let identity = unit.makeLoopIdentity(
        [Self.noPartialUnswitching: nil].merging(isMixed ? [Self.vectorizing: false] : [:]) { $1 })
      for end in ends { unit.setLoopIdentity(end, identity) }
    }
  }

  private func storesOfTwoSizesMayMeet(_ blocks: [LLVMBasicBlockRef]) -> Bool {
    var stores: [(address: MemoryAddress, size: Int64)] = []
    for block in blocks {
      var instruction = LLVMGetFirstInstruction(block)
      while let current = instruction {
        instruction = LLVMGetNextInstruction(current)
        guard LLVMIsAStoreInst(current) != nil, MemoryChecks.isInMemory(current, unit) else {
          continue
        }
        let address = MemoryAddress(of: LLVMGetOperand(current, 1), unit)
        let size = MemoryAccess.size(of: current, unit)
        if stores.contains(where: { Self.mayMeet($0, (address, size)) }) { return true }
        stores.append((address, size))
      }
    }
    return false
  }

  private static func mayMeet(
    _ left: (address: MemoryAddress, size: Int64), _ right: (address: MemoryAddress, size: Int64)
  ) -> Bool {
    left.size != right.size
      && !(left.address.origin == right.address.origin
        && left.address.constant != right.address.constant)
  }
}
