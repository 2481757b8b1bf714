/// Adding in place: once a sum has seen a hundred profiles, the next one brings new counts but hardly ever a new site.
extension CompactProfile {
  /// How much of a profile was added in place.
  enum Addition {
    case all
    /// All but these functions, by number there; nor were its modules and runs.
    case allBut([Bool])
    /// Nothing: it has functions that this one lacks.
    case nothing
  }

  /// Adds the functions of a profile of which everything has its place here. ``setToSum(of:_:)`` adds the others.
  /// - Parameter places: reused memory.
  mutating func addInPlace(_ other: CompactProfile, places: inout [Int]) -> Addition {
    guard let numbers = numbers(of: other) else { return .nothing }
    let isAlike = hasSameFunctions(as: other)
    var isLeft: [Bool] = []
    for index in other.functions.indices {
      let function = other.functions[index]
      if isAlike && function.isCold { continue }
      let own = numbers[index]
      guard isAlike || isLike(own, function, other), hasAnchors(own, function, other),
        find(function.sites, of: other, in: functions[own].sites, numbers, &places)
      else {
        if isLeft.isEmpty { isLeft = Array(repeating: false, count: other.functions.count) }
        isLeft[index] = true
        continue
      }
      functions[own].entryCount = saturatingSum(functions[own].entryCount, function.entryCount)
      add(function.sites, of: other, at: places)
    }
    guard isLeft.isEmpty else { return .allBut(isLeft) }
    moduleHashes = Set(moduleHashes + other.moduleHashes).sorted()
    runCount = saturatingSum(runCount, other.runCount)
    return .all
  }

  /// - Parameter places: of their values; -1 for those that are not counts.
  private mutating func add(_ added: Range<Int>, of other: CompactProfile, at places: [Int]) {
    var next = 0
    for index in added {
      for value in other.sites[index].values {
        let place = places[next]
        if place >= 0 { values[place] = saturatingSum(values[place], other.values[value]) }
        next += 1
      }
    }
  }

  /// Where the functions of another profile are in this one; nil if one is missing.
  private func numbers(of other: CompactProfile) -> [Int]? {
    guard other.functions.count <= functions.count else { return nil }
    var result: [Int] = []
    result.reserveCapacity(other.functions.count)
    var own = 0
    for index in other.functions.indices {
      let key = other.functions[index].key
      while own < functions.count, functions[own].key < key { own += 1 }
      guard own < functions.count, functions[own].key == key else { return nil }
      result.append(own)
    }
    return result
  }

  /// Whether all functions, their names and shapes are the same. Fast, since names are compared at once.
  private func hasSameFunctions(as other: CompactProfile) -> Bool {
    guard functions.count == other.functions.count, names == other.names else { return false }
    return functions.indices.allSatisfy {
      let (function, added) = (functions[$0], other.functions[$0])
      return function.shape == added.shape && function.name == added.name
    }
  }

  /// Whether adding leaves a function's name and shape as they are here.
  private func isLike(_ own: Int, _ added: Function, _ other: CompactProfile) -> Bool {
    let function = functions[own]
    return function.shape == added.shape && names[function.name] == other.names[added.name]
  }

  /// Whether adding leaves a function's anchors as they are here.
  private func hasAnchors(_ own: Int, _ added: Function, _ other: CompactProfile) -> Bool {
    added.anchors.isEmpty || anchors[functions[own].anchors] == other.anchors[added.anchors]
  }

  /// Finds the places of the values of some sites; -1 for numbers of targets.
  /// - Returns: false if one has none.
  private func find(
    _ added: Range<Int>, of other: CompactProfile, in range: Range<Int>, _ numbers: [Int],
    _ places: inout [Int]
  ) -> Bool {
    places.removeAll(keepingCapacity: true)
    var next = range.lowerBound
    for index in added {
      let site = other.sites[index]
      while next < range.upperBound, sites[next].key < site.key { next += 1 }
      guard next < range.upperBound, sites[next].key == site.key else { return false }
      let own = sites[next]
      if site.kind == .targets {
        guard findTargets(of: site, other, in: own, numbers, &places) else { return false }
      } else {
        guard site.valueCount <= own.valueCount else { return false }
        for offset in 0..<site.valueCount { places.append(own.firstValue + offset) }
      }
    }
    return true
  }

  private func findTargets(
    of site: Site, _ other: CompactProfile, in own: Site, _ numbers: [Int], _ places: inout [Int]
  ) -> Bool {
    places.append(own.firstValue)
    places.append(own.firstValue + 1)
    var next = own.firstValue + 2
    for place in site.targetNumbers {
      let number = UInt64(numbers[Int(other.values[place])])
      while next < own.values.upperBound, values[next] < number { next += 2 }
      guard next < own.values.upperBound, values[next] == number else { return false }
      places.append(-1)
      places.append(next + 1)
    }
    return true
  }
}
