/// How alike two profiles are, and which call sites moved. Functions are compared if their bodies are the same.
public struct ProfileComparison: Sendable {
  /// A call site whose targets changed, or their shares.
  public struct MovedSite: Sendable {
    /// The function that contains it.
    public var function: FunctionKey
    /// Of its instruction in the body.
    public var ordinal: Int
    /// The share of its calls that go elsewhere, 0 to 1: the total variation distance of its targets.
    public var moved: Double
    /// Its calls as a share of all events, the greater of the two profiles', 0 to 1.
    public var heat: Double
    /// In the first profile; nil if it was not reached there.
    public var before: ProfileFile.Site?
    /// In the second profile; nil if it was not reached there.
    public var after: ProfileFile.Site?
  }

  /// A function whose share of all events changed.
  public struct MovedFunction: Sendable {
    /// Which.
    public var function: FunctionKey
    /// Its share in the first profile, 0 to 1.
    public var before: Double
    /// Its share in the second profile, 0 to 1.
    public var after: Double
  }

  /// The share of events that the profiles have in common, 0 to 1: the sum over all events of the smaller of their shares. An event is an
  /// entry, a back-edge, a direct call, or a call of one target by one site.
  public private(set) var overlap = 0.0
  /// What moved most comes first: by ``MovedSite/moved`` and ``MovedSite/heat`` together.
  public private(set) var sites: [MovedSite] = []
  /// The greatest difference first.
  public private(set) var functions: [MovedFunction] = []

  /// Compares two profiles. The order only decides which is before and which after.
  public init(_ before: ProfileFile, _ after: ProfileFile) {
    let totals = [before, after].map { file in
      file.functions.values.reduce(0) { $0 + Double($1.weight) }
    }
    func share(_ count: UInt64, _ side: Int) -> Double {
      totals[side] == 0 ? 0 : Double(count) / totals[side]
    }
    func common(_ a: UInt64?, _ b: UInt64?) -> Double { min(share(a ?? 0, 0), share(b ?? 0, 1)) }
    let nothing = ProfileFile.Function(shape: 0, name: "")
    for key in Set(before.functions.keys).union(after.functions.keys).sorted() {
      let (a, b) = (before.functions[key] ?? nothing, after.functions[key] ?? nothing)
      let (left, right) = (share(a.weight, 0), share(b.weight, 1))
      if left != right { functions.append(.init(function: key, before: left, after: right)) }
      overlap += common(a.entryCount, b.entryCount)
      for (ordinal, count) in a.loops { overlap += common(count, b.loops[ordinal]) }
      for (ordinal, count) in a.calls { overlap += common(count, b.calls[ordinal]) }
      for ordinal in Set(a.sites.keys).union(b.sites.keys).sorted() {
        let (x, y) = (a.sites[ordinal], b.sites[ordinal])
        overlap += common(x?.otherCount, y?.otherCount) + common(x?.foreignCount, y?.foreignCount)
        for (target, count) in x?.targets ?? [:] { overlap += common(count, y?.targets[target]) }
        let moved = Self.distance(x, y)
        guard moved > 0 else { continue }
        let heat = max(share(x?.totalCount ?? 0, 0), share(y?.totalCount ?? 0, 1))
        sites.append(
          .init(function: key, ordinal: ordinal, moved: moved, heat: heat, before: x, after: y))
      }
    }
    overlap = min(1, overlap)
    sites.sort {
      let (left, right) = ($0.moved * $0.heat, $1.moved * $1.heat)
      return (right, $0.function, $0.ordinal) < (left, $1.function, $1.ordinal)
    }
    functions.sort {
      (abs($1.after - $1.before), $0.function) < (abs($0.after - $0.before), $1.function)
    }
  }

  /// Between the distributions of two sites' targets. A site that was not reached has moved as a whole.
  private static func distance(_ a: ProfileFile.Site?, _ b: ProfileFile.Site?) -> Double {
    guard let a, let b, a.totalCount > 0, b.totalCount > 0 else {
      return a?.totalCount ?? 0 == b?.totalCount ?? 0 ? 0 : 1
    }
    func difference(_ x: UInt64, _ y: UInt64) -> Double {
      abs(Double(x) / Double(a.totalCount) - Double(y) / Double(b.totalCount))
    }
    var sum =
      difference(a.otherCount, b.otherCount) + difference(a.foreignCount, b.foreignCount)
    for target in Set(a.targets.keys).union(b.targets.keys).sorted() {
      sum += difference(a.targets[target] ?? 0, b.targets[target] ?? 0)
    }
    // What rounding leaves is no move.
    // Nor is it more than all, where the sites' totals stuck at their greatest value.
    return sum / 2 < 1e-9 ? 0 : min(1, sum / 2)
  }
}
