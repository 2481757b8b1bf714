import Forcing
import Runtime
import TestSupport
import Testing
import Wasm

/// Exceptions in optimized code: programs do what they do on the baseline, with calls inlined and without, and when all guards
/// fail once.
@Suite struct ExceptionCodeTests {
  private func check(
    _ text: String, _ sites: [DeoptCase.Site], _ calls: [[Value]],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    for inlines in [true, false] {
      for forced in [false, true] where !sites.isEmpty || !forced {
        var forcing = GuardForcing()
        forcing.failsEachTestOnce = true
        let program = try DeoptCase(text, sites, forcing: forced ? forcing : nil) {
          $0.inlinesDirectCalls = inlines
        }
        for call in calls {
          let result = try DeoptComparison(program, [("run", call)])
          #expect(
            result.optimized.outcomes == result.baseline.outcomes,
            "\(call), inlining \(inlines), forced \(forced)", sourceLocation: location)
        }
      }
    }
  }

  private func integers(_ values: Int32...) -> [[Value]] { values.map { [.i32($0)] } }

  /// More values than there are registers, of all types, live in handlers of several frames.
  @Test func valuesInHandlers() throws {
    try check(
      """
      (module (tag $e (param i32 v128 f64 f32 i64))
        (func $leaf (param i32) (result i32)
          (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 3)))
            (then (throw $e (local.get 0) (i32x4.splat (local.get 0)) (f64.const 1.5) (f32.const -2.25)
              (i64.extend_i32_s (local.get 0)))))
          (i32.mul (local.get 0) (i32.const 5)))
        (func $mid (param i32 i32 i32 i32 i32) (result i32) (local v128)
          (local.set 5 (i32x4.mul (i32x4.splat (local.get 1)) (v128.const i32x4 1 2 3 4)))
          (i32.add
            (i32.mul (call $leaf (local.get 0)) (i32.add (local.get 1) (local.get 2)))
            (i32.add (i32.xor (local.get 3) (local.get 4))
              (i32.add (call $leaf (local.get 1)) (i32x4.extract_lane 2 (local.get 5))))))
        (func (export "run") (param i32) (result i32 i64 f64)
          (local $s i32) (local $v v128) (local $d f64) (local $f f32) (local $q i64) (local $i i32)
          (loop $l
            (block $done
              (block $h (result i32 v128 f64 f32 i64)
                (try_table (catch $e $h)
                  (local.set $s (i32.add (local.get $s)
                    (call $mid (local.get $i) (i32.add (local.get $i) (local.get 0)) (i32.const 7)
                      (local.get $s) (i32.const 9)))))
                (br $done))
              (local.set $q (i64.add (local.get $q)))
              (local.set $f (f32.add (local.get $f)))
              (local.set $d (f64.add (local.get $d)))
              (local.set $v (i32x4.add (local.get $v)))
              (local.set $s (i32.add (local.get $s))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
          (i32.add (local.get $s) (i32x4.extract_lane 1 (local.get $v)))
          (local.get $q)
          (f64.add (local.get $d) (f64.promote_f32 (local.get $f)))))
      """, [], integers(0, 1, 2, 3, 100))
  }

  /// A local that nothing but the handler reads, behind a guard in the body.
  @Test func localsOfHandlers() throws {
    try check(
      """
      (module (type $f (func (param i32) (result i32)))
        (tag $e) (table 3 funcref) (elem (i32.const 0) $hot $cold $throw)
        (func $hot (export "hot") (type $f) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (type $f) (i32.sub (local.get 0) (i32.const 1)))
        (func $throw (type $f) (if (i32.and (local.get 0) (i32.const 2)) (then (throw $e))) (local.get 0))
        (func (export "run") (param $x i32) (result i32) (local $a i32) (local $b i32)
          (local.set $a (i32.mul (local.get $x) (i32.const 77)))
          (local.set $b (i32.mul (local.get $x) (i32.const 99)))
          (block $h
            (try_table (catch_all $h)
              (local.set $x (call_indirect (type $f) (local.get $x) (i32.and (local.get $x) (i32.const 1))))
              (return (call_indirect (type $f) (local.get $x) (i32.const 2)))))
          (i32.add (local.get $a) (i32.mul (local.get $b) (local.get $x)))))
      """, [.init("run", 0, "hot")], integers(0, 1, 2, 3, 4, 5, 6, 7))
  }

  /// A loop in a try, and one in an arm of a legacy try, that is entered anew behind a deopt, throws and throws on.
  @Test func loopsInTries() throws {
    try check(
      """
      (module (type $f (func (param i32) (result i32)))
        (tag $e (param i32)) (table 3 funcref) (elem (i32.const 0) $hot $cold $throw)
        (func $hot (export "hot") (type $f) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (type $f) (i32.add (local.get 0) (i32.const 3)))
        (func $throw (type $f)
          (if (i32.gt_u (local.get 0) (i32.const 400)) (then (throw $e (local.get 0)))) (local.get 0))
        (func (export "run") (param $k i32) (result i32) (local $s i32) (local $i i32)
          (i32.const 1000)
          try (result i32)
            (i32.const 77)
            try (result i32)
              (i32.const 33)
              (loop $l
                (local.set $s (call_indirect (type $f) (local.get $s)
                  (i32.eq (local.get $i) (local.get $k))))
                (local.set $s (call_indirect (type $f) (i32.add (local.get $s) (local.get $i)) (i32.const 2)))
                (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
            catch $e
              (local.set $i (i32.const 0))
              (loop $m
                (local.set $s (call_indirect (type $f) (local.get $s)
                  (i32.eq (local.get $i) (i32.sub (local.get $k) (i32.const 10)))))
                (br_if $m (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
              (if (i32.and (local.get $k) (i32.const 1)) (then (rethrow 1)))
            end
            (i32.add)
          catch $e
            (i32.add (i32.const 5))
          end
          (i32.add) (i32.add (local.get $s))))
      """, [.init("run", 0, "hot"), .init("run", 2, "hot")],
      integers(-1, 0, 3, 11, 12, 20, 25, 29, 30, 49))
  }

  /// `delegate` skips tries; in an inlined body it may lead to the caller's.
  @Test func delegates() throws {
    try check(
      """
      (module (tag $e (param i32)) (tag $o)
        (func $throw (param i32)
          (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $e (i32.const 4))))
          (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $o))))
        (func $inner (param i32) (result i32)
          try $outer (result i32)
            try (result i32)
              try
                (call $throw (local.get 0))
                (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $o)))
              delegate 2
              (i32.const 1)
            catch_all
              (i32.const 2)
            end
          catch_all
            (i32.const 3)
          end)
        (func (export "run") (param i32) (result i32)
          try (result i32)
            (call $inner (local.get 0))
          catch $e
          catch $o
            (i32.const 100)
          end))
      """, [], integers(0, 1, 2, 3))
  }

  /// Where an exception was thrown that nothing caught, also through inlined bodies and handlers of other tags.
  @Test func uncaught() throws {
    try check(
      """
      (module (tag $e (param i32 f64)) (tag $o)
        (func $throw (param i32)
          (if (local.get 0) (then (throw $e (local.get 0) (f64.const 0.5)))))
        (func $a (param i32) (call $throw (i32.sub (local.get 0) (i32.const 1))))
        (func (export "run") (param i32) (result i32)
          (block $h
            (try_table (catch $o $h)
              (call $a (local.get 0))
              (throw $e (i32.const 1) (f64.const 2))))
          (i32.const 3)))
      """, [], integers(0, 1, 2))
  }

  /// A tail call has left the tries around it, also in bodies that are inlined, at calls and at tail calls.
  @Test func tailCalls() throws {
    try check(
      """
      (module (type $t (func (param i32) (result i32))) (tag $e (param i32))
        (table 1 funcref) (elem (i32.const 0) $throw)
        (func $throw (type $t)
          (if (local.get 0) (then (throw $e (local.get 0))))
          (i32.const 3))
        (func $leaves (type $t)
          (block $h (result i32)
            (try_table (result i32) (catch $e $h) (return_call $throw (local.get 0))))
          (i32.add (i32.const 1000)))
        (func $twice (type $t)
          (block $h (result i32)
            (try_table (result i32) (catch $e $h) (return_call $leaves (local.get 0))))
          (i32.add (i32.const 2000)))
        (func $indirect (type $t)
          (block $h (result i32)
            (try_table (result i32) (catch $e $h)
              (return_call_indirect (type $t) (local.get 0) (i32.const 0))))
          (i32.add (i32.const 4000)))
        (func (export "run") (type $t)
          (block $h (result i32)
            (try_table (result i32) (catch $e $h)
              (i32.mul (call $twice (local.get 0)) (i32.const 7))))
          (i32.add (i32.const 5))
          (block $h (result i32)
            (try_table (result i32) (catch $e $h)
              (i32.mul (call $indirect (local.get 0)) (i32.const 7))))
          (i32.add)))
      """, [], integers(0, 1, 9))
  }

  @Test func nullTraps() throws {
    try check(
      """
      (module
        (func $null (throw_ref (ref.null exn)))
        (func (export "run") (param i32) (result i32)
          (block $h
            (try_table (catch_all $h)
              (if (local.get 0) (then (throw_ref (ref.null exn))))
              (call $null)))
          (i32.const 3)))
      """, [], integers(0, 1))
  }

  /// A loop whose body throws to a handler in it, with loads and stores that trap in some iteration.
  @Test func throwsInLoops() throws {
    try check(
      """
      (module (tag $e (param i32)) (memory (export "memory") 1)
        (func $check (param i32) (result i32)
          (if (i32.and (local.get 0) (i32.const 8)) (then (throw $e (local.get 0))))
          (i32.load (i32.mul (local.get 0) (i32.const 4))))
        (func (export "run") (param $n i32) (result i32) (local $s i32) (local $i i32)
          (loop $l
            (block $done
              (block $h (result i32)
                (try_table (catch $e $h)
                  (local.set $s (i32.add (local.get $s) (call $check (local.get $i))))
                  (i32.store (i32.mul (local.get $i) (i32.const 4)) (local.get $s)))
                (br $done))
              (local.set $s (i32.add (local.get $s))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
          (local.get $s)))
      """, [], integers(1, 9, 100, 20000))
  }

  /// Two imports may be of one tag, which only the exception can tell; an own tag is no other's.
  @Test func importedTags() throws {
    let text = """
      (module
        (import "env" "a" (tag $a (param i32))) (import "env" "b" (tag $b (param i32)))
        (tag $own (param i32))
        (func (export "run") (param i32) (result i32)
          (block $ha (result i32)
            (block $hown (result i32)
              (block $hb (result i32)
                (try_table (catch $b $hb) (catch $own $hown) (catch $a $ha)
                  (if (i32.eqz (local.get 0)) (then (throw $a (i32.const 1))))
                  (throw $own (i32.const 2)))
                (unreachable))
              (return (i32.add (i32.const 100))))
            (return (i32.add (i32.const 200))))
          (return (i32.add (i32.const 300)))))
      """
    let program = try DeoptCase(text, [])
    let provider = try DeoptCase(
      "(module (tag (export \"x\") (param i32)) (tag (export \"y\") (param i32)))", [])
    for isSame in [true, false] {
      let result = try DeoptComparison(program, [("run", [.i32(0)]), ("run", [.i32(1)])]) {
        linker, _ in
        let tags = try linker.instantiate(provider.artefact)
        linker.define("env", "a", try #require(tags.export("x")))
        linker.define("env", "b", try #require(tags.export(isSame ? "x" : "y")))
      }
      #expect(result.optimized.outcomes == result.baseline.outcomes)
      #expect(
        result.optimized.outcomes == [
          .returned([.i32(isSame ? 101 : 301)]), .returned([.i32(202)]),
        ])
    }
  }
}
