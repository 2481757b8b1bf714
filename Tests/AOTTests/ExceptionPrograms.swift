import TestSupport

/// Modules in which frames with handlers leave optimized code.
///
/// `run(miss, x)` has guards that fail where a bit of `miss` is set: 1 in front of its call and 8 behind it, both in the body of a
/// try; 4 in its handler; 2 in what the call leads to. What that leads to throws a tag that the handler catches if `x` is odd,
/// another one if `x & 3` is 2, else it returns. Where `x & 8` is set, the handler throws on, to a second try around it.
struct ExceptionProgram: CustomStringConvertible {
  /// Where the exception comes from, as seen from the handler.
  enum Distance: CaseIterable {
    /// Thrown by the try's own body. Its guard is in a callee that is inlined into the body.
    case sameFrame
    case oneUp
    /// Through three bodies inlined into each other, into the try's.
    case inlined
    /// The handler's frame is baseline code.
    case baseline
    /// Through an imported function of another instance.
    case instance
  }

  /// Where the values are that are used behind a guard.
  enum Values: CaseIterable {
    case registers
    case spilled
    case constants
  }

  /// How the handlers are written.
  enum Form: CaseIterable {
    case table
    case legacy
  }

  var distance: Distance
  var values: Values
  var form: Form

  static let all: [ExceptionProgram] = Distance.allCases.flatMap { distance in
    Values.allCases.flatMap { values in
      Form.allCases.map { ExceptionProgram(distance: distance, values: values, form: $0) }
    }
  }

  var description: String { "\(distance), \(values), \(form)" }

  /// Indirect calls between the guards of the try's body.
  private var indirectCalls: Int {
    switch distance {
    case .sameFrame: 2
    case .oneUp, .baseline: 1
    case .inlined, .instance: 0
    }
  }

  /// The guards, and with `sameFrame` the call of what has one of them.
  var sites: [DeoptCase.Site] {
    var result = [0, indirectCalls + 1, indirectCalls + 2].map {
      DeoptCase.Site("run", $0, "hot")
    }
    result.append(.init("leaf", 0, "hot"))
    if distance == .sameFrame { result.append(.init("run", 1, "leaf")) }
    return result
  }

  // MARK: Text

  /// A call of a function that guards speculate on: `hot`, but `cold` if the bit is set.
  private func guarded(_ bit: Int) -> String {
    """
    (local.set $r (call_indirect (type $f) (local.get $r)
      (i32.ne (i32.const 0) (i32.and (local.get $miss) (i32.const \(bit))))))
    """
  }

  private var valueCount: Int { values == .spilled ? 20 : 2 }

  private var locals: String {
    (0..<valueCount).map { "(local $l\($0) i64) (local $d\($0) f64)" }.joined(separator: " ")
  }

  private var setValues: String {
    (0..<valueCount).map { n in
      values == .constants
        ? "(local.set $l\(n) (i64.const \(n * 77 - 5))) (local.set $d\(n) (f64.const \(n).75))"
        : """
        (local.set $l\(n) (i64.mul (i64.extend_i32_s (local.get $x)) (i64.const \(n * 1001 + 3))))
        (local.set $d\(n) (f64.div (f64.convert_i32_s (local.get $x)) (f64.const \(n + 3))))
        """
    }.joined(separator: "\n")
  }

  private var mixValues: String {
    (0..<valueCount).map { n in
      """
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (local.get $l\(n))))
      (local.set $h (i64.xor (i64.mul (local.get $h) (i64.const 33))
        (i64.reinterpret_f64 (local.get $d\(n)))))
      """
    }.joined(separator: "\n")
  }

  /// The body of the inner try.
  private var body: String {
    let call =
      switch distance {
      case .sameFrame:
        // `leaf` is inlined, and what is thrown here is of this frame as well.
        """
        (call_indirect (type $k) (local.get $miss) (local.get $x) (i32.const 2)) (local.set $r)
        (if (i32.eq (local.get $x) (i32.const 5))
          (then (throw $e (i32.const 5) (i64.const 55))))
        (local.set $r (call_indirect (type $f) (local.get $r) (i32.const 3)))
        """
      case .inlined: "(local.set $r (call $a (local.get $miss) (local.get $x)))"
      case .oneUp, .baseline:
        "(local.set $r (call_indirect (type $k) (local.get $miss) (local.get $x) (i32.const 2)))"
      case .instance:
        "(local.set $r (call $imported (local.get $miss) (local.get $x)))"
      }
    return "\(guarded(1))\n\(call)\n\(guarded(8))"
  }

  /// With the values of `$e` on the stack.
  private func handler(throwingOn again: String) -> String {
    """
    (local.set $q) (local.set $p)
    \(guarded(4))
    (if (i32.and (local.get $x) (i32.const 8)) (then \(again)))
    (local.set $r (i32.add (i32.mul (local.get $r) (i32.const 5)) (local.get $p)))
    """
  }

  private var tries: String {
    let caughtAgain =
      "(local.set $q) (local.set $r (i32.mul (i32.const 7))) (local.set $p (i32.const 3))"
    switch form {
    case .legacy:
      return """
        try
          try
            \(body)
          catch $e
            \(handler(throwingOn: "(rethrow 1)"))
          catch_all
            (local.set $r (i32.add (local.get $r) (i32.const 1000)))
          end
        catch $e
          \(caughtAgain)
        end
        """
    case .table:
      return """
        (block $done
          (block $again (result i32 i64)
            (try_table (catch $e $again)
              (block $other
                (block $caught (result i32 i64 exnref)
                  (try_table (catch_ref $e $caught) (catch_all $other)
                    \(body))
                  (br $done))
                (local.set $x2)
                \(handler(throwingOn: "(throw_ref (local.get $x2))"))
                (br $done))
              (local.set $r (i32.add (local.get $r) (i32.const 1000))))
            (br $done))
          \(caughtAgain))
        """
    }
  }

  var text: String {
    let isImported = distance == .instance
    return """
      (module
        (type $f (func (param i32) (result i32)))
        (type $k (func (param $miss i32) (param $x i32) (result i32)))
        \(isImported ? "(import \"env\" \"leaf\" (func $imported (type $k)))" : "")
        \(isImported ? "(import \"env\" \"e\" (tag $e (param i32 i64)))" : "(tag $e (export \"e\") (param i32 i64))")
        \(isImported ? "(import \"env\" \"o\" (tag $o (param f64)))" : "(tag $o (export \"o\") (param f64))")
        (table 4 4 funcref) (elem (i32.const 0) $hot $cold $leaf $thrower)
        (func $hot (export "hot") (type $f) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (export "cold") (type $f) (i32.sub (i32.mul (local.get 0) (i32.const 3)) (i32.const 9)))
        (func $thrower (export "thrower") (type $f)
          (if (i32.and (local.get 0) (i32.const 1))
            (then (throw $e (i32.mul (local.get 0) (i32.const 3))
              (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 33)))))
          (if (i32.and (local.get 0) (i32.const 2))
            (then (throw $o (f64.convert_i32_s (local.get 0)))))
          (i32.mul (local.get 0) (i32.const 5)))
        (func $leaf (export "leaf") (type $k) (param $miss i32) (param $x i32) (result i32)
          (local $r i32) (local $h i64) \(locals)
          \(setValues)
          (local.set $r (local.get $x))
          \(guarded(2))
          (local.set $r
            (i32.add (local.get $r) (call_indirect (type $f) (local.get $x) (i32.const 3))))
          \(mixValues)
          (i32.add (local.get $r) (i32.wrap_i64 (local.get $h))))
        (func $a (type $k) (i32.add (i32.const 1) (call $b (local.get 0) (local.get 1))))
        (func $b (type $k) (i32.mul (i32.const 3) (call $leaf (local.get 0) (local.get 1))))
        (func $inner (export "run") (param $miss i32) (param $x i32) (result i64)
          (local $r i32) (local $p i32) (local $q i64) (local $h i64) (local $x2 exnref) \(locals)
          \(setValues)
          (local.set $r (local.get $x))
          (i64.extend_i32_s (local.get $x)) (f64.convert_i32_s (local.get $x))
          \(tries)
          (i64.trunc_f64_s) (i64.add) (local.set $h)
          (local.set $h (i64.add (local.get $h) (i64.extend_i32_s (local.get $r))))
          (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 3)) (i64.extend_i32_s (local.get $p))))
          (local.set $h (i64.xor (i64.mul (local.get $h) (i64.const 7)) (local.get $q)))
          \(mixValues)
          (local.get $h)))
      """
  }
}
