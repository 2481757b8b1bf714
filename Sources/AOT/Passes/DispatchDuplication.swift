import CLLVM

/// Gives the hot arms of a dispatch in a loop a copy of it each: the loop of an interpreter jumps from one handler straight to the
/// next, as with computed gotos in native code. The processor predicts each jump by itself, so it learns which
/// instruction follows which (Ertl and Gregg, "The Structure and Performance of Efficient Interpreters", 2003). Before and after:
///
///     head:                                      head:
///       %index = load …                            %index = load …
///       switch %index, %other [0: %a, 1: %b]       switch %index, %other [0: %a, 1: %b]
///     a:                                         a:
///       …                                          …
///       br %head                                   %index.1 = load …
///     b:                                           switch %index.1, %other [0: %a, 1: %b]
///       …                                        b: …
///       br %head
///
/// The head is what leads from the ends of arms to the switch: the loop's test, and what finds the index. Arms may meet in several places on the way;
/// a copy goes from where its arm meets another one to the switch. It has all of the probes, guards and traps there, in their order, but jumps to hot targets
/// only: to the others it goes by way of the one switch with all of them, since each edge from each copy costs time to compile. The loop has several entries
/// afterwards, so this must run behind all passes that look for loops. Values of the head that others use are in slots meanwhile, which `sroa` makes into
/// registers again.
struct DispatchDuplication {
  let unit: LLVMUnit
  let checks: MemoryChecks

  /// With fewer targets, the processor predicts the one jump well enough.
  private static let minimumTargets = 4
  /// If one target has a greater share of the executions, the jump is predicted as it is.
  private static let greatestShare = 0.6
  /// Arms with a smaller share of the executions keep jumping to the head.
  private static let leastShare = 0.01
  /// Targets with a smaller share are reached by way of the one switch.
  private static let leastTargetShare = 0.005
  /// Instructions of a head.
  private static let maximumHead = 40
  /// Instructions of all copies of a head together, and entries of their jump tables.
  private static let maximumCopied = 1_000
  private static let maximumEntries = 4_096
  /// Dispatches of one function.
  private static let maximumDispatches = 8

  /// Returns whether it changed anything: then `sroa` must run.
  func run() -> Bool {
    var hasChanged = false
    for function in checks.functions() {
      var done: Set<LLVMValueRef> = []
      for _ in 0..<Self.maximumDispatches {
        guard let dispatch = next(in: function, &done) else { break }
        done.formUnion(duplicate(dispatch))
        hasChanged = true
      }
    }
    return hasChanged
  }

  // MARK: Finding them

  private struct Dispatch {
    let function: LLVMValueRef
    /// Ends with the switch.
    let last: LLVMBasicBlockRef
    /// The blocks of the head, with those that a copy from there consists of: itself first, ``last`` at the end.
    let paths: [LLVMBasicBlockRef: [LLVMBasicBlockRef]]
    /// The blocks of the head in a fixed order.
    let head: [LLVMBasicBlockRef]
    /// Edges into the head that get a copy.
    let entries: [Edge]
    /// Targets that copies jump to.
    let hotTargets: Set<LLVMBasicBlockRef>
    let tree: Dominators
  }

  private struct Edge: Hashable {
    let from: LLVMBasicBlockRef
    let to: LLVMBasicBlockRef
  }

  /// The first dispatch whose switch is not in `done`; adds it there.
  private func next(in function: LLVMValueRef, _ done: inout Set<LLVMValueRef>) -> Dispatch? {
    var candidates: [LLVMBasicBlockRef] = []
    var block = LLVMGetFirstBasicBlock(function)
    while let current = block {
      block = LLVMGetNextBasicBlock(current)
      guard let end = LLVMGetBasicBlockTerminator(current), LLVMIsASwitchInst(end) != nil,
        !done.contains(end), unit.successorWeights(end) != nil
      else { continue }
      candidates.append(current)
    }
    if candidates.isEmpty { return nil }
    let tree = Dominators(function)
    let loops = tree.backEdges().map { Set(tree.loop($0.header, $0.latches)) }
    for block in candidates {
      done.insert(LLVMGetBasicBlockTerminator(block))
      // LLVM makes two loops of one if an arm leaves a variable as it is: the inner one is the arm's.
      for loop in loops.filter({ $0.contains(block) }).sorted(by: { $0.count < $1.count }) {
        if let found = dispatch(at: block, loop, tree) { return found }
      }
    }
    return nil
  }

  private func dispatch(
    at last: LLVMBasicBlockRef, _ loop: Set<LLVMBasicBlockRef>, _ tree: Dominators
  ) -> Dispatch? {
    let jump = LLVMGetBasicBlockTerminator(last)!
    guard let weights = unit.successorWeights(jump), let root = tree.position(of: last) else {
      return nil
    }
    var shares: [LLVMBasicBlockRef: Double] = [:]
    let total = max(1, weights.reduce(0) { $0 + Double($1) })
    for (target, weight) in zip(Dominators.successors(last), weights) {
      shares[target, default: 0] += Double(weight) / total
    }
    guard shares.values.count(where: { $0 >= Self.leastShare }) >= Self.minimumTargets,
      shares.values.allSatisfy({ $0 <= Self.greatestShare })
    else { return nil }

    /// The share of the target that a block belongs to; nil if it may be reached from several.
    func share(_ block: LLVMBasicBlockRef) -> Double? {
      guard var position = tree.position(of: block), position != root,
        tree.dominates(root, position)
      else { return nil }
      while tree.parents[position] != root { position = tree.parents[position] }
      let target = tree.blocks[position]
      return tree.predecessors(of: target).allSatisfy { $0 == last } ? shares[target] : nil
    }

    guard canCopy(last) else { return nil }
    var paths = [last: [last]]
    var sizes = [last: Self.size(of: last)]
    var head = [last]
    var edges: [(edge: Edge, share: Double?)] = []
    var next = 0
    while next < head.count {
      let block = head[next]
      next += 1
      guard sizes[block]! <= Self.maximumHead else { return nil }
      for before in tree.predecessors(of: block) where loop.contains(before) && paths[before] == nil
      {
        let known = share(before)
        let size = sizes[block]! + Self.size(of: before)
        if known == nil, size <= Self.maximumHead, mostlyGoes(before, to: block, loop),
          canCopy(before)
        {
          paths[before] = [before] + paths[block]!
          sizes[before] = size
          head.append(before)
        } else if let end = LLVMGetBasicBlockTerminator(before),
          LLVMIsABranchInst(end) != nil || LLVMIsASwitchInst(end) != nil
        {
          edges.append((Edge(from: before, to: block), known))
        }
      }
    }
    // A block of the head may also lead to another one by its seldom way.
    edges.removeAll { paths[$0.edge.from] != nil }
    // Arms that have met share what is left.
    let rest = max(0, 1 - edges.reduce(0) { $0 + ($1.share ?? 0) })
    let met = Double(max(1, edges.count { $0.share == nil }))
    let size = sizes.values.max()!
    let limit = min(
      Self.maximumCopied / max(1, size), Self.maximumEntries / Int(LLVMGetNumSuccessors(jump)))
    let weighted = edges.enumerated().map {
      (number: $0.offset, edge: $0.element.edge, share: $0.element.share ?? rest / met)
    }
    var entries = Array(
      weighted.filter { $0.share >= Self.leastShare }
        .sorted { ($1.share, $0.number) < ($0.share, $1.number) }.map(\.edge).prefix(limit))
    // Something must still reach each block of the head. The heaviest arm keeps it.
    for block in head {
      let others = tree.predecessors(of: block)
      if !others.isEmpty, others.allSatisfy({ entries.contains(Edge(from: $0, to: block)) }),
        let kept = entries.firstIndex(where: { $0.to == block })
      {
        entries.remove(at: kept)
      }
    }
    guard entries.count >= Self.minimumTargets - 1 else { return nil }
    return Dispatch(
      function: LLVMGetBasicBlockParent(last), last: last, paths: paths, head: head,
      entries: entries,
      hotTargets: Set(shares.filter { $0.value >= Self.leastTargetShare }.keys), tree: tree)
  }

  /// Whether a block of the loop goes to another one, but for exits and what the profile hardly saw.
  private func mostlyGoes(
    _ block: LLVMBasicBlockRef, to other: LLVMBasicBlockRef, _ loop: Set<LLVMBasicBlockRef>
  ) -> Bool {
    let targets = Dominators.successors(block)
    if targets.allSatisfy({ $0 == other || !loop.contains($0) }) { return true }
    guard targets.count == 2, targets[0] != targets[1],
      let weights = unit.weights(LLVMGetBasicBlockTerminator(block))
    else { return false }
    let (hit, miss) = targets[0] == other ? weights : (weights.1, weights.0)
    return hit / 64 > miss
  }

  private static func size(of block: LLVMBasicBlockRef) -> Int {
    instructions(block).count { LLVMIsAPHINode($0) == nil }
  }

  /// Whether a block may exist twice: it calls only probes and intrinsics.
  private func canCopy(_ block: LLVMBasicBlockRef) -> Bool {
    let probes = checks.probeFunctions
    return Self.instructions(block).allSatisfy { instruction in
      guard LLVMIsAAllocaInst(instruction) == nil, LLVMIsAInvokeInst(instruction) == nil,
        LLVMIsALandingPadInst(instruction) == nil
      else { return false }
      guard LLVMIsACallInst(instruction) != nil else { return true }
      if checks.probe(instruction, probes) != nil { return true }
      guard let callee = LLVMGetCalledValue(instruction), LLVMIsAFunction(callee) != nil else {
        return false
      }
      return LLVMGetIntrinsicID(callee) != 0
    }
  }

  private static func instructions(_ block: LLVMBasicBlockRef) -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var instruction = LLVMGetFirstInstruction(block)
    while let current = instruction {
      result.append(current)
      instruction = LLVMGetNextInstruction(current)
    }
    return result
  }

  /// Each once, in the order of the branch: a set's order would depend on addresses.
  private static func targets(_ block: LLVMBasicBlockRef) -> [LLVMBasicBlockRef] {
    Dominators.successors(block).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func phis(_ block: LLVMBasicBlockRef) -> [LLVMValueRef] {
    instructions(block).filter { LLVMIsAPHINode($0) != nil }
  }

  // MARK: Copying

  /// Returns the copies of the switch.
  private func duplicate(_ dispatch: Dispatch) -> [LLVMValueRef] {
    let jump = splitSwitch(dispatch.last, dispatch.function)
    for block in dispatch.head {
      for value in Self.instructions(block)
      where LLVMGetTypeKind(LLVMTypeOf(value)) != LLVMVoidTypeKind {
        spill(value, from: block, dispatch)
      }
    }
    let copies = dispatch.entries.map { copy(dispatch, jump: jump, at: $0) }
    for block in dispatch.head {
      let left = Set(dispatch.entries.filter { $0.to == block }.map(\.from))
      if left.isEmpty { continue }
      for phi in Self.phis(block) { replace(phi) { left.contains($0) ? nil : $0 } }
    }
    return copies
  }

  /// Moves a switch into a block of its own, and returns that.
  private func splitSwitch(
    _ block: LLVMBasicBlockRef, _ function: LLVMValueRef
  ) -> LLVMBasicBlockRef {
    let jump = LLVMGetBasicBlockTerminator(block)!
    let result = unit.appendBlock(function)
    for target in Self.targets(block) {
      for phi in Self.phis(target) { replace(phi) { $0 == block ? result : $0 } }
    }
    LLVMInstructionRemoveFromParent(jump)
    unit.position(at: result)
    LLVMInsertIntoBuilder(unit.builder, jump)
    unit.position(at: block)
    LLVMBuildBr(unit.builder, result)
    return result
  }

  /// Lets all uses of a value of the head read it from a slot, but for those that only its own block leads to.
  private func spill(
    _ value: LLVMValueRef, from block: LLVMBasicBlockRef, _ dispatch: Dispatch
  ) {
    // Reached from the block alone, in the head and in each copy of it.
    var own: Set<LLVMBasicBlockRef> = [block]
    for (before, next) in zip(dispatch.paths[block]!, dispatch.paths[block]!.dropFirst()) {
      guard dispatch.tree.predecessors(of: next) == [before] else { break }
      own.insert(next)
    }
    var users: [LLVMValueRef] = []
    var use = LLVMGetFirstUse(value)
    while let current = use {
      let user = LLVMGetUser(current)!
      if !users.contains(user) { users.append(user) }
      use = LLVMGetNextUse(current)
    }
    // Uses by operand, each with the block that must have the value at its end, or nil for the user's place.
    var others: [(user: LLVMValueRef, operand: UInt32, at: LLVMBasicBlockRef?)] = []
    for user in users {
      let isPhi = LLVMIsAPHINode(user) != nil
      for operand in 0..<UInt32(LLVMGetNumOperands(user))
      where LLVMGetOperand(user, operand) == value {
        let block = isPhi ? LLVMGetIncomingBlock(user, operand)! : LLVMGetInstructionParent(user)!
        if own.contains(block) { continue }
        others.append((user, operand, isPhi ? block : nil))
      }
    }
    if others.isEmpty { return }
    let entry = LLVMGetEntryBasicBlock(dispatch.function)!
    let builder = unit.builder
    LLVMPositionBuilderBefore(builder, LLVMGetFirstInstruction(entry))
    let type = LLVMTypeOf(value)!
    let slot = LLVMBuildAlloca(builder, type, "")!
    var after = LLVMGetNextInstruction(value)!
    while LLVMIsAPHINode(after) != nil { after = LLVMGetNextInstruction(after) }
    LLVMPositionBuilderBefore(builder, after)
    LLVMBuildStore(builder, value, slot)
    var loads: [LLVMBasicBlockRef: LLVMValueRef] = [:]
    for (user, operand, block) in others {
      guard let block else {
        LLVMPositionBuilderBefore(builder, user)
        LLVMSetOperand(user, operand, LLVMBuildLoad2(builder, type, slot, ""))
        continue
      }
      if loads[block] == nil {
        LLVMPositionBuilderBefore(builder, LLVMGetBasicBlockTerminator(block))
        loads[block] = LLVMBuildLoad2(builder, type, slot, "")
      }
      LLVMSetOperand(user, operand, loads[block])
    }
  }

  /// Lets an edge lead to a copy of the head, and returns the switch there.
  /// - Parameter jump: the block of the switch, which has no phis.
  private func copy(
    _ dispatch: Dispatch, jump: LLVMBasicBlockRef, at entry: Edge
  ) -> LLVMValueRef {
    let head = dispatch.paths[entry.to]! + [jump]
    let copies = head.map { _ in unit.appendBlock(dispatch.function) }
    var values: [LLVMValueRef: LLVMValueRef] = [:]
    for (number, block) in head.enumerated() {
      let before = number == 0 ? entry.from : head[number - 1]
      unit.position(at: copies[number])
      for instruction in Self.instructions(block) {
        if LLVMIsAPHINode(instruction) != nil {
          let source = Self.incoming(instruction, from: before)!
          values[instruction] = values[source] ?? source
          continue
        }
        let copy = LLVMInstructionClone(instruction)!
        LLVMInsertIntoBuilder(unit.builder, copy)
        for operand in 0..<UInt32(LLVMGetNumOperands(copy)) {
          if let mapped = values[LLVMGetOperand(copy, operand)] {
            LLVMSetOperand(copy, operand, mapped)
          }
        }
        values[instruction] = copy
      }
      let next = number + 1 < head.count ? head[number + 1] : nil
      let end = LLVMGetBasicBlockTerminator(copies[number])!
      redirect(end) { target in
        if target == next { return copies[number + 1] }
        return block == jump && !dispatch.hotTargets.contains(target) ? jump : target
      }
      for target in Self.targets(copies[number]) where target != jump {
        for phi in Self.phis(target) {
          for edge in 0..<LLVMCountIncoming(phi) where LLVMGetIncomingBlock(phi, edge) == block {
            let source = LLVMGetIncomingValue(phi, edge)!
            unit.addIncoming(phi, values[source] ?? source, copies[number])
          }
        }
      }
    }
    let branch = LLVMGetBasicBlockTerminator(entry.from)!
    redirect(branch) { $0 == entry.to ? copies[0] : $0 }
    // A loop's identity is on its back edge, which this no longer is.
    unit.removeLoopIdentity(branch)
    return LLVMGetBasicBlockTerminator(copies[copies.count - 1])
  }

  private func redirect(
    _ branch: LLVMValueRef, _ other: (LLVMBasicBlockRef) -> LLVMBasicBlockRef
  ) {
    for index in 0..<LLVMGetNumSuccessors(branch) {
      LLVMSetSuccessor(branch, index, other(LLVMGetSuccessor(branch, index)))
    }
  }

  private static func incoming(
    _ phi: LLVMValueRef, from block: LLVMBasicBlockRef
  ) -> LLVMValueRef? {
    (0..<LLVMCountIncoming(phi)).first { LLVMGetIncomingBlock(phi, $0) == block }
      .map { LLVMGetIncomingValue(phi, $0) }
  }

  /// Renames or removes edges of a phi, which LLVM's C interface can only do by making another one.
  private func replace(
    _ phi: LLVMValueRef, _ renamed: (LLVMBasicBlockRef) -> LLVMBasicBlockRef?
  ) {
    LLVMPositionBuilderBefore(unit.builder, phi)
    let other = LLVMBuildPhi(unit.builder, LLVMTypeOf(phi), "")!
    for edge in 0..<LLVMCountIncoming(phi) {
      guard let block = renamed(LLVMGetIncomingBlock(phi, edge)) else { continue }
      unit.addIncoming(other, LLVMGetIncomingValue(phi, edge), block)
    }
    LLVMReplaceAllUsesWith(phi, other)
    LLVMInstructionEraseFromParent(phi)
  }
}
