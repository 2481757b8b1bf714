import Wasm

extension CodeHints {
  /// A branch gets a hint if at least this share of its executions goes one way.
  static let likelyShare = 0.9
  /// What a function of the hottest priority is taken to be entered, when hints become a profile: hints know no counts. Halved for each further
  /// priority.
  static let assumedEntries = 0x1p40
  /// The same for a function that was compiled, but not worth optimizing.
  static let assumedColdEntries = 1024.0

  /// What a profile says of a module. A function that ran gets a priority: the number of times that its weight must be doubled to be that of the
  /// heaviest.
  /// - Parameters:
  ///   - profile: matched to the module.
  ///   - module: valid.
  public init(_ profile: ModuleProfile, of module: Module) {
    let weights = profile.functions.mapValues { Double($0.weight) }
    let heaviest = weights.values.max() ?? 0
    for (function, own) in profile.functions where module.functions.indices.contains(function) {
      if let weight = weights[function], weight > 0 {
        let priority = UInt32(exactly: max(0, (heaviest / weight).binaryLogarithm)) ?? 0
        priorities[function] = Priority(compilation: priority, optimization: priority)
      }
      for (offset, branch) in own.branches {
        let (taken, all) = (
          Double(branch.taken), Double(saturatingSum(branch.taken, branch.notTaken))
        )
        guard all > 0, max(taken, all - taken) >= Self.likelyShare * all else { continue }
        branches[offset] = taken > all - taken
      }
      for (offset, site) in own.callSites where site.totalCount > 0 {
        let entries = Double(max(1, own.entryCount))
        let logarithm = (Double(site.totalCount) / entries).binaryLogarithm
        frequencies[offset] = UInt8(min(64, max(1, 32 + logarithm)))
        guard module.isIndirectCall(at: offset) else { continue }
        let list = site.targets.compactMap { target -> Target? in
          let percent = UInt32(100 * (Double(target.count) / Double(site.totalCount)))
          return percent > 0 ? Target(function: target.function, percent: percent) : nil
        }
        if !list.isEmpty { targets[offset] = list }
      }
    }
  }
}

extension ProfileFile {
  /// A profile that says what hints say, with counts of the right proportions within a function. Counts of one run.
  /// - Parameter module: valid.
  public init(_ hints: CodeHints, of module: Module) {
    let identity = ModuleIdentity(module)
    let anchors = AnchorReader(module, identity)
    moduleHashes = [module.hash]
    runCount = 1
    for (position, key) in identity.keys.enumerated() {
      let index = module.importedFunctionCount + position
      var function = Function(
        shape: identity.shapes[position], name: module.functionName(index) ?? "")
      let priority = hints.priorities[index]
      if let priority {
        let halvings = Double(min(63, priority.optimization ?? 0))
        let entries =
          priority.optimization == nil
          ? CodeHints.assumedColdEntries : CodeHints.assumedEntries / halvings.powerOfTwo
        function.entryCount = UInt64(saturating: entries)
      }
      functions[key] = function
    }
    var entries: [FunctionKey: UInt64] = [:]
    for (position, key) in identity.keys.enumerated() {
      add(
        hints, to: key, module.importedFunctionCount + position, module, identity, &entries)
    }
    // A target that nothing else is said of was entered by the calls that reach it.
    for (key, count) in entries where functions[key]?.entryCount == 0 {
      functions[key]?.entryCount = count
    }
    for (position, key) in identity.keys.enumerated() where (functions[key]?.weight ?? 0) > 0 {
      functions[key]?.anchors = anchors.anchors(ofFunction: module.importedFunctionCount + position)
    }
  }

  /// - Parameter entries: of the targets of all calls.
  private mutating func add(
    _ hints: CodeHints, to key: FunctionKey, _ index: Int, _ module: Module,
    _ identity: ModuleIdentity, _ entries: inout [FunctionKey: UInt64]
  ) {
    guard var function = functions[key] else { return }
    // Without a priority, hints of instructions still say that it ran.
    let runs = function.entryCount > 0 ? Double(function.entryCount) : CodeHints.assumedColdEntries
    var isHinted = false
    var walker = BodyWalker(module, function: index)
    while (try? walker.next()) == true {
      let (offset, ordinal) = (walker.instruction.offset, walker.ordinal)
      if let isLikely = hints.branches[offset] {
        isHinted = true
        let (often, rarely) = (UInt64(saturating: runs), UInt64(saturating: runs / 100))
        function.branches[ordinal] = .init(
          taken: isLikely ? often : rarely, notTaken: isLikely ? rarely : often)
      }
      let frequency = hints.frequencies[offset].map { min(64, $0) }
      let targets = hints.targets[offset] ?? []
      guard frequency ?? (targets.isEmpty ? 0 : 32) > 0 else { continue }
      isHinted = true
      let calls = runs * (Double(frequency ?? 32) - 32).powerOfTwo
      switch walker.instruction.callee {
      case .function(let callee):
        function.calls[ordinal] = UInt64(saturating: calls)
        if let callee = identity.key(function: callee) {
          entries[callee] = saturatingSum(entries[callee] ?? 0, UInt64(saturating: calls))
        }
      case .table, .reference:
        function.sites[ordinal] = Self.site(targets, calls, identity, &entries)
      case nil: break
      }
    }
    if isHinted, function.entryCount == 0 { function.entryCount = UInt64(runs) }
    functions[key] = function
  }

  private static func site(
    _ targets: [CodeHints.Target], _ calls: Double, _ identity: ModuleIdentity,
    _ entries: inout [FunctionKey: UInt64]
  ) -> Site? {
    var site = Site()
    for target in targets where target.percent > 0 {
      let count = UInt64(saturating: calls * Double(target.percent) / 100)
      if let key = identity.key(function: target.function) {
        site.targets[key] = saturatingSum(site.targets[key] ?? 0, count)
        entries[key] = saturatingSum(entries[key] ?? 0, count)
      } else {
        site.foreignCount = saturatingSum(site.foreignCount, count)
      }
    }
    return site.isEmpty ? nil : site
  }
}

extension Double {
  /// Rounded down; the value must be positive.
  fileprivate var binaryLogarithm: Double { Double(exponent) }

  /// 2 to this power, which must be a whole number.
  fileprivate var powerOfTwo: Double { Double(sign: .plus, exponent: Int(self), significand: 1) }
}

extension UInt64 {
  /// At least 1.
  fileprivate init(saturating value: Double) {
    self = value >= 0x1p64 ? .max : UInt64(Swift.max(1, value))
  }
}
