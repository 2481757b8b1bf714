import TestSupport

/// Modules of the deopt matrix. Each exports what its tests call and speculate on.
enum DeoptPrograms {
  /// run(n, k): the sum over i < n of hot(i), but cold(i) where i = k.
  static let loop = """
    (module
      (type $unary (func (param i32) (result i32)))
      (table 4 4 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $unary) (i32.mul (local.get 0) (i32.const 3)))
      (func $cold (export "cold") (type $unary) (i32.add (local.get 0) (i32.const 100000)))
      (func (export "run") (param $n i32) (param $k i32) (result i32)
        (local $i i32) (local $sum i32)
        (block $out
          (loop $top
            (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
            (local.set $sum
              (i32.add (local.get $sum)
                (call_indirect (type $unary) (local.get $i)
                  (i32.eq (local.get $i) (local.get $k)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $top)))
        (local.get $sum)))
    """

  /// Four calls inside of each other: run → a → b → c → leaf. Bit n of the first argument makes the call of depth n
  /// miss. Each body keeps locals of all types, and operands beneath its call, for after it.
  static let nested: String = {
    func level(_ name: String, _ depth: Int) -> String {
      """
        (func $\(name) (export "\(name)") (type $t)
          (local $i i32) (local $l i64) (local $f f32) (local $d f64) (local $seven i64)
          (local.set $i (i32.mul (local.get 0) (i32.const \(3 + depth))))
          (local.set $l (i64.xor (local.get 1) (i64.const 0x123456789abcde\(depth)0)))
          (local.set $f (f32.mul (local.get 2) (f32.const 1.\(depth + 1)5)))
          (local.set $d (f64.sub (local.get 3) (f64.const 0.\(depth + 1)25)))
          (local.set $seven (i64.const \(7 + depth)))
          (f64.mul (local.get 3) (f64.const 1.5))
          (i64.add (local.get 1) (i64.const \(depth)))
          (f32.const \(depth).5)
          (local.get 0)
          (call_indirect (type $t)
            (local.get 0)
            (i64.add (local.get 1) (i64.const \(depth + 1)))
            (f32.add (local.get 2) (f32.const 0.5))
            (f64.add (local.get 3) (f64.const 0.25))
            (i32.add (i32.const \(2 * depth))
              (i32.and (i32.const 1) (i32.shr_u (local.get 0) (i32.const \(depth))))))
          ;; f64 i64 f32 i32 f64
          (local.set $d (f64.add (local.get $d)))
          (local.set $i (i32.add (local.get $i)))
          (local.set $f (f32.add (local.get $f)))
          (local.set $l (i64.add (local.get $l)))
          (f64.add (f64.mul (local.get $d) (f64.const 0.75)))
          (f64.add (f64.convert_i32_s (local.get $i)))
          (f64.add (f64.convert_i64_s (local.get $l)))
          (f64.add (f64.promote_f32 (local.get $f)))
          (f64.add (f64.convert_i64_s (local.get $seven))))
      """
    }
    return """
      (module
        (type $t (func (param i32 i64 f32 f64) (result f64)))
        (table 8 8 funcref)
        (elem (i32.const 0) $a $alt $b $alt $c $alt $leaf $alt)
        \(level("run", 0))
        \(level("a", 1))
        \(level("b", 2))
        \(level("c", 3))
        (func $leaf (export "leaf") (type $t)
          (f64.add (local.get 3) (f64.convert_i64_s (local.get 1))))
        (func $alt (export "alt") (type $t)
          (f64.sub (f64.promote_f32 (local.get 2)) (f64.convert_i32_s (local.get 0)))))
      """
  }()
  static let nestedSites: [DeoptCase.Site] = [
    .init("run", 0, "a"), .init("a", 0, "b"), .init("b", 0, "c"), .init("c", 0, "leaf"),
  ]

  /// Far more values of each type than there are registers, live across the call that misses; some of them
  /// constants. run(miss, seed) combines them all, in order.
  static let manyValues: String = {
    let count = 24
    var locals = ""
    var before = ""
    var after = ""
    func mix(_ value: String) {
      after += "(local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) \(value)))\n"
    }
    for n in 0..<count {
      locals += "(local $i\(n) i32) (local $l\(n) i64) (local $f\(n) f32) (local $d\(n) f64)\n"
      before += """
        (local.set $i\(n) (i32.add (local.get $seed) (i32.const \(n * 77))))
        (local.set $l\(n) (i64.mul (i64.extend_i32_s (local.get $seed)) (i64.const \(n * 1_000_003 + 1))))
        (local.set $f\(n) (f32.add (f32.convert_i32_s (local.get $seed)) (f32.const \(n).25)))
        (local.set $d\(n) (f64.div (f64.convert_i32_s (local.get $seed)) (f64.const \(n + 3))))

        """
      mix("(i64.extend_i32_s (local.get $i\(n)))")
      mix("(local.get $l\(n))")
      mix("(i64.extend_i32_u (i32.reinterpret_f32 (local.get $f\(n))))")
      mix("(i64.reinterpret_f64 (local.get $d\(n)))")
    }
    let constants = [
      ("ci", "i32", "(i32.const -5)"), ("cl", "i64", "(i64.const 0x7edcba9876543210)"),
      ("cs", "i64", "(i64.const -1)"), ("cf", "f32", "(f32.const nan:0x200123)"),
      ("cd", "f64", "(f64.const -nan:0x4000000000123)"), ("cz", "f64", "(f64.const -0.0)"),
    ]
    for (name, type, value) in constants {
      locals += "(local $\(name) \(type))\n"
      before += "(local.set $\(name) \(value))\n"
    }
    mix("(i64.extend_i32_s (local.get $ci))")
    mix("(local.get $cl)")
    mix("(local.get $cs)")
    mix("(i64.extend_i32_u (i32.reinterpret_f32 (local.get $cf)))")
    mix("(i64.reinterpret_f64 (local.get $cd))")
    mix("(i64.reinterpret_f64 (local.get $cz))")
    return """
      (module
        (type $f (func (param i32) (result i32)))
        (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
        (func $hot (export "hot") (type $f) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (export "cold") (type $f) (i32.sub (local.get 0) (i32.const 1)))
        (func (export "run") (param $miss i32) (param $seed i32) (result i64)
          (local $h i64)
          \(locals)
          \(before)
          ;; operands beneath the call, constants among them
          (local.get $l3) (f32.const 6.5) (local.get $d5) (i32.const 1234567) (local.get $i7)
          (call_indirect (type $f) (local.get $seed) (local.get $miss))
          (i64.extend_i32_s) (local.set $h)
          (i64.extend_i32_s) (local.get $h) (i64.add) (local.set $h)
          (i64.extend_i32_s) (local.get $h) (i64.add) (local.set $h)
          (i64.reinterpret_f64) (local.get $h) (i64.xor) (local.set $h)
          (i32.reinterpret_f32) (i64.extend_i32_u) (local.get $h) (i64.add) (local.set $h)
          (local.get $h) (i64.add) (local.set $h)
          \(after)
          (local.get $h)))
      """
  }()

  /// run(miss, f32 bits, f64 bits) gives the bits back, each by way of a local and of an operand.
  static let nan = """
    (module
      (type $f (func (param f32 f64) (result i32)))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (i32.const 1))
      (func $cold (export "cold") (type $f)
        (i32.xor (i32.reinterpret_f32 (local.get 0))
          (i32.wrap_i64 (i64.reinterpret_f64 (local.get 1)))))
      (func (export "run") (param $miss i32) (param $s i32) (param $d i64)
        (result i32 i64 i32 i64 i32 i32)
        (local $ls f32) (local $ld f64) (local $constant f32)
        (local.set $ls (f32.reinterpret_i32 (local.get $s)))
        (local.set $ld (f64.reinterpret_i64 (local.get $d)))
        (local.set $constant (f32.const nan:0x200001))
        (i32.reinterpret_f32 (local.get $ls))
        (i64.reinterpret_f64 (local.get $ld))
        (f32.reinterpret_i32 (i32.xor (local.get $s) (i32.const 1)))
        (f64.reinterpret_i64 (i64.xor (local.get $d) (i64.const 1)))
        (call_indirect (type $f) (local.get $ls) (local.get $ld) (local.get $miss))
        (local.set $miss)
        (local.set $ld)
        (local.set $ls)
        (i32.reinterpret_f32 (local.get $ls))
        (i64.reinterpret_f64 (local.get $ld))
        (local.get $miss)
        (i32.reinterpret_f32 (local.get $constant))))
    """

  /// run(n, k): stores, globals and a growing memory, changed before, in, and after each call.
  static let state = """
    (module
      (type $f (func (param i32) (result i32)))
      (memory (export "memory") 1 8)
      (global $g (export "g") (mut i64) (i64.const 5))
      (global $x (export "x") (mut f64) (f64.const 0.5))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f)
        (i32.store offset=4 (local.get 0) (i32.load offset=4 (local.get 0)))
        (global.set $g (i64.add (global.get $g) (i64.const 3)))
        (i32.load (local.get 0)))
      (func $cold (export "cold") (type $f)
        (drop (memory.grow (i32.const 1)))
        (i32.store offset=8 (local.get 0) (i32.const 77))
        (global.set $g (i64.mul (global.get $g) (i64.const 7)))
        (i32.add (i32.const 1000) (i32.load (local.get 0))))
      (func (export "run") (param $n i32) (param $k i32) (result i32)
        (local $i i32) (local $sum i32)
        (loop $top
          (i32.store (i32.mul (local.get $i) (i32.const 16)) (i32.add (local.get $i) (i32.const 9)))
          (global.set $x (f64.add (global.get $x) (f64.const 1.25)))
          (local.set $sum
            (i32.add (local.get $sum)
              (call_indirect (type $f) (i32.mul (local.get $i) (i32.const 16))
                (i32.eq (local.get $i) (local.get $k)))))
          (i32.store offset=12 (i32.mul (local.get $i) (i32.const 16)) (local.get $sum))
          (global.set $g (i64.xor (global.get $g) (i64.extend_i32_u (local.get $sum))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $top (i32.lt_u (local.get $i) (local.get $n))))
        (i32.add (local.get $sum) (memory.size))))
    """

  /// mid is inlined twice into run; (first, second) say which copy misses.
  static let twice = """
    (module
      (type $f (func (param i64) (result i64)))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (i64.mul (local.get 0) (i64.const 5)))
      (func $cold (export "cold") (type $f) (i64.sub (local.get 0) (i64.const 1)))
      (func $mid (export "mid") (param $x i64) (param $which i32) (result i64)
        (local $keep i64)
        (local.set $keep (i64.shl (local.get $x) (i64.const 2)))
        (i64.add (local.get $keep) (call_indirect (type $f) (local.get $x) (local.get $which))))
      (func (export "run") (param $first i32) (param $second i32) (param $x i64) (result i64)
        (local $a i64)
        (local.set $a (call $mid (local.get $x) (local.get $first)))
        (i64.xor (local.get $a)
          (call $mid (i64.add (local.get $a) (local.get $x)) (local.get $second)))))
    """

  /// 22 parameters and 6 results, through registers and the overflow area, at the call that misses and around it.
  static let wide: String = {
    let types = (0..<22).map { ["i32", "f64", "i64", "f32"][$0 % 4] }
    let parameters = types.joined(separator: " ")
    let results = "i32 i64 f32 f64 i64 f64"
    let get = types.indices.map { "(local.get \($0))" }
    func body(_ shift: Int) -> String {
      """
      (i32.add (local.get 0) (local.get \(20 - 4 * shift)))
      (i64.sub (local.get 2) (local.get \(18 - 4 * shift)))
      (f32.add (local.get 3) (local.get \(19 - 4 * shift)))
      (f64.mul (local.get 1) (local.get \(21 - 4 * shift)))
      (i64.extend_i32_s (local.get 16))
      (f64.promote_f32 (local.get 15))
      """
    }
    return """
      (module
        (type $wide (func (param \(parameters)) (result \(results))))
        (table 4 4 funcref) (elem (i32.const 0) $hot $cold)
        (func $hot (export "hot") (type $wide) \(body(0)))
        (func $cold (export "cold") (type $wide) \(body(1)))
        (func $mid (export "mid") (type $wide)
          \(get.joined(separator: " "))
          (call_indirect (type $wide) (i32.and (local.get 0) (i32.const 1))))
        (func (export "run") (type $wide)
          \(get.joined(separator: " "))
          (call $mid)))
      """
  }()

  /// run calls the host between its own parts; the host calls inner, which may miss while run's frame is on the
  /// stack; then run itself may.
  static let host = """
    (module
      (import "env" "host" (func $host (param i32 f64) (result i32)))
      (type $f (func (param i32) (result i32)))
      (table 3 3 funcref) (elem (i32.const 0) $hot $cold $viaHost)
      (func $hot (export "hot") (type $f) (i32.mul (local.get 0) (i32.const 3)))
      (func $cold (export "cold") (type $f)
        (i32.add (i32.const 50) (call $host (local.get 0) (f64.const 2.5))))
      (func $viaHost (export "viaHost") (type $f)
        (i32.add (call $host (local.get 0) (f64.const 1.5)) (i32.const 7)))
      (func (export "inner") (param $x i32) (param $which i32) (result i32)
        (i32.add (local.get $x) (call_indirect (type $f) (local.get $x) (local.get $which))))
      (func (export "run") (param $x i32) (param $which i32) (result i32)
        (local $k i32)
        (local.set $k (call $host (i32.add (local.get $x) (i32.const 1)) (f64.const 0.5)))
        (i32.add (local.get $k)
          (i32.mul (call_indirect (type $f) (local.get $k) (local.get $which))
            (call $host (local.get $k) (f64.const 0.25))))))
    """

  /// run(n, k): calls itself through the table, another function where n = k.
  static let recursion = """
    (module
      (type $f (func (param i32 i32) (result i64)))
      (table 2 2 funcref) (elem (i32.const 0) $run $alt)
      (func $alt (export "alt") (type $f)
        (i64.add (i64.const 1000) (call $run (i32.sub (local.get 0) (i32.const 1)) (i32.const -1))))
      (func $run (export "run") (type $f)
        (if (result i64) (i32.lt_s (local.get 0) (i32.const 2))
          (then (i64.extend_i32_s (local.get 0)))
          (else
            (i64.add
              (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (local.get 1)
                (i32.eq (local.get 0) (local.get 1)))
              (i64.mul (i64.const 3)
                (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 2)) (local.get 1)
                  (i32.eq (local.get 0) (local.get 1)))))))))
    """

  /// run(which, divisor): the miss leads to a function that traps in a function of its own when divisor = 0; so does the
  /// code after the call when divisor = 1.
  static let trap = """
    (module
      (type $f (func (param i32) (result i32)))
      (memory 1)
      (table 4 4 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (i32.add (local.get 0) (i32.const 1)))
      (func $divide (export "divide") (type $f) (i32.div_u (i32.const 100) (local.get 0)))
      (func $cold (export "cold") (type $f) (i32.add (i32.const 1) (call $divide (local.get 0))))
      (func $mid (export "mid") (param $which i32) (param $x i32) (result i32)
        (call_indirect (type $f) (local.get $x) (local.get $which))
        (drop (i32.load (i32.sub (i32.const 0) (local.get $x)))))
      (func (export "run") (param $which i32) (param $x i32) (result i32)
        (i32.add (i32.const 5) (call $mid (local.get $which) (local.get $x)))))
    """

  /// Two loops in each other, operands beneath them, the inner with parameters of its own. Misses where i = k, and traps
  /// in the inner loop when i = t.
  static let longLoop = """
    (module
      (type $f (func (param i32) (result i32)))
      (type $one (func (param f64) (result f64)))
      (type $two (func (param i64 f64) (result i64 f64)))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (i32.and (local.get 0) (i32.const 255)))
      (func $cold (export "cold") (type $f) (i32.or (local.get 0) (i32.const 1)))
      (func (export "run") (param $n i32) (param $k i32) (param $t i32) (result i64 f64)
        (local $i i32) (local $j i32) (local $scale f32)
        (local.set $scale (f32.const 0.5))
        (i64.extend_i32_s (local.get $n)) (f64.const 0.125)
        (loop $outer (type $two)
          (local.set $j (i32.const 0))
          (loop $inner (type $one)
            (f64.add
              (f64.mul (f64.promote_f32 (local.get $scale))
                (f64.convert_i32_s
                  (call_indirect (type $f) (i32.add (local.get $i) (local.get $j))
                    (i32.and
                      (i32.ge_u (local.get $i) (local.get $k))
                      (i32.eq (local.get $j) (i32.const 2)))))))
            (if (i32.eq (local.get $i) (local.get $t)) (then (unreachable)))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br_if $inner (i32.lt_u (local.get $j) (i32.const 4))))
          (local.set $scale (f32.mul (local.get $scale) (f32.const 1.0009765625)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))))
    """

  /// run(depth, miss): recursion, at whose end a function may miss whose frame is large in baseline code (locals that
  /// nothing reads have homes there), and small in optimized code.
  static let exhaustion = """
    (module
      (type $f (func (param i32 i32) (result i64)))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (i64.const 1))
      (func $cold (export "cold") (type $f) (i64.const 2))
      (func $wide (export "wide") (param $miss i32) (result i64)
        (local \(Array(repeating: "i64", count: 2000).joined(separator: " ")))
        (call_indirect (type $f) (local.get $miss) (local.get $miss) (local.get $miss)))
      (func $run (export "run") (type $f)
        (if (result i64) (local.get 0)
          (then
            (i64.add (i64.const 3)
              (call $run (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))
          (else (call $wide (local.get 1))))))
    """

  /// run(x) calls entry 0. `swap` puts another function there, `other` changes another entry.
  static let writtenTable = """
    (module
      (type $f (func (param i32) (result i32)))
      (table $t 4 4 funcref) (elem (i32.const 0) $hot $cold $hot)
      (elem declare func $hot $cold)
      (func $hot (export "hot") (type $f) (i32.mul (local.get 0) (i32.const 3)))
      (func $cold (export "cold") (type $f) (i32.add (local.get 0) (i32.const 1000)))
      (func (export "swap") (table.set $t (i32.const 0) (ref.func $cold)))
      (func (export "other") (table.set $t (i32.const 2) (ref.func $cold)))
      (func (export "run") (param $x i32) (result i32)
        (i32.add (local.get $x)
          (call_indirect $t (type $f) (local.get $x) (i32.const 0)))))
    """

  /// run(index, x) calls any entry; entry 2 is spec, which misses where x is odd.
  static let dispatch = """
    (module
      (type $f (func (param i32) (result i32)))
      (import "env" "host" (func $host (type $f)))
      (type $g (func (param i64) (result i64)))
      (table 8 8 funcref)
      (elem (i32.const 0) $hot $cold $spec $wrong $host)
      (elem (i32.const 6) $hot)
      (func $hot (export "hot") (type $f) (i32.mul (local.get 0) (i32.const 3)))
      (func $cold (export "cold") (type $f) (i32.add (local.get 0) (i32.const 1000)))
      (func $wrong (type $g) (local.get 0))
      (func $spec (export "spec") (type $f)
        (i32.sub
          (call_indirect (type $f) (local.get 0) (i32.and (local.get 0) (i32.const 1)))
          (local.get 0)))
      (func (export "run") (param $index i32) (param $x i32) (result i32)
        (i32.add (i32.const 1) (call_indirect (type $f) (local.get $x) (local.get $index)))))
    """

  /// References of both kinds in locals and on the operand stack, live across the call.
  static let references = """
    (module
      (type $f (func (param i32 externref) (result i32)))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (elem declare func $hot)
      (func $hot (export "hot") (type $f) (i32.const 5))
      (func $cold (export "cold") (type $f) (i32.add (i32.const 6) (ref.is_null (local.get 1))))
      (func (export "run") (param $miss i32) (param $x externref) (result i32 externref i32)
        (local $function funcref) (local $null externref) (local $result i32)
        (local.set $function (ref.func $hot))
        (ref.func $hot)
        (local.get $x)
        (call_indirect (type $f) (local.get $miss) (local.get $x) (local.get $miss))
        (local.set $result)
        (local.set $x)
        (drop)
        (local.get $result)
        (local.get $x)
        (i32.add (ref.is_null (local.get $null)) (ref.is_null (local.get $function)))))
    """

  /// run(index, x): calls what the exported table has at an index, hot at 0; 1 and 2 are for another instance to fill.
  static let sharedTable = """
    (module
      (type $f (func (param i32 f64) (result f64)))
      (table (export "table") 3 3 funcref) (elem (i32.const 0) $hot)
      (func $hot (export "hot") (type $f) (f64.add (local.get 1) (f64.const 100)))
      (func (export "run") (param $index i32) (param $x f64) (result f64) (local $l i64)
        (local.set $l (i64.extend_i32_s (i32.add (local.get $index) (i32.const 3))))
        (f64.const 0.5)
        (call_indirect (type $f) (local.get $index) (local.get $x) (local.get $index))
        (f64.add)
        (f64.add (f64.convert_i64_s (i64.div_s (i64.const 9) (local.get $l))))))
    """

  /// Fills the table of ``sharedTable``; go(index) = run(index, 3). Its own function counts calls.
  static let tableUser = """
    (module
      (type $f (func (param i32 f64) (result f64)))
      (import "callee" "table" (table 3 3 funcref))
      (import "callee" "run" (func $run (type $f)))
      (global $calls (mut f64) (f64.const 9))
      (elem (i32.const 1) $far $crash)
      (func $far (type $f)
        (global.set $calls (f64.add (global.get $calls) (f64.const 1)))
        (f64.add (local.get 1) (f64.mul (global.get $calls) (f64.const 100))))
      (func $crash (type $f) (unreachable))
      (func $go (export "go") (param i32) (result f64)
        (f64.neg (f64.neg (call $run (local.get 0) (f64.const 3))))))
    """

  /// run(x, which): hot gives 10, cold what the host makes of x; the host may throw.
  static let hostError = """
    (module
      (import "env" "fail" (func $fail (param i32) (result i32)))
      (type $f (func (param i32) (result i32)))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (i32.const 10))
      (func $cold (export "cold") (type $f) (call $fail (local.get 0)))
      (func $mid (export "mid") (param $x i32) (param $which i32) (result i32)
        (i32.add (local.get $which)
          (call_indirect (type $f) (local.get $x) (local.get $which))))
      (func (export "run") (param $x i32) (param $which i32) (result i32)
        (i32.add (call $mid (local.get $x) (local.get $which))
          (i32.mul (i32.const 2) (i32.sub (i32.const 5) (i32.mul (local.get $which) (i32.const 3)))))))
    """

  /// The start function misses at its fourth turn.
  static let start = """
    (module
      (type $f (func (param i32) (result i32)))
      (global $sum (export "sum") (mut i32) (i32.const 0))
      (table 2 2 funcref) (elem (i32.const 0) $hot $cold)
      (func $hot (export "hot") (type $f) (local.get 0))
      (func $cold (export "cold") (type $f) (i32.add (local.get 0) (i32.const 1004)))
      (func $begin (export "begin") (local $i i32)
        (loop $top
          (global.set $sum
            (i32.add (global.get $sum)
              (call_indirect (type $f) (local.get $i) (i32.eq (local.get $i) (i32.const 3)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $top (i32.lt_u (local.get $i) (i32.const 6)))))
      (start $begin))
    """
}
