extension TrapPair {
  private static let parameters =
    "(param $n i32) (param $j i32) (param $o i32) (param $e i32) (param $c i32) (param $x externref)"
  private static let arguments =
    "(local.get $n) (local.get $j) (local.get $o) (local.get $e) (local.get $c) (local.get $x)"

  /// Functions for a module, and what its table needs. ``export`` names the one that is called.
  func functions(number: Int) -> String {
    let locals = "(local $i i32) (local $r i32) (local $s i64) (local $w i64)"
    let body = isInlined ? indirectBody(number) : self.body
    let function = """
      (func (export "\(Self.export(number))") \(Self.parameters) (result i64) \(locals)
        \(loop(around: body))
        (local.get $s))

      """
    guard isInlined else { return function }
    return """
      (func $body\(number) (type $body) (param $i i32) \(Self.parameters) (result i64) (local $s i64)
        \(self.body)
        (local.get $s))

      """ + function
  }

  static func export(_ number: Int) -> String { "f\(number)" }

  /// A module of several members.
  static func module(_ pairs: [TrapPair]) -> String {
    let inlined = pairs.indices.filter { pairs[$0].isInlined }
    let functions = pairs.enumerated().map { $1.functions(number: $0) }.joined()
    // Each body has the element of its number.
    let segments = inlined.map { "(elem (table $bodies) (i32.const \($0)) func $body\($0))" }
    return """
      (module
        \(environment)
        (type $body (func (param i32 i32 i32 i32 i32 i32 externref) (result i64)))
        (table $bodies \(pairs.count + 1) \(pairs.count + 1) funcref)
        \(segments.joined(separator: "\n"))
        \(functions))
      """
  }

  private func indirectBody(_ number: Int) -> String {
    """
    (local.set $s (i64.add (local.get $s)
      (call_indirect $bodies (type $body) (local.get $i) \(Self.arguments) (i32.const \(number)))))
    """
  }

  // MARK: One iteration

  private var body: String {
    switch shape {
    case .unswitchable: unswitchableBody
    case .guarded: inOrder(guardText)
    case .vectorizable: inOrder(Self.elementwise)
    case .peeled: trapText + guardText
    default: inOrder("")
    }
  }

  private func inOrder(_ between: String) -> String {
    let parts = order == .effectFirst ? [effectText, trapText] : [trapText, effectText]
    return "\(parts[0])\n\(between)\n\(parts[1])"
  }

  /// In the iteration `$c` another function is called than usually.
  private var guardText: String {
    """
    (local.set $s (i64.add (local.get $s) (i64.extend_i32_u
      (call_indirect $few (type $leaf) (local.get $i) (i32.eq (local.get $i) (local.get $c))))))
    """
  }

  private static let elementwise = """
    (i32.store (i32.add (i32.const 24576) (i32.shl (local.get $i) (i32.const 2)))
      (i32.mul (i32.const 3) (i32.load (i32.add (i32.const 20480) (i32.shl (local.get $i) (i32.const 2))))))
    """

  /// The condition is what is loaded, where that is the same in all iterations; otherwise an argument.
  private var unswitchableBody: String {
    let mark = "(global.set $calls (local.get $i))"
    if form == .invariant, trap == .load {
      let type = access.name.prefix(3)
      let condition = "(\(type).ne \(loadText) (\(type).const 100))"
      // Changes what the next iteration loads.
      let change = "(i32.store8\(memory) \(wide("(local.get $o)")) (local.get $i))"
      return order == .effectFirst
        ? "\(effectText) (if \(condition) (then \(change)))"
        : "(if \(condition) (then \(effectText) \(change)))"
    }
    return order == .effectFirst
      ? "\(effectText) (if (local.get $c) (then \(trapText)) (else \(mark)))"
      : "(if (local.get $c) (then \(trapText) \(effectText)) (else \(trapText) \(mark)))"
  }

  // MARK: Loops

  private func loop(around body: String) -> String {
    let isWide = place == .wide
    let up =
      "(local.set $i (i32.add (local.get $i) (i32.const 1)))"
      + (isWide ? " (local.set $w (i64.add (local.get $w) (i64.const 1)))" : "")
    let down =
      "(local.set $i (i32.sub (local.get $i) (i32.const 1)))"
      + (isWide ? " (local.set $w (i64.sub (local.get $w) (i64.const 1)))" : "")
    let isBelow = "(i32.lt_u (local.get $i) (local.get $n))"
    switch shape {
    case .straight: return [body, body, body].joined(separator: "\n\(up)\n")
    case .up, .unswitchable, .guarded: return "(loop $l \(body) \(up) (br_if $l \(isBelow)))"
    case .vectorizable:
      return "(loop $l \(body) \(up) (br_if $l (i32.ne (local.get $i) (local.get $n))))"
    case .down:
      return """
        (local.set $i (local.get $n)) (local.set $w (i64.extend_i32_u (local.get $n)))
        (loop $l \(down)
          \(body)
          (br_if $l (local.get $i)))
        """
    case .while:
      return """
        (block $out (loop $l
          (br_if $out (i32.eqz \(isBelow))) \(body) \(up) (br $l)))
        """
    case .twoExits:
      return """
        (block $out (loop $l \(body)
          (br_if $out (i32.eq (local.get $i) (local.get $c)))
          \(up) (br_if $l \(isBelow))))
        """
    case .nested:
      // The inner loop counts on where it stopped.
      return """
        (loop $rows
          (local.set $r (i32.add (local.get $i) (i32.div_u (local.get $n) (i32.const 3))))
          (loop $l \(body) \(up) (br_if $l (i32.lt_u (local.get $i) (local.get $r))))
          (br_if $rows (i32.lt_u (local.get $i) (i32.sub (local.get $n) (i32.const 2)))))
        """
    case .peeled:
      // The effect is in front of the inner loop, or behind it.
      let inner = "(loop $l \(body) \(up) (br_if $l (i32.lt_u (local.get $i) (local.get $r))))"
      let parts = order == .effectFirst ? [effectText, inner] : [inner, effectText]
      return """
        (loop $rows
          (local.set $r (i32.add (local.get $i) (i32.div_u (local.get $n) (i32.const 3))))
          \(parts[0]) \(parts[1])
          (br_if $rows (i32.lt_u (local.get $i) (i32.sub (local.get $n) (i32.const 2)))))
        """
    }
  }
}
