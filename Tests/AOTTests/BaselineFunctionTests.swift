import Forcing
import Contract
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// Functions that the compiler leaves to the baseline, among others that it does not: what a program does is the same.
@Suite struct BaselineFunctionTests {
  /// A program, and what to call in it: guards hold and fail, traps happen, loops go on after a deopt.
  struct Program {
    var name: String
    var text: String
    var sites: [DeoptCase.Site]
    var calls: [DeoptComparison.Call]
    var usesDispatchTables = false
  }

  private static var never: Value { .i32(1 << 30) }
  private static let names = [
    "loop", "nested", "twice", "wide", "recursion", "trap", "longLoop", "writtenTable", "dispatch",
  ]
  private static var programs: [Program] {
    [
      Program(
        name: "loop", text: DeoptPrograms.loop, sites: [.init("run", 0, "hot")],
        calls: [("run", [.i32(1000), .i32(5000)]), ("run", [.i32(1000), .i32(500)])]),
      Program(
        name: "nested", text: DeoptPrograms.nested, sites: DeoptPrograms.nestedSites,
        calls: (0..<16).map { ("run", [.i32($0), .i64(77), .f32(2.5), .f64(-1.75)]) }),
      Program(
        name: "twice", text: DeoptPrograms.twice, sites: [.init("mid", 0, "hot")],
        calls: [(0, 0), (1, 0), (0, 1), (1, 1)].map {
          ("run", [.i32($0), .i32($1), .i64(1 << 40)])
        }),
      Program(
        name: "wide", text: DeoptPrograms.wide, sites: [.init("mid", 0, "hot")],
        calls: [2, 3].map { (first: Int32) -> DeoptComparison.Call in
          (
            "run",
            (0..<22).map { (n: Int) -> Value in
              switch n % 4 {
              case 0: .i32(n == 0 ? first : Int32(n * 1000))
              case 1: .f64(Double(n) + 0.125)
              case 2: .i64(Int64(n) << 33)
              default: .f32(Float(n) - 0.5)
              }
            }
          )
        }),
      Program(
        name: "recursion", text: DeoptPrograms.recursion,
        sites: [.init("run", 0, "run"), .init("run", 1, "run")],
        calls: [-1, 12, 9, 4].map { ("run", [.i32(12), .i32($0)]) }),
      Program(
        name: "trap", text: DeoptPrograms.trap, sites: [.init("mid", 0, "hot")],
        calls: [(0, 1), (1, 0), (1, 1), (2, 0), (4, 0), (-1, 0), (1, 70000)].map {
          ("run", [.i32($0), .i32($1)])
        }),
      Program(
        name: "longLoop", text: DeoptPrograms.longLoop, sites: [.init("run", 0, "hot")],
        calls: [(never, never), (.i32(40), never), (.i32(40), .i32(60)), (never, .i32(60))].map {
          ("run", [.i32(100), $0, $1])
        }),
      Program(
        name: "writtenTable", text: DeoptPrograms.writtenTable, sites: [.init("run", 0, "hot")],
        calls: [("run", [.i32(20)]), ("swap", []), ("run", [.i32(20)]), ("run", [.i32(7)])]),
      Program(
        name: "dispatch", text: DeoptPrograms.dispatch, sites: [.init("spec", 0, "hot")],
        calls: (Int32(-1)...8).flatMap { index in
          (0..<12).map { ("run", [.i32(index), .i32(6 + ($0 & 1))]) }
        }, usesDispatchTables: true),
    ]
  }

  private func define(_ linker: Linker, _: () -> Instance?) throws {
    try linker.defineFunction("env", "host", FunctionType([.i32], [.i32])) { slots in
      slots[0] = (slots[0] &* 11) & 0xFFFF_FFFF
    }
  }

  private func compile(_ program: Program, _ functions: [Int], isInlining: Bool) throws -> DeoptCase
  {
    try DeoptCase(
      program.text, program.sites, kind: .init(isShared: functions.count % 2 == 1),
      baseline: functions
    ) { plan in
      plan.usesDispatchTables = program.usesDispatchTables
      plan.inlinesDirectCalls = isInlining
    }
  }

  /// Each function by itself, then all of them; calls inlined and not; guards left alone and made to fail.
  @Test(arguments: names, [true, false]) func eachInTurn(name: String, isInlining: Bool) throws {
    let program = try #require(Self.programs.first { $0.name == name })
    let module = try Module(validating: assemble(program.text))
    let defined = Array(module.importedFunctionCount..<module.functions.count)
    for functions in defined.map({ [$0] }) + [defined] {
      let compiled = try compile(program, functions, isInlining: isInlining)
      let artefact = try #require(compiled.artefact.code as? Artefact)
      #expect(artefact.code.baseline.map { Int($0.function) } == functions)
      #expect(artefact.loopRows(function: functions[0]).isEmpty)
      let expected = try DeoptComparison.run(compiled.baseline, program.calls, define)
      var forcings: [GuardForcing?] = [nil]
      for (period, loopPeriod) in [(1, nil), (2, 3)] as [(UInt64, Int?)] {
        var forcing = GuardForcing()
        forcing.period = period
        forcing.loopPeriod = loopPeriod
        forcings.append(forcing)
      }
      for forcing in forcings {
        let loaded = try Artefact(bytes: compiled.artefactBytes, forcing: forcing)
        let run = try DeoptComparison.run(
          CompiledModule(artefact: loaded), program.calls, define, budget: forcing.map { _ in nil })
        #expect(run.outcomes == expected.outcomes, "\(functions)")
        #expect(run.memories == expected.memories && run.globals == expected.globals)
        if functions == defined {
          #expect(run.tiers.joined().allSatisfy { $0 == .baseline })
          #expect(run.instance.deoptStatistics?.deopts == 0)
        }
      }
    }
  }

  /// Calls in both directions, direct and through a table, and neighbours that keep what they are compiled to.
  @Test func tiersCallEachOther() throws {
    let text = """
      (module
        (type $f (func (param i32) (result i32)))
        (table (export "table") 3 3 funcref) (elem (i32.const 0) $outer $middle $inner)
        (global $way (export "way") (mut i32) (i32.const 0))
        (func $outer (export "outer") (type $f)
          (if (result i32) (global.get $way)
            (then (call_indirect (type $f) (local.get 0) (i32.const 1)))
            (else (call $middle (local.get 0)))))
        (func $middle (export "middle") (type $f)
          (if (result i32) (global.get $way)
            (then (call_indirect (type $f) (local.get 0) (i32.const 2)))
            (else (call $inner (local.get 0)))))
        (func $inner (export "inner") (type $f) (i32.div_u (i32.const 84) (local.get 0)))
        (func (export "turn") (global.set $way (i32.const 1))))
      """
    let program = try DeoptCase(text, [], baseline: [1]) { $0.inlinesDirectCalls = false }
    let calls: [DeoptComparison.Call] = [
      ("outer", [.i32(2)]), ("outer", [.i32(0)]), ("turn", []), ("outer", [.i32(4)]),
      ("outer", [.i32(0)]), ("middle", [.i32(0)]),
    ]
    let result = try DeoptComparison(program, calls)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(
      result.optimized.tiers == [
        [.optimized, .baseline, .optimized], [.optimized, .baseline, .optimized],
        [.optimized, .baseline],
      ])
    // The artefact has its baseline code.
    #expect(program.artefact.baselineStatistics.functions == 0)
    // Through tables, the host and other instances too.
    let store = try Store()
    let instance = try Linker(store).instantiate(program.artefact)
    let middle = try #require(instance.exportedFunction("middle"))
    #expect(try middle.call([.i32(2)]) == [.i32(42)])
  }

  @Test(arguments: [true, false]) func isTheSameEachTime(isShared: Bool) throws {
    func bytes() throws -> [UInt8] {
      try DeoptCase(
        DeoptPrograms.nested, DeoptPrograms.nestedSites, kind: .init(isShared: isShared),
        baseline: [1, 3]
      ).artefactBytes
    }
    #expect(try bytes() == bytes())
  }

  // MARK: Features

  private static let extending = """
    (module
      (func $extend (export "extend") (param i32) (result i32) (i32.extend8_s (local.get 0)))
      (func (export "run") (param i32) (result i32)
        (i32.add (i32.const 1) (call $extend (local.get 0))))
      (func (export "other") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 5))))
    """

  private func compileLimited(inlining: Bool) throws -> (Artefact, Set<Int>) {
    let module = try Module(validating: assemble(Self.extending))
    var options = CompilerOptions()
    options.usesProcesses = false
    options.features.remove(.signExtension)
    var planner = PlannerOptions()
    if !inlining { planner.features = options.features }
    let plan = Planner.plan(module: module, options: planner)
    let artefact = try Artefact(bytes: Compiler.compile(module, plan: plan, options: options))
    let inlined = plan.functions.filter { $0.generic.nodes.count > 1 }.map(\.function)
    return (artefact, Set(inlined))
  }

  /// What a tier does not support costs a function its optimized code, and others nothing if the planner knows.
  @Test func functionsThatNeedMoreStayBaseline() throws {
    for (inlining, expected) in [(false, [0]), (true, [0, 1])] {
      let (artefact, inlined) = try compileLimited(inlining: inlining)
      #expect(inlined == (inlining ? [1] : []))
      #expect(artefact.code.baseline.map { Int($0.function) } == expected)
      let reason = try #require(artefact.baselineReason(function: 0))
      #expect(reason.kind == .notTranslatable)
      #expect(
        reason.description.hasPrefix("i32.extend8_s in function 0 at byte "), "\(reason)")
      let store = try Store()
      let instance = try Linker(store).instantiate(CompiledModule(artefact: artefact))
      let run = try #require(instance.exportedFunction("run"))
      #expect(try run.call([.i32(0xFF)]) == [.i32(0)])
    }
  }

  @Test func needsAreValues() throws {
    let module = try Module(validating: assemble(Self.extending))
    #expect(try module.features() == [.mvp, .signExtension])
    #expect(try module.features(ofFunction: 0) == [.mvp, .signExtension])
    #expect(try module.features(ofFunction: 1) == [.mvp])
    #expect(try module.firstNeed(ofFunction: 0, beyond: .optimizedTier) == nil)
    let need = try #require(try module.firstNeed(ofFunction: 0, beyond: [.mvp]))
    let offset = try module.offsets(of: .i32Extend8S, function: 0)[0]
    #expect(need.feature == .signExtension && need.what == "i32.extend8_s")
    #expect(need.byteOffset == offset)
    #expect(FeatureSet.baselineTier == .valid)
    #expect(FeatureSet.optimizedTier.isSubset(of: .baselineTier))
    let all = try Module(
      validating: assemble(
        """
        (module
          (import "e" "g" (global (mut i32)))
          (table 1 externref)
          (type $f (func))
          (type (sub (func)))
          (table 1 (ref null $f) (ref.null $f))
          (memory 1 (pagesize 1))
          (memory i64 1)
          (data "x")
          (global i32 (i32.add (i32.const 1) (i32.const 2)))
          (func (atomic.fence))
          (func (return_call 0))
          (tag)
          (func (try_table (catch_all 0)) (try (do) (catch_all)))
          (func (param i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 0)))
          (func (param f32) (result i32 i32)
            (drop (f32x4.relaxed_madd (f32x4.splat (local.get 0))
              (v128.const i64x2 1 2) (v128.const i64x2 3 4)))
            (i32.trunc_sat_f32_s (local.get 0)) (i32.extend8_s (i32.const 1))))
        """))
    #expect(try all.features() == .valid)
  }

  // MARK: Hostile tables

  /// Where the list begins in the section, behind its count, and the words of its two rows.
  @Test func tablesAreChecked() throws {
    let program = try DeoptCase(
      DeoptPrograms.longLoop, [.init("run", 0, "hot")], baseline: [0, 1])
    let sound = try ArtefactSurgery(program.artefactBytes)
    let contents = try #require(sound.contents(.code))
    // u32 count, then for each: function, kind, length, "planted".
    let row = 12 + 7
    let list = contents.count - 4 - 2 * row
    #expect(sound[.code, list] == 2)
    let (first, second) = (list + 4, list + 4 + row)
    #expect(sound.refusal { _ in } == "")
    #expect(sound.refusal { $0[.code, list] = 1 } == "unexpected bytes at the end")
    #expect(sound.refusal { $0[.code, list] = 3 } == "unexpected end")
    #expect(sound.refusal { $0[.code, list] = .max } == "count beyond the end")
    #expect(sound.refusal { $0[.code, first] = 1 } == "baseline functions are not in order")
    #expect(sound.refusal { $0[.code, second] = 0 } == "baseline functions are not in order")
    #expect(sound.refusal { $0[.code, second] = 3 } == "baseline function has no body")
    #expect(sound.refusal { $0[.code, second] = .max } == "baseline function has no body")
    #expect(
      sound.refusal { $0[.code, second] = 2 } == "baseline function 2 has a version with deopts")
    #expect(sound.refusal { $0[.code, first + 4] = 6 } == "not a reason for baseline code")
    #expect(sound.refusal { $0[.code, first + 8] = .max } != "")
    #expect(
      sound.refusal { $0[.code, first + 12] ^= 0x7B }
        == "reason for baseline code is too long, or has control characters")
    #expect(sound.refusal { $0[.code, first + 12] ^= 0x80 } == "not UTF-8")
  }
}
