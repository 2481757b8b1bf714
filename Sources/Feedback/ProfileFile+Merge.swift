/// Merging adds up, without limits that would depend on the order: it is associative and commutative.
extension ProfileFile {
  /// The sum of two profiles.
  public func merged(with other: ProfileFile) -> ProfileFile {
    var result = self
    result.merge(other)
    return result
  }

  /// Adds another profile.
  public mutating func merge(_ other: ProfileFile) {
    moduleHashes = Set(moduleHashes + other.moduleHashes).sorted()
    runCount = saturatingSum(runCount, other.runCount)
    functions.merge(other.functions) { $0.merged(with: $1) }
  }
}

extension ProfileFile.Function {
  func merged(with other: Self) -> Self {
    var result = self
    result.shape = min(shape, other.shape)
    // Builds may name it differently: the first in the alphabet wins, whatever the order of merging.
    result.name = [name, other.name].filter { !$0.isEmpty }.min(by: utf8Precedes) ?? ""
    result.entryCount = saturatingSum(entryCount, other.entryCount)
    result.loops.merge(other.loops, uniquingKeysWith: saturatingSum)
    result.branches.merge(other.branches) {
      .init(
        taken: saturatingSum($0.taken, $1.taken), notTaken: saturatingSum($0.notTaken, $1.notTaken))
    }
    result.branchTables.merge(other.branchTables) { a, b in
      (0..<max(a.count, b.count)).map { index in
        saturatingSum(index < a.count ? a[index] : 0, index < b.count ? b[index] : 0)
      }
    }
    result.calls.merge(other.calls, uniquingKeysWith: saturatingSum)
    result.sites.merge(other.sites) { $0.merged(with: $1) }
    return result
  }
}

/// Order of the bytes: unlike `<`, it tells apart what Unicode holds equivalent.
private func utf8Precedes(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}

extension ProfileFile.Site {
  func merged(with other: Self) -> Self {
    var result = self
    result.targets.merge(other.targets, uniquingKeysWith: saturatingSum)
    result.otherCount = saturatingSum(otherCount, other.otherCount)
    result.foreignCount = saturatingSum(foreignCount, other.foreignCount)
    return result
  }
}
