/// Merging adds up, without limits that would depend on the order: it is associative and commutative, so that any tree of merges gives
/// the same bytes.
extension CompactProfile {
  /// Replaces the contents by the sum of two profiles.
  mutating func setToSum(of a: CompactProfile, _ b: CompactProfile) {
    removeAll()
    moduleHashes = Set(a.moduleHashes + b.moduleHashes).sorted()
    runCount = saturatingSum(a.runCount, b.runCount)
    let numbers = Numbers(a.functions, b.functions)
    functions.reserveCapacity(numbers.count)
    sites.reserveCapacity(max(a.sites.count, b.sites.count))
    values.reserveCapacity(max(a.values.count, b.values.count))
    var (i, j) = (0, 0)
    while i < a.functions.count || j < b.functions.count {
      if j == b.functions.count || i < a.functions.count && a.functions[i].key < b.functions[j].key
      {
        append(a, i, numbers.a)
        i += 1
      } else if i == a.functions.count || b.functions[j].key < a.functions[i].key {
        append(b, j, numbers.b)
        j += 1
      } else {
        appendSum(a, i, b, j, numbers)
        i += 1
        j += 1
      }
    }
  }

  /// Where the functions of two profiles are in their sum.
  private struct Numbers {
    /// By number in the first profile; nil if all stay where they are.
    var a: [UInt64]?
    /// See ``a``.
    var b: [UInt64]?
    var count = 0

    init(_ left: [Function], _ right: [Function]) {
      var (a, b): ([UInt64], [UInt64]) = ([], [])
      a.reserveCapacity(left.count)
      b.reserveCapacity(right.count)
      while a.count < left.count || b.count < right.count {
        let isLeft =
          b.count == right.count
          || a.count < left.count && left[a.count].key <= right[b.count].key
        let isRight =
          !isLeft || b.count < right.count && right[b.count].key == left[a.count].key
        if isLeft { a.append(UInt64(count)) }
        if isRight { b.append(UInt64(count)) }
        count += 1
      }
      self.a = a.count == count ? nil : a
      self.b = b.count == count ? nil : b
    }
  }

  // MARK: Functions

  /// Appends a function of another profile.
  /// - Parameter numbers: by number of a function there: its number here; nil if all are the same.
  mutating func append(
    _ other: CompactProfile, _ index: Int, _ numbers: [UInt64]?
  ) {
    let function = other.functions[index]
    appendFunction(
      function.key, shape: function.shape, name: other.names[function.name],
      entryCount: function.entryCount)
    appendAnchors(other.anchors[function.anchors])
    appendSites(other, function.sites, numbers)
  }

  private mutating func appendSum(
    _ a: CompactProfile, _ i: Int, _ b: CompactProfile, _ j: Int,
    _ numbers: Numbers
  ) {
    let (left, right) = (a.functions[i], b.functions[j])
    let (leftName, rightName) = (a.names[left.name], b.names[right.name])
    // Builds may name it differently: the first in the alphabet wins, whatever the order of merging.
    let takesRight =
      !rightName.isEmpty && (leftName.isEmpty || rightName.lexicographicallyPrecedes(leftName))
    appendFunction(
      left.key, shape: min(left.shape, right.shape), name: takesRight ? rightName : leftName,
      entryCount: saturatingSum(left.entryCount, right.entryCount))
    appendFirst(of: a.anchors[left.anchors], b.anchors[right.anchors])
    if right.sites.isEmpty { return appendSites(a, left.sites, numbers.a) }
    if left.sites.isEmpty { return appendSites(b, right.sites, numbers.b) }
    var (m, n) = (left.sites.lowerBound, right.sites.lowerBound)
    while m < left.sites.upperBound, n < right.sites.upperBound {
      let (one, other) = (a.sites[m], b.sites[n])
      if one.key < other.key {
        appendSites(a, m..<m + 1, numbers.a)
        m += 1
      } else if other.key < one.key {
        appendSites(b, n..<n + 1, numbers.b)
        n += 1
      } else {
        appendSum(a, one, b, other, numbers)
        m += 1
        n += 1
      }
    }
    appendSites(a, m..<left.sites.upperBound, numbers.a)
    appendSites(b, n..<right.sites.upperBound, numbers.b)
  }

  /// Of the same body, anchors differ only if callees have other names: the first in order wins, as with names.
  private mutating func appendFirst(
    of left: ArraySlice<SiteAnchor>, _ right: ArraySlice<SiteAnchor>
  ) {
    let takesRight =
      !right.isEmpty
      && (left.isEmpty
        || right.lexicographicallyPrecedes(left) {
          ($0.ordinal, $0.kind.rawValue, $0.depth, $0.hash)
            < ($1.ordinal, $1.kind.rawValue, $1.depth, $1.hash)
        })
    appendAnchors(takesRight ? right : left)
  }

  // MARK: Sites

  private mutating func appendSites(
    _ other: CompactProfile, _ range: Range<Int>, _ numbers: [UInt64]?
  ) {
    guard !range.isEmpty else { return }
    for site in other.sites[range] {
      let first = values.count
      for place in site.values { values.append(other.values[place]) }
      sites.append(Site(copying: site, firstValue: first, valueCount: site.valueCount))
      if let numbers {
        for place in site.targetNumbers {
          values[place - site.firstValue + first] = numbers[Int(other.values[place])]
        }
      }
    }
    let last = functions.count - 1
    functions[last].sites = functions[last].sites.lowerBound..<sites.count
  }

  private mutating func appendSum(
    _ a: CompactProfile, _ one: Site, _ b: CompactProfile, _ other: Site,
    _ numbers: Numbers
  ) {
    let first = values.count
    // Of all kinds but targets, values at the same place are of the same event.
    let isTargets = one.kind == .targets
    let common = isTargets ? 2 : min(one.valueCount, other.valueCount)
    for place in 0..<common {
      values.append(
        saturatingSum(a.values[one.firstValue + place], b.values[other.firstValue + place]))
    }
    let (x, y) = (one.values.dropFirst(common), other.values.dropFirst(common))
    if isTargets {
      appendTargets(a, x, b, y, numbers)
    } else {
      values.append(contentsOf: a.values[x])
      values.append(contentsOf: b.values[y])
    }
    sites.append(Site(copying: one, firstValue: first, valueCount: values.count - first))
    let last = functions.count - 1
    functions[last].sites = functions[last].sites.lowerBound..<sites.count
  }

  private mutating func appendTargets(
    _ a: CompactProfile, _ left: Range<Int>, _ b: CompactProfile,
    _ right: Range<Int>, _ numbers: Numbers
  ) {
    var (m, n) = (left.lowerBound, right.lowerBound)
    while m < left.upperBound || n < right.upperBound {
      let x = m < left.upperBound ? Self.renumbered(a.values[m], numbers.a) : .max
      let y = n < right.upperBound ? Self.renumbered(b.values[n], numbers.b) : .max
      values.append(min(x, y))
      var count: UInt64 = 0
      if x <= y {
        count = a.values[m + 1]
        m += 2
      }
      if y <= x {
        count = saturatingSum(count, b.values[n + 1])
        n += 2
      }
      values.append(count)
    }
  }

  private static func renumbered(_ number: UInt64, _ numbers: [UInt64]?) -> UInt64 {
    guard let numbers else { return number }
    return numbers[Int(number)]
  }
}

extension CompactProfile.Site {
  fileprivate init(copying site: Self, firstValue: Int, valueCount: Int) {
    key = site.key
    self.firstValue = firstValue
    self.valueCount = valueCount
  }
}

extension ProfileFile {
  /// The sum of two profiles.
  public func merged(with other: ProfileFile) -> ProfileFile {
    var sum = CompactProfile()
    sum.setToSum(of: CompactProfile(self), CompactProfile(other))
    return ProfileFile(sum)
  }

  /// Adds another profile.
  public mutating func merge(_ other: ProfileFile) { self = merged(with: other) }
}
