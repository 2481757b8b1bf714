import Runtime
import Testing
import Wasm

/// Exceptions on the baseline: what catches them, and what handlers see.
@Suite struct ExceptionTests {
  /// What `f` of a module returns for each argument, with and without instrumentation.
  private static func check(
    _ text: String, _ expected: [(Int32, [Value])],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    for feedback in [false, true] {
      let machine = try Machine()
      let instance = try machine.linker.instantiate(Machine.compile(text, feedback: feedback))
      for (argument, values) in expected {
        #expect(
          try instance.call("f", .i32(argument)) == values, "f(\(argument))",
          sourceLocation: location)
      }
    }
  }

  private static let tags = """
    (tag $a (param i32)) (tag $b (param i64 f64)) (tag $c) (tag $v (param i32 v128 f32))
    (func $throw (param i32)
      (if (i32.eq (local.get 0) (i32.const 0)) (then (throw $a (i32.const 7))))
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $b (i64.const 8) (f64.const 9))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $c)))
      (if (i32.eq (local.get 0) (i32.const 3))
        (then (throw $v (i32.const 5) (v128.const i32x4 1 2 3 4) (f32.const 6)))))
    """

  @Test func clauses() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func (export "f") (param i32) (result i32) (local f64 v128 f32)
          (block $none
            (block $a (result i32)
              (block $b (result i64 f64)
                (block $v (result i32 v128 f32)
                  (try_table (catch $a $a) (catch $b $b) (catch $v $v) (catch_all $none)
                    (call $throw (local.get 0)))
                  (return (i32.const -5)))
                (local.set 3) (local.set 2)
                (i32.add (i32x4.extract_lane 3 (local.get 2)))
                (i32.add (i32.trunc_f32_s (local.get 3)))
                (return))
              (local.set 1)
              (i32.wrap_i64)
              (i32.add (i32.mul (i32.trunc_f64_s (local.get 1)) (i32.const 100)))
              (return))
            (return))
          (i32.const 55)))
      """,
      [(0, [.i32(7)]), (1, [.i32(908)]), (2, [.i32(55)]), (3, [.i32(15)]), (4, [.i32(-5)])])
  }

  /// The first clause that fits counts, and it may lead to the function's end.
  @Test func toTheFunctionsEnd() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func (export "f") (param i32) (result i64 f64)
          (try_table (result i64 f64) (catch $b 0) (catch $b 0)
            (call $throw (local.get 0)) (i64.const 1) (f64.const 2))))
      """, [(1, [.i64(8), .f64(9.0)]), (4, [.i64(1), .f64(2.0)])])
  }

  @Test func toALoop() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func (export "f") (param i32) (result i32) (local $sum i32)
          (i32.const 1000)
          (i32.const 0)
          (loop $again (param i32) (result i32)
            (local.set $sum (i32.add (local.get $sum)))
            (if (i32.lt_u (local.get $sum) (local.get 0))
              (then (try_table (catch $a $again) (call $throw (i32.const 0))) unreachable))
            (local.get $sum))
          (i32.add)))
      """, [(0, [.i32(1000)]), (20, [.i32(1021)])])
  }

  /// What was computed in front of the body, and what the body did before it threw.
  @Test func stateInHandlers() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (global $g (mut i32) (i32.const 1))
        (func (export "f") (param i32) (result i32) (local $x i32) (local $only i32)
          (local.set $x (i32.mul (local.get 0) (i32.const 3)))
          (i32.add (local.get $x) (i32.const 1))
          (f64.convert_i32_s (local.get $x))
          (block $caught
            (try_table (catch_all $caught)
              (local.set $only (i32.const 5))
              (call $throw (i32.const 4))
              (local.set $only (i32.add (local.get $only) (local.get 0)))
              (local.set $x (i32.add (local.get $x) (i32.const 1)))
              (global.set $g (local.get $x))
              (call $throw (i32.const 2))
              (local.set $only (i32.const 99)))
            unreachable)
          (i32.trunc_f64_s)
          (i32.add)
          (i32.add (i32.mul (local.get $only) (i32.const 1000)))
          (i32.add (i32.mul (local.get $x) (i32.const 1000000)))
          (i32.add (i32.mul (global.get $g) (i32.const 1000000)))))
      """,
      [(2, [.i32(7_000 + 14_000_000 + 13)])])
  }

  /// A throw whose handler is in its own function.
  @Test func inOneFunction() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func (export "f") (param i32) (result i32)
          (block $outer (result i32)
            (try_table (catch $a $outer)
              (block $inner
                (try_table (catch $c $inner)
                  (if (local.get 0)
                    (then (throw $a (i32.add (local.get 0) (i32.const 1))))
                    (else (throw $c))))
                unreachable)
              (return (i32.const -1)))
            unreachable)))
      """, [(0, [.i32(-1)]), (6, [.i32(7)])])
  }

  @Test func references() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (global $kept (mut exnref) (ref.null exn))
        (table $t 4 exnref)
        (func $keep (param i32)
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (call $throw (local.get 0)))
            (return))
          (global.set $kept)
          (table.set $t (i32.const 1) (global.get $kept)))
        (func $again (throw_ref (table.get $t (i32.const 1))))
        (func (export "f") (param i32) (result i32) (local exnref)
          (call $keep (local.get 0))
          (block $a (result i32 exnref)
            (try_table (catch_ref $a $a) (call $again))
            (return (i32.const -1)))
          (local.set 1)
          (i32.add (ref.is_null (local.get 1)))))
      """, [(0, [.i32(7)])])
  }

  @Test func nullTraps() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (func (export "plain") (throw_ref (ref.null exn)))
        (func (export "caught")
          (block (try_table (catch_all 0) (throw_ref (ref.null exn))))))
      """)
    for name in ["plain", "caught"] {
      let trap = try instance.trap(name)
      #expect(trap?.code == .nullException)
      #expect(trap?.frames.count == 1)
    }
  }

  /// No clause catches a trap, and an exhausted stack is one.
  @Test func trapsAreNoExceptions() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (func $deep (call $deep))
        (func (export "trap") (block (try_table (catch_all 0) unreachable)))
        (func (export "call") (block (try_table (catch_all 0) (call $trap))))
        (func $trap (drop (i32.div_u (i32.const 1) (i32.const 0))))
        (func (export "deep") (block (try_table (catch_all 0) (call $deep)))))
      """)
    #expect(try instance.trap("trap")?.code == .unreachable)
    #expect(try instance.trap("call")?.code == .integerDivideByZero)
    #expect(try instance.trap("deep")?.code == .stackOverflow)
  }

  // MARK: Legacy

  @Test func legacyArms() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func (export "f") (param i32) (result i32)
          (i32.const 1000)
          (try (result i32)
            (do (call $throw (local.get 0)) (i32.const 1))
            (catch $a)
            (catch $b (drop) (i32.wrap_i64))
            (catch_all (i32.const 3)))
          (i32.add)))
      """,
      [(0, [.i32(1007)]), (1, [.i32(1008)]), (2, [.i32(1003)]), (4, [.i32(1001)])])
  }

  @Test func rethrow() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func $twice (param i32) (result i32)
          (try (result i32)
            (do (call $throw (local.get 0)) (i32.const 1))
            (catch $a
              (drop)
              (try (result i32)
                (do (call $throw (i32.const 2)) (i32.const 2))
                (catch_all (rethrow 1))))
            (catch_all (rethrow 0))))
        (func (export "f") (param i32) (result i32)
          (try (result i32)
            (do (call $twice (local.get 0)))
            (catch $a)
            (catch $b (drop) (i32.wrap_i64)))))
      """, [(0, [.i32(7)]), (1, [.i32(8)]), (4, [.i32(1)])])
  }

  @Test func delegate() throws {
    try Self.check(
      """
      (module \(Self.tags)
        (func (export "f") (param i32) (result i32)
          (try $outer (result i32)
            (do
              (try $middle (result i32)
                (do
                  (try (result i32)
                    (do (call $throw (local.get 0)) (i32.const 1))
                    (delegate $outer)))
                (catch_all (i32.const -1))))
            (catch $a)
            (catch_all (i32.const 9)))))
      """, [(0, [.i32(7)]), (1, [.i32(9)]), (4, [.i32(1)])])
    // To the caller.
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module \(Self.tags)
        (func (export "f") (param i32)
          (try (do (try (do (call $throw (local.get 0))) (delegate 1))) (catch_all))))
      """)
    #expect(throws: Exception.self) { try instance.call("f", .i32(0)) }
    #expect(try instance.call("f", .i32(4)) == [])
  }
}
