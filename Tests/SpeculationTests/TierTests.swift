import Feedback
import Speculation
import Testing
import Wasm

/// Which functions are optimized, and how many versions of them there are.
@Suite struct TierTests {
  /// `hot` calls `leaf` in a loop; `warm` and `cold` call nothing.
  private func program() throws -> Case {
    var test = try Case(
      """
      (module
        (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func $hot (param i32) (loop $l (drop (call $leaf (local.get 0))) (br_if $l (i32.const 0))))
        (func $warm) (func $cold) (func $never))
      """)
    try test.enter("hot", 10_000)
    try test.enter("leaf", 10_000)
    try test.feed("hot", [("leaf", 10_000)])
    try test.enter("warm", 100)
    try test.enter("cold", 1)
    return test
  }

  private func tier(
    _ name: String, _ test: Case, _ change: (inout PlannerOptions) -> Void = { _ in }
  ) throws -> Tier {
    try test.functionPlan(
      test.plan {
        $0.tuning = Tuning()
        $0.tuning.coldFloor = 0
        change(&$0)
      }, name
    ).tier
  }

  @Test func heaviestFunctionsAreOptimized() throws {
    let test = try program()
    #expect(try tier("hot", test) > .light)
    #expect(try tier("warm", test) == .light)
    #expect(try tier("warm", test) { $0.tuning.middleShare = 0.999 } == .middle)
    #expect(try tier("cold", test) == .baseline)
    #expect(try tier("never", test) == .baseline)
    #expect(try tier("warm", test) { $0.tuning.hotShare = 0.99 } == .baseline)
    #expect(try tier("cold", test) { $0.tuning.hotShare = 2 } > .baseline)
  }

  @Test func fewEventsAreCold() throws {
    let test = try program()
    #expect(try tier("hot", test) { $0.tuning = Tuning() } > .light)
    #expect(try tier("warm", test) { $0.tuning = Tuning() } == .baseline)
  }

  /// Nothing in it has as many events as a cold function may have: it is as good as none.
  @Test func shortProfilesSayNothing() throws {
    var test = try program()
    test.profile = ModuleProfile()
    let without = test.plan { $0.tuning = Tuning() }
    for name in ["hot", "leaf", "warm"] { try test.enter(name, 310) }
    try test.feed("hot", [("leaf", 310)])
    let with = test.plan { $0.tuning = Tuning() }
    #expect(with.functions.map(\.tier) == without.functions.map(\.tier))
    #expect(with.functions.allSatisfy { $0.speculative == nil })
    let whatever = test.plan { _ in }
    #expect(whatever.functions.map(\.tier) != without.functions.map(\.tier))
  }

  /// Copies of its body in the callers serve all of its entries.
  @Test func functionsThatAreAlwaysInlinedAreNotOptimized() throws {
    var test = try program()
    #expect(try tier("leaf", test) == .baseline)
    try test.enter("leaf", 30_000)
    #expect(try tier("leaf", test) > .baseline)
  }

  @Test func levelsLimitTiers() throws {
    let test = try program()
    for (level, highest) in [(0, Tier.baseline), (1, .light), (2, .middle), (3, .full)] {
      #expect(try tier("hot", test) { $0.tuning = Tuning(level: level) } == highest, "\(level)")
    }
  }

  /// Without a profile, the module alone decides.
  @Test func staticTiers() throws {
    let filler = String(repeating: "(drop (i32.const 1000000))", count: 300)
    let test = try Case(
      """
      (module
        (func $plain) (func $tight (loop $l (br_if $l (i32.const 0))))
        (func $larger (loop $l (br_if $l (i32.const 0))) \(filler.prefix(2_600)))
        (func $wide (loop $l \(filler) (br_if $l (i32.const 0))))
        (func $huge (loop $l (br_if $l (i32.const 0))) \(filler) \(filler) \(filler)))
      """)
    #expect(try tier("plain", test) == .light)
    #expect(try tier("tight", test) == .full)
    #expect(try tier("larger", test) == .middle)
    #expect(try tier("wide", test) == .middle)
    #expect(try tier("huge", test) == .light)
  }

  // MARK: Versions

  @Test func heavyFunctionsWithDeoptsHaveAnotherVersion() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.feed("run", [("a", 100)])
    func versions(_ change: (inout Tuning) -> Void) throws -> FunctionPlan {
      try test.functionPlan(test.plan { change(&$0.tuning) }, "run")
    }
    // The OSR entry leads to generic code, too.
    let looping = try versions { _ in }
    #expect(looping.osrEntries.count == 1 && !looping.keepsGeneric)
    let plain = try versions { $0.osrShare = 2 }
    #expect(plain.osrEntries.isEmpty && plain.keepsGeneric)
    let light = try versions {
      $0.osrShare = 2
      $0.genericShare = 2
    }
    #expect(light.speculative != nil && !light.keepsGeneric)
    #expect(try versions { $0.maximumSpeculativeSize = 1 }.speculative == nil)
  }

  /// A function keeps the plan of an earlier compilation if the counts are nearly the same: with generic code, with an OSR
  /// entry, and with neither.
  @Test(arguments: [(osr: 2, generic: 0), (osr: 0, generic: 0), (osr: 2, generic: 2)])
  func earlierPlansAreKept(_ shares: (osr: Double, generic: Double)) throws {
    var test = try shapes()
    func plan(_ count: UInt64, earlier: [Int: FunctionPlan] = [:]) throws -> FunctionPlan {
      try test.enter("run", count)
      try test.feed("run", [("a", count)])
      let plan = test.plan {
        $0.tuning.osrShare = shares.osr
        $0.tuning.genericShare = shares.generic
        $0.earlier = earlier
      }
      return try test.functionPlan(plan, "run")
    }
    var first = try plan(100)
    #expect(first.speculative != nil)
    #expect(first.osrEntries.count == (shares.osr == 0 ? 1 : 0))
    #expect(first.keepsGeneric == (shares.osr > 0 && shares.generic == 0))
    first.counts = PredictedCounts(first, test.profile)
    #expect(try plan(101, earlier: [first.function: first]).entryCount == 100)
  }
}

/// Branches of which one way was never taken.
@Suite struct ExitTests {
  private static let filler = String(repeating: "(drop (i32.const 1000000))", count: 20)

  /// - Parameter counts: not taken, taken.
  private func exits(
    _ body: String, _ counts: [(UInt64, UInt64)], tables: [[UInt64]] = []
  ) throws -> (exits: [[BranchExit]], offsets: [Int], ends: [Int]) {
    var test = try Case("(module (func $run (param i32) (result i32) \(body)))")
    try test.enter("run", 1_000)
    let function = try test.function("run")
    var offsets: [Int] = []
    var ends: [Int] = []
    var reader = InstructionReader(test.module, function: function)
    var (branch, table) = (0, 0)
    while let i = try reader.next() {
      if i.opcode == .end { ends.append(i.end) }
      if i.opcode == .if || i.opcode == .brIf {
        offsets.append(i.offset)
        test.profile.functions[function]?.branches[i.offset] = .init(
          taken: counts[branch].1, notTaken: counts[branch].0)
        branch += 1
      } else if i.opcode == .brTable {
        offsets.append(i.offset)
        test.profile.functions[function]?.branchTables[i.offset] = tables[table]
        table += 1
      }
    }
    // A heavy function has exits only if it guards calls.
    let plan = test.plan { $0.tuning.genericShare = 2 }
    let node = try test.functionPlan(plan, "run").speculative?.nodes[0]
    return (offsets.map { node?.exits[$0] ?? [] }, offsets, ends)
  }

  @Test func thenAndElse() throws {
    let text = "(if (local.get 0) (then \(Self.filler)) (else \(Self.filler))) (i32.const 0)"
    #expect(try exits(text, [(1_000, 0)]).exits[0].map(\.way) == [1])
    #expect(try exits(text, [(0, 1_000)]).exits[0].map(\.way) == [0])
    #expect(try exits(text, [(1, 999)]).exits[0] == [])
    // Too few executions prove nothing.
    #expect(try exits(text, [(999, 0)]).exits[0] == [])
  }

  @Test func smallRegionsStay() throws {
    let text = "(if (local.get 0) (then (drop (i32.const 1)))) (i32.const 0)"
    #expect(try exits(text, [(1_000, 0)]).exits[0] == [])
  }

  /// The code behind a block never ran if no branch to its end was taken.
  @Test func endsOfBlocks() throws {
    let text = """
      (block $b (br_if $b (local.get 0)) (br_if $b (local.get 0)) (return (i32.const 1)))
      \(Self.filler) (i32.const 0)
      """
    let never = try exits(text, [(1_000, 0), (1_000, 0)])
    #expect(never.exits == [0, 1].map { _ in [BranchExit(way: 1, resume: never.ends[0])] })
    let once = try exits(text, [(1_000, 0), (999, 1)])
    #expect(once.exits == [[], []])
  }

  @Test func labelsOfTables() throws {
    let text = """
      (block $a (block $b (block $c (br_table $c $b $a $b (local.get 0))) \(Self.filler))
        \(Self.filler) (return (i32.const 2)))
      \(Self.filler) (i32.const 0)
      """
    let found = try exits(text, [], tables: [[1_000, 0, 0, 0]])
    // Behind $c control falls through to what is behind $b.
    #expect(found.exits == [[BranchExit(way: 2, resume: found.ends[2])]])
  }
}
