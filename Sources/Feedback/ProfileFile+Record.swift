import Wasm

extension ProfileFile {
  /// What the counters of one run of a valid module say.
  /// - Parameters:
  ///   - counters: `layout.size` bytes, laid out by ``FeedbackLayout``.
  ///   - offset: Of the counters in their file, for errors.
  public init(
    module: Module, layout: FeedbackLayout, counters: UnsafeRawBufferPointer, offset: Int = 0
  ) throws(ProfileError) {
    precondition(counters.count >= layout.size)
    moduleHashes = [module.hash]
    runCount = 1
    let identity = ModuleIdentity(module)
    let recorder = CounterReader(
      counters: counters, offset: offset, identity: identity,
      functionCount: module.functions.count)
    for (position, key) in identity.keys.enumerated() {
      let index = module.importedFunctionCount + position
      var function = Function(
        shape: identity.shapes[position], name: module.functionName(index) ?? "")
      var cursor = layout.cursor(function: index)
      function.entryCount = recorder.count(cursor.entry)
      var reader = InstructionReader(module, function: index)
      var ordinal = 0
      var nesting = LoopNesting()
      while let instruction = try? reader.next() {
        if let record = FeedbackRecord(instruction), let place = cursor.next(instruction) {
          try recorder.read(record, at: place, ordinal: ordinal, into: &function)
        }
        nesting.enter(instruction, ordinal)
        if let loop = nesting.loop(backEdge: instruction),
          let branch = function.branches[ordinal], branch.taken > 0
        {
          function.loops[loop] = saturatingSum(function.loops[loop] ?? 0, branch.taken)
        }
        ordinal += 1
      }
      functions[key] = function
    }
  }
}

/// The loops around an instruction.
private struct LoopNesting {
  /// Ordinals of the loops among the open blocks.
  private var open: [Int?] = []

  mutating func enter(_ instruction: Instruction, _ ordinal: Int) {
    switch instruction.opcode {
    case .block, .if: open.append(nil)
    case .loop: open.append(ordinal)
    case .end: _ = open.popLast()
    default: break
    }
  }

  /// The loop that a `br_if` goes back to.
  func loop(backEdge instruction: Instruction) -> Int? {
    guard instruction.opcode == .brIf, instruction.index < open.count else { return nil }
    return open[open.count - 1 - instruction.index]
  }
}

/// Reads records out of a counters area.
private struct CounterReader {
  let counters: UnsafeRawBufferPointer
  let offset: Int
  let identity: ModuleIdentity
  let functionCount: Int

  func count(_ place: Int) -> UInt64 {
    UInt64(littleEndian: counters.load(fromByteOffset: place, as: UInt64.self))
  }

  func read(
    _ record: FeedbackRecord, at place: Int, ordinal: Int, into function: inout ProfileFile.Function
  ) throws(ProfileError) {
    switch record {
    case .loop: function.loops[ordinal] = nonzero(count(place))
    case .branch:
      let branch = FunctionProfile.Branch(taken: count(place), notTaken: count(place + 8))
      if branch.taken > 0 || branch.notTaken > 0 { function.branches[ordinal] = branch }
    case .branchTable(let labelCount):
      let counts = (0..<labelCount).map { count(place + 8 * $0) }
      if counts.contains(where: { $0 > 0 }) { function.branchTables[ordinal] = counts }
    case .call: function.calls[ordinal] = nonzero(count(place))
    case .targets:
      let site = try targets(place)
      if !site.isEmpty { function.sites[ordinal] = site }
    }
  }

  private func nonzero(_ count: UInt64) -> UInt64? { count == 0 ? nil : count }

  private func targets(_ place: Int) throws(ProfileError) -> ProfileFile.Site {
    var site = ProfileFile.Site()
    site.otherCount = count(place + TargetRecord.otherCount)
    site.foreignCount = count(place + TargetRecord.foreignCount)
    for slot in 0..<TargetRecord.slotCount {
      let key = count(place + TargetRecord.key(slot))
      // A process that was killed may have left a key without its count.
      guard let calls = nonzero(count(place + TargetRecord.count(slot))) else { continue }
      guard let target = TargetRecord.function(key: key, functionCount: functionCount),
        let targetKey = identity.key(function: target)
      else {
        throw ProfileError(
          .malformed, "call target is not a function of the module",
          offset: offset + place + TargetRecord.key(slot))
      }
      site.targets[targetKey] = saturatingSum(site.targets[targetKey, default: 0], calls)
    }
    return site
  }
}
