import CForcing
import Contract
import Runtime
import Wasm

/// The guards of an artefact that was loaded with ``GuardForcing``: counts of tests executed and forced, over all
/// instances of the artefact. Only one thread at a time may use such an artefact.
public final class ForcedGuards: DeoptControl, @unchecked Sendable {
  // Not synchronized: only one thread may use it, see above.
  /// What the artefact was loaded with.
  public let forcing: GuardForcing
  /// Sites of ``GuardForcing/sites`` at which the artefact has no guard.
  public let unknownSites: [GuardForcing.Site]
  let tests: ArtefactTable<GuardTest>
  let state: UnsafeMutablePointer<wpgo_forcing>
  private let points: ArtefactTable<DeoptPoint>
  private let pointCounts: UnsafeMutablePointer<UInt64>

  init(
    _ forcing: GuardForcing, _ tests: ArtefactTable<GuardTest>, code: CodeTables,
    deopts: DeoptTable
  ) {
    self.forcing = forcing
    self.tests = tests
    points = deopts.points
    let guardCount = deopts.guards.count
    pointCounts = .allocate(capacity: max(1, points.count))
    pointCounts.initialize(repeating: 0, count: max(1, points.count))
    state = .allocate(capacity: 1)
    state.initialize(to: wpgo_forcing())
    let tests = UnsafeMutablePointer<wpgo_forced_test>.allocate(capacity: max(1, tests.count))
    tests.initialize(repeating: wpgo_forced_test(), count: max(1, self.tests.count))
    let guards = UnsafeMutablePointer<wpgo_forced_guard>.allocate(capacity: max(1, guardCount))
    guards.initialize(repeating: wpgo_forced_guard(), count: max(1, guardCount))
    state.pointee.tests = tests
    state.pointee.guards = guards
    unknownSites = forcing.sites.filter { site in
      let numbers = Self.guards(at: site, code, deopts)
      for number in numbers { guards[number].counts.left = site.execution }
      return numbers.isEmpty
    }
    for (number, test) in self.tests.enumerated() {
      tests[number].guard = UInt64(test.guardNumber)
      if forcing.failsEachTestOnce && !forcing.skippedTests.contains(number) {
        tests[number].counts.left = 1
      }
    }
    state.pointee.limit = forcing.limit ?? .max
    state.pointee.period = forcing.period ?? 0
    state.pointee.countdown = forcing.period ?? 0
    if let random = forcing.random {
      // Any seed will do, but the generator must not start at 0.
      state.pointee.random = random.seed &* 0x9E37_79B9_7F4A_7C15 | 1
      let share = max(0, min(random.rate, 1)) * 0x1p64
      state.pointee.threshold = share >= 0x1p64 ? .max : UInt64(share)
    }
  }

  deinit {
    state.pointee.tests.deallocate()
    state.pointee.guards.deallocate()
    state.deallocate()
    pointCounts.deallocate()
  }

  private static func guards(
    at site: GuardForcing.Site, _ code: CodeTables, _ deopts: DeoptTable
  ) -> [Int] {
    deopts.guards.indices.filter { number in
      let row = deopts.guards[number]
      guard Int(row.byteOffset) == site.byteOffset else { return false }
      guard let function = site.function else { return true }
      var node = row.node
      // Ends: a node's parent has a smaller index.
      while node != InlineNode.root {
        if Int(code.inlineNodes[Int(node)].function) == function { return true }
        node = code.inlineNodes[Int(node)].parent
      }
      return false
    }
  }

  // MARK: Deopts

  package var loopPeriod: Int? { forcing.loopPeriod }

  /// A forced deopt.
  public struct Deopt: Sendable {
    /// Position in the artefact's table of deopt points.
    public var point: Int
    /// Values of the frames' locals and operands, in the order of the frame state, in the low bytes: of an i32 or f32 only the
    /// low 32 bits are significant.
    public var values: [V128]

    /// A deopt at a point, with the values that its frames got.
    public init(point: Int, values: [V128]) {
      self.point = point
      self.values = values
    }
  }

  /// The last forced deopt.
  public private(set) var lastDeopt: Deopt?
  /// Called after each forced deopt.
  package var reportsDeopt: (() -> Void)?

  /// The guard's tests hold again until one is chosen.
  /// - Parameter values: see ``Deopt/values``.
  package func deoptHappened(at point: DeoptPoint, values: () -> [V128]) {
    let index = points.partitioningIndex { $0.codeOffset >= point.codeOffset }
    pointCounts[index] += 1
    let guards = state.pointee.guards!
    if guards[Int(point.guardNumber)].is_failing != 0 {
      lastDeopt = Deopt(point: index, values: values())
      reportsDeopt?()
    }
    guards[Int(point.guardNumber)].is_failing = 0
  }

  // MARK: What happened

  /// How often one test of a guard was executed and chosen to fail.
  public struct Test: Sendable {
    /// Position in the artefact's table.
    public var number: Int
    /// Number of the guard.
    public var guardNumber: Int
    /// Times it was executed.
    public var executed: UInt64
    /// Times it was chosen to fail.
    public var forced: UInt64
  }

  /// Counts of all tests, by position in the artefact's table.
  public var testCounts: [Test] {
    tests.indices.map { number in
      let row = state.pointee.tests[number]
      return Test(
        number: number, guardNumber: Int(row.guard),
        executed: row.counts.executed, forced: row.counts.forced)
    }
  }

  /// Tests executed, and chosen to fail.
  public var executedCount: UInt64 { testCounts.reduce(0) { $0 + $1.executed } }
  /// Tests chosen to fail.
  public var forcedCount: UInt64 { testCounts.reduce(0) { $0 + $1.forced } }

  /// By position in the artefact's table of deopt points: deopts there, forced or not.
  public var deoptCounts: [UInt64] { points.indices.map { pointCounts[$0] } }
}
