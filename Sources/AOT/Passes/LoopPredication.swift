import CLLVM
import Contract

/// Hoists a loop's bounds checks into one check in front of it. If all probes of an innermost loop have affine addresses and
/// the number of iterations can be computed on entry, the preheader compares the extremes with the memory's length, and each
/// probe becomes
///
///     %q = select i1 %inBounds, ptr null, ptr %p
///     call void @wpgo.probe(ptr %p, i64 4, i64 PLACE, ptr %q)
///
/// and each index, which might wrap at 2^32 as far as LLVM knows, becomes a select between a 64-bit induction variable and the
/// original:
///
///     %wide = phi i64 [ %first, %preheader ], [ %next, %latch ]
///     %index = select i1 %inBounds, i64 %wide, i64 %zext
///
/// Unswitching then creates two loops. In the first, every probe is proven; ``MemoryChecks`` removes the probes, and LLVM may
/// vectorize the loop. The second is the original, for runs that leave the memory. Nothing traps early: the first loop runs
/// only if none of its accesses can trap.
struct LoopPredication {
  let unit: LLVMUnit
  let checks: MemoryChecks
  /// False only to plant a fault.
  let countsOffsets: Bool

  /// Below this, the check costs more than it saves: with three iterations a loop, `pipeline` became a fifth slower.
  private static let minimumTrips = 12.0

  func run() {
    let probes = checks.probeFunctions
    guard !probes.isEmpty else { return }
    for function in checks.functions() {
      for loop in InnermostLoop.find(in: function) { check(loop, function, probes) }
    }
  }

  private func check(
    _ loop: InnermostLoop, _ function: LLVMValueRef, _ functions: MemoryChecks.ProbeFunctions
  ) {
    if let trips = loop.averageTrips(unit), trips < Self.minimumTrips { return }
    let instructions = loop.instructions
    let probes = instructions.compactMap { checks.probe($0, functions) }
    guard !probes.isEmpty, probes.count <= 16, instructions.count < 200,
      instructions.allSatisfy({
        !unit.isCall($0) || checks.probe($0, functions) != nil || checks.isHarmless($0)
      }),
      let end = LLVMGetBasicBlockTerminator(loop.preheader)
    else { return }
    LLVMPositionBuilderBefore(unit.builder, end)
    LLVMSetCurrentDebugLocation2(unit.builder, LLVMInstructionGetDebugLoc(end))
    let analysis = InductionAnalysis(loop: loop, unit: unit)
    guard let trips = tripCount(loop, analysis) else { return }
    var lengths: [MemoryDescriptor: LLVMValueRef] = [:]
    var inBounds = trips.isKnown
    var indices: [(value: LLVMValueRef, index: Index)] = []
    for probe in probes {
      let address = MemoryAddress(of: probe.pointer, unit)
      guard let memory = address.memory(among: checks.memories, unit), address.origin.index != nil
      else { return }
      let length =
        lengths[memory] ?? unit.byteLength(memory, context: LLVMGetParam(function, 0))
      lengths[memory] = length
      let isWide = memory.type.addressType == .i64
      // That a sum is in bounds does not show that no part of 32 bits wraps.
      guard isWide || address.origin.secondIndex == nil else { return }
      var sum: Index?
      for value in address.origin.indices {
        guard
          let index = indices.first(where: { $0.value == value })?.index
            ?? self.index(value, isWide: isWide, loop, analysis)
        else {
          // The instructions built so far are dead code.
          return
        }
        if !indices.contains(where: { $0.value == value }) { indices.append((value, index)) }
        sum = sum.map { add($0, index) } ?? index
      }
      guard let index = sum, let size = checks.size(of: probe),
        isWide ? address.constant.magnitude < 1 << 33 : 0..<1 << 33 ~= address.constant
      else { return }
      let constant = countsOffsets ? address.constant : 0
      let condition =
        isWide
        ? wideCondition(index, constant, size, trips.lastIteration, length)
        : condition(index, reach: constant + size, trips.lastIteration, length)
      inBounds = LLVMBuildAnd(unit.builder, inBounds, condition, "")
    }
    for (value, index) in indices where index.step != 0 && !loop.isInvariant(value) {
      widen(value, index, loop, inBounds)
    }
    for probe in probes {
      LLVMPositionBuilderBefore(unit.builder, probe.call)
      probe.pending = LLVMBuildSelect(
        unit.builder, inBounds, LLVMConstNull(unit.pointer), probe.pending, "")
    }
  }

  /// A part of an address; zero-extended if addresses have 32 bits.
  struct Index {
    /// The value in the first iteration; an i64.
    var first: LLVMValueRef
    var step: Int64
  }

  private func index(
    _ value: LLVMValueRef, isWide: Bool, _ loop: InnermostLoop, _ analysis: InductionAnalysis
  ) -> Index? {
    if isWide {
      guard let induction = analysis.analyze(value), induction.step.magnitude < 1 << 20 else {
        return nil
      }
      return Index(first: induction.first, step: induction.step)
    }
    guard LLVMIsAZExtInst(value) != nil, let narrow = LLVMGetOperand(value, 0),
      let induction = analysis.analyze(narrow), induction.step.magnitude < 1 << 20
    else { return nil }
    return Index(
      first: LLVMBuildZExt(unit.builder, induction.first, unit.i64, ""), step: induction.step)
  }

  private func add(_ first: Index, _ second: Index) -> Index {
    Index(
      first: LLVMBuildAdd(unit.builder, first.first, second.first, ""),
      step: first.step + second.step)
  }

  /// Whether `reach` bytes from the index are in bounds in every iteration.
  private func condition(
    _ index: Index, reach: Int64, _ lastIteration: LLVMValueRef, _ length: LLVMValueRef
  ) -> LLVMValueRef {
    // In 64 bits nothing below wraps: at most 2^40 iterations with steps of less than 2^20 bytes.
    let travel = LLVMBuildMul(
      unit.builder, lastIteration, unit.int64(UInt64(bitPattern: index.step)), "")
    let last = LLVMBuildAdd(unit.builder, index.first, travel, "")!
    // A memory has at most 2^32 bytes, so an index that would wrap is out of bounds here.
    let highest = index.step < 0 ? index.first : last
    let end = LLVMBuildAdd(unit.builder, highest, unit.int64(UInt64(reach)), "")!
    let isBelow = unit.compare(LLVMIntULE, end, length)
    guard index.step < 0 else { return isBelow }
    return LLVMBuildAnd(
      unit.builder, isBelow, unit.compare(LLVMIntSGE, last, unit.int64(0)), "")
  }

  private func widen(
    _ value: LLVMValueRef, _ index: Index, _ loop: InnermostLoop, _ inBounds: LLVMValueRef
  ) {
    LLVMPositionBuilderBefore(unit.builder, LLVMGetFirstInstruction(loop.header))
    let wide = LLVMBuildPhi(unit.builder, unit.i64, "")!
    LLVMPositionBuilderBefore(unit.builder, LLVMGetBasicBlockTerminator(loop.latch))
    let step = unit.int64(UInt64(bitPattern: index.step))
    // Of two parts of 64 bits, each may wrap although their sum does not.
    let nextWide =
      LLVMIsAZExtInst(value) == nil
      ? LLVMBuildAdd(unit.builder, wide, step, "")!
      : LLVMBuildNSWAdd(unit.builder, wide, step, "")!
    unit.addIncoming(wide, index.first, loop.preheader)
    unit.addIncoming(wide, nextWide, loop.latch)
    var next = LLVMGetNextInstruction(value)
    while let phi = next, LLVMIsAPHINode(phi) != nil { next = LLVMGetNextInstruction(phi) }
    LLVMPositionBuilderBefore(unit.builder, next)
    let choice = LLVMBuildSelect(unit.builder, inBounds, wide, value, "")!
    LLVMReplaceAllUsesWith(value, choice)
    LLVMSetOperand(choice, 2, value)
  }

  // MARK: Iterations

  /// An upper bound; other exits may leave the loop earlier.
  struct TripCount {
    /// An i1: whether `lastIteration` is valid.
    var isKnown: LLVMValueRef
    /// The number of the last iteration, counted from 0; an i64: below 2^32 for a counter of 32 bits, below 2^40 for one
    /// of 64.
    var lastIteration: LLVMValueRef
  }

  private func tripCount(_ loop: InnermostLoop, _ analysis: InductionAnalysis) -> TripCount? {
    guard let end = LLVMGetBasicBlockTerminator(loop.latch), LLVMIsABranchInst(end) != nil,
      LLVMIsConditional(end) != 0, let test = LLVMGetCondition(end), LLVMIsAICmpInst(test) != nil,
      let left = LLVMGetOperand(test, 0), let right = LLVMGetOperand(test, 1),
      loop.isInvariant(right), !loop.isInvariant(left),
      let counter = analysis.analyze(left), counter.step != 0, counter.step.magnitude < 1 << 20
    else { return nil }
    let isInverted = LLVMGetSuccessor(end, 1) == loop.header
    guard isInverted || LLVMGetSuccessor(end, 0) == loop.header else { return nil }
    let predicate = LLVMGetICmpPredicate(test)
    if LLVMTypeOf(right) == unit.i64 {
      return wideTripCount(counter, right, isInverted ? Self.inverse(predicate) : predicate)
    }
    switch isInverted ? Self.inverse(predicate) : predicate {
    case LLVMIntNE: return untilEqual(counter, right)
    case LLVMIntULT where counter.step > 0: return whileBelow(counter, right, isSigned: false)
    case LLVMIntSLT where counter.step > 0: return whileBelow(counter, right, isSigned: true)
    default: return nil
    }
  }

  private static func inverse(_ predicate: LLVMIntPredicate) -> LLVMIntPredicate {
    switch predicate {
    case LLVMIntEQ: LLVMIntNE
    case LLVMIntUGE: LLVMIntULT
    case LLVMIntSGE: LLVMIntSLT
    default: LLVMIntEQ
    }
  }

  /// `do … while (first + k * step != limit)`: the difference must be a multiple of the step, or the loop never ends.
  private func untilEqual(_ counter: InductionValue, _ limit: LLVMValueRef) -> TripCount? {
    let size = counter.step.magnitude
    guard size & (size - 1) == 0 else { return nil }
    let distance =
      counter.step > 0
      ? LLVMBuildSub(unit.builder, limit, counter.first, "")
      : LLVMBuildSub(unit.builder, counter.first, limit, "")
    let rest = LLVMBuildAnd(unit.builder, distance, unit.int32(UInt32(size - 1)), "")!
    let steps = LLVMBuildLShr(
      unit.builder, distance, unit.int32(UInt32(size.trailingZeroBitCount)), "")
    return TripCount(
      isKnown: unit.compare(LLVMIntEQ, rest, unit.int32(0)),
      lastIteration: LLVMBuildZExt(unit.builder, steps, unit.i64, ""))
  }

  /// `do … while (first + k * step < limit)`: the first value that is not below the limit must not have wrapped.
  private func whileBelow(
    _ counter: InductionValue, _ limit: LLVMValueRef, isSigned: Bool
  ) -> TripCount {
    func widen(_ value: LLVMValueRef) -> LLVMValueRef {
      isSigned
        ? LLVMBuildSExt(unit.builder, value, unit.i64, "")
        : LLVMBuildZExt(unit.builder, value, unit.i64, "")
    }
    let (first, limit) = (widen(counter.first), widen(limit))
    let step = UInt64(counter.step)
    let ceiling = unit.int64((isSigned ? 1 << 31 : 1 << 32) - step)
    let distance = LLVMBuildSub(unit.builder, limit, first, "")!
    let isPositive = unit.compare(LLVMIntSGT, distance, unit.int64(0))
    let rounded = LLVMBuildAdd(unit.builder, distance, unit.int64(step - 1), "")!
    let steps = LLVMBuildUDiv(unit.builder, rounded, unit.int64(step), "")!
    return TripCount(
      isKnown: unit.compare(LLVMIntSLE, limit, ceiling),
      lastIteration: LLVMBuildSelect(unit.builder, isPositive, steps, unit.int64(0), ""))
  }
}
