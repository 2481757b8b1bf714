import CLLVM

/// An innermost loop in the form that LLVM's loop-simplify and loop-rotate produce: a preheader as the only entry, and one
/// latch.
struct InnermostLoop {
  let header: LLVMBasicBlockRef
  let latch: LLVMBasicBlockRef
  let preheader: LLVMBasicBlockRef
  private let members: Set<LLVMBasicBlockRef>
  /// In the order of the dominator tree. Iteration over the set would depend on addresses.
  private let blocks: [LLVMBasicBlockRef]

  /// All such loops of a function.
  static func find(in function: LLVMValueRef) -> [InnermostLoop] {
    let tree = Dominators(function)
    var position: [LLVMBasicBlockRef: Int] = [:]
    for (index, block) in tree.blocks.enumerated() { position[block] = index }
    var predecessors: [LLVMBasicBlockRef: [LLVMBasicBlockRef]] = [:]
    for block in tree.blocks {
      for next in Dominators.successors(block) { predecessors[next, default: []].append(block) }
    }
    let headers = tree.backEdges().map { tree.blocks[$0.header] }
    let isHeader = Set(headers)
    return headers.compactMap { header in
      let (inside, outside) = predecessors[header, default: []].reduce(
        into: ([LLVMBasicBlockRef](), [LLVMBasicBlockRef]())
      ) {
        if tree.dominates(position[header]!, position[$1]!) {
          $0.0.append($1)
        } else {
          $0.1.append($1)
        }
      }
      guard inside.count == 1, outside.count == 1, Dominators.successors(outside[0]).count == 1
      else { return nil }
      var blocks: Set<LLVMBasicBlockRef> = [header]
      var pending = inside
      while let block = pending.popLast() {
        guard blocks.insert(block).inserted else { continue }
        if isHeader.contains(block) { return nil }
        pending += predecessors[block, default: []]
      }
      return InnermostLoop(
        header: header, latch: inside[0], preheader: outside[0], members: blocks,
        blocks: tree.blocks.filter(blocks.contains))
    }
  }

  func isInvariant(_ value: LLVMValueRef) -> Bool {
    guard LLVMIsAInstruction(value) != nil else { return true }
    return !members.contains(LLVMGetInstructionParent(value))
  }

  /// Average iterations for each entry according to the profile; nil if the latch has no weights.
  func averageTrips(_ unit: LLVMUnit) -> Double? {
    guard let end = LLVMGetBasicBlockTerminator(latch), LLVMGetNumSuccessors(end) == 2,
      let weights = unit.weights(end)
    else { return nil }
    let back = LLVMGetSuccessor(end, 0) == header ? weights.0 : weights.1
    let exit = LLVMGetSuccessor(end, 0) == header ? weights.1 : weights.0
    return 1 + Double(back) / Double(max(1, exit))
  }

  var instructions: [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    for block in blocks {
      var instruction = LLVMGetFirstInstruction(block)
      while let current = instruction {
        result.append(current)
        instruction = LLVMGetNextInstruction(current)
      }
    }
    return result
  }
}

/// An integer of 32 or 64 bits that changes by a constant in each iteration: `first + k * step`, modulo 2^32 or 2^64.
struct InductionValue {
  var first: LLVMValueRef
  var step: Int64
}

/// Recognizes induction values in a loop, and builds their first values in its preheader.
struct InductionAnalysis {
  let loop: InnermostLoop
  let unit: LLVMUnit

  /// - Precondition: the unit's builder is positioned in the preheader.
  func analyze(_ value: LLVMValueRef, depth: Int = 0) -> InductionValue? {
    guard LLVMTypeOf(value) == unit.i32 || LLVMTypeOf(value) == unit.i64, depth < 8 else {
      return nil
    }
    guard let result = analyzeStep(value, depth), result.step.magnitude < Self.greatestStep else {
      return nil
    }
    return result
  }

  /// So that products of a step and a small factor do not overflow.
  private static let greatestStep: UInt64 = 1 << 44

  private func analyzeStep(_ value: LLVMValueRef, _ depth: Int) -> InductionValue? {
    if loop.isInvariant(value) { return InductionValue(first: value, step: 0) }
    if LLVMIsAPHINode(value) != nil { return analyzePhi(value) }
    guard let left = LLVMGetOperand(value, 0), LLVMGetNumOperands(value) == 2,
      let right = LLVMGetOperand(value, 1)
    else { return nil }
    switch LLVMGetInstructionOpcode(value) {
    case LLVMAdd:
      return combine(left, right, depth, LLVMBuildAdd) { $0 + $1 }
    case LLVMSub:
      return combine(left, right, depth, LLVMBuildSub) { $0 - $1 }
    case LLVMOr where LLVMGetIsDisjoint(value) != 0:
      // A disjoint `or` is an addition: the constant always fits below the step's lowest bit.
      return combine(left, right, depth, LLVMBuildOr) { $0 + $1 }
    case LLVMShl:
      guard LLVMIsAConstantInt(right) != nil, LLVMConstIntGetZExtValue(right) < 16,
        let base = analyze(left, depth: depth + 1)
      else { return nil }
      let count = LLVMConstIntGetZExtValue(right)
      return InductionValue(
        first: LLVMBuildShl(unit.builder, base.first, right, "")!, step: base.step << count)
    case LLVMMul:
      guard LLVMIsAConstantInt(right) != nil, let base = analyze(left, depth: depth + 1)
      else { return nil }
      let factor = LLVMConstIntGetSExtValue(right)
      guard factor.magnitude < 1 << 16 else { return nil }
      return InductionValue(
        first: LLVMBuildMul(unit.builder, base.first, right, "")!, step: base.step * factor)
    default: return nil
    }
  }

  private func combine(
    _ left: LLVMValueRef, _ right: LLVMValueRef, _ depth: Int,
    _ build: (LLVMBuilderRef?, LLVMValueRef?, LLVMValueRef?, UnsafePointer<CChar>?) ->
      LLVMValueRef?, _ step: (Int64, Int64) -> Int64
  ) -> InductionValue? {
    guard let left = analyze(left, depth: depth + 1), let right = analyze(right, depth: depth + 1)
    else { return nil }
    return InductionValue(
      first: build(unit.builder, left.first, right.first, "")!, step: step(left.step, right.step))
  }

  private func analyzePhi(_ phi: LLVMValueRef) -> InductionValue? {
    guard LLVMGetInstructionParent(phi) == loop.header, LLVMCountIncoming(phi) == 2 else {
      return nil
    }
    var first: LLVMValueRef?
    var next: LLVMValueRef?
    for index in 0..<UInt32(2) {
      if LLVMGetIncomingBlock(phi, index) == loop.preheader {
        first = LLVMGetIncomingValue(phi, index)
      } else {
        next = LLVMGetIncomingValue(phi, index)
      }
    }
    guard let first, let next, LLVMIsAInstruction(next) != nil,
      LLVMGetInstructionOpcode(next) == LLVMAdd, LLVMGetOperand(next, 0) == phi,
      let step = LLVMGetOperand(next, 1), LLVMIsAConstantInt(step) != nil
    else { return nil }
    return InductionValue(first: first, step: LLVMConstIntGetSExtValue(step))
  }
}
