import Wasm

extension ProfileFile {
  /// The profile in terms of one (valid) module. What does not match is left out.
  public func match(_ module: Module) -> ModuleProfile {
    var statistics = MatchStatistics()
    return match(module, statistics: &statistics)
  }

  /// As ``match(_:)``, and tells how well it matched.
  public func match(_ module: Module, statistics: inout MatchStatistics) -> ModuleProfile {
    let matching = FunctionMatching(self, module, statistics: &statistics)
    var result = ModuleProfile()
    result.hash = hash
    for index in module.importedFunctionCount..<module.functions.count {
      guard let (key, isNameOnly) = matching.sources[index], let function = functions[key] else {
        // What a sparse profile of this very module leaves out was never entered.
        if !statistics.isSameModule { result.unknownFunctions.insert(index) }
        continue
      }
      var profile = FunctionProfile()
      profile.entryCount = function.entryCount
      if !isNameOnly {
        let sites = SiteMatching(
          module: module, index: index, file: function, functions: matching.functions)
        sites.run(into: &profile, statistics: &statistics)
      }
      if profile != FunctionProfile() { result.functions[index] = profile }
    }
    statistics.unknownFunctions = result.unknownFunctions.count
    for (key, function) in functions where function.weight > 0 {
      guard let index = matching.functions[key] else {
        statistics.lost.add(function.weight)
        continue
      }
      if matching.isExact(index) {
        statistics.exact.add(function.weight)
      } else {
        let found = min(function.weight, result.functions[index]?.weight ?? 0)
        statistics.stale.add(found)
        statistics.lost.weight = saturatingSum(statistics.lost.weight, function.weight - found)
      }
    }
    return result
  }
}

/// Which function of a module is which of a profile.
private struct FunctionMatching {
  /// By function of the module; name only: the body is another.
  var sources: [Int: (key: FunctionKey, isNameOnly: Bool)] = [:]
  /// The other way round.
  var functions: [FunctionKey: Int] = [:]
  private let identity: ModuleIdentity

  init(_ file: ProfileFile, _ module: Module, statistics: inout MatchStatistics) {
    identity = ModuleIdentity(module)
    let imported = module.importedFunctionCount
    func name(_ position: Int) -> String { module.functionName(imported + position) ?? "" }
    statistics.isSameModule = file.moduleHashes.contains(module.hash)

    if !statistics.isSameModule {
      // Functions with equal bodies are told apart by their names before their order.
      pair(
        file.functions.map { (NamedBody($0.key.hash, $0.value.name), $0.key) },
        identity.keys.indices.map { (NamedBody(identity.keys[$0].hash, name($0)), imported + $0) })
    }
    for (position, key) in identity.keys.enumerated()
    where sources[imported + position] == nil && functions[key] == nil && file.functions[key] != nil
    {
      match(imported + position, key)
    }
    statistics.matchedFunctions = sources.count
    guard sources.count < identity.keys.count else { return }

    func rest(_ positions: Range<Int>) -> [Int] {
      positions.filter { sources[imported + $0] == nil }
    }
    var lost = file.functions.filter { functions[$0.key] == nil }
    var open = rest(identity.keys.indices)
    pair(
      lost.map { (NamedBody($0.value.shape, $0.value.name), $0.key) },
      open.map { (NamedBody(identity.shapes[$0], name($0)), imported + $0) })
    lost = lost.filter { functions[$0.key] == nil }
    open = rest(identity.keys.indices)
    pair(
      lost.map { ($0.value.shape, $0.key) }, open.map { (identity.shapes[$0], imported + $0) })
    statistics.similarFunctions = sources.count - statistics.matchedFunctions
    lost = lost.filter { functions[$0.key] == nil && !$0.value.name.isEmpty }
    open = rest(identity.keys.indices).filter { !name($0).isEmpty }
    pair(
      lost.map { ($0.value.name, $0.key) }, open.map { (name($0), imported + $0) },
      isNameOnly: true)
    statistics.renamedBodies =
      sources.count - statistics.matchedFunctions - statistics.similarFunctions
  }

  /// Whether a matched function has the body that was recorded.
  func isExact(_ function: Int) -> Bool {
    sources[function]?.key.hash == identity.key(function: function)?.hash
  }

  private struct NamedBody: Hashable {
    var hash: UInt64
    var name: String

    init(_ hash: UInt64, _ name: String) {
      self.hash = hash
      self.name = name
    }
  }

  private mutating func match(_ function: Int, _ key: FunctionKey, isNameOnly: Bool = false) {
    sources[function] = (key, isNameOnly)
    functions[key] = function
  }

  /// Matches what has a property that is unique on both sides.
  private mutating func pair<Property: Hashable>(
    _ known: [(Property, FunctionKey)], _ open: [(Property, Int)], isNameOnly: Bool = false
  ) {
    let keys = Dictionary(known.map { ($0, [$1]) }, uniquingKeysWith: +)
    let indices = Dictionary(open.map { ($0, [$1]) }, uniquingKeysWith: +)
    for (property, found) in indices where found.count == 1 {
      guard let key = keys[property], key.count == 1 else { continue }
      match(found[0], key[0], isNameOnly: isNameOnly)
    }
  }
}

/// Puts the sites of one function in their places.
private struct SiteMatching {
  let module: Module
  let index: Int
  let file: ProfileFile.Function
  let functions: [FunctionKey: Int]

  func run(into profile: inout FunctionProfile, statistics: inout MatchStatistics) {
    var found = 0
    var walker = BodyWalker(module, function: index)
    while (try? walker.next()) == true {
      guard let record = FeedbackRecord(walker.instruction) else { continue }
      if read(record, walker.instruction, walker.ordinal, into: &profile) { found += 1 }
    }
    let total =
      file.loops.count + file.branches.count + file.branchTables.count + file.calls.count
      + file.sites.count
    statistics.matchedSites += found
    statistics.lostSites += total - found
  }

  private func read(
    _ record: FeedbackRecord, _ instruction: Instruction, _ ordinal: Int,
    into profile: inout FunctionProfile
  ) -> Bool {
    let offset = instruction.offset
    switch record {
    case .loop: profile.loops[offset] = file.loops[ordinal]
    case .branch: profile.branches[offset] = file.branches[ordinal]
    case .branchTable(let labelCount):
      guard let counts = file.branchTables[ordinal], counts.count == labelCount else {
        return false
      }
      profile.branchTables[offset] = counts
      return true
    case .call:
      guard let count = file.calls[ordinal] else { return false }
      profile.callSites[offset] = CallSiteFeedback(
        targets: [.init(function: instruction.index, count: count)])
      return true
    case .targets:
      guard let site = file.sites[ordinal] else { return false }
      profile.callSites[offset] = feedback(site)
      return true
    }
    return profile.loops[offset] != nil || profile.branches[offset] != nil
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
}
