import Feedback
import Speculation
import Testing
import Wasm

/// What becomes of one site, reason by reason.
@Suite struct SiteTests {
  private func plan(
    _ targets: [(String, UInt64)], other: UInt64 = 0, foreign: UInt64 = 0,
    table: String = "(table 8 funcref) (elem (i32.const 1) $a $b $big $other)",
    extra: String = "", _ change: (inout PlannerOptions) -> Void = { _ in }
  ) throws -> (site: SitePlan, plan: CompilationPlan, test: Case) {
    var test = try shapes(table: table, extra: extra)
    try test.enter("run", 100)
    try test.feed("run", targets, other: other, foreign: foreign)
    let plan = test.plan(change)
    return (try test.site(plan, "run"), plan, test)
  }

  @Test func monomorphic() throws {
    let (site, plan, test) = try plan([("a", 100)])
    #expect(site.reason == .inlined)
    #expect(site.miss == .deopt)
    #expect(site.guardKind == .index)
    #expect(site.targets.map(\.tableIndices) == [[1]])
    #expect(site.missCount == 0)
    let own = try test.functionPlan(plan, "run")
    #expect(own.isOptimized)
    #expect(own.osrEntries.count == 1)
    let generic = try #require(own.generic.nodes[0].sites[try test.call("run")])
    #expect(generic.miss == .call)
    #expect(generic.reason == .genericVersion)
    #expect(generic.targets.map(\.node) == [1])
  }

  @Test func polymorphicInOrderOfWeight() throws {
    let (site, _, test) = try plan([("a", 1), ("b", 99)])
    #expect(site.targets.map(\.function) == [try test.function("b"), try test.function("a")])
    #expect(site.targets.allSatisfy { $0.node != nil })
    #expect(site.miss == .deopt)
  }

  @Test func targetThatIsTooBigRulesOutDeopt() throws {
    let (site, plan, test) = try plan([("a", 60), ("big", 40)])
    #expect(site.reason == .tooBig)
    #expect(site.miss == .call)
    // One inlined, the other called behind its own test.
    #expect(site.targets.map { $0.node != nil } == [true, false])
    #expect(try test.functionPlan(plan, "run").speculative == nil)
    #expect(try test.functionPlan(plan, "run").osrEntries.isEmpty)
  }

  @Test func rareTargetBesideOneThatIsTooBigIsNotInlined() throws {
    let (site, _, test) = try plan([("a", 10), ("big", 90)]) {
      $0.tuning.minimumIndexedShare = 0.25
    }
    #expect(site.targets.map(\.function) == [try test.function("big")])
    #expect(site.targets.map(\.node) == [nil])
    #expect(site.missCount == 10)
  }

  @Test func megamorphic() throws {
    let (site, plan, test) = try plan([("a", 60), ("b", 20)], other: 20)
    #expect(site.reason == .megamorphic)
    #expect(site.miss == .call)
    #expect(site.targets.map(\.function) == [try test.function("a"), try test.function("b")])
    #expect(site.missCount == 20)
    #expect(plan.dispatchTables.count == 1)
  }

  /// The recorder had room for one of two targets only; the other's entries tell who the other calls went to.
  @Test func megamorphicTargetsAreInferredFromEntries() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.enter("a", 60)
    try test.enter("b", 45)
    try test.feed("run", [("a", 60)], other: 40)
    let site = try test.site(test.plan(), "run")
    #expect(site.targets.map(\.function) == [try test.function("a"), try test.function("b")])
    #expect(site.targets.map(\.count) == [60, 40])
    #expect(site.targets.allSatisfy { $0.node != nil })
    #expect(site.missCount == 0)
    // b is all that the unknown calls can have reached: `big` has the type, but was never entered.
    #expect(site.miss == .deopt)
  }

  @Test func entriesThatDoNotAccountForUnknownCallsInferNothing() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.enter("a", 60)
    try test.enter("b", 39)
    try test.feed("run", [("a", 60)], other: 40)
    let site = try test.site(test.plan(), "run")
    #expect(site.targets.map(\.function) == [try test.function("a")])
    #expect(site.miss == .call)
    #expect(site.reason == .megamorphic)
  }

  @Test func entriesThatOtherCallsAccountForInferNothing() throws {
    var test = try shapes(
      extra: """
        (func $second (result i32)
          (call_indirect (type $t) (i32.const 1) (i32.const 2)))
        """)
    try test.enter("run", 100)
    try test.enter("a", 60)
    try test.enter("second", 40)
    try test.enter("b", 45)
    try test.feed("second", [("b", 30)])
    try test.feed("run", [("a", 60)], other: 40)
    let site = try test.site(test.plan(), "run")
    #expect(site.targets.map(\.function) == [try test.function("a")])
  }

  @Test func noMoreTargetsThanTuningAllows() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.enter("a", 60)
    try test.enter("b", 45)
    try test.feed("run", [("a", 60)], other: 40)
    let site = try test.site(test.plan { $0.tuning.maximumTargets = 1 }, "run")
    #expect(site.targets.map(\.function) == [try test.function("a")])
    #expect(site.miss == .call)
  }

  @Test func foreign() throws {
    let (site, _, _) = try plan([("a", 60)], foreign: 40)
    #expect(site.reason == .foreignTarget)
    #expect(site.miss == .call)
    #expect(site.targets.count == 1)
  }

  @Test func otherTypesAreDropped() throws {
    let (site, _, _) = try plan([("other", 100)])
    #expect(site.reason == .typeMismatch)
    #expect(site.targets.isEmpty)
    #expect(site.missCount == 100)
  }

  @Test func functionsThatAreNotInTheTableAreDropped() throws {
    let (site, _, _) = try plan(
      [("b", 100)], table: "(table 8 funcref) (elem (i32.const 1) $a $big)")
    #expect(site.reason == .typeMismatch)
  }

  @Test func noFeedback() throws {
    var test = try shapes()
    try test.enter("run", 100)
    let site = try test.site(test.plan(), "run")
    #expect(site.reason == .noFeedback)
    #expect(site.targets.isEmpty)
  }

  @Test func withoutSpeculation() throws {
    let (site, plan, test) = try plan([("a", 100)]) { $0.speculates = false }
    #expect(site.miss == .call)
    #expect(site.targets.first?.node == 1)
    #expect(try test.functionPlan(plan, "run").speculative == nil)
  }

  @Test func budgetDepthAndRecursion() throws {
    func withoutBudget(_ options: inout PlannerOptions) {
      options.tuning.budgetCap = 1
      options.tuning.capFactor = 0
    }
    // Tiny bodies need none.
    #expect(try plan([("a", 100)], withoutBudget).site.reason == .inlined)
    let larger = try plan([("a", 100)]) {
      withoutBudget(&$0)
      $0.tuning.tinyCalleeSize = 0
    }
    #expect(larger.site.reason == .budget)
    #expect(try plan([("a", 100)]) { $0.tuning.maximumInlinees = 0 }.site.reason == .budget)
    #expect(try plan([("a", 100)]) { $0.tuning.maximumDepth = 0 }.site.reason == .depth)
    var test = try Case(
      "(module (func $fib (param i32) (result i32) (call $fib (i32.const 1)) (call $fib (i32.const 2)) (i32.add)))"
    )
    try test.enter("fib", 100)
    try test.feed("fib", at: 0, [("fib", 50)])
    try test.feed("fib", at: 1, [("fib", 49)])
    let tree = try test.functionPlan(test.plan(), "fib").generic
    // Itself, and one copy at each call, which calls.
    #expect(tree.nodes.count == 3)
    #expect(tree.nodes[1].sites.values.map(\.reason) == [.recursive, .recursive])
  }

  // MARK: Tables

  @Test func exportedTablesAreGuardedByPristine() throws {
    let (site, plan, _) = try plan(
      [("a", 100)], table: "(table (export \"t\") 8 funcref) (elem (i32.const 1) $a $b)")
    #expect(site.guardKind == .indexIfPristine)
    #expect(!plan.tables[0].isImmutable)
    #expect(plan.tables[0].contents?.count == 8)
    #expect(plan.dispatchTables.isEmpty)
  }

  @Test func writtenTablesAreGuardedByPristineUntilTheWriterRuns() throws {
    let writer = "(func $write (table.set (i32.const 0) (ref.func $a)))"
    var test = try shapes(extra: writer)
    try test.enter("run", 100)
    try test.feed("run", [("a", 100)])
    #expect(try test.site(test.plan(), "run").guardKind == .indexIfPristine)
    try test.enter("write", 1)
    #expect(try test.site(test.plan(), "run").guardKind == .reference)
  }

  @Test func importedTablesAreGuardedByReference() throws {
    let (site, plan, _) = try plan(
      [("a", 100)], table: "(import \"m\" \"t\" (table 8 funcref)) (elem (i32.const 1) $a $b)")
    #expect(site.guardKind == .reference)
    #expect(site.miss == .deopt)
    #expect(plan.tables[0].contents == nil)
  }

  @Test func manyIndicesAreGuardedByReference() throws {
    let (site, _, _) = try plan(
      [("a", 100)], table: "(table 8 funcref) (elem (i32.const 1) $a $a $a $a $a $b)")
    #expect(site.guardKind == .reference)
    let (few, _, _) = try plan(
      [("a", 100)], table: "(table 8 funcref) (elem (i32.const 1) $a $a $b)")
    #expect(few.targets.map(\.tableIndices) == [[1, 2]])
  }

  @Test func onlyPossibleTargetNeedsNoDeopt() throws {
    let table = "(table 8 funcref) (elem (i32.const 3) $a $other)"
    let (site, plan, test) = try plan([("a", 100)], table: table)
    #expect(site.miss == .trap)
    #expect(site.reason == .inlined)
    #expect(try test.functionPlan(plan, "run").speculative == nil)
    // Nor a profile.
    let without = try shapes(table: table)
    let alone = try without.site(without.plan(), "run")
    #expect(alone.miss == .trap)
    #expect(alone.targets.map(\.function) == [try without.function("a")])
    #expect(alone.targets.map(\.tableIndices) == [[3]])
  }

  @Test func allPossibleTargetsNeedNoDeopt() throws {
    let (site, _, _) = try plan(
      [("a", 50), ("b", 50)], table: "(table 8 funcref) (elem (i32.const 3) $a $other $b)")
    #expect(site.miss == .trap)
    #expect(site.targets.count == 2)
  }

  @Test func importsInATableKeepItOpen() throws {
    let table = "(table 8 funcref) (elem (i32.const 3) $a $host)"
    let (site, plan, _) = try plan([("a", 100)], table: table)
    #expect(site.miss == .deopt)
    #expect(plan.dispatchTables.isEmpty)
    let only = try shapes(table: "(table 8 funcref) (elem (i32.const 3) $host)")
    #expect(try only.site(only.plan(), "run").targets.isEmpty)
  }

  @Test func segmentsThatMayNotFitSayNothing() throws {
    for table in [
      "(table 2 funcref) (elem (i32.const 1) $a $b)",
      "(table 8 funcref) (elem (i32.const -1) $a)",
      "(import \"m\" \"g\" (global i32)) (table 8 funcref) (elem (global.get 0) $a)",
      """
      (import "m" "t" (table 1 funcref)) (table 8 funcref) (elem (i32.const 1) $b)
      (elem (table 1) (i32.const 0) func $a)
      """,
    ] {
      let test = try shapes(table: table)
      #expect(test.plan().tables.allSatisfy { $0.contents == nil }, "\(table)")
    }
  }

  @Test func laterSegmentsOverwriteEarlierOnes() throws {
    let test = try shapes(
      table: "(table 4 funcref) (elem (i32.const 0) $a $a) (elem (i32.const 1) $b)")
    let (a, b) = (try test.function("a"), try test.function("b"))
    #expect(test.plan().tables == [TableFacts(isImmutable: true, contents: [a, b, nil, nil])])
  }

  @Test func hugeTablesAreNotLookedAt() throws {
    let test = try shapes(table: "(table 10000000 funcref)")
    #expect(test.plan().tables == [TableFacts(isImmutable: true, contents: nil)])
  }
}
