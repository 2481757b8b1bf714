import CLLVM

/// Keeps LLVM from *partial* unswitching, which evaluates a condition of a loop's header once more in front of the loop, the loads
/// that it depends on included, but does not ask whether something in front of a load, here its touch, may end the iteration
/// (`hasPartialIVCondition` of LLVM 19): a load that should trap would trap before effects that precede it.
///
///     br i1 %again, label %header, label %exit, !llvm.loop !1
///     !1 = distinct !{!1, !2}
///     !2 = !{!"llvm.loop.unswitch.partial.disable"}
struct LoopMetadata {
  private static let option = "llvm.loop.unswitch.partial.disable"

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
    for (_, latches) in tree.backEdges() {
      // LLVM asks that all latches of a loop agree. Whoever has options already was here, or is a copy.
      let ends = latches.compactMap { LLVMGetBasicBlockTerminator(tree.blocks[$0]) }
      guard ends.contains(where: { unit.loopIdentity($0) == nil }) else { continue }
      let identity = unit.makeLoopIdentity(Self.option)
      for end in ends { unit.setLoopIdentity(end, identity) }
    }
  }
}
