/// The sum of many profiles, in memory for the sum and the largest of them only.
public struct ProfileSum: Sendable {
  private var sum = CompactProfile()
  /// What is still to be added to ``sum``, because it has sites that are not in there. Added at once when it has become large.
  private var rest = CompactProfile()
  /// Profiles that were added.
  public private(set) var count = 0

  // Memory that is reused for each profile.
  private var next = CompactProfile()
  private var scratch = CompactProfile()
  private var places: [Int] = []

  /// The sum of none.
  public init() {}

  /// Adds a profile in either form.
  /// - Parameters:
  ///   - bytes: of the file.
  ///   - weight: counts as if it were added so many times; at least 1.
  /// - Throws: `ProfileError`; the sum is what it was before.
  public mutating func add(_ bytes: [UInt8], weight: UInt64 = 1) throws(ProfileError) {
    if CountersFile.isCounters(bytes) {
      next = CompactProfile(try CountersFile.profile(decoding: bytes))
    } else {
      try next.decode(bytes)
    }
    next.multiply(by: weight)
    switch sum.addInPlace(next, places: &places) {
    case .all: break
    case .allBut(let isLeft):
      addRest(next.reduced(toCountsOf: isLeft, keepsAll: false))
      if rest.sites.count > sum.sites.count / 4 { settle() }
    case .nothing:
      addRest(next)
      settle()
    }
    count += 1
  }

  /// Adds another sum.
  public mutating func add(_ other: ProfileSum) {
    addRest(other.sum)
    addRest(other.rest)
    settle()
    count += other.count
  }

  private mutating func addRest(_ profile: CompactProfile) {
    scratch.setToSum(of: rest, profile)
    swap(&rest, &scratch)
  }

  private mutating func settle() {
    scratch.setToSum(of: sum, rest)
    swap(&sum, &scratch)
    rest.removeAll()
  }

  /// The compact form of the sum; equal sums give equal bytes, in whatever order they were made.
  /// - Parameter isSparse: leaves out functions without counts.
  public mutating func encode(isSparse: Bool = false) -> [UInt8] {
    settle()
    return isSparse ? sum.sparse().encode() : sum.encode()
  }
}
