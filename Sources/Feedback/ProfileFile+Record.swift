import Wasm

extension ProfileFile {
  /// What one recording of a valid module counted.
  /// - Parameters:
  ///   - layout: the module's.
  ///   - blocks: each of `layout.size` bytes, laid out by `layout`, with the counts of some of the recorded instances.
  public init(
    module: Module, layout: FeedbackLayout, blocks: [CounterBlock]
  ) throws(ProfileError) {
    let identity = ModuleIdentity(module)
    let anchors = AnchorReader(module, identity)
    let readers = blocks.map { CounterReader($0, identity, module, layout) }
    try self.init(module, layout, identity, anchors, readers.first)
    for reader in readers.dropFirst() where reader.hasCounts(0..<layout.size) {
      merge(try ProfileFile(module, layout, identity, anchors, reader))
    }
    // Of one recording.
    runCount = 1
  }

  /// - Parameter reader: of one block; nil: nothing was counted.
  private init(
    _ module: Module, _ layout: FeedbackLayout, _ identity: ModuleIdentity, _ anchors: AnchorReader,
    _ reader: CounterReader?
  ) throws(ProfileError) {
    moduleHashes = [module.hash]
    runCount = 1
    for (position, key) in identity.keys.enumerated() {
      let index = module.importedFunctionCount + position
      var function = Function(
        shape: identity.shapes[position], name: module.functionName(index) ?? "")
      if let reader, reader.hasCounts(layout.records(function: index)) {
        try Self.read(module, index, layout, reader, &function)
        if function.weight > 0 { function.anchors = anchors.anchors(ofFunction: index) }
      }
      functions[key] = function
    }
  }

  private static func read(
    _ module: Module, _ index: Int, _ layout: FeedbackLayout, _ reader: CounterReader,
    _ function: inout Function
  ) throws(ProfileError) {
    var cursor = layout.cursor(function: index)
    function.entryCount = reader.count(cursor.entry)
    var walker = BodyWalker(module, function: index)
    // A valid module's bodies decode.
    while (try? walker.next()) == true {
      let instruction = walker.instruction
      guard let record = FeedbackRecord(instruction), let place = cursor.next(instruction)
      else { continue }
      try reader.read(record, at: place, ordinal: walker.ordinal, into: &function)
    }
    countBackEdges(module, index, &function)
    derive(module, index, &function)
  }

  /// Those by conditional branches, which only their own records tell of.
  private static func countBackEdges(_ module: Module, _ index: Int, _ function: inout Function) {
    var walker = BodyWalker(module, function: index)
    while (try? walker.next()) == true {
      guard case .label(let label) = walker.instruction.targets,
        let target = walker.target(label), target.isLoop,
        let branch = function.branches[walker.ordinal], branch.taken > 0
      else { continue }
      let loop = target.ordinal
      function.loops[loop] = saturatingSum(function.loops[loop] ?? 0, branch.taken)
    }
  }

  /// What is not counted follows from what is.
  private static func derive(_ module: Module, _ index: Int, _ function: inout Function) {
    var executions = ExecutionCounts(entries: function.entryCount)
    var walker = BodyWalker(module, function: index)
    while (try? walker.next()) == true {
      let ordinal = walker.ordinal
      let current = executions.current
      var count = ExecutionCounts.Count.none
      switch FeedbackRecord(walker.instruction) {
      case .loop: count = .backEdges(function.loops[ordinal] ?? 0)
      case .branch:
        let taken = function.branches[ordinal]?.taken ?? 0
        if current > taken {
          function.branches[ordinal] = FunctionProfile.Branch(
            taken: taken, notTaken: current - taken)
        }
        count = .taken(taken)
      case .branchTable: count = .labels(function.branchTables[ordinal] ?? [])
      case .call: if current > 0 { function.calls[ordinal] = current }
      case .targets: function.sites[ordinal]?.countFirst(of: current)
      case nil: break
      }
      executions.pass(walker, count)
    }
  }
}

extension ProfileFile.Site {
  /// Gives the rest of the site's executions to the target that was counted as none.
  fileprivate mutating func countFirst(of executions: UInt64) {
    guard let first = targets.first(where: { $0.value == 0 })?.key else { return }
    let counted = targets.values.reduce(saturatingSum(otherCount, foreignCount), saturatingSum)
    // It was called at least once.
    targets[first] = executions > counted ? executions - counted : 1
  }
}

/// The counters of instances that count together.
public struct CounterBlock {
  let counters: UnsafeRawBufferPointer
  /// In their file, for errors.
  let fileOffset: Int

  /// - Parameter counters: must be valid as long as this is.
  public init(_ counters: UnsafeRawBufferPointer, fileOffset: Int = 0) {
    self.counters = counters
    self.fileOffset = fileOffset
  }
}

/// Reads the records of a block.
private struct CounterReader {
  private let counters: UnsafeRawBufferPointer
  private let offset: Int
  private let identity: ModuleIdentity
  private let functionCount: Int

  init(
    _ block: CounterBlock, _ identity: ModuleIdentity, _ module: Module, _ layout: FeedbackLayout
  ) {
    precondition(block.counters.count >= layout.size)
    counters = block.counters
    offset = block.fileOffset
    self.identity = identity
    functionCount = module.functions.count
  }

  /// - Parameter records: a function's.
  func hasCounts(_ records: Range<Int>) -> Bool {
    Swift.stride(from: records.lowerBound, to: records.upperBound, by: 8).contains {
      count($0) != 0
    }
  }

  func count(_ place: Int) -> UInt64 {
    UInt64(littleEndian: counters.load(fromByteOffset: place, as: UInt64.self))
  }

  func read(
    _ record: FeedbackRecord, at place: Int, ordinal: Int, into function: inout ProfileFile.Function
  ) throws(ProfileError) {
    switch record {
    case .loop: function.loops[ordinal] = nonzero(count(place))
    case .branch:
      if let taken = nonzero(count(place)) {
        function.branches[ordinal] = FunctionProfile.Branch(taken: taken, notTaken: 0)
      }
    case .branchTable(let labelCount):
      let counts = (0..<labelCount).map { count(place + 8 * $0) }
      if counts.contains(where: { $0 > 0 }) { function.branchTables[ordinal] = counts }
    case .call: break
    case .targets:
      let site = try targets(place)
      if !site.isEmpty { function.sites[ordinal] = site }
    }
  }

  private func nonzero(_ count: UInt64) -> UInt64? { count == 0 ? nil : count }

  /// The first target with a count of 0: see ``TargetRecord``.
  private func targets(_ place: Int) throws(ProfileError) -> ProfileFile.Site {
    var site = ProfileFile.Site()
    site.otherCount = count(place + TargetRecord.otherCount)
    site.foreignCount = count(place + TargetRecord.foreignCount)
    for slot in 0..<TargetRecord.slotCount {
      let key = count(place + TargetRecord.key(slot))
      guard key != 0 else { continue }
      let calls = slot == 0 ? 0 : count(place + TargetRecord.count(slot))
      // A process that was killed may have left a key without its count.
      guard slot == 0 || calls > 0 else { continue }
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
