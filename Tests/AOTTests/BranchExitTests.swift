import AOT
import Feedback
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

/// Exits of branches: trained on one way, called on all of them. Each way must do what the baseline does, with locals and
/// operands in registers, in their homes, aliased and constant where the frame resumes.
@Suite struct BranchExitTests {
  struct Program: CustomTestStringConvertible, Sendable {
    var name: String
    /// `(func $f (param $x i32) (result i64) …)` with two more locals, `$a` (i64) and `$b` (f64).
    var body: String
    var training: [Int32] = [0]
    var calls: [Int32] = [0, 1, 0, 1]
    /// Calls that leave optimized code.
    var exits = 2
    var testDescription: String { name }
  }

  /// Used after the branch, so that values are live there.
  private static let rest = "(i64.add (local.get $a) (i64.trunc_f64_s (local.get $b)))"

  static let programs = [
    Program(
      name: "then", body: "(if (local.get $x) (then (local.set $a (i64.const 9)))) \(rest)"),
    Program(
      name: "else",
      body: """
        (if (i32.eqz (local.get $x)) (then (local.set $a (i64.const 3)))
          (else (local.set $a (i64.add (local.get $a) (i64.const 9))))) \(rest)
        """),
    Program(
      name: "if with parameters and results",
      body: """
        (local.get $a) (local.get $b) (local.get $x)
        (if (param i64 f64) (result i64)
          (then (i64.trunc_f64_s) (i64.mul) (i64.add (i64.const 1)))
          (else (i64.trunc_f64_s) (i64.add)))
        (i64.add \(rest))
        """),
    Program(
      name: "fall through behind br_if",
      body: """
        (block $end (br_if $end (i32.eqz (local.get $x)))
          (local.set $b (f64.mul (local.get $b) (f64.const 3)))) \(rest)
        """),
    Program(
      name: "end of a block with results",
      body: """
        (i64.const 5)
        (block $end (result i64)
          (br_if $end (local.get $a) (local.get $x))
          (return (i64.add (i64.const 1))))
        (i64.add) (i64.add \(rest))
        """),
    Program(
      name: "operands beneath, aliased and in registers",
      body: """
        (local.get $a) (i64.mul (local.get $a) (i64.const 7)) (i64.const 11)
        (local.set $a (i64.const 1))
        (block $end (br_if $end (i32.eqz (local.get $x)))
          (local.set $a (i64.const 100)))
        (i64.add) (i64.add) (i64.add \(rest))
        """),
    Program(
      name: "dead local whose operand lives",
      body: """
        (local.get $a)
        (if (local.get $x) (then (global.set $g (i32.const 1))))
        (i64.add (i64.trunc_f64_s (local.get $b)))
        """),
    Program(
      name: "labels of br_table",
      body: """
        (block $c (block $b (block $a
          (br_table $a $b $c $b (local.get $x)))
          (return (local.get $a)))
          (return \(rest)))
        (i64.add (i64.const 4) \(rest))
        """, calls: [0, 1, 2, 3, 77, 0], exits: 4),
    Program(
      name: "branch out of a loop",
      body: """
        (local $n i32)
        (block $out (loop $l
          (br_if $out (i32.and (local.get $x) (i32.gt_u (local.get $n) (i32.const 5))))
          (local.set $a (i64.add (local.get $a) (i64.extend_i32_u (local.get $n))))
          (br_if $l (i32.lt_u
            (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))
          (return (local.get $a)))
        \(rest)
        """),
    // What follows a back edge has run before.
    Program(
      name: "back edge",
      body: """
        (loop $l
          (local.set $a (i64.add (local.get $a) (i64.const 1)))
          (br_if $l (i32.and (local.get $x) (i64.lt_s (local.get $a) (i64.const 60)))))
        \(rest)
        """, exits: 0),
    Program(
      name: "trap behind the exit",
      body: """
        (global.set $g (i32.const 5))
        (if (local.get $x) (then (global.set $g (i32.const 6)) (drop (i32.load (i32.const -1)))))
        \(rest)
        """),
    // Nulls only, then others too; and the other way round.
    Program(
      name: "br_on_null goes on",
      body: """
        (local.get $a)
        (block $null
          (br_on_null $null
            (select (result funcref) (ref.func $inner) (ref.null func) (local.get $x)))
          (local.set $a (i64.add (i64.extend_i32_u (ref.is_null)) (i64.const 100))))
        (i64.add \(rest))
        """),
    Program(
      name: "br_on_null branches",
      body: """
        (block $null (result i64)
          (drop (br_on_null $null (local.get $a)
            (select (result funcref) (ref.null func) (ref.func $inner) (local.get $x))))
          (return (i64.add \(rest))))
        (i64.mul (i64.const 3)) (i64.add \(rest))
        """),
    Program(
      name: "br_on_non_null goes on",
      body: """
        (block $there (result i64 (ref func))
          (br_on_non_null $there (local.get $a)
            (select (result funcref) (ref.null func) (ref.func $inner) (local.get $x)))
          (return (i64.sub \(rest))))
        (ref.is_null) (i64.extend_i32_u) (i64.add) (i64.add \(rest))
        """),
    Program(
      name: "br_on_non_null branches",
      body: """
        (block $there (result i64 (ref func))
          (br_on_non_null $there (local.get $a)
            (select (result funcref) (ref.func $inner) (ref.null func) (local.get $x)))
          (return (i64.sub \(rest))))
        (ref.is_null) (i64.extend_i32_u) (i64.add) (i64.mul (i64.const 7)) (i64.add \(rest))
        """),
    Program(
      name: "in an inlined body",
      body:
        "(i64.add (i64.mul (local.get $a) (i64.const 3)) (call $inner (local.get $x))) (i64.add \(rest))"
    ),
  ]

  private func text(_ program: Program) -> String {
    """
    (module (memory (export "memory") 1) (global $g (export "g") (mut i32) (i32.const 0))
      (elem declare func $inner)
      (func $inner (param i32) (result i64)
        (if (local.get 0) (then (i32.store (i32.const 8) (i32.const 5)))) (i64.const 12))
      (func $f (export "f") (param $x i32) (result i64) (local $a i64) (local $b f64)
        (local.set $a (i64.extend_i32_s (i32.add (local.get $x) (i32.const 41))))
        (local.set $b (f64.convert_i32_s (i32.sub (local.get $x) (i32.const 7))))
        \(program.body)))
    """
  }

  @Test(arguments: programs, [1, 2, 3]) func allWays(program: Program, level: Int) throws {
    // Declarations of locals come first.
    var program = program
    var text = text(program)
    if program.body.contains("(local $n i32)") {
      program.body = program.body.replacing("(local $n i32)", with: "")
      text = self.text(program).replacing("(local $b f64)", with: "(local $b f64) (local $n i32)")
    }
    let module = try Module(validating: assemble(text))
    let recorded = try DeoptComparison.run(
      CompiledModule(recorder: Recorder(module)), program.training.map { ("f", [.i32($0)]) })
    let profile = try #require(try recorded.instance.recordedProfile).match(module)
    var planner = PlannerOptions.thorough
    // A heavy function has exits only beside guarded calls.
    planner.tuning.genericShare = 2
    let plan = Planner.plan(module: module, profile: profile, options: planner)
      .inTiers(level: level)
    #expect(PlanChecker.problems(in: plan, of: module) == [])
    var options = CompilerOptions(isShared: level == 3)
    options.usesProcesses = false
    options.isVerifying = true
    let bytes = try Compiler.compile(module, plan: plan, profile: profile, options: options)
    let artefact = try Artefact(bytes: bytes)
    try artefact.check()
    let calls: [DeoptComparison.Call] = program.calls.map { ("f", [.i32($0)]) }
    let expected = try DeoptComparison.run(CompiledModule(module), calls)
    let actual = try DeoptComparison.run(
      CompiledModule(artefact: artefact), calls, budget: .some(nil))
    #expect(actual.outcomes == expected.outcomes)
    #expect(actual.memories == expected.memories)
    #expect(actual.globals["g"] == expected.globals["g"])
    #expect(actual.instance.deoptStatistics?.deopts == UInt64(program.exits))
  }

  /// Its frames are the baseline's, so it goes on there once the budget is exhausted.
  @Test func budgetEndsExits() throws {
    let module = try Module(validating: assemble(text(Self.programs[0])))
    let recorded = try DeoptComparison.run(
      CompiledModule(recorder: Recorder(module)), [("f", [.i32(0)])])
    let profile = try #require(try recorded.instance.recordedProfile).match(module)
    var planner = PlannerOptions.thorough
    planner.tuning.genericShare = 2
    var options = CompilerOptions()
    options.usesProcesses = false
    let bytes = try Compiler.compile(
      module, plan: Planner.plan(module: module, profile: profile, options: planner),
      profile: profile, options: options)
    let calls: [DeoptComparison.Call] = (0..<20).map { _ in ("f", [.i32(1)]) }
    let actual = try DeoptComparison.run(
      CompiledModule(artefact: Artefact(bytes: bytes)), calls, budget: .some(3))
    #expect(actual.instance.deoptStatistics?.deopts == 3)
    #expect(
      actual.outcomes == (try DeoptComparison.run(CompiledModule(module), calls)).outcomes)
  }
}
