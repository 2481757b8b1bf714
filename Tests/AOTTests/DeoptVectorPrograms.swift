/// Modules in which vectors are alive where a guard fails: in a local, beneath the call on the operand stack, and as the call's
/// argument and result.
enum DeoptVectorPrograms {
  /// What a vector is while the guard fails.
  enum Source: String, CaseIterable {
    case register, spill, zero, splat, constant, argument, result
    case i8x16, i16x8, i32x4, i64x2, f32x4, f64x2, mask

    /// An expression for the `n`-th vector of this kind. Locals: `$p` is a vector, `$k` an i32.
    func expression(_ n: Int) -> String {
      switch self {
      case .register, .spill: "(v128.load offset=\(16 * n) (i32.const 64))"
      case .zero: "(v128.const i64x2 0 0)"
      case .splat: n % 2 == 0 ? "(v128.const i32x4 \(splat(n)))" : "(i16x8.splat (local.get $k))"
      case .constant: "(v128.const i64x2 0x123456789abcdef\(n % 10) 0xfedcba987654321\(n % 10))"
      case .argument: "(local.get $p)"
      case .result: "(call $make (i32.const \(n)))"
      case .i8x16: "(i8x16.sub (local.get $p) \(load(n)))"
      case .i16x8: "(i16x8.mul (local.get $p) \(load(n)))"
      case .i32x4: "(i32x4.max_s (local.get $p) \(load(n)))"
      case .i64x2: "(i64x2.add (local.get $p) \(load(n)))"
      case .f32x4:
        "(f32x4.mul (f32x4.convert_i32x4_s (local.get $p)) (f32x4.splat (f32.const \(n).5)))"
      case .f64x2:
        "(f64x2.add (f64x2.convert_low_i32x4_s (local.get $p)) (f64x2.splat (f64.const \(n).25)))"
      case .mask: "(i16x8.gt_s (local.get $p) \(load(n)))"
      }
    }

    private func splat(_ n: Int) -> String {
      Array(repeating: "0x0101010\(n % 10)", count: 4).joined(separator: " ")
    }

    private func load(_ n: Int) -> String { "(v128.load offset=\(16 * n) (i32.const 64))" }

    /// How many locals hold such vectors at once: more than there are registers, so that some are spilled.
    var count: Int { self == .spill ? 40 : 3 }
  }

  /// Where the guard is.
  enum Place: String, CaseIterable {
    case oneFrame, threeFrames, loop, osr
  }

  /// run(p, k): calls by index 0 or 1 on vectors; index 1 is cold. In a loop it calls cold in iteration k; with `osr`, in each
  /// from k on.
  static func program(_ source: Source, _ place: Place) -> String {
    let count = source.count
    let locals = (0..<count).map { "(local $v\($0) v128)" }.joined(separator: " ")
    let sets = (0..<count).map { "(local.set $v\($0) \(source.expression($0)))" }
      .joined(separator: "\n    ")
    let sum = (0..<count).reduce("") { $0 + "(i8x16.add (local.get $v\($1)))\n    " }
    /// A body that makes vectors, calls with some more beneath the call, and uses all of them.
    func body(_ name: String, _ call: String) -> String {
      """
        (func $\(name) (export "\(name)") (type $t) (param $p v128) (param $k i32) (result v128)
          \(locals)
          \(sets)
          \(source.expression(count))
          \(source.expression(count + 1))
          \(call)
          (i16x8.sub) (v128.xor)
          \(sum))
      """
    }
    let guarded = "(call_indirect (type $op) (local.get $p) (i32.and (local.get $k) (i32.const 1)))"
    let run =
      switch place {
      case .oneFrame: body("run", guarded)
      case .threeFrames:
        body("run", "(call $a (local.get $p) (local.get $k))")
          + body("a", "(call $b (i32x4.add (local.get $p) (local.get $v0)) (local.get $k))")
          + body("b", guarded)
      case .loop: loop(locals, sets, sum, source, comparison: "i32.eq")
      case .osr: loop(locals, sets, sum, source, comparison: "i32.ge_s")
      }
    return """
      (module
        (type $op (func (param v128) (result v128)))
        (type $t (func (param $p v128) (param $k i32) (result v128)))
        (memory (export "memory") 1)
        (table 3 3 funcref) (elem (i32.const 0) $hot $cold)
        (data (i32.const 64) "\(data)")
        (func $hot (export "hot") (type $op) (i8x16.add (local.get 0) (v128.const i32x4 1 2 3 4)))
        (func $cold (export "cold") (type $op)
          (i16x8.add (local.get 0) (v128.const i32x4 5 6 7 8)))
        (func $make (export "make") (param i32) (result v128)
          (i32x4.mul (v128.load (i32.shl (local.get 0) (i32.const 4))) (v128.const i32x4 3 5 7 9)))
      \(run))
      """
  }

  /// The vectors change in each iteration.
  private static func loop(
    _ locals: String, _ sets: String, _ sum: String, _ source: Source, comparison: String
  ) -> String {
    """
      (func $run (export "run") (type $t) (param $p v128) (param $k i32) (result v128) \(locals) (local $i i32) (local $acc v128)
        \(sets)
        (loop $top
          (local.get $acc)
          \(source.expression(source.count))
          (call_indirect (type $op) (local.get $v0)
            (\(comparison) (local.get $i) (local.get $k)))
          (i16x8.sub) (v128.xor)
          \(sum)
          (local.set $acc)
          (local.set $v0 (i64x2.add (local.get $v0) (local.get $acc)))
          (local.set $v1 (f32x4.abs (i32x4.add (local.get $v1) (local.get $v0))))
          (br_if $top
            (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
        (i8x16.add (local.get $acc) (local.get $v2)))
    """
  }

  /// 1,024 bytes without a pattern.
  private static let data: String = {
    var state: UInt32 = 12345
    return (0..<1024).map { _ in
      state = state &* 1_103_515_245 &+ 12345
      let byte = String(state >> 16 & 0xFF, radix: 16)
      return "\\" + (byte.count == 1 ? "0" : "") + byte
    }.joined()
  }()
}
