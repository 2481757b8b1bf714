import CLLVM
import Speculation
import Wasm

/// Peeling: translates the first iteration of some loops separately, in front of the loop.
///
///     loop $l  …load vtable… guard …  br_if $l  end
///
/// becomes
///
///     …load vtable… guard …  br_if header
///     header:  …load vtable… guard …  br_if header
///
/// Everything that each iteration loads from the same address has then been loaded and checked before the loop. If nothing in
/// the loop can change memory, LLVM hoists the load and the guard that depends on it, and may vectorize the loop. Without
/// peeling, the first iteration's accesses prevent that: any of them may trap before the load.
extension FunctionTranslator {
  /// A loop that is translated twice.
  struct Peel {
    /// The position after the `loop` instruction; nil in the second copy.
    var again: InstructionReader?
    /// The block that both copies exit to.
    var exit: Block
    var exitPhis: [Value]
    var isExitReached = false
  }

  /// The largest loop to peel, in wasm bytes including inlined bodies.
  private static let maximumPeeledSize = 400

  /// Whether a loop only reads and contains a guard that may be hoisted.
  func isWorthPeeling(_ loop: Instruction) throws(CompileError) -> Bool {
    let body = bodies[bodies.count - 1]
    // An OSR entry enters the loop in the middle of its iterations, so it has no first iteration.
    guard osrEntryOffset == nil, body.profile?.loops[loop.offset] ?? 0 > 0,
      let shape = try partition.loopShapes(ofFunction: body.function).loops[loop.offset]
    else { return false }
    var size = 0
    var hasGuard = false
    guard try onlyReads(shape, node: body.node, isRepeated: false, &size, &hasGuard) else {
      return false
    }
    return hasGuard
  }

  /// - Parameters:
  ///   - isRepeated: whether the code is in an inner loop. Its guards can only be hoisted out of that inner loop.
  private func onlyReads(
    _ shape: LoopShapes.Shape, node: Int, isRepeated: Bool, _ size: inout Int,
    _ hasGuard: inout Bool
  ) throws(CompileError) -> Bool {
    size += shape.size
    guard !shape.hasEffect, size <= Self.maximumPeeledSize else { return false }
    for call in shape.calls {
      let isRepeated = isRepeated || shape.callsInLoops.contains(call)
      guard let site = tree.nodes[node].sites[call], !site.targets.isEmpty else { return false }
      if site.guardKind != .none {
        guard site.miss != .call else { return false }
        if !isRepeated { hasGuard = true }
      }
      for target in site.targets {
        guard let inlined = target.node,
          try onlyReads(
            partition.loopShapes(ofFunction: target.function).body, node: inlined,
            isRepeated: isRepeated, &size, &hasGuard)
        else { return false }
      }
    }
    return true
  }

  /// Starts the first copy. Its back edges enter the loop proper.
  func translatePeeled(_ loop: Instruction, again: InstructionReader) {
    let type = blockType(loop.blockType)
    let header = unit.appendBlock(function)
    let exit = unit.appendBlock(function)
    open(
      Control(
        kind: .loop, label: header, phis: makePhis(type.parameters, in: header),
        height: operands.count - type.parameters.count, parameters: type.parameters,
        results: type.results,
        peel: Peel(again: again, exit: exit, exitPhis: makePhis(type.results, in: exit))))
  }

  /// Handles the `end` of either copy.
  func endPeeled(_ control: Control, _ peel: Peel) {
    var peel = peel
    if !isUnreachable {
      for (phi, value) in zip(peel.exitPhis, peekAll(control.results.count)) {
        unit.addIncoming(phi, value, unit.currentBlock)
      }
      LLVMBuildBr(unit.builder, peel.exit)
      peel.isExitReached = true
    }
    operands.removeLast(operands.count - control.height)
    if let again = peel.again, control.isTarget {
      peel.again = nil
      var second = control
      second.peel = peel
      controls.append(second)
      isUnreachable = false
      unit.position(at: control.label)
      pushAll(control.phis, control.parameters)
      rewind = again
      return
    }
    if !control.isTarget { LLVMDeleteBasicBlock(control.label) }
    resume(at: peel.exit, peel.exitPhis, control.results, isReached: peel.isExitReached)
  }
}
