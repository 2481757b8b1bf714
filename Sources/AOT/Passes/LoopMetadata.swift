import CLLVM

/// Keeps LLVM's vectorizer away from the loops that it gets wrong. It must run right before the vectorizer, since passes that
/// change loops may lose their metadata.
///
///     br i1 %again, label %header, label %exit, !llvm.loop !1
///     !1 = distinct !{!1, !2}
///     !2 = !{!"llvm.loop.vectorize.enable", i1 false}
///
/// These are loops with stores of two sizes to one address: LoopAccessAnalysis of LLVM 19 has one entry for both stores and
/// does not compare it with itself. A store of one iteration may therefore move after a smaller one of the next iteration that
/// overlaps it. Two addresses may turn out to be equal at any time until then, so such loops are not vectorized unless their
/// addresses differ by constants.
struct LoopMetadata {
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
      guard storesOfTwoSizesMayMeet(tree.loop(header, latches)) else { continue }
      let identity = unit.makeLoopIdentity(["llvm.loop.vectorize.enable": false])
      // LLVM requires all latches of a loop to agree.
      for latch in latches {
        if let end = LLVMGetBasicBlockTerminator(tree.blocks[latch]) {
          unit.setLoopIdentity(end, identity)
        }
      }
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
