/// What makes a profile smaller, or heavier.
extension CompactProfile {
  /// As if it had been merged with itself so many times, at least once.
  mutating func multiply(by weight: UInt64) {
    guard weight != 1 else { return }
    runCount = saturatingProduct(runCount, weight)
    for index in functions.indices {
      functions[index].entryCount = saturatingProduct(functions[index].entryCount, weight)
    }
    for site in sites {
      for index in site.values where site.isCount(index) {
        values[index] = saturatingProduct(values[index], weight)
      }
    }
  }

  /// The counts of some functions.
  /// - Parameters:
  ///   - hasCounts: by number of a function: whether it keeps its counts.
  ///   - keepsAll: whether the others stay without counts. If not, only those stay that a site calls.
  func reduced(toCountsOf hasCounts: [Bool], keepsAll: Bool) -> CompactProfile {
    var isKept = keepsAll ? hasCounts.map { _ in true } : hasCounts
    for (index, function) in functions.enumerated() where !keepsAll && hasCounts[index] {
      for site in sites[function.sites] {
        for place in site.targetNumbers { isKept[Int(values[place])] = true }
      }
    }
    var numbers: [UInt64] = []
    var count: UInt64 = 0
    for isKept in isKept {
      numbers.append(count)
      if isKept { count += 1 }
    }
    var result = CompactProfile()
    result.moduleHashes = moduleHashes
    result.runCount = runCount
    for (index, function) in functions.enumerated() where isKept[index] {
      if hasCounts[index] {
        result.append(self, index, numbers)
      } else {
        result.appendFunction(
          function.key, shape: function.shape, name: names[function.name], entryCount: 0)
      }
    }
    return result
  }

  /// Leaves out functions without counts that no site of another calls.
  func sparse() -> CompactProfile {
    reduced(toCountsOf: functions.map { !$0.isCold }, keepsAll: false)
  }

  /// Sets to zero the counts of the lightest functions, so that those that keep theirs have at least this share of all counts.
  /// - Parameter percent: 0 to 100.
  func trimmed(to percent: Double, isSparse: Bool) -> CompactProfile {
    let weights = functions.indices.map { Double(weight(ofFunction: $0)) }
    let order = functions.indices.sorted { (weights[$0], $1) < (weights[$1], $0) }
    // From the lightest on, so that small weights are not lost in a large sum.
    let dispensable = order.reduce(0) { $0 + weights[$1] } * (100 - percent) / 100
    var lost = 0.0
    var hasCounts = functions.map { _ in false }
    for index in order where weights[index] > 0 {
      lost += weights[index]
      hasCounts[index] = lost > dispensable
    }
    return reduced(toCountsOf: hasCounts, keepsAll: !isSparse)
  }

  /// The events counted in a function: see ``ProfileFile/Function/weight``.
  private func weight(ofFunction index: Int) -> UInt64 {
    var sum = functions[index].entryCount
    for site in sites[functions[index].sites] where ![.branch, .branchTable].contains(site.kind) {
      for index in site.values where site.isCount(index) { sum = saturatingSum(sum, values[index]) }
    }
    return sum
  }
}

extension CompactProfile.Site {
  /// The places of its targets' numbers.
  var targetNumbers: StrideTo<Int> {
    stride(
      from: kind == .targets ? firstValue + 2 : values.upperBound, to: values.upperBound, by: 2)
  }

  /// Whether one of its values is a count, and not a target's number.
  func isCount(_ index: Int) -> Bool {
    kind != .targets || index < firstValue + 2 || !(index - firstValue).isMultiple(of: 2)
  }
}

extension ProfileFile {
  /// A smaller profile that says nearly the same.
  /// - Parameters:
  ///   - percent: of the counts that are kept; the lightest functions lose theirs.
  ///   - isSparse: leaves out functions without counts that no site calls.
  public func trimmed(to percent: Double, isSparse: Bool) -> ProfileFile {
    ProfileFile(CompactProfile(self).trimmed(to: percent, isSparse: isSparse))
  }
}

/// See ``saturatingSum(_:_:)``.
private func saturatingProduct(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}
