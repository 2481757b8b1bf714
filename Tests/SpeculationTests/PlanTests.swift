import Feedback
import Testing
import Wasm

@testable import Speculation

@Suite struct PlanTests {
  @Test func coldFunctionsArePlain() throws {
    var test = try shapes()
    try test.enter("outer", 10)
    try test.feed("outer", [("run", 10)])
    try test.enter("run", 10)
    let plan = test.plan()
    let cold = try test.functionPlan(plan, "big")
    #expect(cold.tier == .baseline)
    #expect(cold.generic.nodes.count == 1)
    #expect(cold.generic.nodes[0].sites.isEmpty)
    #expect(try test.functionPlan(plan, "outer").isOptimized)
  }

  @Test func withoutProfileAllIsHotAndSmallCallsAreInlined() throws {
    let test = try shapes(extra: "(func $callsBig (drop (call $big (i32.const 1))))")
    let plan = test.plan()
    #expect(plan.functions.allSatisfy { $0.tier != .baseline && $0.speculative == nil })
    #expect(try test.site(plan, "outer").targets.map(\.node) == [1])
    #expect(try test.site(plan, "callsBig").reason == .tooBig)
    #expect(plan.dispatchTables.count == 1)
  }

  @Test func unknownFunctionsAreNotCold() throws {
    var test = try shapes()
    try test.enter("run", 10)
    test.profile.unknownFunctions = [try test.function("outer")]
    let plan = test.plan()
    #expect(try test.functionPlan(plan, "outer").isOptimized)
    #expect(try !test.functionPlan(plan, "big").isOptimized)
  }

  @Test func nestedBodiesAreInlinedByTheirFrequency() throws {
    var test = try shapes()
    try test.enter("outer", 10)
    try test.feed("outer", [("run", 1000)])
    try test.enter("run", 2000)
    try test.feed("run", [("a", 4000)])
    let plan = test.plan()
    let tree = try #require(try test.functionPlan(plan, "outer").speculative)
    #expect(
      tree.nodes.map(\.function) == [
        try test.function("outer"), try test.function("run"), try test.function("a"),
      ])
    #expect(tree.nodes.map(\.relativeFrequency) == [1, 100, 200])
    // run stands in a frame state of outer.
    #expect(try test.functionPlan(plan, "run").osrEntries.count == 1)
    #expect(tree.nodes[1].sites.values.first?.miss == .deopt)
  }

  @Test func heaviestCallsGetTheBudget() throws {
    let filler = String(repeating: "(drop (i32.const 1000000))", count: 10)
    var test = try Case(
      """
      (module (func $x \(filler)) (func $y \(filler)) (func $z \(filler))
        (func $run (call $x) (call $y) (call $z)))
      """)
    try test.enter("run", 10)
    for (number, (name, count)) in [("x", UInt64(10)), ("y", 30), ("z", 20)].enumerated() {
      try test.enter(name, count)
      try test.feed("run", at: number, [(name, count)])
    }
    let plan = test.plan {
      $0.tuning.budgetCap = 130
      $0.tuning.capFactor = 0
    }
    let tree = try test.functionPlan(plan, "run").generic
    #expect(
      tree.nodes.dropFirst().map(\.function) == [try test.function("y"), try test.function("z")])
    #expect(try test.site(plan, "run", 0).reason == .budget)
    let starved = test.plan {
      $0.tuning.minimumModuleBudget = 0
      $0.tuning.moduleGrowth = 0
    }
    #expect(try test.functionPlan(starved, "run").generic.nodes.count == 1)
  }

  @Test func rareCallsAreCold() throws {
    var test = try Case(
      """
      (module (func $x (drop (i32.add (i32.const 100000) (i32.const 100000))) (nop) (nop) (nop))
        (func $run (call $x) (call $x)))
      """)
    try test.enter("x", 10_001)
    try test.enter("run", 10_000)
    try test.feed("run", at: 0, [("x", 10_000)])
    try test.feed("run", at: 1, [("x", 1)])
    let plan = test.plan()
    #expect(try test.site(plan, "run", 0).reason == .inlined)
    #expect(try test.site(plan, "run", 1).reason == .cold)
  }

  /// A direct call to what loops by itself stays one, whatever it is worth.
  @Test func calleesThatLoopStayCalls() throws {
    var test = try shapes()
    let limit = UInt64(Tuning().loopingCallee)
    let run = try test.function("run")
    let loop = try #require(ModuleFacts(test.module).functions[run].loops.first).offset
    try test.enter("outer", 10)
    try test.feed("outer", [("run", 10)])
    try test.enter("run", 10)
    func site(_ iterations: UInt64) throws -> SitePlan {
      test.profile.functions[run]?.loops[loop] = iterations
      return try test.site(test.plan(), "outer")
    }
    let below = try site(10 * limit - 1)
    #expect(below.reason == .inlined)
    #expect(below.targets.map { $0.node != nil } == [true])
    for iterations in [10 * limit, 1_000_000] {
      let called = try site(iterations)
      #expect(called.reason == .loops)
      #expect(called.targets.isEmpty)
      #expect(called.miss == .call)
    }
    // It is entered more often than from here, and goes round less often each time.
    try test.enter("run", 11)
    #expect(try site(10 * limit).reason == .inlined)
  }

  /// Behind a guard it is the guard that pays, loops or not.
  @Test func targetsThatLoopAreInlined() throws {
    var test = try Case(
      """
      (module
        (type $t (func (param i32)))
        (table 4 funcref) (elem (i32.const 0) $spin $other)
        (func $spin (type $t) (loop $l (br_if $l (i32.const 0))))
        (func $other (type $t))
        (func $run (call_indirect (type $t) (i32.const 1) (i32.const 0))))
      """)
    try test.enter("run", 10)
    try test.enter("spin", 10)
    let spin = try test.function("spin")
    let loop = try #require(ModuleFacts(test.module).functions[spin].loops.first).offset
    test.profile.functions[spin]?.loops[loop] = 10_000
    try test.feed("run", [("spin", 10)])
    let site = try test.site(test.plan(), "run")
    #expect(site.reason == .inlined)
    #expect(site.miss == .deopt)
  }

  @Test func osrEntriesAreBounded() throws {
    let loops = String(repeating: "(loop $l (br_if $l (i32.const 1)))", count: 100)
    var test = try Case(
      """
      (module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $a $b)
        (func $a) (func $b) (func $run \(loops) (call_indirect (type $t) (i32.const 0))))
      """)
    try test.enter("run", 100)
    try test.feed("run", [("a", 100)])
    let plan = test.plan()
    #expect(try test.functionPlan(plan, "run").osrEntries.count == Tuning().maximumOSREntries)
  }

  /// Once it has left, the generic version calls whatever came instead.
  @Test func sitesThatDeoptGetADispatchTable() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.feed("run", [("a", 100)])
    #expect(test.plan().dispatchTables == [DispatchTable(table: 0, typeIndex: 0)])
  }

  @Test func dispatchTablesFitTheirBudget() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.feed("run", [("a", 10)], other: 90)
    #expect(test.plan().dispatchTables == [DispatchTable(table: 0, typeIndex: 0)])
    #expect(test.plan { $0.tuning.dispatchEntryBudget = 7 }.dispatchTables.isEmpty)
  }

  /// Vector instructions have the size of what they become: constants of 18 bytes are small, sequences of machine code are not.
  @Test func vectorsCountAsWhatTheyBecome() throws {
    func isInlined(_ operation: String) throws -> Bool {
      let body = String(repeating: operation + " ", count: 40)
      let program = try Case(
        """
        (module
          (func $leaf (param v128) (result v128) (local.get 0) \(body))
          (func $run (export "run") (param v128) (result v128) (call $leaf (local.get 0))))
        """)
      let plan = program.plan { $0.tuning.staticCalleeSize = 400 }
      return plan.functions[1].generic.nodes.count == 2
    }
    // 40 times 20 bytes, and 40 times 2.
    #expect(try isInlined("(i32x4.add (v128.const i64x2 1 2))"))
    #expect(try !isInlined("(i8x16.popcnt)"))
    #expect(try isInlined("(i8x16.neg)"))
  }

  @Test func golden() throws {
    var test = try shapes()
    try test.enter("outer", 10)
    try test.feed("outer", [("run", 1000)])
    try test.enter("run", 2000)
    try test.feed("run", [("a", 1500), ("b", 500)])
    #expect(
      test.plan().describe(test.module) == """
        6 functions, 2 optimized, 2 with deopts; 5 bodies inlined (59 bytes)
        table 0: immutable, 4 of 8 entries known
        dispatch: table 0, (i32) -> (i32)

        f5 run: full, entries 2000, OSR entries @1606
          @1617 f1 a inlined (1500), f2 b inlined (500); index; miss: deopt (0); inlined
            @1617: f1 a ×0.75
            @1617: f2 b ×0.25

        f6 outer: full, generic, entries 10
          @1625 f5 run inlined (1000); inlined
            @1625: f5 run ×100.00
              @1617 f1 a inlined (1500), f2 b inlined (500); index; miss: deopt (0); inlined
                @1617: f1 a ×75.00
                @1617: f2 b ×25.00

        """)
  }
}
