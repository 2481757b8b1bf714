import Forcing
import CLLVM
import Contract
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm

@testable import AOT

/// Loops whose first iteration is translated apart. That this really happened is seen in the guards as translated:
/// a peeled loop has each of its guards twice.
@Suite struct PeelTests {
  private static let sites: [DeoptCase.Site] = [.init("run", 0, "hot")]

  private func make(_ program: PeelProgram, kind: DeoptCase.Kind = .plain) throws -> DeoptCase {
    try DeoptCase(
      program.text, [.init(program.depth == 1 ? "run" : "inner", 0, "hot")], kind: kind,
      loopCount: 1000)
  }

  /// Deopts in the speculative version of an export, as translated.
  private func guardCount(_ program: DeoptCase, _ name: String = "run") throws -> Int {
    let function = try #require(program.module.function(exported: name))
    let translator = PartitionTranslator(
      module: program.module, plan: program.plan, profile: program.profile,
      nodes: NodeNumbering(program.plan, module: program.module))
    let context = LLVMContextCreate()!
    defer { LLVMContextDispose(context) }
    let unit = LLVMUnit(context: context, name: "test")
    defer { unit.dispose() }
    try FunctionTranslator(
      translator, unit: unit, debugInfo: nil, plan: translator.checkedPlan(function),
      version: .entry
    ).translate()
    let version = LLVMGetNamedFunction(
      unit.module, symbolName(function: function, version: .entry))!
    let text = LLVMUnit.take(LLVMPrintValueToString(version))
    return text.split(separator: "\n").count { $0.contains("call void @wpgo.deopt(") }
  }

  /// Runs on both tiers. What is seen must be the same, and as many deopts must have happened.
  @discardableResult
  private func check(
    _ program: DeoptCase, _ calls: [DeoptComparison.Call], deopts: UInt64,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> DeoptComparison {
    let result = try DeoptComparison(program, calls)
    for (index, call) in calls.enumerated() {
      #expect(
        result.optimized.outcomes[index] == result.baseline.outcomes[index], "\(call)",
        sourceLocation: location)
    }
    #expect(result.optimized.memories == result.baseline.memories, sourceLocation: location)
    #expect(result.statistics.deopts == deopts, sourceLocation: location)
    return result
  }

  private func run(_ n: Int32, _ x: Int64 = 0x1234_5678_9ABC) -> DeoptComparison.Call {
    ("run", [.i32(n), .i64(x)])
  }

  private func set(_ iteration: Int32, _ index: Int32) -> DeoptComparison.Call {
    ("set", [.i32(iteration), .i32(index)])
  }

  // MARK: What is peeled

  @Test(arguments: PeelProgram.all, DeoptCase.Kind.throughTables)
  func withoutMisses(program: PeelProgram, kind: DeoptCase.Kind) throws {
    let compiled = try make(program, kind: kind)
    // Reference and pristine guards have a test before, which shares the deopt.
    #expect(try guardCount(compiled) == 2)
    // No back-edge, one, many.
    let counts: [Int32] = [0, 1, 2, 3, 50, 1000]
    try check(compiled, counts.map { run($0) } + counts.map { run($0, 77) }, deopts: 0)
  }

  @Test(arguments: PeelProgram.all, DeoptCase.Kind.throughTables)
  func indexChanges(program: PeelProgram, kind: DeoptCase.Kind) throws {
    let compiled = try make(program, kind: kind)
    for miss in [0, 1, 2, 9, 19] as [Int32] {
      let result = try check(
        compiled, [set(miss, 1), run(20), set(miss, 0), run(20)], deopts: 1)
      #expect(result.statistics.guards.map(\.path.count) == [program.depth])
    }
    // In the only iteration that there is, and behind the last.
    try check(compiled, [set(0, 2), run(1), set(0, 0), set(1, 2), run(1)], deopts: 1)
    // Both copies miss, one after the other.
    try check(compiled, [set(0, 1), run(3), set(0, 0), set(2, 1), run(3)], deopts: 2)
  }

  /// What a miss leads to may trap: entries that are null, of another type, or none.
  @Test(arguments: PeelProgram.all, [0, 5] as [Int32])
  func indexTraps(program: PeelProgram, miss: Int32) throws {
    let compiled = try make(program)
    for (index, code) in [
      (3, TrapCode.uninitializedElement), (4, .indirectCallTypeMismatch),
      (5, .undefinedElement), (-1, .undefinedElement),
    ] as [(Int32, TrapCode)] {
      let result = try check(compiled, [set(miss, index), run(10)], deopts: 1)
      guard case .trapped(code, let places) = result.optimized.outcomes[1] else {
        Issue.record("\(result.optimized.outcomes[1])")
        continue
      }
      #expect(places.count == program.depth)
    }
  }

  /// Loads that trap in the first and in later iterations: neither copy may do more or less than baseline code.
  @Test func loadsTrap() throws {
    let compiled = try make(.chain)
    #expect(try guardCount(compiled) == 2)
    let chain: [DeoptComparison.Call] = (0..<8).map { set(100 + $0, (101 + $0) * 4) }
    let start: Int64 = 400
    try check(compiled, chain + [run(5, start), run(0, -1), run(1, start)], deopts: 0)
    for broken in [100, 101, 104] as [Int32] {
      let calls = chain + [set(broken, -8), run(7, start), set(0, 1), run(7, start)]
      let result = try check(compiled, calls, deopts: broken == 100 ? 0 : 1)
      guard case .trapped(.outOfBoundsMemoryAccess, _) = result.optimized.outcomes[9] else {
        Issue.record("\(result.optimized.outcomes[9])")
        continue
      }
    }
    try check(compiled, chain + [set(3, 1), run(7, start)], deopts: 1)
  }

  /// More misses than the function may have: the generic version is entered at its loop and at its start.
  @Test func budget() throws {
    for program in PeelProgram.all {
      let compiled = try make(program)
      let misses = (0..<15).flatMap { _ in [set(1, 1), run(5), set(1, 0), run(5)] }
      let result = try check(compiled, misses, deopts: 10)
      #expect(result.statistics.functions.map(\.isGeneric) == [true])
    }
  }

  @Test func forcedGuards() throws {
    var forcing = GuardForcing()
    forcing.failsEachTestOnce = true
    let compiled = try DeoptCase(
      PeelProgram.leavesAtTheTop.text, Self.sites, forcing: forcing, loopCount: 1000)
    // The first copy's guard fails in the first run, the second copy's in the second.
    try check(compiled, [run(20), run(20), run(20)], deopts: 2)
  }

  // MARK: What is not

  @Test(arguments: [
    // Stores; writes a global or a table; calls what is not inlined.
    "(i32.store (i32.const 60000) (local.get $i))", "(global.set $g (local.get $i))",
    "(table.set $side (i32.const 0) (ref.null func))",
    "(memory.fill (i32.const 60000) (i32.const 0) (i32.const 8))",
    "(drop (memory.grow (i32.const 0)))",
    "(drop (call_indirect (type $t) (i32.const 0) (i64.const 0) (i32.const 2)))",
    String(repeating: "(drop (i32.const 1000000))", count: 100),
  ])
  func loopsWithEffects(effect: String) throws {
    let program = PeelProgram(
      description: effect,
      body: """
        (block $out
          (loop $top
            (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
            (local.set $sum $call)
            \(effect)
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $top)))
        (local.get $sum)
        """, extra: "(global $g (mut i32) (i32.const 0)) (table $side 1 1 funcref)")
    let compiled = try make(program)
    #expect(try guardCount(compiled) == 1)
    try check(compiled, [run(20), set(0, 1), run(20), set(0, 0), set(7, 1), run(20)], deopts: 2)
  }

  /// A loop with a guard of its own may hold others.
  @Test func loopsWithLoops() throws {
    let program = PeelProgram(
      description: "a loop without guards inside",
      body: """
        (block $out
          (loop $top
            (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
            (local.set $sum $call)
            (local.set $j (i32.const 0))
            (loop $in
              (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $j))))
              (br_if $in
                (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $top)))
        (local.get $sum)
        """.replacing("(block $out", with: "(local $j i32) (block $out"))
    let compiled = try make(program)
    #expect(try guardCount(compiled) == 2)
    try check(compiled, [run(20), set(0, 1), run(20), set(0, 0), set(7, 1), run(20)], deopts: 2)
  }

  /// The innermost of two loops alone, if only that has guards, at each turn of the outer one.
  @Test func innermostLoop() throws {
    let program = PeelProgram(
      description: "nested loops",
      body: """
        (loop $outer
          (local.set $i (i32.const 0))
          (loop $top
            (local.set $sum $call)
            (br_if $top
              (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
          (br_if $outer
            (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 5))))
        (local.get $sum)
        """.replacing("(loop $outer", with: "(local $j i32) (loop $outer"))
    let compiled = try make(program)
    #expect(try guardCount(compiled) == 2)
    try check(compiled, [0, 1, 2, 30].map { run($0) }, deopts: 0)
    for miss in [0, 1, 4] as [Int32] {
      // The other turns of the outer loop are made in generic code.
      try check(compiled, [set(miss, 1), run(6), set(miss, 0), run(6)], deopts: 1)
    }
  }

  /// Loops that the profile saw go round never, and such as no branch leads back to.
  @Test func loopsThatDoNotGoRound() throws {
    let straight = PeelProgram(
      description: "no back-edge",
      body: "(loop $top (local.set $sum $call)) (i64.add (local.get $sum) (local.get $x))")
    for loopCount in [nil, 0, 1000] as [UInt64?] {
      let compiled = try DeoptCase(straight.text, Self.sites, loopCount: loopCount)
      #expect(try guardCount(compiled) == 1)
      try check(compiled, [run(1), set(0, 1), run(1)], deopts: 1)
      let loop = try DeoptCase(
        PeelProgram.leavesAtTheTop.text, Self.sites, loopCount: loopCount)
      #expect(try guardCount(loop) == (loopCount == 1000 ? 2 : 1))
      try check(loop, [run(9), set(4, 1), run(9)], deopts: 1)
    }
  }

  // MARK: What it is for

  /// An index that is the same in each iteration is tested before the loop alone: one of the two deopts is left.
  @Test func invariantGuardsLeaveTheLoop() throws {
    let program = PeelProgram(
      description: "invariant",
      body: """
        (block $out
          (loop $top
            (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
            (local.set $sum
              (i64.add
                (i64.load (i32.shl (local.get $i) (i32.const 3)))
                (call_indirect (type $t) (local.get $i) (local.get $sum)
                  (i32.load (i32.wrap_i64 (local.get $x))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $top)))
        (local.get $sum)
        """)
    func points(_ loopCount: UInt64?) throws -> Int {
      let compiled = try DeoptCase(program.text, Self.sites, loopCount: loopCount)
      try check(compiled, [run(9, 1000), set(250, 1), run(9, 1000), run(0, 1000)], deopts: 1)
      return try Artefact(bytes: compiled.artefactBytes).deopts.points.count
    }
    #expect(try points(1000) == 1)
  }
}
