import Wasm

/// Modules whose exports make as many tail calls as they are asked for.
enum TailCallPrograms {
  /// So many calls must take constant stack.
  static let calls: Int32 = 10_000_000

  struct Program: CustomStringConvertible, Sendable {
    var description: String
    /// Exports `run`, which takes the number of tail calls to make.
    var text: String
    /// Functions that may be left to the baseline, so that each call crosses from one tier to the other.
    var crossing: String
  }

  static let all = [
    Program(description: "mutual", text: mutual, crossing: "odd"),
    Program(description: "itself", text: itself, crossing: "other"),
    Program(description: "indirect", text: indirect, crossing: "b"),
    Program(description: "other registers", text: registers, crossing: "b"),
    Program(description: "overflow area", text: overflow, crossing: "b"),
    Program(description: "results", text: results, crossing: "b"),
    Program(description: "vectors", text: vectors, crossing: "b"),
    Program(description: "in an inlined body", text: inlined, crossing: "b"),
    Program(description: "large frames", text: frames, crossing: "b"),
  ]

  static let mutual = """
    (module
      (func $even (export "run") (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
        (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
      (func $odd (export "odd") (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
        (return_call $even (i32.sub (local.get $n) (i32.const 1)))))
    """

  /// Declared locals are zero again each time.
  static let itself = """
    (module
      (func (export "run") (param $n i32) (result i64)
        (call $sum (local.get $n) (i64.const 0)))
      (func $sum (export "sum") (param $n i32) (param $sum i64) (result i64)
        (local $fresh i64) (local $vector v128)
        (if (i32.eqz (local.get $n)) (then (return (i64.add (local.get $sum) (local.get $fresh)))))
        (local.set $sum (i64.add (local.get $sum) (i64.add (local.get $fresh)
          (i64x2.extract_lane 0 (local.get $vector)))))
        (local.set $fresh (i64.const 1000))
        (local.set $vector (v128.const i64x2 77 78))
        (if (i32.and (local.get $n) (i32.const 1))
          (then (return_call $other (i32.sub (local.get $n) (i32.const 1)) (local.get $sum))))
        (return_call $sum (i32.sub (local.get $n) (i32.const 1))
          (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n)))))
      (func $other (export "other") (param $n i32) (param $sum i64) (result i64)
        (return_call $sum (local.get $n) (i64.add (local.get $sum) (i64.const 1)))))
    """

  static let indirect = """
    (module
      (type $f (func (param i32 i32) (result i32)))
      (table 4 4 funcref) (elem (i32.const 0) $a $b $c)
      (func (export "run") (param $n i32) (result i32)
        (call $a (local.get $n) (i32.const 0)))
      (func $a (export "a") (type $f)
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1))
          (i32.add (i32.mul (local.get 1) (i32.const 31)) (local.get 0))
          (i32.rem_u (local.get 0) (i32.const 3))))
      (func $b (export "b") (type $f)
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1))
          (i32.xor (local.get 1) (local.get 0)) (i32.rem_u (local.get 1) (i32.const 3))))
      (func $c (export "c") (type $f)
        (return_call_indirect (type $f) (local.get 0) (i32.add (local.get 1) (i32.const 5))
          (i32.and (local.get 1) (i32.const 1)))))
    """

  /// Each function has values in registers that the other does not know of.
  static let registers = """
    (module
      (func (export "run") (param $n i32) (result f64)
        (call $a (f32.const 0.5) (local.get $n)))
      (func $a (export "a") (param $x f32) (param $n i32) (result f64)
        (if (i32.eqz (local.get $n)) (then (return (f64.promote_f32 (local.get $x)))))
        (return_call $b (i64.extend_i32_u (local.get $n)) (f64.promote_f32 (local.get $x))
          (v128.const i32x4 1 2 3 4) (f32.const 3) (i64.const -7) (i32.const -1)))
      (func $b (export "b") (param $n i64) (param $x f64) (param $v v128) (param $y f32)
        (param $z i64) (param $w i32) (result f64)
        (return_call $c
          (f32.add (f32.demote_f64 (local.get $x))
            (f32.convert_i64_s (i64.add (local.get $z) (i64.extend_i32_u (local.get $w)))))
          (i32.wrap_i64 (local.get $n)) (f64.convert_i32_s (i32x4.extract_lane 2 (local.get $v)))
          (f64.promote_f32 (local.get $y))))
      (func $c (export "c") (param $x f32) (param $n i32) (param $a f64) (param $b f64)
        (result f64)
        (return_call $a
          (f32.add (f32.mul (local.get $x) (f32.const 1e-9))
            (f32.demote_f64 (f64.sub (local.get $a) (local.get $b))))
          (i32.sub (local.get $n) (i32.const 1)))))
    """

  /// Parameters beyond all registers, which change places at each call.
  static let overflow: String = {
    let types = (0..<24).map { ["i32", "f64", "i64", "f32"][$0 % 4] }
    let list = (0..<24).map { "(param $p\($0) \(types[$0]))" }.joined(separator: " ")
    // Each value moves to the next place of its type.
    let moved = (1..<24).map { number -> String in
      let from = number < 4 ? number + 20 : number - 4
      return switch number {
      case 4: "(i32.add (local.get $p\(from)) (local.get $p20))"
      default: "(local.get $p\(from))"
      }
    }
    let next = "(i32.sub (local.get $p0) (i32.const 1)) " + moved.joined(separator: " ")
    let start = (1..<24).map { "(\(types[$0]).const \($0))" }.joined(separator: " ")
    let sum =
      "(i64.add (i64.extend_i32_u (i32.add (local.get $p4) (local.get $p20))) "
      + "(i64.add (local.get $p2) (i64.trunc_sat_f64_s (f64.add (local.get $p21) "
      + "(f64.promote_f32 (local.get $p23))))))"
    func function(_ name: String, _ other: String) -> String {
      """
      (func $\(name) (export "\(name)") \(list) (result i64)
        (if (i32.eqz (local.get $p0)) (then (return \(sum))))
        (return_call $\(other) \(next)))
      """
    }
    return """
      (module
        (func (export "run") (param $n i32) (result i64) (call $a (local.get $n) \(start)))
        \(function("a", "b")) \(function("b", "a")))
      """
  }()

  static let results = """
    (module
      (type $r (func (result i32 i64 f32 f64 i64 i32 f64 v128)))
      (func (export "run") (param $n i32) (result i32 i64 f32 f64 i64 i32 f64 v128)
        (call $a (local.get $n)))
      (func $a (export "a") (param $n i32) (result i32 i64 f32 f64 i64 i32 f64 v128)
        (if (i32.eqz (local.get $n)) (then
          (return (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (i64.const 5)
            (i32.const 6) (f64.const 7) (v128.const i64x2 8 9))))
        (return_call $b (i32.sub (local.get $n) (i32.const 1))))
      (func $b (export "b") (param $n i32) (result i32 i64 f32 f64 i64 i32 f64 v128)
        (return_call $a (local.get $n))))
    """

  static let vectors = """
    (module
      (func (export "run") (param $n i32) (result v128)
        (call $a (local.get $n)
          \((0..<10).map { "(v128.const i32x4 \($0) 1 2 3)" }.joined(separator: " "))))
      \(["a", "b"].map { name in
        """
        (func $\(name) (export "\(name)") (param $n i32) \
        \((0..<10).map { "(param $v\($0) v128)" }.joined(separator: " ")) (result v128)
          (if (i32.eqz (local.get $n)) (then
            (return (i32x4.add (local.get $v0) (i32x4.sub (local.get $v8) (local.get $v9))))))
          (return_call $\(name == "a" ? "b" : "a") (i32.sub (local.get $n) (i32.const 1))
            \((0..<9).map { "(local.get $v\($0 + 1))" }.joined(separator: " "))
            (i32x4.add (local.get $v0) (local.get $v4))))
        """
      }.joined(separator: "\n")))
    """

  /// `mid` is inlined where it is called by an ordinary call, and the tail call in it leads out of the inlined body.
  static let inlined = """
    (module
      (func (export "run") (param $n i32) (result i32)
        (i32.add (i32.const 1000) (call $mid (local.get $n) (i32.const 2))))
      (func $mid (export "mid") (param $n i32) (param $x i32) (result i32)
        (if (result i32) (i32.and (local.get $n) (i32.const 1))
          (then (return_call $b (local.get $n) (i32.add (local.get $x) (i32.const 1))))
          (else
            (i32.const 5)
            (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
            (drop)
            (return_call $b (local.get $n) (i32.mul (local.get $x) (i32.const 3))))))
      (func $b (export "b") (param $n i32) (param $x i32) (result i32)
        (return_call $mid (i32.sub (local.get $n) (i32.const 1)) (local.get $x))))
    """

  /// A function with a large frame, and a call before its tail call.
  static let frames: String = {
    let locals = (0..<100).map { "(local $l\($0) i64)" }.joined(separator: " ")
    let sets = (0..<100).map { number in
      "(local.set $l\(number) (i64.add (i64.extend_i32_u (local.get $n)) (i64.const \(number))))"
    }.joined(separator: " ")
    let sum = (0..<100).reduce("(i64.const 0)") { "(i64.add \($0) (local.get $l\($1)))" }
    return """
      (module
        (global $g (export "g") (mut i64) (i64.const 0))
        (func (export "run") (param $n i32) (result i64) (call $a (local.get $n) (i64.const 0)))
        (func $touch (export "touch") (param $n i32)
          (global.set $g (i64.extend_i32_u (local.get $n))))
        (func $a (export "a") (param $n i32) (param $x i64) (result i64) \(locals)
          (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
          \(sets)
          (call $touch (local.get $n))
          (return_call $b (i32.sub (local.get $n) (i32.const 1))
            (i64.xor (local.get $x) \(sum))))
        (func $b (export "b") (param $n i32) (param $x i64) (result i64)
          (return_call $a (local.get $n) (local.get $x))))
      """
  }()

  /// Half a million of some would fill the stack with anything that they leave there.
  static func count(_ program: Program) -> Int32 {
    ["mutual", "indirect"].contains(program.description) ? calls : 500_000
  }
}
