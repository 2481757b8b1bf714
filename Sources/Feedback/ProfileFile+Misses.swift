import Wasm

extension ProfileFile {
  /// Something that code which was compiled with a profile did not expect.
  public struct Miss: Sendable, Equatable {
    /// What happened.
    public enum Event: Sendable, Equatable {
      /// An indirect call reached this function of its own instance.
      case call(Int)
      /// It reached one of another instance or of the host.
      case foreignCall
      /// A branch led to the instruction at this byte offset.
      case branch(Int)
    }

    /// Of the call or branch in the module.
    public var byteOffset: Int
    /// What happened there.
    public var event: Event
    /// How often.
    public var count: UInt64

    /// A number of equal events.
    public init(byteOffset: Int, event: Event, count: UInt64) {
      self.byteOffset = byteOffset
      self.event = event
      self.count = count
    }
  }

  /// A delta profile: what was missed, and nothing else. Merged with the profile that the code was compiled with, it tells the next
  /// compilation of it. It counts as no run. What cannot have happened in the module, such as a call that trapped, is left out.
  /// - Parameter module: must be valid.
  public init(module: Module, misses: [Miss]) {
    let identity = ModuleIdentity(module)
    let anchors = AnchorReader(module, identity)
    moduleHashes = [module.hash]
    let imported = module.importedFunctionCount
    for (position, key) in identity.keys.enumerated() {
      functions[key] = Function(
        shape: identity.shapes[position], name: module.functionName(imported + position) ?? "")
    }
    let order = misses.filter { $0.count > 0 }.sorted { $0.byteOffset < $1.byteOffset }
    var next = 0
    for (position, key) in identity.keys.enumerated() {
      // Bodies follow one another in the module.
      let body = module.functions[imported + position].body
      while next < order.count, order[next].byteOffset < body.lowerBound { next += 1 }
      let first = next
      while next < order.count, order[next].byteOffset < body.upperBound { next += 1 }
      guard first < next else { continue }
      add(order[first..<next], to: key, imported + position, module, identity)
    }
    for (position, key) in identity.keys.enumerated() where functions[key]?.hasCounts == true {
      functions[key]?.anchors = anchors.anchors(ofFunction: imported + position)
    }
  }

  /// - Parameter misses: in the body of the function `index`.
  private mutating func add(
    _ misses: ArraySlice<Miss>, to key: FunctionKey, _ index: Int, _ module: Module,
    _ identity: ModuleIdentity
  ) {
    let byOffset = Dictionary(grouping: misses, by: \.byteOffset)
    var ways: BranchWays?
    var walker = BodyWalker(module, function: index)
    while (try? walker.next()) == true {
      let instruction = walker.instruction
      guard let misses = byOffset[instruction.offset] else { continue }
      for miss in misses {
        switch miss.event {
        case .call(let target):
          addCall(of: target, miss.count, to: key, walker, module, identity)
        case .foreignCall:
          guard instruction.callee?.typeIndex != nil else { continue }
          let count = functions[key]?.sites[walker.ordinal]?.foreignCount ?? 0
          functions[key]?.sites[walker.ordinal, default: Site()].foreignCount = saturatingSum(
            count, miss.count)
        case .branch(let resume):
          let known = ways ?? BranchWays(module, function: index)
          ways = known
          guard let way = known.resume[instruction.offset]?.firstIndex(of: resume) else { continue }
          functions[key]?.take(way, miss.count, at: walker)
        }
      }
    }
  }

  private mutating func addCall(
    of target: Int, _ count: UInt64, to key: FunctionKey, _ walker: BodyWalker, _ module: Module,
    _ identity: ModuleIdentity
  ) {
    guard let type = walker.instruction.callee?.typeIndex,
      module.functions.indices.contains(target), let targetKey = identity.key(function: target),
      module.types.isSubtype(module.functions[target].typeIndex, of: type)
    else { return }
    let known = functions[key]?.sites[walker.ordinal]?.targets[targetKey] ?? 0
    functions[key]?.sites[walker.ordinal, default: Site()].targets[targetKey] = saturatingSum(
      known, count)
    // Each call entered it.
    let entries = functions[targetKey]?.entryCount ?? 0
    functions[targetKey]?.entryCount = saturatingSum(entries, count)
  }
}

extension ProfileFile.Function {
  fileprivate var hasCounts: Bool {
    entryCount > 0 || !sites.isEmpty || !branches.isEmpty || !branchTables.isEmpty
  }

  /// Counts a way of the branch that was read last: see ``BranchWays/resume``.
  fileprivate mutating func take(_ way: Int, _ count: UInt64, at walker: BodyWalker) {
    switch FeedbackRecord(walker.instruction) {
    case .branch:
      var branch = branches[walker.ordinal] ?? .init(taken: 0, notTaken: 0)
      if way == 0 {
        branch.notTaken = saturatingSum(branch.notTaken, count)
      } else {
        branch.taken = saturatingSum(branch.taken, count)
      }
      branches[walker.ordinal] = branch
    case .branchTable(let labelCount):
      var counts = branchTables[walker.ordinal] ?? Array(repeating: 0, count: labelCount)
      counts[way] = saturatingSum(counts[way], count)
      branchTables[walker.ordinal] = counts
    case .loop, .call, .targets, nil: break
    }
  }
}

extension Instruction.Callee {
  /// The type of an indirect call; nil for a direct one.
  fileprivate var typeIndex: Int? {
    switch self {
    case .table(_, let type), .reference(let type): type
    case .function: nil
    }
  }
}
