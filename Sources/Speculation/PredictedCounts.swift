import Feedback
import Wasm

/// How often each place of a function's code is predicted to run. Besides the plan's structure, this is all that the code
/// depends on in a profile. LLVM uses it for code layout, so small differences have little effect; but no two recordings agree
/// in all counts. Two predictions are therefore compared by their *overlap*, a measure that llvm-profdata uses too: the sum
/// over all places of the smaller of the place's two shares.
public struct PredictedCounts: Equatable, Sendable {
  /// 92 % of the partitions of nextpnr reach this in two runs on similar designs, including all that take long to compile
  /// (toolchain-docs/decisions/cache-keeps-plans.md).
  public static let sufficientOverlap = 0.9

  /// One outcome of an instruction in one copy of its body.
  public struct Place: Equatable, Comparable, Sendable {
    /// A hash of the path of calls to the copy. It is the same in trees that differ elsewhere.
    public var copy: UInt64
    /// Byte offset of the instruction in the module.
    public var offset: UInt32
    /// The instruction's outcome: taken or not taken; the label; the target, or the miss after all targets.
    public var way: UInt32

    /// Identifies one outcome of an instruction.
    public init(copy: UInt64, offset: UInt32, way: UInt32) {
      self.copy = copy
      self.offset = offset
      self.way = way
    }

    public static func < (left: Place, right: Place) -> Bool {
      (left.copy, left.offset, left.way) < (right.copy, right.offset, right.way)
    }
  }

  /// How often a place runs.
  public struct Row: Equatable, Sendable {
    /// The place.
    public var place: Place
    /// Executions for each entry of the function that the copy is inlined into; positive.
    public var frequency: Double

    /// Creates the row of a place.
    public init(place: Place, frequency: Double) {
      self.place = place
      self.frequency = frequency
    }
  }

  /// Ascending by place.
  public var rows: [Row]

  /// Creates counts from rows in ascending order of their places.
  public init(rows: [Row]) { self.rows = rows }

  /// The counts that a profile predicts for a function's plan. Empty for functions without optimized code.
  public init(_ plan: FunctionPlan, _ profile: ModuleProfile) {
    rows = []
    guard plan.isOptimized else { return }
    var copies: [UInt64] = []
    // The speculative version has the same nodes with the same counts.
    for node in plan.generic.nodes {
      let path = node.parent.map { copies[$0] } ?? 0
      let copy = [path, UInt64(node.callOffset), UInt64(node.function)].withUnsafeBytes {
        StableHash.of($0)
      }
      copies.append(copy)
      append(node, copy: copy, profile.functions[node.function])
    }
    rows.sort { $0.place < $1.place }
  }

  private mutating func append(
    _ node: InliningTree.Node, copy: UInt64, _ counts: FunctionProfile?
  ) {
    let scale = node.relativeFrequency / Double(max(1, counts?.entryCount ?? 0))
    func add(_ offset: Int, _ numbers: [UInt64]) {
      for (way, count) in numbers.enumerated() where count > 0 && scale > 0 {
        let place = Place(
          copy: copy, offset: UInt32(truncatingIfNeeded: offset), way: UInt32(way))
        rows.append(Row(place: place, frequency: Double(count) * scale))
      }
    }
    for (offset, count) in counts?.loops ?? [:] { add(offset, [count]) }
    for (offset, branch) in counts?.branches ?? [:] {
      add(offset, [branch.taken, branch.notTaken])
    }
    for (offset, numbers) in counts?.branchTables ?? [:] { add(offset, numbers) }
    for (offset, site) in node.sites { add(offset, site.targets.map(\.count) + [site.missCount]) }
  }

  // MARK: Comparing

  /// Whether code compiled for these counts is good enough for the others.
  public func resembles(_ other: PredictedCounts) -> Bool {
    overlap(with: other) >= Self.sufficientOverlap
  }

  /// From 0 (nothing in common) to 1 (the same ratios everywhere).
  public func overlap(with other: PredictedCounts) -> Double {
    let total = (
      own: rows.reduce(0) { $0 + $1.frequency }, other: other.rows.reduce(0) { $0 + $1.frequency }
    )
    guard total.own > 0, total.other > 0 else { return rows.isEmpty == other.rows.isEmpty ? 1 : 0 }
    var sum = 0.0
    var next = 0
    for row in rows {
      while next < other.rows.count, other.rows[next].place < row.place { next += 1 }
      guard next < other.rows.count, other.rows[next].place == row.place else { continue }
      sum += min(row.frequency / total.own, other.rows[next].frequency / total.other)
    }
    return sum
  }
}
