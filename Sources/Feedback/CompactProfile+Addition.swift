/// Adding in place: once a sum has seen a hundred profiles, the next one brings new counts but hardly ever a new site.
extension CompactProfile {
  /// Adds the functions of a profile of which everything has its place here.
  /// - Parameter places: reused memory.
  /// - Returns: by number of a function of the other profile: whether it is left to be added by ``setToSum(of:_:)``. Nil if
  ///   nothing was added, since the other profile has functions that this one lacks. The profile's own numbers (modules, runs) are added with
  ///   what is left.
  mutating func addInPlace(_ other: CompactProfile, places: inout [Int]) -> [Bool]? {
    guard let numbers = numbers(of: other) else { return nil }
    var isLeft = [Bool](repeating: false, count: other.functions.count)
    for (index, function) in other.functions.enumerated()
    where !function.isCold || !isLike(numbers[index], index, other) {
      let own = numbers[index]
      guard isLike(own, index, other),
        find(function.sites, of: other, in: functions[own].sites, numbers, &places)
      else {
        isLeft[index] = true
        continue
      }
      functions[own].entryCount = saturatingSum(functions[own].entryCount, function.entryCount)
      var next = 0
      for site in other.sites[function.sites] {
        for value in site.values {
          let place = places[next]
          if place >= 0 { values[place] = saturatingSum(values[place], other.values[value]) }
          next += 1
        }
      }
    }
    return isLeft
  }

  /// Where the functions of another profile are in this one; nil if one is missing.
  private func numbers(of other: CompactProfile) -> [Int]? {
    guard other.functions.count <= functions.count else { return nil }
    var result: [Int] = []
    result.reserveCapacity(other.functions.count)
    var own = 0
    for function in other.functions {
      while own < functions.count, functions[own].key < function.key { own += 1 }
      guard own < functions.count, functions[own].key == function.key else { return nil }
      result.append(own)
    }
    return result
  }

  /// Whether adding leaves a function's name and shape as they are here.
  private func isLike(_ own: Int, _ index: Int, _ other: CompactProfile) -> Bool {
    let (function, added) = (functions[own], other.functions[index])
    guard function.shape == added.shape, function.name.count == added.name.count else {
      return false
    }
    var place = function.name.lowerBound
    for index in added.name {
      if names[place] != other.names[index] { return false }
      place += 1
    }
    return true
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
