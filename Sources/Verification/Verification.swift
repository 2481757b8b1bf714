import Contract
import Forcing
import Runtime

/// The outcome of a ``Verifier``'s runs.
public struct Verification: Sendable {
  /// What was verified.
  public let artefact: Artefact
  /// Runs of the artefact.
  public private(set) var runs = 0
  /// Deopts in all runs, including those that were not forced.
  public private(set) var deopts: UInt64 = 0
  /// The first run that differed; nil if none did.
  public internal(set) var divergence: Divergence?
  let testCount: Int
  private let guardOfTest: [Int]
  private var executed: [UInt64]
  private(set) var forcedTests: Set<Int> = []
  private var deoptsOfPoint: [UInt64]
  /// Runs in a row that forced no test for the first time.
  private var idleRuns = 0

  init(_ artefact: Artefact) throws(ArtefactError) {
    self.artefact = artefact
    let tests = try artefact.guardTests()
    testCount = tests.count
    guardOfTest = tests.map { Int($0.guardNumber) }
    executed = Array(repeating: 0, count: tests.count)
    deoptsOfPoint = Array(repeating: 0, count: artefact.deopts.points.count)
  }

  mutating func note(_ run: ForcedRun, isEach: Bool = false) {
    runs += 1
    for (index, count) in run.executed.enumerated() { executed[index] += count }
    for (index, count) in run.deopts.enumerated() {
      deoptsOfPoint[index] += count
      deopts += count
    }
    let new = Set(run.forced.indices.filter { run.forced[$0] > 0 })
    if isEach { idleRuns = new.isSubset(of: forcedTests) ? idleRuns + 1 : 0 }
    forcedTests.formUnion(new)
  }

  /// Adds what the same artefact came to with another input.
  public mutating func add(_ other: Verification) {
    runs += other.runs
    deopts += other.deopts
    divergence = divergence ?? other.divergence
    for index in executed.indices { executed[index] += other.executed[index] }
    for index in deoptsOfPoint.indices { deoptsOfPoint[index] += other.deoptsOfPoint[index] }
    forcedTests.formUnion(other.forcedTests)
  }

  /// Nothing is left that forcing each test once would reach.
  var isExhausted: Bool { idleRuns > 0 }

  /// Deopt points in the code: each is one place at which a guard can fail.
  public var pointCount: Int { deoptsOfPoint.count }
  /// Deopt points at which a deopt happened.
  public var forcedPointCount: Int { deoptsOfPoint.count { $0 > 0 } }

  /// Guards of which a test was executed.
  public var reachedGuards: Set<Int> {
    Set(guardOfTest.indices.filter { executed[$0] > 0 }.map { guardOfTest[$0] })
  }

  /// Points that were forced, or whose guard was executed.
  public var reachedPointCount: Int {
    let reached = reachedGuards
    return deoptsOfPoint.indices.count {
      deoptsOfPoint[$0] > 0 || reached.contains(Int(artefact.deopts.points[$0].guardNumber))
    }
  }

  /// Guards with points, none of which was forced, in the order of their numbers; `isReached`: though it was executed.
  public var unforcedGuards: [(number: Int, isReached: Bool)] {
    var forced: Set<Int> = []
    var all: Set<Int> = []
    for (index, point) in artefact.deopts.points.enumerated() {
      all.insert(Int(point.guardNumber))
      if deoptsOfPoint[index] > 0 { forced.insert(Int(point.guardNumber)) }
    }
    let reached = reachedGuards
    return all.subtracting(forced).sorted().map { ($0, reached.contains($0)) }
  }
}

/// A run that differs from the reference.
public struct Divergence: Sendable {
  /// Which run.
  public var setting: String
  /// For people, one a line.
  public var differences: [String]
  /// The forced deopt that makes the difference: with only the earlier ones forced, the run does not differ. Nil if it differs
  /// without any, or crashed before it could tell.
  public var deopt: ForcedGuards.Deopt?
  /// Whether that deopt was the only forced one.
  public var isAlone: Bool
}
