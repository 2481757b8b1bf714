import AOT
import Contract
import Feedback
import Forcing
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

/// Calls by reference and what goes with them, on every tier: the baseline, recording, without and with a profile, with a wrong one,
/// with guards that fail.
@Suite struct CallReferenceTests {
  /// References in locals, globals, tables and across blocks; nulls; types that are not null only on one way.
  static let programs: [(name: String, text: String)] = [
    (
      "references that change",
      """
      (module
        (type $f (func (param i32) (result i32)))
        (func $a (type $f) (i32.add (local.get 0) (i32.const 1)))
        (func $b (type $f) (i32.mul (local.get 0) (i32.const 3)))
        (func $c (type $f) (i32.xor (local.get 0) (i32.const 0x55)))
        (table $t 3 (ref null $f)) (elem (table $t) (i32.const 0) (ref null $f) (ref.func $a) (ref.func $b))
        (global $g (mut (ref null $f)) (ref.func $c))
        (global $fixed (ref $f) (ref.func $b))
        (func (export "local") (param $n i32) (result i32) (local $r (ref $f)) (local $i i32) (local $s i32)
          (local.set $r (ref.func $a))
          (loop $again
            (if (i32.eq (i32.and (local.get $i) (i32.const 7)) (i32.const 7)) (then (local.set $r (ref.func $b))))
            (if (i32.eq (local.get $i) (i32.const 30)) (then (local.set $r (ref.func $c))))
            (local.set $s (call_ref $f (local.get $s) (local.get $r)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 40))))
          (i32.add (local.get $s) (local.get $n)))
        (func (export "global") (param $n i32) (result i32)
          (local $s i32)
          (local.set $s (call_ref $f (local.get $n) (global.get $g)))
          (global.set $g (table.get $t (i32.and (local.get $n) (i32.const 1))))
          (i32.add (local.get $s) (call_ref $f (local.get $s) (global.get $fixed))))
        (func (export "table") (param $n i32) (result i32)
          (call_ref $f (local.get $n) (table.get $t (i32.and (local.get $n) (i32.const 3)))))
        (func (export "indirect") (param $n i32) (result i32)
          (call_indirect $t (type $f) (local.get $n) (i32.and (local.get $n) (i32.const 3)))))
      """
    ),
    (
      "nulls",
      """
      (module
        (type $f (func (param i64 f64) (result i64 f64)))
        (func $a (type $f) (i64.add (local.get 0) (i64.const 1)) (f64.mul (local.get 1) (f64.const 2)))
        (table $t 2 (ref null $f)) (elem (table $t) (i32.const 1) (ref null $f) (ref.func $a))
        (func $pick (param i32) (result (ref null $f)) (table.get $t (i32.and (local.get 0) (i32.const 1))))
        (func (export "call") (param $n i32) (result i64 f64)
          (call_ref $f (i64.const 3) (f64.const 0.5) (call $pick (local.get $n))))
        (func (export "as_non_null") (param $n i32) (result i32)
          (ref.is_null (ref.as_non_null (call $pick (local.get $n)))))
        (func (export "on_null") (param $n i32) (param $d i64) (result i64)
          (block $null (result i64)
            (i64.sub (br_on_null $null (local.get $d) (call $pick (local.get $n))) (ref.is_null) (i64.extend_i32_u))
            (return (i64.add (i64.const 100)))))
        (func (export "on_non_null") (param $n i32) (param $d i64) (result i64 f64)
          (block $there (result i64 f64 (ref $f))
            (local.get $d) (f64.const 1.5)
            (br_on_non_null $there (call $pick (local.get $n)))
            (return))
          (call_ref $f))
        (func (export "loop") (param $n i32) (result i32) (local $i i32) (local $sum i32)
          (block $out
            (loop $again
              (drop (br_on_null $out (call $pick (i32.ne (local.get $i) (local.get $n)))))
              (local.set $sum (i32.add (local.get $sum) (local.get $i)))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $i) (i32.const 20)))))
          (local.get $sum))
        (func (export "extern") (param externref) (result i32)
          (block $null (drop (br_on_null $null (local.get 0))) (return (i32.const 1)))
          (i32.const 0)))
      """
    ),
    // The reference is null on another way than that on which the types say that it is not.
    (
      "merges",
      """
      (module
        (type $f (func (result i32)))
        (func $a (type $f) (i32.const 7))
        (elem declare func $a)
        (func (export "else") (param $n i32) (result i32)
          (ref.null $f) (local.get $n)
          (if (param (ref null $f)) (result (ref null $f)) (then (drop) (ref.func $a)))
          (call_ref $f))
        (func (export "br") (param $n i32) (result i32)
          (block $b (result (ref null $f))
            (drop (br_if $b (ref.null $f) (local.get $n))) (ref.func $a))
          (call_ref $f))
        (func (export "loop") (param $n i32) (result i32) (local $i i32)
          (ref.func $a)
          (loop $l (param (ref null $f)) (result i32)
            (call_ref $f)
            (local.set $i (i32.add (local.get $i)))
            (ref.func $a)
            (br_if $l (i32.lt_u (local.get $i) (i32.const 20)))
            (drop) (ref.null $f)
            (br_if $l (local.get $n))
            (drop) (local.get $i)))
        (func (export "select") (param $n i32) (result i32)
          (call_ref $f (select (result (ref null $f)) (ref.func $a) (ref.null $f) (local.get $n))))
        (func (export "select other") (param $n i32) (result i32)
          (call_ref $f (select (result (ref null $f)) (ref.null $f) (ref.func $a) (local.get $n))))
        (func (export "uninitialized") (param $n i32) (result i32) (local $r (ref $f))
          (block $out
            (br_if $out (local.get $n))
            (local.set $r (ref.func $a))
            (return (call_ref $f (local.get $r))))
          (i32.const 5)))
      """
    ),
    (
      "many arguments",
      """
      (module
        (type $f (func (param i32 i64 f32 f64 i32 i64 i32 i64 i32 f64) (result i64 i64 f64 i32)))
        (func $a (type $f)
          (i64.add (local.get 1) (local.get 5)) (i64.sub (local.get 7) (local.get 1))
          (f64.add (local.get 3) (local.get 9)) (i32.add (local.get 4) (i32.mul (local.get 6) (local.get 8))))
        (func $b (type $f)
          (i64.mul (local.get 1) (local.get 7)) (i64.const 9) (f64.promote_f32 (local.get 2)) (local.get 0))
        (table $t 3 (ref null $f)) (elem (table $t) (i32.const 0) (ref null $f) (ref.func $a) (ref.func $b))
        (func $call (param $n i32) (param $l i64) (result i64 i64 f64 i32)
          (call_ref $f (i32.const 1) (local.get $l) (f32.const 3.5) (f64.const -2) (local.get $n)
            (i64.const 6) (i32.const 7) (local.get $l) (i32.const 9) (f64.const 0.25)
            (table.get $t (local.get $n))))
        (func (export "run") (param $n i32) (result i64) (local $i i32) (local $h i64)
          (loop $again
            (local.get $h) (call $call (i32.ge_u (local.get $i) (i32.const 15)) (i64.extend_i32_u (local.get $i)))
            (i64.extend_i32_s) (local.set $h) (i64.trunc_f64_s) (i64.add) (i64.xor) (i64.add) (local.get $h) (i64.add)
            (local.set $h)
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 20))))
          (i64.add (local.get $h) (i64.extend_i32_u (local.get $n))))
        (func (export "once") (param $n i32) (result i64 i64 f64 i32)
          (call $call (i32.and (local.get $n) (i32.const 3)) (i64.const 5))))
      """
    ),
    (
      "tables with initializers",
      """
      (module
        (type $f (func (result i32)))
        (func $a (type $f) (i32.const 7)) (func $b (type $f) (i32.const 8))
        (table $t 5 (ref $f) (ref.func $a)) (table $u 3 8 funcref (ref.func $b))
        (elem (table $t) (i32.const 2) (ref $f) (ref.func $b))
        (func (export "t") (param i32) (result i32)
          (call_ref $f (table.get $t (i32.and (local.get 0) (i32.const 7)))))
        (func (export "call t") (param i32) (result i32)
          (call_indirect $t (type $f) (i32.and (local.get 0) (i32.const 7))))
        (func (export "call u") (param i32) (result i32)
          (call_indirect $u (type $f) (i32.and (local.get 0) (i32.const 7))))
        (func (export "grow") (result i32) (table.grow $u (ref.func $a) (i32.const 1)))
        (func (export "set") (param i32)
          (table.set $t (i32.and (local.get 0) (i32.const 7)) (ref.func $b))))
      """
    ),
    (
      "tail calls",
      """
      (module
        (type $f (func (param i32 i64) (result i64)))
        (func $even (type $f)
          (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
          (return_call_ref $f (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3)) (global.get $odd)))
        (func $odd_ (type $f)
          (if (i32.eqz (local.get 0)) (then (return (i64.mul (local.get 1) (i64.const 5)))))
          (return_call_ref $f (i32.sub (local.get 0) (i32.const 1)) (i64.xor (local.get 1) (i64.const 9))
            (table.get $t (i32.const 0))))
        (func $other (type $f) (return_call_ref $f (local.get 0) (i64.const 7) (ref.func $even)))
        (global $odd (mut (ref $f)) (ref.func $odd_))
        (table $t 3 (ref null $f)) (elem (table $t) (i32.const 0) (ref null $f) (ref.func $even) (ref.func $other))
        (func (export "run") (param $n i32) (result i64)
          (call_ref $f (i32.const 100000) (i64.extend_i32_u (local.get $n)) (table.get $t (i32.and (local.get $n) (i32.const 1)))))
        (func (export "tail") (param $n i32) (result i64)
          (return_call_ref $f (i32.const 10) (i64.const 1) (table.get $t (i32.and (local.get $n) (i32.const 3)))))
        (func (export "change") (table.set $t (i32.const 0) (ref.func $other)) (global.set $odd (ref.func $even))))
      """
    ),
    (
      "equal types of other indices",
      """
      (module
        (type $s0 (func (param i32) (result i32))) (type $s1 (func (param i32) (result i32)))
        (type $t0 (func (param (ref $s0)) (result i32))) (type $t1 (func (param (ref $s1)) (result i32)))
        (func $leaf (type $s0) (i32.add (local.get 0) (i32.const 4)))
        (func $f (type $t0) (call_ref $s1 (i32.const 5) (local.get 0)))
        (table funcref (elem $f)) (elem declare func $leaf)
        (func (export "reference") (result i32) (call_ref $t1 (ref.func $leaf) (ref.func $f)))
        (func (export "table") (result i32) (call_indirect (type $t1) (ref.func $leaf) (i32.const 0))))
      """
    ),
    (
      "inlined into each other",
      """
      (module
        (type $g (func (param i32) (result i32)))
        (type $f (func (param i32 (ref null $g)) (result i32)))
        (func $leaf (type $g) (i32.add (local.get 0) (i32.const 11)))
        (func $other (type $g) (i32.div_u (i32.const 1000) (i32.sub (local.get 0) (i32.const 9))))
        (func $mid (type $f)
          (i32.mul (i32.const 5) (call_ref $g (i32.add (local.get 0) (i32.const 2)) (local.get 1))))
        (global $m (mut (ref null $f)) (ref.func $mid))
        (table $t 3 (ref null $g)) (elem (table $t) (i32.const 0) (ref null $g) (ref.func $leaf) (ref.func $other))
        (func (export "run") (param $n i32) (result i32) (local $i i32) (local $s i32)
          (loop $again
            (local.set $s
              (i32.add (local.get $s)
                (call_ref $f (local.get $i)
                  (table.get $t (i32.rem_u (i32.add (i32.mul (local.get $i) (local.get $n)) (i32.const 0)) (i32.const 3)))
                  (global.get $m))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 12))))
          (local.get $s)))
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

  // MARK: Traps

  /// A null traps at its instruction, before the arguments have done anything, and in inlined bodies.
  @Test(arguments: [false, true]) func placesOfNulls(isOptimized: Bool) throws {
    let module = try Module(
      validating: assemble(
        """
        (module (type $f (func))
          (func $inner (param (ref null $f)) (call_ref $f (local.get 0)))
          (func (export "call") (call $inner (ref.null $f)))
          (func (export "as") (drop (ref.as_non_null (ref.null $f)))))
        """))
    let code =
      try isOptimized ? CompiledModule(artefact: artefact(module)) : CompiledModule(module)
    let store = try Store()
    let instance = try Linker(store).instantiate(code)
    for (name, opcode, trap, functions) in [
      ("call", .callRef, .nullFunctionReference, [0, 1]),
      ("as", .refAsNonNull, .nullReference, [2]),
    ] as [(String, Opcode, TrapCode, [Int])] {
      let found = #expect(throws: Trap.self) { try instance.exportedFunction(name)?.call() }
      #expect(found?.code == trap)
      #expect(found?.frames.map(\.function) == functions)
      let place = try module.offsets(of: opcode, function: functions[0])[0]
      #expect(found?.frames.first?.byteOffset == place)
    }
  }

  // MARK: Profiles

  private func artefact(_ module: Module, _ profile: ModuleProfile = .init()) throws -> Artefact {
    var options = CompilerOptions()
    options.usesProcesses = false
    options.isVerifying = true
    let plan = Planner.plan(module: module, profile: profile, options: .thorough)
    #expect(PlanChecker.problems(in: plan, of: module) == [])
    return try Artefact(
      bytes: Compiler.compile(module, plan: plan, profile: profile, options: options))
  }

  /// Of three functions `run` calls those that its argument says: recorded with one, two or all of them, then called with all.
  @Test(arguments: [[0], [0, 1], [0, 1, 2]] as [[Int32]])
  func profileRoundTrip(trained: [Int32]) throws {
    let module = try Module(
      validating: assemble(
        """
        (module (type $f (func (param i32) (result i32)))
          (func $a (type $f) (i32.add (local.get 0) (i32.const 1)))
          (func $b (type $f) (i32.mul (local.get 0) (i32.const 3)))
          (func $c (type $f) (i32.xor (local.get 0) (i32.const 0x55)))
          (global $g (mut (ref $f)) (ref.func $a))
          (table $t 3 (ref null $f)) (elem (table $t) (i32.const 0) (ref null $f) (ref.func $a) (ref.func $b) (ref.func $c))
          (func (export "run") (param $which i32) (result i32) (local $i i32) (local $s i32)
            (global.set $g (ref.as_non_null (table.get $t (local.get $which))))
            (loop $again
              (local.set $s (call_ref $f (local.get $s) (global.get $g)))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))
            (local.get $s)))
        """))
    let store = try Store()
    let recording = try Linker(store).instantiate(CompiledModule(recorder: Recorder(module)))
    let run = try #require(recording.exportedFunction("run"))
    for which in trained { _ = try run.call([.i32(which)]) }
    let file = try #require(try recording.recordedProfile)
    let again = try ProfileFile(decoding: file.encode())
    let profile = again.match(module)
    let place = try module.offsets(of: .callRef, function: 3)[0]
    let site = try #require(profile.functions[3]?.callSites[place])
    #expect(site.targets.map(\.function) == trained.map(Int.init))
    #expect(site.targets.map(\.count) == trained.map { _ in 100 })
    let plan = Planner.plan(module: module, profile: profile, options: .thorough)
    let planned = try #require(plan.functions[3].speculative?.nodes[0].sites[place])
    #expect(planned.guardKind == .reference && planned.miss == .deopt)
    #expect(planned.targets.allSatisfy { $0.node != nil && $0.tableIndices.isEmpty })

    let compiled = CompiledModule(artefact: try artefact(module, profile))
    let optimized = try Linker(store).instantiate(compiled)
    let plain = try Linker(store).instantiate(CompiledModule(module))
    for which in [0, 1, 2, 0] as [Int32] {
      #expect(
        try optimized.exportedFunction("run")?.call([.i32(which)])
          == plain.exportedFunction("run")?.call([.i32(which)]))
    }
    #expect(optimized.deoptStatistics?.deopts == UInt64(3 - trained.count))
  }

  /// What another instance or the host defines is foreign: no guard is made for it, and it is called.
  @Test func foreignTargets() throws {
    let store = try Store()
    let linker = Linker(store)
    try linker.defineFunction("host", "f", FunctionType([.i32], [.i32])) { $0[0] += 5 }
    let module = try Module(
      validating: assemble(
        """
        (module (type $f (func (param i32) (result i32)))
          (import "host" "f" (func $host (type $f)))
          (elem declare func $host)
          (func (export "run") (param i32) (result i32) (call_ref $f (local.get 0) (ref.func $host))))
        """))
    let recording = try linker.instantiate(CompiledModule(recorder: Recorder(module)))
    #expect(try recording.exportedFunction("run")?.call([.i32(1)]) == [.i32(6)])
    let profile = try #require(try recording.recordedProfile).match(module)
    #expect(profile.functions[1]?.callSites.values.first?.foreignCount == 1)
    let optimized = try linker.instantiate(CompiledModule(artefact: artefact(module, profile)))
    #expect(try optimized.exportedFunction("run")?.call([.i32(2)]) == [.i32(7)])
    #expect(optimized.deoptStatistics?.deopts == 0)
  }

  /// References cross instances, with their types: what a module is given it may call.
  @Test func betweenInstances() throws {
    let store = try Store()
    let linker = Linker(store)
    let first = try Module(
      validating: assemble(
        """
        (module (type $f (func (param i32) (result i32)))
          (func $a (type $f) (i32.add (local.get 0) (i32.const 40)))
          (global (export "g") (ref $f) (ref.func $a))
          (table (export "t") 2 (ref null $f)) (elem (table 0) (i32.const 1) (ref null $f) (ref.func $a)))
        """))
    let second = try Module(
      validating: assemble(
        """
        (module (type $other (func)) (type $f (func (param i32) (result i32)))
          (import "first" "g" (global $g (ref $f)))
          (import "first" "t" (table $t 2 (ref null $f)))
          (table $own 3 (ref null $f) (global.get $g))
          (func (export "run") (param i32) (result i32)
            (i32.add
              (call_ref $f (local.get 0) (global.get $g))
              (i32.add (call_ref $f (i32.const 0) (table.get $own (local.get 0)))
                (call_ref $f (i32.const 100) (table.get $t (i32.const 1)))))))
        """))
    linker.define("first", try linker.instantiate(CompiledModule(artefact: artefact(first))))
    for code in [CompiledModule(second), CompiledModule(artefact: try artefact(second))] {
      let instance = try linker.instantiate(code)
      #expect(try instance.exportedFunction("run")?.call([.i32(2)]) == [.i32(42 + 40 + 140)])
    }
    let wrong = try Module(
      validating: assemble(
        "(module (type $f (func)) (import \"first\" \"g\" (global (ref $f))))"))
    #expect(throws: LinkError.self) { try linker.instantiate(CompiledModule(wrong)) }
  }
}
