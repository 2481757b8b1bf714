/// Loops for ``PeelTests``. In each module `run(n, x)` is a loop with a call whose table index is read from memory,
/// at 4 × the number of the iteration; `set(i, index)` writes it there. All start with 0, which is `hot`.
struct PeelProgram: Sendable, CustomStringConvertible {
  var description: String
  /// The body of `run`, with its locals; `$call` is the call with the iteration's `$i` and `$sum`.
  var body: String
  /// Functions beside `run`.
  var extra = ""
  /// Frames at the call in the table, `run` included.
  var depth = 1

  private static let call = """
    (call_indirect (type $t) (local.get $i) (local.get $sum)
      (i32.load (i32.shl (local.get $i) (i32.const 2))))
    """

  var text: String {
    """
    (module
      (type $t (func (param i32 i64) (result i64)))
      (memory (export "memory") 1 1)
      (table 5 5 funcref) (elem (i32.const 0) $hot $cold $other) (elem (i32.const 4) $foreign)
      (func $hot (export "hot") (type $t)
        (i64.add (i64.extend_i32_s (local.get 0)) (i64.mul (local.get 1) (i64.const 3))))
      (func $cold (export "cold") (type $t)
        (i64.xor (i64.extend_i32_s (local.get 0)) (i64.rotl (local.get 1) (i64.const 7))))
      (func $other (export "other") (type $t)
        (i64.sub (i64.mul (local.get 1) (i64.const 5)) (i64.extend_i32_u (local.get 0))))
      (func $foreign (result i32) (i32.const 0))
      (func (export "set") (param $i i32) (param $index i32)
        (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $index)))
      \(extra)
      (func $run (export "run") (param $n i32) (param $x i64) (result i64)
        (local $i i32) (local $sum i64)
        \(body.replacing("$call", with: Self.call))))
    """
  }

  /// Over at the top: what follows the loop is reached by `br` alone, and the loop's end never.
  static let leavesAtTheTop = PeelProgram(
    description: "leaves at the top",
    body: """
      (block $out
        (loop $top
          (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $sum $call)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $top)))
      (local.get $sum)
      """)

  static let resultByFallthrough = PeelProgram(
    description: "result by fallthrough",
    body: """
      (i64.sub
        (local.get $x)
        (loop $top (result i64)
          (local.set $sum $call)
          (br_if $top
            (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
          (i64.add (local.get $sum) (i64.const 1000))))
      """)

  static let resultByBranch = PeelProgram(
    description: "result by br",
    body: """
      (i64.mul (i64.const 7)
        (block $out (result i64)
          (loop $top
            (local.set $sum $call)
            (br_if $out
              (i64.add (local.get $sum) (local.get $x))
              (i32.ge_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
            (drop)
            (br $top))
          (unreachable)))
      """)

  /// Three ways out with a result; with an odd x the loop returns.
  static let resultByBoth = PeelProgram(
    description: "results by br, by fallthrough and by return",
    body: """
      (block $out (result i64)
        (loop $top (result i64)
          (local.set $sum $call)
          (if (i32.and (i32.wrap_i64 (local.get $x)) (i32.gt_u (local.get $i) (i32.const 30)))
            (then (return (i64.add (local.get $sum) (i64.const 11)))))
          (br_if $out
            (i64.add (local.get $sum) (i64.const 22))
            (i32.gt_u (local.get $i) (i32.const 40)))
          (drop)
          (br_if $top
            (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
          (local.get $sum)))
      """)

  /// What the loop carries is on the operand stack, above operands that it leaves alone.
  static let parametersAndResults = PeelProgram(
    description: "parameters and results",
    body: """
      (f64.const 0.5) (local.get $x)
      (local.get $x) (local.get $n) (f32.const 1.5)
      (loop $top (param i64 i32 f32) (result f32 i64)
        (local.set $f) (local.set $left) (local.set $sum)
        (local.set $sum $call)
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $sum)
        (i32.sub (local.get $left) (i32.const 1))
        (f32.mul (local.get $f) (f32.const 1.25))
        (br_if $top (i32.gt_s (local.get $left) (i32.const 1)))
        (local.set $f) (drop) (local.set $sum)
        (local.get $f) (local.get $sum))
      (local.set $sum) (local.set $f) (local.set $x) (local.set $d)
      (i64.add (local.get $sum)
        (i64.add (i64.mul (local.get $x) (i64.const 3))
          (i64.xor (i64.reinterpret_f64 (local.get $d))
            (i64.extend_i32_u (i32.reinterpret_f32 (local.get $f))))))
      """.withLocals("(local $left i32) (local $f f32) (local $d f64)"))

  static let branchTable = PeelProgram(
    description: "back-edges by br_table",
    body: """
      (block $out
        (block $also
          (loop $top
            (local.set $sum $call)
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_table $top $also $top $out
              (select
                (i32.shl (i32.and (local.get $i) (i32.const 1)) (i32.const 1))
                (i32.add (i32.const 1) (i32.shl (i32.and (local.get $n) (i32.const 1)) (i32.const 3)))
                (i32.lt_u (local.get $i) (local.get $n))))))
        (local.set $sum (i64.add (local.get $sum) (i64.const 99))))
      (local.get $sum)
      """)

  /// The call in the table is in a body that is inlined at the loop's direct call, two levels below it.
  static let inBodies = PeelProgram(
    description: "in inlined bodies",
    body: """
      (local.set $x (i64.add (local.get $x) (i64.const 1)))
      (block $out
        (loop $top
          (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $sum
            (i64.add (i64.mul (local.get $x) (i64.extend_i32_u (local.get $i)))
              (call $outer (local.get $i) (local.get $sum))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $top)))
      (i64.add (local.get $sum) (local.get $x))
      """,
    extra: """
      (func $outer (export "outer") (type $t) (local $keep i64)
        (local.set $keep (i64.mul (local.get 1) (i64.const 13)))
        (i64.add (local.get $keep)
          (call $inner (local.get 0) (i64.add (local.get 1) (i64.const 1)))))
      (func $inner (export "inner") (type $t)
        (i64.sub (i64.extend_i32_s (local.get 0))
          (call_indirect (type $t) (local.get 0) (local.get 1)
            (i32.load (i32.shl (local.get 0) (i32.const 2))))))
      """, depth: 3)

  /// Read where the next object is: the loop's own loads decide where it goes on, until one of them traps.
  static let chain = PeelProgram(
    description: "follows pointers",
    body: """
      (local.set $p (i32.wrap_i64 (local.get $x)))
      (block $out
        (loop $top
          (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $p (i32.load (local.get $p)))
          (local.set $sum
            (i64.add (i64.extend_i32_u (i32.load8_u offset=1 (local.get $p))) $call))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $top)))
      (local.get $sum)
      """.withLocals("(local $p i32)"))

  static let all = [
    leavesAtTheTop, resultByFallthrough, resultByBranch, resultByBoth, parametersAndResults,
    branchTable, inBodies,
  ]
}

extension String {
  /// Locals come before a body's first instruction.
  fileprivate func withLocals(_ locals: String) -> String { locals + "\n" + self }
}
