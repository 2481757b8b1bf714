import CLLVM

/// Removes guards that cannot fail. LLVM cannot, because it does not know their numbers. A guard cannot fail if inlining made
/// the index of an indirect call constant, or if another guard has already found the index equal to the same number. Before and
/// after:
///
///     %hit = icmp eq i32 7, ptrtoint (ptr @wpgo.index.7.0.0 to i32)
///     br i1 %hit, label %body, label %miss
///     …
///     br i1 true, label %body, label %miss
struct GuardFolding {
  let unit: LLVMUnit

  /// - Returns: whether anything changed.
  func run() -> Bool {
    var hasChanged = false
    // In the order of the compares, so that equal inputs give equal code.
    var groups: [[LLVMValueRef]] = []
    var groupOfKey: [Key: Int] = [:]
    func add(_ compare: LLVMValueRef, _ key: Key) {
      if let group = groupOfKey[key] { return groups[group].append(compare) }
      groupOfKey[key] = groups.count
      groups.append([compare])
    }
    for compare in GuardSymbol.compares(in: unit) {
      let (left, right) = (LLVMGetOperand(compare, 0)!, LLVMGetOperand(compare, 1)!)
      switch (GuardSymbol.value(of: left), GuardSymbol.value(of: right)) {
      case (let left?, let right?):
        guard let holds = Self.holds(LLVMGetICmpPredicate(compare), left, right) else { continue }
        replace(compare, by: holds)
        hasChanged = true
      case (nil, let number?):
        add(compare, Key(compare, operand: left, number))
      case (let number?, nil):
        add(compare, Key(compare, operand: right, number))
      case (nil, nil): continue
      }
    }
    return removeRepeated(groups.filter { $0.count > 1 }) || hasChanged
  }

  private func replace(_ compare: LLVMValueRef, by holds: Bool) {
    LLVMReplaceAllUsesWith(compare, LLVMConstInt(unit.i1, holds ? 1 : 0, 0))
    LLVMInstructionEraseFromParent(compare)
  }

  /// Guards test for equality. LLVM may have changed the predicate.
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

  // MARK: Repeated guards

  /// What a compare tests: a value of a function, and the number.
  private struct Key: Hashable {
    var function: LLVMValueRef
    var operand: LLVMValueRef
    var number: UInt64

    init(_ compare: LLVMValueRef, operand: LLVMValueRef, _ number: UInt64) {
      function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(compare))
      self.operand = operand
      self.number = number
    }
  }

  /// - Parameter groups: each contains the compares of one key.
  private func removeRepeated(_ groups: [[LLVMValueRef]]) -> Bool {
    var trees: [LLVMValueRef: Dominators] = [:]
    var hasChanged = false
    for group in groups {
      let function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(group[0]))!
      let tree = trees[function] ?? Dominators(function)
      trees[function] = tree
      let compares = group.filter { Self.isEquality($0) }
      for compare in compares {
        let hits = hits(of: compare, tree)
        for other in compares where other != compare && !hits.isEmpty {
          hasChanged = replaceUses(of: other, behind: hits, tree) || hasChanged
        }
      }
    }
    return hasChanged
  }

  /// Replaces the uses of a compare that a hit of another one dominates. Only those: the compare may itself precede both.
  private func replaceUses(
    of compare: LLVMValueRef, behind hits: [Int], _ tree: Dominators
  ) -> Bool {
    let outcome = LLVMConstInt(unit.i1, LLVMGetICmpPredicate(compare) == LLVMIntEQ ? 1 : 0, 0)
    var hasChanged = false
    for user in Self.users(of: compare) {
      // A phi uses the value at the end of its predecessor, not in its own block.
      guard LLVMIsAPHINode(user) == nil,
        let block = tree.position(of: LLVMGetInstructionParent(user)),
        hits.contains(where: { tree.dominates($0, block) })
      else { continue }
      for number in 0..<UInt32(LLVMGetNumOperands(user))
      where LLVMGetOperand(user, number) == compare {
        LLVMSetOperand(user, number, outcome)
        hasChanged = true
      }
    }
    return hasChanged
  }

  private static func isEquality(_ compare: LLVMValueRef) -> Bool {
    let predicate = LLVMGetICmpPredicate(compare)
    return predicate == LLVMIntEQ || predicate == LLVMIntNE
  }

  /// Positions of the blocks that are entered only if the compare has hit.
  private func hits(of compare: LLVMValueRef, _ tree: Dominators) -> [Int] {
    let side: UInt32 = LLVMGetICmpPredicate(compare) == LLVMIntEQ ? 0 : 1
    return Self.users(of: compare).compactMap { user in
      guard LLVMIsABranchInst(user) != nil,
        let from = tree.position(of: LLVMGetInstructionParent(user)),
        let to = tree.position(of: LLVMGetSuccessor(user, side)), tree.isOnlyWay(from, to)
      else { return nil }
      return to
    }
  }

  private static func users(of value: LLVMValueRef) -> [LLVMValueRef] {
    var result: [LLVMValueRef] = []
    var use = LLVMGetFirstUse(value)
    while let current = use {
      result.append(LLVMGetUser(current))
      use = LLVMGetNextUse(current)
    }
    return result
  }
}
