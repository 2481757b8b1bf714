/// Which anchor of a function is which of another version of it: a common subsequence, made as Ayupov, Panchenko and Pupyrev ("Stale Profile
/// Matching", CC 2024) and LLVM's matcher of sample profiles do, of what surely has not changed first.
///
/// - anchors that are equal and unique on both sides, as many as are in the same order (the patience diff);
/// - between these, the same again; then a longest common subsequence of equal anchors;
/// - between these, one of anchors of the same kind in as many loops.
struct AnchorAlignment {
  private let old: [SiteAnchor]
  private let new: [SiteAnchor]
  /// By position in the new version: the position in the old one, or -1.
  private(set) var matches: [Int]
  /// By position in the new version: whether the anchors are equal; if not, they are of one kind in the same gap.
  private(set) var isStrong: [Bool]
  /// Of ``matches``, those of equal anchors.
  private(set) var strongCount = 0

  /// Anchors that were looked at, in all rounds.
  private(set) var work = 0

  /// The product of the lengths of two parts up to which a longest common subsequence is sought in them.
  static let maximumTable = 1 << 20
  /// Rounds in which unique anchors are sought between those of the round before. Lists made for it would need as many as they have
  /// anchors.
  static let maximumRounds = 32

  init(_ old: [SiteAnchor], _ new: [SiteAnchor]) {
    self.old = old
    self.new = new
    matches = Array(repeating: -1, count: new.count)
    isStrong = Array(repeating: false, count: new.count)
    var open = [(gap: Gap(old: 0..<old.count, new: 0..<new.count), round: 0)]
    // Gaps that have no unique anchor, and those that are left between.
    while let (gap, round) = open.popLast() {
      let gap = trimmed(gap)
      guard !gap.isEmpty else { continue }
      let unique = round < Self.maximumRounds ? uniquePairs(gap) : []
      if unique.isEmpty {
        matchRest(gap)
      } else {
        for pair in unique { match(pair.old, pair.new, isStrong: true) }
        open += gaps(in: gap, between: unique).map { ($0, round + 1) }
      }
    }
  }

  /// The greatest ``similarity`` that lists of these lengths can have.
  static func maximumSimilarity(_ old: Int, _ new: Int) -> Double {
    old + new == 0 ? 1 : 2 * Double(min(old, new)) / Double(old + new)
  }

  /// How alike the versions are: equal anchors of all, 0 to 1; 1 for functions without any.
  var similarity: Double {
    let count = old.count + new.count
    return count == 0 ? 1 : 2 * Double(strongCount) / Double(count)
  }

  private struct Gap {
    var old: Range<Int>
    var new: Range<Int>
    var isEmpty: Bool { old.isEmpty || new.isEmpty }
  }

  private typealias Pair = (old: Int, new: Int)

  private mutating func match(_ old: Int, _ new: Int, isStrong: Bool) {
    matches[new] = old
    self.isStrong[new] = isStrong
    if isStrong { strongCount += 1 }
  }

  /// Matches equal anchors at the start and the end.
  private mutating func trimmed(_ gap: Gap) -> Gap {
    var (o, n) = (gap.old, gap.new)
    while !o.isEmpty, !n.isEmpty, old[o.lowerBound].strongKey == new[n.lowerBound].strongKey {
      match(o.lowerBound, n.lowerBound, isStrong: true)
      o.removeFirst()
      n.removeFirst()
    }
    while !o.isEmpty, !n.isEmpty, old[o.upperBound - 1].strongKey == new[n.upperBound - 1].strongKey
    {
      match(o.upperBound - 1, n.upperBound - 1, isStrong: true)
      o.removeLast()
      n.removeLast()
    }
    return Gap(old: o, new: n)
  }

  private func gaps(in gap: Gap, between pairs: [Pair]) -> [Gap] {
    var result: [Gap] = []
    var (o, n) = (gap.old.lowerBound, gap.new.lowerBound)
    for pair in pairs {
      result.append(Gap(old: o..<pair.old, new: n..<pair.new))
      (o, n) = (pair.old + 1, pair.new + 1)
    }
    result.append(Gap(old: o..<gap.old.upperBound, new: n..<gap.new.upperBound))
    return result
  }

  // MARK: Unique anchors

  /// The longest list of equal anchors, each unique on both sides, that is ascending on both.
  private mutating func uniquePairs(_ gap: Gap) -> [Pair] {
    work += gap.old.count + gap.new.count
    func unique(_ anchors: [SiteAnchor], _ range: Range<Int>) -> [UInt64: Int] {
      // The position, or -1 for one that is not unique.
      var positions: [UInt64: Int] = [:]
      for index in range {
        let key = anchors[index].strongKey
        positions[key] = positions[key] == nil ? index : -1
      }
      return positions
    }
    let known = unique(old, gap.old)
    let found = unique(new, gap.new)
    let pairs = gap.new.compactMap { index -> Pair? in
      let key = new[index].strongKey
      guard found[key] == index, let other = known[key], other >= 0 else { return nil }
      return (other, index)
    }
    return Self.longestIncreasing(pairs)
  }

  /// By patience sorting.
  private static func longestIncreasing(_ pairs: [Pair]) -> [Pair] {
    /// By length of a list: the pair that ends the best one.
    var ends: [Int] = []
    var previous = Array(repeating: -1, count: pairs.count)
    for (index, pair) in pairs.enumerated() {
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if pairs[ends[middle]].old < pair.old { low = middle + 1 } else { high = middle }
      }
      if low > 0 { previous[index] = ends[low - 1] }
      if low == ends.count { ends.append(index) } else { ends[low] = index }
    }
    var result: [Pair] = []
    var next = ends.last ?? -1
    while next >= 0 {
      result.append(pairs[next])
      next = previous[next]
    }
    return result.reversed()
  }

  // MARK: The rest

  private mutating func matchRest(_ gap: Gap) {
    let equal = commonSubsequence(gap, \.strongKey)
    for pair in equal { match(pair.old, pair.new, isStrong: true) }
    for gap in gaps(in: gap, between: equal) {
      for pair in commonSubsequence(gap, \.weakKey) { match(pair.old, pair.new, isStrong: false) }
    }
  }

  /// A longest one, or none if the parts are too long.
  private func commonSubsequence(_ gap: Gap, _ key: (SiteAnchor) -> UInt64) -> [Pair] {
    let (rows, columns) = (gap.old.count, gap.new.count)
    guard !gap.isEmpty, rows <= Self.maximumTable / columns else { return [] }
    let left = old[gap.old].map(key)
    let right = new[gap.new].map(key)
    // Lengths for the suffixes from a row and a column on.
    var lengths = [UInt32](repeating: 0, count: (rows + 1) * (columns + 1))
    for row in (0..<rows).reversed() {
      for column in (0..<columns).reversed() {
        let place = row * (columns + 1) + column
        lengths[place] =
          left[row] == right[column]
          ? lengths[place + columns + 2] + 1
          : max(lengths[place + 1], lengths[place + columns + 1])
      }
    }
    var result: [Pair] = []
    var (row, column) = (0, 0)
    while row < rows, column < columns {
      let place = row * (columns + 1) + column
      if left[row] == right[column] {
        result.append((gap.old.lowerBound + row, gap.new.lowerBound + column))
        row += 1
        column += 1
      } else if lengths[place + columns + 1] >= lengths[place + 1] {
        row += 1
      } else {
        column += 1
      }
    }
    return result
  }
}
