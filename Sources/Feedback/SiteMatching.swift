import Wasm

/// Puts the counts of one function in their places.
struct SiteMatching {
  private let module: Module
  private let index: Int
  private let file: ProfileFile.Function
  private let functions: [FunctionKey: Int]
  /// By position among the anchors of the module's function: the ordinal in the profile's; nil: the same ordinals.
  private let ordinals: [Int?]?
  /// By that position.
  private let isSure: [Bool]

  private(set) var profile = FunctionProfile()
  /// Events that found their place.
  private(set) var weight: UInt64
  /// Sites that got their counts.
  private(set) var siteCount = 0

  /// - Parameters:
  ///   - index: a function of the module.
  ///   - file: the profile's function that it is.
  ///   - alignment: of their anchors; nil if all instructions are where they were.
  ///   - functions: the module's, by the profile's.
  init(
    _ module: Module, _ index: Int, _ file: ProfileFile.Function, _ alignment: AnchorAlignment?,
    _ functions: [FunctionKey: Int]
  ) {
    self.module = module
    self.index = index
    self.file = file
    self.functions = functions
    ordinals = alignment?.matches.map { $0 < 0 ? nil : Int(file.anchors[$0].ordinal) }
    isSure = alignment?.isStrong ?? []
    weight = file.entryCount
    profile.entryCount = file.entryCount
    run()
    if ordinals != nil { derive() }
  }

  private mutating func run() {
    var walker = BodyWalker(module, function: index)
    var position = 0
    while (try? walker.next()) == true {
      guard let record = FeedbackRecord(walker.instruction) else { continue }
      defer { position += 1 }
      let ordinal = ordinals.map { position < $0.count ? $0[position] : nil } ?? walker.ordinal
      if let ordinal, read(record, walker.instruction, ordinal) {
        siteCount += 1
        if isSure.indices.contains(position), !isSure[position] {
          allowAllWays(of: walker.instruction.offset)
        }
      }
    }
  }

  private mutating func read(
    _ record: FeedbackRecord, _ instruction: Instruction, _ ordinal: Int
  ) -> Bool {
    let offset = instruction.offset
    switch record {
    case .loop:
      guard let count = file.loops[ordinal] else { return false }
      profile.loops[offset] = count
      weight = saturatingSum(weight, count)
    case .branch:
      guard let branch = file.branches[ordinal] else { return false }
      profile.branches[offset] = branch
    case .branchTable(let labelCount):
      guard let counts = file.branchTables[ordinal], counts.count == labelCount else {
        return false
      }
      profile.branchTables[offset] = counts
    case .call:
      guard let count = file.calls[ordinal] else { return false }
      profile.callSites[offset] = CallSiteFeedback(
        targets: [.init(function: instruction.index, count: count)])
      weight = saturatingSum(weight, count)
    case .targets:
      guard let site = file.sites[ordinal] else { return false }
      profile.callSites[offset] = feedback(site)
      weight = saturatingSum(weight, site.totalCount)
    }
    return true
  }

  /// Of a branch that may be another one, nothing is known to have never happened: the compiler would leave the code for baseline code there.
  private mutating func allowAllWays(of offset: Int) {
    if let branch = profile.branches[offset] {
      profile.branches[offset] = .init(
        taken: max(1, branch.taken), notTaken: max(1, branch.notTaken))
    }
    profile.branchTables[offset] = profile.branchTables[offset]?.map { max(1, $0) }
  }

  /// The heaviest targets by their indices in the module; those that are gone or beyond the limit count as others.
  private func feedback(_ site: ProfileFile.Site) -> CallSiteFeedback {
    var targets: [CallSiteFeedback.Target] = []
    var other = site.otherCount
    for (key, count) in site.targets {
      if let function = functions[key] {
        targets.append(.init(function: function, count: count))
      } else {
        other = saturatingSum(other, count)
      }
    }
    targets.sort { ($1.count, $0.function) < ($0.count, $1.function) }
    for target in targets.dropFirst(CallSiteFeedback.maximumMergedTargets) {
      other = saturatingSum(other, target.count)
    }
    return CallSiteFeedback(
      targets: Array(targets.prefix(CallSiteFeedback.maximumMergedTargets)), otherCount: other,
      foreignCount: site.foreignCount)
  }

  /// Direct calls without a counterpart in the profile get the count of the code that they are in, so that a new call in a hot loop is not
  /// taken for a cold one.
  private mutating func derive() {
    var executions = ExecutionCounts(entries: profile.entryCount)
    var walker = BodyWalker(module, function: index)
    while (try? walker.next()) == true {
      let instruction = walker.instruction
      let offset = instruction.offset
      var count = ExecutionCounts.Count.none
      switch FeedbackRecord(instruction) {
      case .loop: count = .backEdges(profile.loops[offset] ?? 0)
      case .branch:
        // Of what is not known, half goes each way; a branch that leaves ends most loops, so that its way on is the hot one.
        let current = executions.current
        let guess = instruction.opcode == .if ? current / 2 : 0
        count = .taken(profile.branches[offset]?.taken ?? guess)
      case .branchTable: count = .labels(profile.branchTables[offset] ?? [])
      case .call:
        if profile.callSites[offset] == nil, executions.current > 0 {
          profile.callSites[offset] = CallSiteFeedback(
            targets: [.init(function: instruction.index, count: executions.current)])
        }
      case .targets, nil: break
      }
      executions.pass(walker, count)
    }
  }
}
