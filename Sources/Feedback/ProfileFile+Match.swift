import Wasm

extension ProfileFile {
  /// The profile in terms of one (valid) module. What does not match is left out.
  public func match(_ module: Module) -> ModuleProfile {
    var statistics = MatchStatistics()
    return match(module, statistics: &statistics)
  }

  /// As ``match(_:)``, and tells how well it matched.
  public func match(_ module: Module, statistics: inout MatchStatistics) -> ModuleProfile {
    let matching = FunctionMatching(self, module)
    statistics = MatchStatistics()
    statistics.isSameModule = moduleHashes.contains(module.hash)
    statistics.matchedFunctions = matching.count(.exact)
    statistics.similarFunctions = matching.count(.similar)
    statistics.renamedBodies = matching.count(.named)
    statistics.neighbours = matching.count(.neighbour)
    var result = ModuleProfile()
    result.hash = hash
    for index in module.importedFunctionCount..<module.functions.count {
      guard let (key, way) = matching.sources[index], let function = functions[key] else {
        // What a sparse profile of this very module leaves out was never entered.
        if !statistics.isSameModule { result.unknownFunctions.insert(index) }
        continue
      }
      let alignment = [.exact, .similar].contains(way) ? nil : matching.alignments[index]
      if alignment == nil, ![.exact, .similar].contains(way) {
        // A profile of version 1: nothing tells where the sites are.
        if function.entryCount > 0 {
          result.functions[index, default: FunctionProfile()].entryCount = function.entryCount
        }
        statistics.add(function, found: function.entryCount, isExact: false, sites: 0)
        continue
      }
      let sites = SiteMatching(module, index, function, alignment, matching.functions)
      if sites.profile != FunctionProfile() { result.functions[index] = sites.profile }
      statistics.add(
        function, found: sites.weight, isExact: way == .exact, sites: sites.siteCount)
    }
    statistics.unknownFunctions = result.unknownFunctions.count
    for (key, function) in functions where matching.functions[key] == nil {
      statistics.addLost(function)
    }
    return result
  }
}

extension MatchStatistics {
  fileprivate mutating func add(
    _ function: ProfileFile.Function, found: UInt64, isExact: Bool, sites: Int
  ) {
    matchedSites += sites
    lostSites += function.siteCount - sites
    let weight = function.weight
    guard weight > 0 else { return }
    if isExact { exact.add(min(found, weight)) } else { stale.add(min(found, weight)) }
    lost.weight = saturatingSum(lost.weight, weight - min(found, weight))
  }

  fileprivate mutating func addLost(_ function: ProfileFile.Function) {
    if function.weight > 0 { lost.add(function.weight) }
  }
}

extension ProfileFile.Function {
  fileprivate var siteCount: Int {
    loops.count + branches.count + branchTables.count + calls.count + sites.count
  }
}
