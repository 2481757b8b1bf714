import CLLVM

/// Walks a function's dominator tree and tracks which bytes are known to be in bounds at each instruction: those of the probes
/// that dominate it.
struct AccessCoverage {
  let checks: MemoryChecks
  let probes: MemoryChecks.ProbeFunctions

  /// Why an access cannot fault at the wrong point.
  enum Proof {
    /// A probe dominates it.
    case probe
    /// A bounds check in front of its loop covers it.
    case loopCheck
    case none
  }

  enum Event {
    /// `isCovered`: whether earlier probes cover all of its bytes.
    case probe(MemoryChecks.Probe, isCovered: Bool)
    /// A load or store in ``MemoryChecks/region``.
    case access(LLVMValueRef, Proof)
  }

  /// Which bytes are known to be in bounds, from an origin on: all between two that are.
  private struct Reach {
    var bytes: AccessBytes
    var proof: Proof
  }

  /// Visits the probes and accesses of reachable blocks.
  private func walk(_ function: LLVMValueRef, _ visit: (Event) -> Void) {
    let tree = Dominators(function)
    guard !tree.blocks.isEmpty else { return }
    var reach: [MemoryAddress.Origin: Reach] = [:]
    var undo: [(MemoryAddress.Origin, Reach?)] = []
    enum Step { case enter(Int), leave(Int) }
    var steps: [Step] = [.enter(0)]
    while let step = steps.popLast() {
      switch step {
      case .leave(let mark):
        while undo.count > mark {
          let (origin, old) = undo.removeLast()
          reach[origin] = old
        }
      case .enter(let block):
        steps.append(.leave(undo.count))
        var instruction = LLVMGetFirstInstruction(tree.blocks[block])
        while let current = instruction {
          instruction = LLVMGetNextInstruction(current)
          if let probe = checks.probe(current, probes) {
            visit(.probe(probe, isCovered: add(probe, &reach, &undo)))
          } else if let access = access(current) {
            let (origin, bytes) = checks.extent(access.pointer, access.size)
            let known = reach[origin].flatMap { $0.bytes.contains(bytes) ? $0.proof : nil }
            visit(.access(current, known ?? .none))
          }
        }
        for child in tree.children[block] { steps.append(.enter(child)) }
      }
    }
  }

  /// - Returns: whether all of its bytes were already known to be in bounds.
  private func add(
    _ probe: MemoryChecks.Probe, _ reach: inout [MemoryAddress.Origin: Reach],
    _ undo: inout [(MemoryAddress.Origin, Reach?)]
  ) -> Bool {
    guard let size = checks.size(of: probe) else { return false }
    let (origin, bytes) = checks.extent(probe.pointer, size)
    let known = reach[origin]
    if let known, known.bytes.contains(bytes) { return true }
    undo.append((origin, known))
    var new = Reach(bytes: bytes, proof: probe.isProven ? .loopCheck : .probe)
    // What is between both rests on both.
    if let known, !bytes.contains(known.bytes) {
      new.bytes.join(known.bytes)
      if case .loopCheck = known.proof { new.proof = .loopCheck }
    }
    reach[origin] = new
    return false
  }

  /// An access that needs a probe: a plain load or store in the memory region.
  private func access(_ instruction: LLVMValueRef) -> (pointer: LLVMValueRef, size: Int64)? {
    guard let pointer = MemoryAccess(instruction)?.pointer,
      checks.unit.isInRegion(instruction, MemoryChecks.region)
    else { return nil }
    return (pointer, MemoryAccess.size(of: instruction, checks.unit))
  }

  // MARK: Checking

  /// The result of ``walk(_:_:)`` for a function.
  struct State {
    fileprivate let function: LLVMValueRef
    fileprivate let checks: MemoryChecks
    fileprivate(set) var probes: [MemoryChecks.Probe] = []
    /// Probes whose bytes are known to be in bounds.
    fileprivate(set) var unneeded: [MemoryChecks.Probe] = []
    /// Accesses that a proven probe covers.
    fileprivate var checked: [LLVMValueRef] = []
    fileprivate var uncovered: [LLVMValueRef] = []
    fileprivate var hasProven = false

    /// Accesses that lose their probe when the proven ones are removed.
    func coveredByLoopChecks() -> [LLVMValueRef] {
      guard hasProven, !uncovered.isEmpty else { return checked }
      let joined = JoinedCoverage(function, probes, checks)
      return checked + uncovered.filter { joined.isCovered($0) }
    }

    /// An access that nothing covers.
    func violation() -> LLVMValueRef? {
      guard !uncovered.isEmpty else { return nil }
      let joined = JoinedCoverage(function, probes, checks)
      return uncovered.first { !joined.isCovered($0) }
    }
  }

  func state(of function: LLVMValueRef) -> State {
    var state = State(function: function, checks: checks)
    walk(function) { event in
      switch event {
      case .probe(let probe, let isCovered):
        state.probes.append(probe)
        if probe.isProven { state.hasProven = true }
        if isCovered || probe.isProven { state.unneeded.append(probe) }
      case .access(let access, .loopCheck): state.checked.append(access)
      case .access(let access, .none): state.uncovered.append(access)
      case .access(_, .probe): break
      }
    }
    return state
  }

  /// Describes an access that nothing covers; nil if there is none. There is none after any stage of the pipeline as long as
  /// LLVM's passes respect the model.
  func violation() -> String? {
    for function in checks.functions() {
      guard let access = state(of: function).violation() else { continue }
      return "an access that no check covers: \(LLVMUnit.take(LLVMPrintValueToString(access)))"
    }
    return nil
  }
}

/// Covers accesses that no single probe dominates: either each path to the access has a probe, or its address is a phi or
/// select whose incoming addresses are each covered where they are chosen. Passes create these from accesses in branches and
/// loops.
private struct JoinedCoverage {
  private let checks: MemoryChecks
  private let tree: Dominators
  private var position: [LLVMBasicBlockRef: Int] = [:]
  private var predecessors: [[Int]]
  /// Which bytes from an origin on are known to be in bounds at the end of a block.
  private var reach: [MemoryAddress.Origin: [(block: Int, bytes: AccessBytes)]] = [:]

  private static let maximumDepth = 8

  init(_ function: LLVMValueRef, _ probes: [MemoryChecks.Probe], _ checks: MemoryChecks) {
    self.checks = checks
    tree = Dominators(function)
    for (index, block) in tree.blocks.enumerated() { position[block] = index }
    predecessors = [[Int]](repeating: [], count: tree.blocks.count)
    for (index, block) in tree.blocks.enumerated() {
      for next in Dominators.successors(block) { predecessors[position[next]!].append(index) }
    }
    for probe in probes {
      guard let size = checks.size(of: probe),
        let block = position[LLVMGetInstructionParent(probe.call)]
      else { continue }
      let (origin, bytes) = checks.extent(probe.pointer, size)
      reach[origin, default: []].append((block, bytes))
    }
  }

  func isCovered(_ access: LLVMValueRef) -> Bool {
    guard let pointer = MemoryAccess(access)?.pointer,
      let block = position[LLVMGetInstructionParent(access)]
    else { return true }
    // The caller has already checked the probes of the access's own block.
    return isCovered(
      MemoryAddress(of: pointer, checks.unit), MemoryAccess.size(of: access, checks.unit),
      atStartOf: block, depth: 0)
  }

  private func isCovered(
    _ address: MemoryAddress, _ size: Int64, atEndOf block: Int, depth: Int
  ) -> Bool {
    hasProbe(address.origin, checks.bytes(address, size), block)
      || isCovered(address, size, atStartOf: block, depth: depth)
  }

  private func isCovered(
    _ address: MemoryAddress, _ size: Int64, atStartOf block: Int, depth: Int
  ) -> Bool {
    if everyWayHasProbe(address.origin, checks.bytes(address, size), to: block) { return true }
    guard depth < Self.maximumDepth, let choices = address.choices(checks.unit) else {
      return false
    }
    return choices.allSatisfy { address, from in
      guard let from else { return isCovered(address, size, atStartOf: block, depth: depth + 1) }
      // An unreachable block contributes no value.
      guard let from = position[from] else { return true }
      return isCovered(address, size, atEndOf: from, depth: depth + 1)
    }
  }

  private func hasProbe(
    _ origin: MemoryAddress.Origin, _ bytes: AccessBytes, _ block: Int
  ) -> Bool {
    reach[origin, default: []].contains { $0.block == block && $0.bytes.contains(bytes) }
  }

  private func everyWayHasProbe(
    _ origin: MemoryAddress.Origin, _ bytes: AccessBytes, to block: Int
  ) -> Bool {
    guard reach[origin] != nil else { return false }
    // Above its definition, the same SSA value is that of the previous iteration.
    let definitions = [origin.base, origin.index, origin.secondIndex].compactMap { $0 }
      .filter { LLVMIsAInstruction($0) != nil }
      .compactMap { position[LLVMGetInstructionParent($0)] }
    var seen: Set<Int> = [block]
    var waiting = [block]
    while let current = waiting.popLast() {
      guard current != 0, !definitions.contains(current) else { return false }
      for previous in predecessors[current] where !hasProbe(origin, bytes, previous) {
        if seen.insert(previous).inserted { waiting.append(previous) }
      }
    }
    return true
  }
}

/// Bytes from an origin on: `low` up to `end`.
struct AccessBytes: Equatable {
  var low: Int64
  var end: Int64

  func contains(_ other: AccessBytes) -> Bool { low <= other.low && end >= other.end }

  /// Adds others, and all between.
  mutating func join(_ other: AccessBytes) {
    low = min(low, other.low)
    end = max(end, other.end)
  }
}

extension MemoryChecks {
  /// What an access of a memory is known to be in bounds with. A sum that cannot wrap is above the memory's first byte, so all below it are
  /// in bounds as well.
  func bytes(_ address: MemoryAddress, _ size: Int64) -> AccessBytes {
    AccessBytes(
      low: hasWideAddresses ? address.constant : .min, end: address.constant &+ size)
  }

  func extent(
    _ pointer: LLVMValueRef, _ size: Int64
  ) -> (origin: MemoryAddress.Origin, bytes: AccessBytes) {
    let address = MemoryAddress(of: pointer, unit)
    return (address.origin, bytes(address, size))
  }
}

/// A load or store.
struct MemoryAccess {
  let instruction: LLVMValueRef
  let pointer: LLVMValueRef

  init?(_ instruction: LLVMValueRef) {
    if LLVMIsALoadInst(instruction) != nil {
      pointer = LLVMGetOperand(instruction, 0)
    } else if LLVMIsAStoreInst(instruction) != nil {
      pointer = LLVMGetOperand(instruction, 1)
    } else {
      return nil
    }
    self.instruction = instruction
  }

  var isLoad: Bool { LLVMIsALoadInst(instruction) != nil }

  /// The type of the loaded or stored value.
  private static func type(of access: LLVMValueRef) -> LLVMTypeRef {
    LLVMTypeOf(LLVMIsALoadInst(access) != nil ? access : LLVMGetOperand(access, 0))
  }

  /// In bytes.
  static func size(of access: LLVMValueRef, _ unit: LLVMUnit) -> Int64 {
    Int64(LLVMStoreSizeOfType(LLVMGetModuleDataLayout(unit.module), type(of: access)))
  }
}
