import Contract
import Feedback
import Speculation
import Wasm

/// What a partition's code owes to a profile beside the plan's structure: how often each of its places is predicted to run.
/// LLVM lays code out by it, so that a little difference makes little difference; but no two recordings agree in all counts. So
/// a cached partition does for a profile that *overlaps* with its own, a measure that llvm-profdata knows too: the sum,
/// over all places, of the smaller of the place's shares in the two.
struct PartitionWeights: Equatable {
  /// Of two runs of nextpnr on designs of one kind 92 % of the parts have this in common, and they with it all that takes
  /// long to compile (toolchain-docs/decisions/cache-keeps-plans.md).
  static let sufficientOverlap = 0.9

  /// A count of one instruction in one copy of its body.
  struct Place: Equatable, Comparable {
    /// The path of calls to the copy, as a hash: the same in trees that differ elsewhere.
    var copy: UInt64
    var offset: UInt32
    /// Which of the instruction's ways: taken, not taken; label; target, then the miss.
    var way: UInt32

    static func < (left: Place, right: Place) -> Bool {
      (left.copy, left.offset, left.way) < (right.copy, right.offset, right.way)
    }
  }

  struct Row: Equatable {
    var place: Place
    /// Executions for each entry of the function that the copy is inlined into; positive.
    var frequency: Double
  }

  /// By function, in the partition's order; rows by place.
  var functions: [[Row]]

  init(functions: [[Row]]) { self.functions = functions }

  /// - Returns: none for cold functions, whose code depends on no count.
  static func rows(_ plan: FunctionPlan, _ profile: ModuleProfile) -> [Row] {
    guard plan.isHot else { return [] }
    var rows: [Row] = []
    var copies: [UInt64] = []
    // The speculative version has the same nodes, with the same counts.
    for node in plan.generic.nodes {
      let path = node.parent.map { copies[$0] } ?? 0
      var key = ArtefactWriter()
      for number in [path, UInt64(node.callOffset), UInt64(node.function)] { key.integer(number) }
      let copy = StableHash.of(key.bytes)
      copies.append(copy)
      let counts = profile.functions[node.function]
      let scale = node.relativeFrequency / Double(max(1, counts?.entryCount ?? 0))
      func add(_ offset: Int, _ numbers: [UInt64]) {
        for (way, count) in numbers.enumerated() where count > 0 && scale > 0 {
          let place = Place(
            copy: copy, offset: UInt32(truncatingIfNeeded: offset),
            way: UInt32(way))
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
    return rows.sorted { $0.place < $1.place }
  }

  // MARK: Comparing

  /// Whether code compiled with the one does for the other: in each function.
  func resembles(_ other: PartitionWeights) -> Bool {
    functions.count == other.functions.count
      && zip(functions, other.functions).allSatisfy {
        Self.overlap($0, $1) >= Self.sufficientOverlap
      }
  }

  /// From 0, nothing in common, to 1, the same ratios everywhere.
  static func overlap(_ left: [Row], _ right: [Row]) -> Double {
    let total = (
      left: left.reduce(0) { $0 + $1.frequency }, right: right.reduce(0) { $0 + $1.frequency }
    )
    guard total.left > 0, total.right > 0 else { return left.isEmpty == right.isEmpty ? 1 : 0 }
    var sum = 0.0
    var next = 0
    for row in left {
      while next < right.count, right[next].place < row.place { next += 1 }
      guard next < right.count, right[next].place == row.place else { continue }
      sum += min(row.frequency / total.left, right[next].frequency / total.right)
    }
    return sum
  }

  // MARK: In a file

  func encode(to writer: inout ArtefactWriter) {
    writer.integer(UInt32(functions.count))
    for rows in functions {
      writer.integer(UInt32(rows.count))
      for row in rows {
        writer.integer(row.place.copy)
        writer.integer(row.place.offset)
        writer.integer(row.place.way)
        writer.integer(row.frequency.bitPattern)
      }
    }
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    functions = []
    for _ in 0..<(try reader.count(minimumSize: 4)) {
      var rows: [Row] = []
      for _ in 0..<(try reader.count(minimumSize: 24)) {
        let place = Place(
          copy: try reader.integer(), offset: try reader.integer(), way: try reader.integer())
        rows.append(
          Row(place: place, frequency: Double(bitPattern: try reader.integer(UInt64.self))))
      }
      functions.append(rows)
    }
  }
}
