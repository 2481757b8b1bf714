import Forcing
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm

@testable import AOT

/// Each case runs on the baseline and as an artefact; what can be seen must be the same, and the deopts must
/// really have happened.
@Suite struct DeoptMatrixTests {
  /// - Parameters:
  ///   - deopts: exact number in all.
  ///   - define: imports.
  @discardableResult
  private func check(
    _ program: DeoptCase, _ calls: [DeoptComparison.Call], deopts: UInt64,
    define: @escaping (Linker, @escaping () -> Instance?) throws -> Void = { _, _ in },
    _ location: SourceLocation = #_sourceLocation
  ) throws -> DeoptComparison {
    let comparison = try DeoptComparison(program, calls, define: define)
    for (index, call) in calls.enumerated() {
      #expect(
        comparison.optimized.outcomes[index] == comparison.baseline.outcomes[index],
        "\(call)", sourceLocation: location)
    }
    #expect(comparison.optimized.memories == comparison.baseline.memories, sourceLocation: location)
    #expect(comparison.optimized.globals == comparison.baseline.globals, sourceLocation: location)
    #expect(comparison.statistics.deopts == deopts, sourceLocation: location)
    return comparison
  }

  @Test(arguments: DeoptCase.Kind.allCases) func inALoop(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.loop, [.init("run", 0, "hot")], kind: kind)
    try check(program, [("run", [.i32(1000), .i32(5000)])], deopts: 0)
    let result = try check(
      program,
      [
        ("run", [.i32(1000), .i32(0)]), ("run", [.i32(1000), .i32(500)]),
        ("run", [.i32(1000), .i32(999)]), ("run", [.i32(0), .i32(0)]),
      ], deopts: 3)
    let site = try #require(result.statistics.guards.first)
    let run = try #require(program.module.function(exported: "run"))
    let offset = try program.module.offsets(of: program.call, function: run)[0]
    #expect(site.path == [ArtefactPlace(function: run, byteOffset: offset)])
    #expect(result.statistics.functions.map(\.function) == [run])
    #expect(result.statistics.functions.map(\.isGeneric) == [false])
  }

  @Test(arguments: DeoptCase.Kind.allCases) func nestedThreeLevels(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.nested, DeoptPrograms.nestedSites, kind: kind)
    func arguments(_ bits: Int32) -> [Value] { [.i32(bits), .i64(77), .f32(2.5), .f64(-1.75)] }
    try check(program, [("run", arguments(0)), ("run", arguments(16))], deopts: 0)
    for depth in 0..<4 {
      let result = try check(program, [("run", arguments(1 << Int32(depth)))], deopts: 1)
      // The path names the bodies from the one that missed outwards.
      let names = ["run", "a", "b", "c"][...depth].reversed().map {
        program.module.function(exported: $0)
      }
      #expect(result.statistics.guards.first?.path.map(\.function) == names)
    }
    try check(
      program, (0..<16).map { ("run", arguments(Int32($0))) }, deopts: 10)
  }

  @Test(arguments: DeoptCase.Kind.allCases) func manyValues(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.manyValues, [.init("run", 0, "hot")], kind: kind)
    try check(program, [("run", [.i32(0), .i32(9)])], deopts: 0)
    try check(
      program, [3, -1, 0x7FFF_FFFF, 12345].map { ("run", [.i32(1), .i32($0)]) }, deopts: 4)
  }

  @Test(arguments: DeoptCase.Kind.allCases) func nanPayloads(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.nan, [.init("run", 0, "hot")], kind: kind)
    let patterns: [(UInt32, UInt64)] = [
      (0x7FA0_0001, 0x7FF4_0000_0000_0001), (0xFFC1_2345, 0xFFF8_1234_5678_9ABC),
      (0x8000_0000, 0x8000_0000_0000_0000), (0x7F80_0001, 0xFFF0_0000_0000_0001),
    ]
    let calls = patterns.map { narrow, wide -> DeoptComparison.Call in
      ("run", [.i32(1), .i32(Int32(bitPattern: narrow)), .i64(Int64(bitPattern: wide))])
    }
    let result = try check(program, calls, deopts: 4)
    for (index, (narrow, wide)) in patterns.enumerated() {
      guard case .returned(let values) = result.optimized.outcomes[index] else {
        Issue.record("trapped")
        continue
      }
      #expect(values[0] == .i32(Int32(bitPattern: narrow)))
      #expect(values[1] == .i64(Int64(bitPattern: wide)))
      #expect(values[2] == .i32(Int32(bitPattern: narrow ^ 1)))
      #expect(values[3] == .i64(Int64(bitPattern: wide ^ 1)))
      #expect(values[5] == .i32(0x7FA0_0001))
    }
  }

  @Test(arguments: DeoptCase.Kind.allCases) func memoryAndGlobals(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.state, [.init("run", 0, "hot")], kind: kind)
    try check(program, [("run", [.i32(100), .i32(-1)])], deopts: 0)
    try check(
      program, [("run", [.i32(100), .i32(37)]), ("run", [.i32(50), .i32(0)])], deopts: 2)
  }

  @Test(arguments: DeoptCase.Kind.allCases) func inlinedTwice(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.twice, [.init("mid", 0, "hot")], kind: kind)
    let x = Value.i64(0x0123_4567_89AB_CDEF)
    try check(program, [("run", [.i32(0), .i32(0), x])], deopts: 0)
    let first = try check(program, [("run", [.i32(1), .i32(0), x])], deopts: 1)
    let second = try check(program, [("run", [.i32(0), .i32(1), x])], deopts: 1)
    // The first miss leaves for baseline code, whose second call enters mid's own speculative version.
    try check(program, [("run", [.i32(1), .i32(1), x])], deopts: 2)
    let paths = [first, second].compactMap { $0.statistics.guards.first?.path }
    #expect(paths.map(\.count) == [2, 2])
    #expect(paths[0][0] == paths[1][0])
    #expect(paths[0][1] != paths[1][1])
  }

  @Test(arguments: DeoptCase.Kind.allCases) func manyParametersAndResults(kind: DeoptCase.Kind)
    throws
  {
    let program = try DeoptCase(DeoptPrograms.wide, [.init("mid", 0, "hot")], kind: kind)
    func arguments(_ first: Int32) -> [Value] {
      (0..<22).map { n in
        switch n % 4 {
        case 0: .i32(n == 0 ? first : Int32(n * 1000))
        case 1: .f64(Double(n) + 0.125)
        case 2: .i64(Int64(n) << 33)
        default: .f32(Float(n) - 0.5)
        }
      }
    }
    try check(program, [("run", arguments(2)), ("mid", arguments(4))], deopts: 0)
    try check(program, [("run", arguments(3)), ("mid", arguments(5))], deopts: 2)
  }

  @Test(arguments: DeoptCase.Kind.allCases) func throughTheHost(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(
      DeoptPrograms.host, [.init("run", 0, "hot"), .init("inner", 0, "hot")], kind: kind)
    func define(_ linker: Linker, _ instance: @escaping () -> Instance?) throws {
      try linker.defineFunction("env", "host", FunctionType([.i32, .f64], [.i32])) { slots in
        let x = Int32(truncatingIfNeeded: slots[0])
        let scale = Double(bitPattern: slots[1])
        // The host calls back, and misses there too: which of the three depends on what it was given.
        let which: Int32 = scale == 0.5 ? 1 : scale == 1.5 ? 0 : -1
        var result = x &* 7
        if which >= 0, let inner = instance()?.exportedFunction("inner"),
          case .i32(let value)? = try inner.call([.i32(x), .i32(which)]).first
        {
          result &+= value
        }
        slots[0] = UInt64(UInt32(bitPattern: result))
      }
    }
    // Each run: inner misses once below run's frame (which = 1); cold itself calls the host. Then run misses.
    try check(program, [("run", [.i32(5), .i32(0)])], deopts: 1, define: define)
    try check(program, [("run", [.i32(5), .i32(1)])], deopts: 2, define: define)
    try check(
      program, [("run", [.i32(5), .i32(2)]), ("run", [.i32(6), .i32(2)])], deopts: 4,
      define: define)
  }

  @Test(arguments: DeoptCase.Kind.allCases) func recursion(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(
      DeoptPrograms.recursion, [.init("run", 0, "run"), .init("run", 1, "run")], kind: kind)
    try check(program, [("run", [.i32(12), .i32(-1)])], deopts: 0)
    try check(program, [("run", [.i32(12), .i32(12)])], deopts: 1)
    let program9 = try DeoptComparison(program, [("run", [.i32(12), .i32(9)])])
    // n = 9 is reached over several ways (12 → 11 → 10 → 9, 12 → 10 → 9, 12 → 11 → 9), each in a frame of its own.
    #expect(program9.statistics.deopts == 3)
    #expect(program9.optimized.outcomes == program9.baseline.outcomes)
    // Far more misses than the budget, all but the first ten in generic code, frames of both kinds mixed.
    let deep = try DeoptComparison(program, [("run", [.i32(18), .i32(4)])])
    #expect(deep.optimized.outcomes == deep.baseline.outcomes)
    #expect(deep.statistics.deopts >= 10)
    #expect(deep.statistics.functions.map(\.isGeneric) == [true])
  }

  // MARK: Instances and threads

  @Test func instancesAreIndependent() throws {
    let program = try DeoptCase(DeoptPrograms.loop, [.init("run", 0, "hot")])
    let miss: DeoptComparison.Call = ("run", [.i32(10), .i32(5)])
    let first = try DeoptComparison.run(program.artefact, Array(repeating: miss, count: 12))
    var second = try DeoptComparison.run(program.artefact, [])
    #expect(first.instance.deoptStatistics?.functions.map(\.isGeneric) == [true])
    #expect(first.instance.deoptStatistics?.deopts == 10)
    #expect(second.instance.deoptStatistics?.deopts == 0)
    try second.call(miss)
    #expect(second.instance.deoptStatistics?.deopts == 1)
    #expect(second.outcomes[0] == first.outcomes[0])
    // Two instances in one store, too.
    let linker = Linker(second.store)
    let third = try linker.instantiate(program.artefact)
    let run = try #require(third.exportedFunction("run"))
    #expect(DeoptCase.Outcome.returned(try run.call(miss.arguments)) == first.outcomes[0])
    #expect(third.deoptStatistics?.deopts == 1)
    #expect(second.instance.deoptStatistics?.deopts == 1)
  }

  @Test func threadsAreIndependent() async throws {
    let program = try DeoptCase(DeoptPrograms.nested, DeoptPrograms.nestedSites)
    let expected = try DeoptComparison.run(program.baseline, Self.nestedCalls).outcomes
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var isGood = true
          for _ in 0..<20 {
            let side = try? DeoptComparison.run(program.artefact, Self.nestedCalls)
            isGood =
              isGood && side?.outcomes == Self.expected(program)
              && side?.instance.deoptStatistics?.deopts == 4
          }
          return isGood
        }
      }
      for await isGood in group { #expect(isGood) }
    }
    #expect(expected.count == 4)
  }

  private static var nestedCalls: [DeoptComparison.Call] {
    (0..<4).map { ("run", [.i32(1 << Int32($0)), .i64(3), .f32(0.5), .f64(4.0)]) }
  }

  private static func expected(_ program: DeoptCase) -> [DeoptCase.Outcome]? {
    try? DeoptComparison.run(program.baseline, nestedCalls).outcomes
  }

  // MARK: Budget and loops

  @Test(arguments: DeoptCase.Kind.allCases) func budget(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.loop, [.init("run", 0, "hot")], kind: kind)
    let miss: DeoptComparison.Call = ("run", [.i32(20), .i32(7)])
    for count in [9, 10, 11, 40] {
      let result = try check(
        program, Array(repeating: miss, count: count), deopts: UInt64(min(count, 10)))
      #expect(result.statistics.functions.map(\.isGeneric) == [count >= 10])
      #expect(result.statistics.budget == 10)
    }
  }

  /// A loop that misses at every turn deopts once: its next turn enters generic code, which a trap in there shows.
  @Test(arguments: DeoptCase.Kind.allCases) func loopsGoOnInGenericCode(kind: DeoptCase.Kind) throws
  {
    let program = try DeoptCase(DeoptPrograms.longLoop, [.init("run", 0, "hot")], kind: kind)
    let never = Value.i32(-1)
    try check(program, [("run", [.i32(100), never, never])], deopts: 0)
    try check(program, [("run", [.i32(100), .i32(40), never])], deopts: 1)
    let result = try check(
      program,
      [("run", [.i32(100), .i32(40), .i32(60)]), ("run", [.i32(100), .i32(98), .i32(99)])],
      deopts: 2)
    #expect(result.optimized.tiers == [[.optimized], [.optimized]])
    let early = try check(program, [("run", [.i32(100), never, .i32(60)])], deopts: 0)
    #expect(early.optimized.tiers == [[.optimized]])
  }

  // MARK: Traps

  @Test(arguments: DeoptCase.Kind.allCases) func trapAfterDeopt(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.trap, [.init("mid", 0, "hot")], kind: kind)
    // Before any deopt: in the inlined body; then in the function that was missed, below frames that were
    // replaced; then in a replaced frame after its call; then null and foreign types and far indices.
    let result = try check(
      program,
      [
        ("run", [.i32(0), .i32(1)]), ("run", [.i32(1), .i32(0)]), ("run", [.i32(1), .i32(1)]),
        ("run", [.i32(2), .i32(0)]), ("run", [.i32(4), .i32(0)]), ("run", [.i32(-1), .i32(0)]),
        ("run", [.i32(1), .i32(70000)]),
        // Indices beyond the table trap where it is read.
      ], deopts: kind.isByReference ? 4 : 6)
    let functions = try ["divide", "cold", "mid", "run"].map {
      try #require(program.module.function(exported: $0))
    }
    guard case .trapped(.integerDivideByZero, let places) = result.optimized.outcomes[1] else {
      Issue.record("\(result.optimized.outcomes[1])")
      return
    }
    #expect(places.map(\.function) == functions)
    // divide and cold are compiled ahead of time, mid and run were replaced.
    #expect(result.optimized.tiers[1] == [.optimized, .optimized, .baseline, .baseline])
    #expect(result.optimized.tiers[0] == [.optimized, .optimized])
  }

  /// Where no room is left for the frames, there is a trap at the call that missed: at the first depth of
  /// recursion at which baseline's large frame does not fit, and optimized code still goes on.
  @Test(arguments: [true, false]) func stackExhaustion(isShared: Bool) throws {
    let program = try DeoptCase(
      DeoptPrograms.exhaustion, [.init("wide", 0, "hot")], kind: .init(isShared: isShared))
    var limits = Store.Limits()
    limits.stackSize = 1 << 17
    func outcome(_ depth: Int32, miss: Int32) throws -> DeoptCase.Outcome {
      let side = try DeoptComparison.run(
        program.artefact, [("run", [.i32(depth), .i32(miss)])], limits: limits)
      #expect(side.instance.deoptStatistics?.deopts == UInt64(miss))
      return side.outcomes[0]
    }
    var fits: Int32 = 0
    var overflows: Int32 = 1 << 17
    while overflows - fits > 1 {
      let middle = (fits + overflows) / 2
      if case .returned = try outcome(middle, miss: 0) { fits = middle } else { overflows = middle }
    }
    guard case .trapped(.stackOverflow, let places) = try outcome(fits, miss: 1) else {
      Issue.record("the frames fit")
      return
    }
    let wide = try #require(program.module.function(exported: "wide"))
    let call = try program.module.offsets(of: .callIndirect, function: wide)[0]
    let run = try #require(program.module.function(exported: "run"))
    #expect(places.first == .init(function: wide, byteOffset: call))
    #expect(places.dropFirst().allSatisfy { $0.function == run })
    let shallow = try DeoptComparison(program, [("run", [.i32(50), .i32(1)])])
    #expect(shallow.optimized.outcomes == shallow.baseline.outcomes)
  }

  // MARK: Tables

  /// A table that is written after all: the guard that asks for it pristine fails from then on, the others fail when the
  /// index or the entry is another.
  @Test(arguments: [true, false], [SitePlan.Guard.indexIfPristine, .reference])
  func writtenTable(isShared: Bool, guardKind: SitePlan.Guard) throws {
    let program = try DeoptCase(
      DeoptPrograms.writtenTable, [.init("run", 0, "hot")],
      kind: .init(isShared: isShared, guardKind: guardKind))
    let run: DeoptComparison.Call = ("run", [.i32(20)])
    try check(program, [run, run], deopts: 0)
    try check(program, [run, ("swap", []), run, run], deopts: 2)
    // Another entry than the one that is called.
    try check(program, [run, ("other", []), run], deopts: guardKind == .reference ? 0 : 1)
  }

  /// Generic code that calls through arrays of code addresses: own functions, imported ones with their own context,
  /// entries that are null or of another type, and entries whose function was despeculated.
  @Test(arguments: [true, false]) func dispatchTables(isShared: Bool) throws {
    let program = try DeoptCase(
      DeoptPrograms.dispatch, [.init("spec", 0, "hot")], kind: .init(isShared: isShared)
    ) { plan in
      plan.usesDispatchTables = true
      plan.inlinesDirectCalls = false
    }
    #expect(!program.plan.dispatchTables.isEmpty)
    func define(_ linker: Linker, _: () -> Instance?) throws {
      try linker.defineFunction("env", "host", FunctionType([.i32], [.i32])) { slots in
        slots[0] = (slots[0] &* 11) & 0xFFFF_FFFF
      }
    }
    let all = (Int32(-1)...8).map { index -> DeoptComparison.Call in
      ("run", [.i32(index), .i32(6)])
    }
    try check(program, all, deopts: 0, define: define)
    let misses = [DeoptComparison.Call](repeating: ("run", [.i32(2), .i32(7)]), count: 15)
    let result = try check(program, misses + all, deopts: 10, define: define)
    let spec = try #require(program.module.function(exported: "spec"))
    #expect(result.statistics.functions == [.init(function: spec, deopts: 10, isGeneric: true)])
  }

  /// A table of host references has no code to call.
  @Test func dispatchTablesAreOfFunctions() throws {
    let text = """
      (module (type $f (func (result i32)))
        (table $host 3 externref)
        (table $table 2 funcref) (elem (table $table) (i32.const 0) func $hot $cold)
        (func $hot (export "hot") (type $f) (i32.const 1))
        (func $cold (export "cold") (type $f) (i32.const 2))
        (func (export "run") (param i32) (result i32)
          (i32.add (ref.is_null (table.get $host (local.get 0)))
            (call_indirect $table (type $f) (local.get 0)))))
      """
    let program = try DeoptCase(text, [.init("run", 0, "hot")]) { $0.usesDispatchTables = true }
    #expect(Set(program.plan.dispatchTables.map(\.table)) == [1])
    try check(program, [("run", [.i32(0)]), ("run", [.i32(1)]), ("run", [.i32(2)])], deopts: 2)
  }

  // MARK: References, and every guard once

  @Test(arguments: DeoptCase.Kind.allCases) func references(kind: DeoptCase.Kind) throws {
    let program = try DeoptCase(DeoptPrograms.references, [.init("run", 0, "hot")], kind: kind)
    let calls: [DeoptComparison.Call] = [
      ("run", [.i32(0), .externref(77)]), ("run", [.i32(1), .externref(0xDEAD_BEEF_0123)]),
      ("run", [.i32(1), .externref(nil)]),
    ]
    let result = try check(program, calls, deopts: 2)
    #expect(
      result.optimized.outcomes[1] == .returned([.i32(6), .externref(0xDEAD_BEEF_0123), .i32(1)]))
  }

  /// Guards that all fail the first time: each deopts once, and nothing else changes.
  @Test(arguments: [true, false]) func forcedGuards(isShared: Bool) throws {
    let kind = DeoptCase.Kind(isShared: isShared)
    var forcing = GuardForcing()
    forcing.failsEachTestOnce = true
    func arguments(_ bits: Int32) -> [Value] { [.i32(bits), .i64(77), .f32(2.5), .f64(-1.75)] }
    let nested = try DeoptCase(
      DeoptPrograms.nested, DeoptPrograms.nestedSites, kind: kind, forcing: forcing)
    // run's tree has four guards, a's three, b's two, c's one.
    let calls = ["run", "run", "run", "run", "run", "a", "a", "a", "a", "run"]
    let result = try check(nested, calls.map { ($0, arguments(0)) }, deopts: 10)
    #expect(result.statistics.guards.allSatisfy { $0.deopts == 1 })
    #expect(result.statistics.guards.count == 10)
    let loop = try DeoptCase(
      DeoptPrograms.loop, [.init("run", 0, "hot")], kind: kind, forcing: forcing)
    try check(loop, [("run", [.i32(50), .i32(60)]), ("run", [.i32(50), .i32(60)])], deopts: 1)
  }
}
