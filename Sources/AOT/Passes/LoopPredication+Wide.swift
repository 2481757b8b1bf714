import CLLVM

/// Addresses and counters of 64 bits, in which sums may wrap. Steps are below 2^21 bytes, and a loop of at least 2^40 iterations counts as
/// one of which nothing is known: so what an index travels is below 2^61, and is compared before it is added to anything.
extension LoopPredication {
  private static let greatestIteration: UInt64 = 1 << 40

  /// Whether `size` bytes from the index plus a constant on are in bounds in every iteration.
  func wideCondition(
    _ index: Index, _ constant: Int64, _ size: Int64, _ lastIteration: LLVMValueRef,
    _ length: LLVMValueRef
  ) -> LLVMValueRef {
    let travel = LLVMBuildMul(
      unit.builder, lastIteration, unit.int64(UInt64(index.step.magnitude)), "")!
    var lowest = index.first
    if constant != 0 {
      lowest = LLVMBuildAdd(unit.builder, lowest, unit.int64(UInt64(bitPattern: constant)), "")
    }
    if index.step < 0 { lowest = LLVMBuildSub(unit.builder, lowest, travel, "") }
    let extent = LLVMBuildAdd(unit.builder, travel, unit.int64(UInt64(size)), "")!
    let room = LLVMBuildSub(unit.builder, length, lowest, "")!
    return LLVMBuildAnd(
      unit.builder, unit.compare(LLVMIntULE, lowest, length),
      unit.compare(LLVMIntULE, extent, room), "")
  }

  /// For a counter of 64 bits that is compared with `limit` at the end of each iteration.
  /// - Parameter predicate: under which the loop goes on.
  func wideTripCount(
    _ counter: InductionValue, _ limit: LLVMValueRef, _ predicate: LLVMIntPredicate
  ) -> TripCount? {
    let step = counter.step.magnitude
    let ascends = counter.step > 0
    switch predicate {
    case LLVMIntNE where step & (step - 1) == 0:
      let distance =
        ascends
        ? LLVMBuildSub(unit.builder, limit, counter.first, "")!
        : LLVMBuildSub(unit.builder, counter.first, limit, "")!
      let rest = LLVMBuildAnd(unit.builder, distance, unit.int64(step - 1), "")!
      let steps = LLVMBuildLShr(
        unit.builder, distance, unit.int64(UInt64(step.trailingZeroBitCount)), "")!
      return few(steps, if: unit.compare(LLVMIntEQ, rest, unit.int64(0)))
    // The first value that is not below the limit must not have wrapped.
    case LLVMIntULT where ascends:
      let isSafe = unit.compare(LLVMIntULE, limit, unit.int64(0 &- step))
      return whileBelow(counter, limit, step, LLVMIntULT, isSafe)
    case LLVMIntSLT where ascends:
      let isSafe = unit.compare(LLVMIntSLE, limit, unit.int64((1 << 63) - step))
      return whileBelow(counter, limit, step, LLVMIntSLT, isSafe)
    default: return nil
    }
  }

  private func whileBelow(
    _ counter: InductionValue, _ limit: LLVMValueRef, _ step: UInt64, _ isBelow: LLVMIntPredicate,
    _ isSafe: LLVMValueRef
  ) -> TripCount {
    let difference = LLVMBuildSub(unit.builder, limit, counter.first, "")!
    let goesOn = unit.compare(isBelow, counter.first, limit)
    let distance = LLVMBuildSelect(unit.builder, goesOn, difference, unit.int64(0), "")!
    // Does not wrap if the distance is one of few iterations; otherwise nothing is known.
    let isShort = unit.compare(
      LLVMIntULT, distance, unit.int64(Self.greatestIteration))
    let rounded = LLVMBuildAdd(unit.builder, distance, unit.int64(step - 1), "")!
    let steps = LLVMBuildUDiv(unit.builder, rounded, unit.int64(step), "")!
    return few(steps, if: LLVMBuildAnd(unit.builder, isSafe, isShort, ""))
  }

  private func few(_ steps: LLVMValueRef, if condition: LLVMValueRef) -> TripCount {
    let isFew = unit.compare(LLVMIntULT, steps, unit.int64(Self.greatestIteration))
    return TripCount(
      isKnown: LLVMBuildAnd(unit.builder, condition, isFew, ""), lastIteration: steps)
  }
}
