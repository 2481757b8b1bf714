/// How much of a profile found its place in a module.
public struct MatchStatistics: Sendable, Equatable {
  /// Functions of the profile that have counts, and the events counted in them (``ProfileFile/Function/weight``).
  public struct Group: Sendable, Equatable {
    /// Functions.
    public var functions = 0
    /// Entries, back-edges and calls.
    public var weight: UInt64 = 0

    /// Functions with the events counted in them.
    public init(functions: Int = 0, weight: UInt64 = 0) {
      self.functions = functions
      self.weight = weight
    }

    mutating func add(_ weight: UInt64) {
      functions += 1
      self.weight = saturatingSum(self.weight, weight)
    }
  }

  /// The module is one of those that were recorded.
  public var isSameModule = false
  /// Functions of the profile whose bodies did not change.
  public var exact = Group()
  /// Functions of the profile whose bodies changed; the weight is that of the counts that found their places.
  public var stale = Group()
  /// Functions of the profile that have no place in the module; the weight is that of all counts that found none.
  public var lost = Group()

  /// Functions of the module whose bodies the profile knows.
  public var matchedFunctions = 0
  /// Functions that changed a little: equal opcodes, other constants.
  public var similarFunctions = 0
  /// Functions with another body under the same name: their sites were found by their anchors.
  public var renamedBodies = 0
  /// Functions that are called where one of the profile was.
  public var neighbours = 0
  /// Functions of the module that the profile knows nothing about.
  public var unknownFunctions = 0
  /// Sites that got their counts.
  public var matchedSites = 0
  /// Sites and branches of matched functions that are not what they were.
  public var lostSites = 0

  /// Nothing matched yet.
  public init() {}

  /// Events of the whole profile.
  public var weight: UInt64 { [exact, stale, lost].reduce(0) { saturatingSum($0, $1.weight) } }

  /// The share of the profile's weight that found its place, in percent; 0 for an empty profile.
  public var matchedPercent: Double {
    let (found, all) = (Double(exact.weight) + Double(stale.weight), Double(weight))
    return all == 0 ? 0 : min(100, 100 * found / all)
  }
}
