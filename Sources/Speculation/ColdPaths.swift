import Feedback
import Wasm

/// Finds the parts of a body that never ran although the branches in front of them ran often.
struct ColdPaths {
  /// By byte offset of the branch; ascending by way.
  private(set) var exits: [Int: [BranchExit]] = [:]

  private let profile: FunctionProfile
  /// Byte ranges of instructions that never ran, ascending.
  private var regions: [Range<Int>] = []
  /// Branches that ran often, with the number of times that each way was taken.
  private var branches: [(offset: Int, counts: [UInt64])] = []

  /// - Parameter function: a function that a valid module defines.
  init(_ module: Module, function: Int, _ profile: FunctionProfile, _ tuning: Tuning) {
    self.profile = profile
    findRegions(module, function, tuning)
    let ways = BranchWays(module, function: function)
    for (offset, counts) in branches {
      let targets = ways.resume[offset] ?? []
      for (way, count) in counts.enumerated() where count == 0 && way < targets.count {
        guard let resume = targets[way], size(from: resume) >= tuning.minimumColdSize else {
          continue
        }
        exits[offset, default: []].append(BranchExit(way: way, resume: resume))
      }
    }
  }

  /// Size of the region from an instruction on; 0 if that instruction ran.
  private func size(from offset: Int) -> Int {
    let next = regions.partitioningIndex { $0.upperBound > offset }
    guard next < regions.count, regions[next].contains(offset) else { return 0 }
    return regions[next].upperBound - offset
  }

  /// Follows the counts through the body. Counts that contradict each other only lead to a worse choice.
  private mutating func findRegions(_ module: Module, _ function: Int, _ tuning: Tuning) {
    var walker = BodyWalker(module, function: function)
    // How often control got here, and to the end of each block by branches.
    var here = profile.entryCount
    var arrivals: [Int: UInt64] = [:]
    var elseCounts: [Int: UInt64] = [:]
    var start: Int?
    while (try? walker.next()) == true {
      let i = walker.instruction
      if here == 0, start == nil { start = i.offset }
      if here > 0, let first = start {
        regions.append(first..<i.offset)
        start = nil
      }
      func arrive(_ count: UInt64, at label: Int) {
        guard let target = walker.target(label), !target.isLoop else { return }
        arrivals[target.number] = saturatingSum(arrivals[target.number] ?? 0, count)
      }
      func note(_ counts: [UInt64]) {
        if counts.reduce(0, saturatingSum) >= tuning.minimumBranchCount {
          branches.append((i.offset, counts))
        }
      }
      switch i.opcode {
      case .if:
        let counts = profile.branches[i.offset] ?? .init(taken: here, notTaken: here)
        note([counts.notTaken, counts.taken])
        elseCounts[walker.blockCount] = counts.notTaken
        here = counts.taken
      case .tryTable:
        // Nothing counts exceptions: any handler may have run.
        for clause in walker.openedScope?.clauses ?? [] {
          if case .label(let label) = clause.target { arrive(1, at: label) }
        }
      case .catch, .catchAll:
        guard let block = walker.blocks.last else { continue }
        arrivals[block.number] = saturatingSum(arrivals[block.number] ?? 0, here)
        here = 1
      case .else:
        guard let block = walker.blocks.last else { continue }
        arrivals[block.number] = saturatingSum(arrivals[block.number] ?? 0, here)
        here = elseCounts.removeValue(forKey: block.number) ?? 0
      case .end, .delegate:
        guard let block = walker.blocks.last else { continue }
        here = saturatingSum(here, arrivals.removeValue(forKey: block.number) ?? 0)
        here = saturatingSum(here, elseCounts.removeValue(forKey: block.number) ?? 0)
      case .brIf, .brOnNull, .brOnNonNull:
        let counts = profile.branches[i.offset] ?? .init(taken: here, notTaken: here)
        note([counts.notTaken, counts.taken])
        arrive(counts.taken, at: i.index)
        here = counts.notTaken
      case .brTable:
        let counts =
          profile.branchTables[i.offset] ?? Array(repeating: here, count: i.labels.count)
        if counts.count == i.labels.count { note(counts) }
        for (label, count) in zip(i.labels, counts) { arrive(count, at: label) }
        here = 0
      case .br:
        arrive(here, at: i.index)
        here = 0
      default: if i.opcode.control.contains(.neverContinues) { here = 0 }
      }
    }
    if let start { regions.append(start..<walker.instruction.end) }
  }
}
