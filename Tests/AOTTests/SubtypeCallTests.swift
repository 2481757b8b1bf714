import AOT
import Contract
import Feedback
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

/// Calls of functions by supertypes of their types, on every tier: the baseline, recording, without and with a profile, with a wrong
/// one, with guards that fail.
@Suite struct SubtypeCallTests {
  /// $a is above $b and $other, $b above $c, which is final; $same looks like $a and is another type.
  private static let types = """
    (type $a (sub (func (param i32) (result i32))))
    (type $b (sub $a (func (param i32) (result i32))))
    (type $c (sub final $b (func (param i32) (result i32))))
    (type $other (sub $a (func (param i32) (result i32))))
    (rec (type $same (sub (func (param i32) (result i32)))) (type (func)))
    (type $plain (func (param i32) (result i32)))
    (func $fa (type $a) (i32.add (local.get 0) (i32.const 1)))
    (func $fb (type $b) (i32.mul (local.get 0) (i32.const 3)))
    (func $fc (type $c) (i32.xor (local.get 0) (i32.const 0x55)))
    (func $fother (type $other) (i32.sub (i32.const 100) (local.get 0)))
    (func $fsame (type $same) (i32.const 5))
    (func $fplain (type $plain) (i32.const 6))
    """

  /// Calls entry $n of the table by each type, once and in a loop.
  private static func callers(_ instruction: String) -> String {
    ["a", "b", "c", "other", "same", "plain"].map { type in
      """
      (func $\(type)_ (export "\(type)") (param $n i32) (result i32)
        (\(instruction) (type $\(type)) (i32.const 10) (i32.rem_u (local.get $n) (i32.const 8))))
      (func (export "\(type) loop") (param $n i32) (result i32) (local $i i32) (local $s i32)
        (loop $again
          (local.set $s
            (i32.add (call $\(type)_ (i32.rem_u (i32.add (local.get $n) (i32.ge_u (local.get $i) (i32.const 30))) (i32.const 6)))
              (i32.shl (local.get $s) (i32.const 1))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 40))))
        (local.get $s))
      """
    }.joined()
  }

  private static let elements = "func $fa $fb $fc $fother $fsame $fplain"

  static let programs: [(name: String, text: String)] = [
    (
      "a table that never changes",
      """
      (module \(types) \(callers("call_indirect"))
        (table 7 funcref) (elem (i32.const 0) \(elements)))
      """
    ),
    (
      "a table that others may change",
      """
      (module \(types) \(callers("call_indirect"))
        (table (export "t") 7 funcref) (elem (i32.const 0) \(elements))
        (func (export "set") (param i32)
          (table.set (i32.and (local.get 0) (i32.const 3)) (ref.func $fother))))
      """
    ),
    (
      "tail calls",
      """
      (module \(types) \(callers("return_call_indirect"))
        (table 7 funcref) (elem (i32.const 0) \(elements)))
      """
    ),
    (
      "by reference",
      """
      (module \(types)
        (table $t 5 (ref null $a)) (elem (table $t) (i32.const 0) (ref null $a)
          (ref.func $fa) (ref.func $fb) (ref.func $fc) (ref.func $fother))
        (global $b (mut (ref $b)) (ref.func $fb))
        (func $pick (param $n i32) (result (ref null $a))
          (table.get $t (i32.rem_u (local.get $n) (i32.const 6))))
        (func (export "call") (param $n i32) (result i32)
          (call_ref $a (local.get $n) (call $pick (local.get $n))))
        (func (export "tail") (param $n i32) (result i32)
          (return_call_ref $a (local.get $n) (call $pick (local.get $n))))
        (func (export "loop") (param $n i32) (result i32) (local $i i32) (local $s i32)
          (loop $again
            (if (i32.eq (local.get $i) (i32.const 20)) (then (global.set $b (ref.func $fc))))
            (local.set $s
              (i32.add (call_ref $b (local.get $s) (global.get $b))
                (call_ref $a (local.get $s) (call $pick (i32.ge_u (local.get $i) (i32.const 15))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 25))))
          (local.get $s)))
      """
    ),
    // Parameters of the callee take more than the call's type says, its results give less.
    (
      "variance",
      """
      (module
        (type $leaf (sub (func (result i32))))
        (type $deeper (sub $leaf (func (result i32))))
        (type $wide (sub (func (param (ref $deeper)) (result (ref null $leaf)))))
        (type $narrow (sub $wide (func (param (ref null $leaf)) (result (ref $deeper)))))
        (func $one (type $deeper) (i32.const 1))
        (func $two (type $deeper) (i32.const 2))
        (func $w (type $wide) (local.get 0))
        (func $null (type $wide) (ref.null $leaf))
        (func $x (type $narrow)
          (if (result (ref $deeper)) (i32.eq (call_ref $leaf (local.get 0)) (i32.const 1))
            (then (ref.func $two)) (else (ref.func $one))))
        (elem declare func $one $two)
        (table 4 funcref) (elem (i32.const 0) func $w $x $null)
        (func (export "call") (param $n i32) (result i32)
          (call_ref $leaf
            (call_indirect (type $wide) (ref.func $one) (i32.and (local.get $n) (i32.const 3)))))
        (func (export "narrow") (param $n i32) (result i32)
          (call_ref $deeper
            (call_indirect (type $narrow) (ref.func $one) (i32.and (local.get $n) (i32.const 3)))))
        (func (export "loop") (param $n i32) (result i32) (local $i i32) (local $s i32)
          (loop $again
            (local.set $s
              (i32.add (i32.shl (local.get $s) (i32.const 1))
                (call_ref $leaf
                  (call_indirect (type $wide) (ref.func $two)
                    (i32.eq (i32.and (local.get $i) (i32.const 15)) (i32.const 15))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 40))))
          (local.get $s)))
      """
    ),
    (
      "a recursion group",
      """
      (module
        (rec
          (type $step (sub (func (param i32 (ref null $next)) (result i32))))
          (type $next (sub $step (func (param i32 (ref null $step)) (result i32)))))
        (func $down (type $next)
          (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
          (call_ref $step (i32.sub (local.get 0) (i32.const 1)) (global.get $g) (ref.as_non_null (local.get 1))))
        (func $end (type $step) (i32.mul (local.get 0) (i32.const 3)))
        (global $g (ref $next) (ref.func $down))
        (table 3 (ref null $step)) (elem (table 0) (i32.const 0) (ref null $step) (ref.func $down) (ref.func $end))
        (func (export "run") (param $n i32) (result i32)
          (call_indirect (type $step) (i32.const 50) (ref.func $down) (i32.and (local.get $n) (i32.const 3))))
        (func (export "next") (param $n i32) (result i32)
          (call_indirect (type $next) (i32.const 50) (table.get 0 (local.get $n)) (i32.and (local.get $n) (i32.const 3)))))
      """
    ),
  ]

  @Test(arguments: programs.map(\.name)) func everyTier(name: String) throws {
    let program = try #require(Self.programs.first { $0.name == name })
    let tiers = try TierTranscripts(Module(validating: assemble(program.text)))
    #expect(tiers.baseline.lines.count > 3)
    for (tier, transcript) in tiers.divergences {
      let difference = zip(tiers.baseline.lines, transcript.lines).first { $0 != $1 }
      Issue.record("\(tier): \(difference.map { "\($0)" } ?? "backtraces")")
    }
  }

  // MARK: The check

  private static func artefact(
    _ module: Module, _ profile: ModuleProfile = .init()
  ) throws -> Artefact {
    var options = CompilerOptions()
    options.usesProcesses = false
    options.isVerifying = true
    let plan = Planner.plan(module: module, profile: profile, options: .thorough)
    #expect(PlanChecker.problems(in: plan, of: module) == [])
    return try Artefact(
      bytes: Compiler.compile(module, plan: plan, profile: profile, options: options))
  }

  /// Types as deep as they may be, each a supertype of those below and of no other; functions of one module in the table of another.
  @Test(arguments: [false, true]) func depths(isOptimized: Bool) throws {
    let depths = [0, 1, 2, 31, 62, 63]
    // From index `first` on.
    func chain(_ first: Int) -> String {
      (1...63).reduce("(type (sub (func (result i32))))") { text, depth in
        text + "(type (sub \(first + depth - 1) (func (result i32))))"
      }
    }
    let functions = depths.map {
      "(func $\($0) (type \($0 + 1)) (i32.const \($0)))"
    }
    let definer = try Module(
      validating: assemble(
        """
        (module (type (func)) \(chain(1)) \(functions.joined())
          (table (export "t") \(depths.count) funcref)
          (elem (i32.const 0) func \(depths.map { "$\($0)" }.joined(separator: " "))))
        """))
    let callers = depths.map {
      "(func (export \"\($0)\") (param i32) (result i32) (call_indirect (type \($0)) (local.get 0)))"
    }
    let caller = try Module(
      validating: assemble(
        """
        (module \(chain(0)) (import "m" "t" (table \(depths.count) funcref))
          \(callers.joined()))
        """))
    let store = try Store()
    let linker = Linker(store)
    linker.define("m", try linker.instantiate(CompiledModule(definer)))
    let code =
      try isOptimized
      ? CompiledModule(artefact: Self.artefact(caller)) : CompiledModule(caller)
    let instance = try linker.instantiate(code)
    for (index, actual) in depths.enumerated() {
      for expected in depths {
        let function = try #require(instance.exportedFunction("\(expected)"))
        let arguments = [Value.i32(Int32(index))]
        if actual >= expected {
          #expect(try function.call(arguments) == [.i32(Int32(actual))])
        } else {
          let trap = #expect(throws: Trap.self) { try function.call(arguments) }
          #expect(trap?.code == .indirectCallTypeMismatch)
        }
      }
    }
  }

  /// A profile of calls by a supertype names functions of its subtypes, which are inlined; what is below another type never is.
  @Test func profileRoundTrip() throws {
    let module = try Module(
      validating: assemble(
        """
        (module \(Self.types)
          (table (export "t") 7 funcref) (elem (i32.const 0) \(Self.elements))
          (func $run (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
            (loop $again
              (local.set $s
                (call_indirect (type $a) (local.get $s)
                  (i32.add (local.get $n) (i32.and (local.get $i) (i32.const 1)))))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))
            (local.get $s)))
        """))
    let linker = Linker(try Store())
    let recording = try linker.instantiate(CompiledModule(recorder: Recorder(module)))
    _ = try recording.exportedFunction("run")?.call([.i32(1)])
    let profile = try #require(try recording.recordedProfile).match(module)
    let place = try module.offsets(of: .callIndirect, function: 6)[0]
    let plan = Planner.plan(module: module, profile: profile, options: .thorough)
    let site = try #require(plan.functions[6].speculative?.nodes[0].sites[place])
    #expect(site.targets.map(\.function) == [1, 2] && site.targets.allSatisfy { $0.node != nil })
    let optimized = try linker.instantiate(
      CompiledModule(artefact: Self.artefact(module, profile)))
    let plain = try linker.instantiate(CompiledModule(module))
    for (start, deopts) in [(1, 0), (0, 1), (2, 2)] as [(Int32, UInt64)] {
      let arguments = [Value.i32(start)]
      #expect(
        try optimized.exportedFunction("run")?.call(arguments)
          == plain.exportedFunction("run")?.call(arguments))
      #expect(optimized.deoptStatistics?.deopts == deopts)
    }
    // Of the function at index 4 the type only looks the same.
    let trap = #expect(throws: Trap.self) {
      try optimized.exportedFunction("run")?.call([.i32(4)])
    }
    #expect(trap?.code == .indirectCallTypeMismatch)

    // A profile that names it is not believed.
    var wrong = profile
    wrong.functions[6]?.callSites[place] = .init(targets: [.init(function: 4, count: 100)])
    let other = Planner.plan(module: module, profile: wrong, options: .thorough)
    #expect(PlanChecker.problems(in: other, of: module) == [])
    let sites = other.functions[6].speculative?.nodes.flatMap { $0.sites.values } ?? []
    #expect(sites.allSatisfy { $0.targets.isEmpty })
  }
}
