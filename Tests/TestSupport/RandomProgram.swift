/// Random modules full of indirect calls, for comparing tiers.
///
/// `run(period, phase)` returns a hash of what it did. Each execution of a `call_indirect` counts; where the count
/// modulo the period is the phase, it calls another function of the same type than usual. Functions call only those
/// after them and stop when much has been counted, so that every run ends soon. No NaN is ever made, since its bits may
/// differ between tiers.
public struct RandomProgram {
  public let text: String
  /// Every site, speculating on its usual target.
  public let sites: [DeoptCase.Site]

  public init(seed: UInt64) {
    var generator = Generator(seed: seed)
    (text, sites) = generator.module()
  }
}

private enum Kind: String, CaseIterable {
  case i32, i64, f32, f64
}

private struct Signature: Equatable {
  var parameters: [Kind]
  var results: [Kind]

  var text: String {
    func list(_ name: String, _ kinds: [Kind]) -> String {
      kinds.isEmpty ? "" : "(\(name) \(kinds.map(\.rawValue).joined(separator: " ")))"
    }
    return "(func \(list("param", parameters)) \(list("result", results)))"
  }
}

private struct Generator {
  private var random: TestRandom
  private var signatures: [Signature] = []
  /// Of the function being made.
  private var locals: [Kind] = []
  private var function = 0
  private var loopDepth = 0
  private var siteCount = 0
  private var loopCounters = 0
  private let functionCount: Int

  init(seed: UInt64) {
    random = TestRandom(seed: seed)
    functionCount = Int.random(in: 3...6, using: &random)
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &random)
  }
  private mutating func kinds(_ range: ClosedRange<Int>) -> [Kind] {
    (0..<number(range)).map { _ in kind() }
  }
  private mutating func kind() -> Kind { Kind.allCases[number(0...3)] }

  mutating func module() -> (String, [DeoptCase.Site]) {
    for _ in 0..<functionCount {
      signatures.append(Signature(parameters: kinds(0...9), results: kinds(0...4)))
    }
    var functions = ""
    var sites: [DeoptCase.Site] = []
    for index in 0..<functionCount {
      functions += body(index, name: "f\(index)", calls: true)
      for (number, target) in targets.enumerated() {
        sites.append(.init("f\(index)", number, "f\(target)"))
      }
      functions += body(index, name: "g\(index)", calls: false)
    }
    let types = signatures.enumerated().map { "(type $t\($0) \($1.text))" }.joined(separator: "\n")
    let elements = signatures.indices.map { "$f\($0) $g\($0)" }.joined(separator: " ")
    let arguments = signatures[0].parameters.map { constant($0) }.joined(separator: " ")
    var hash = ""
    for kind in signatures[0].results.reversed() { hash += absorb(kind) }
    return (
      """
      (module
        \(types)
        (memory (export "memory") 1 1)
        (global $ticks (export "ticks") (mut i32) (i32.const 0))
        (global $period (mut i32) (i32.const 1))
        (global $phase (mut i32) (i32.const 1))
        (global $hash (export "hash") (mut i64) (i64.const 1))
        (global $gi32 (mut i32) (i32.const 3)) (global $gi64 (mut i64) (i64.const 5))
        (global $gf32 (mut f32) (f32.const 0.5)) (global $gf64 (mut f64) (f64.const 1.5))
        (table \(2 * functionCount) \(2 * functionCount) funcref)
        (elem (i32.const 0) \(elements))
        \(functions)
        (func (export "run") (param i32 i32) (result i64)
          (global.set $period (local.get 0))
          (global.set $phase (local.get 1))
          (global.set $ticks (i32.const 0))
          \(arguments)
          (call $f0)
          \(hash)
          (global.get $hash)))
      """, sites
    )
  }

  /// Targets of the calls of the last body, in order.
  private var targets: [Int] = []

  private mutating func body(_ index: Int, name: String, calls: Bool) -> String {
    let signature = signatures[index]
    function = index
    targets = []
    loopDepth = 0
    siteCount = calls && index + 1 < functionCount ? number(1...3) : 0
    loopCounters = 0
    let declared = kinds(1...14)
    locals = signature.parameters + declared
    var text = ""
    for local in signature.parameters.count..<locals.count where number(0...3) > 0 {
      text += "(local.set \(local) \(clamped(locals[local], 3)))\n"
    }
    for _ in 0..<number(2...6) { text += statement() }
    while siteCount > 0 { text += callStatement() }
    for _ in 0..<number(1...4) { text += statement() }
    let results = signature.results.map { clamped($0, 3) }.joined(separator: "\n")
    let zeros = signature.results.map { "(\($0.rawValue).const 0)" }.joined(separator: " ")
    let counters = (0..<loopCounters).map { "(local $c\($0) i32)" }.joined(separator: " ")
    return """
      (func $\(name) (export "\(name)") (type $t\(index))
        (local \(declared.map(\.rawValue).joined(separator: " "))) \(counters)
        (if (i32.gt_u (global.get $ticks) (i32.const 300)) (then (return \(zeros))))
        \(text)
        \(results))

      """
  }

  // MARK: Statements

  private mutating func statement() -> String {
    switch number(0...9) {
    case 0...2:
      let local = number(0...locals.count - 1)
      return "(local.set \(local) \(clamped(locals[local], 3)))\n"
    case 3:
      let kind = kind()
      return "(global.set $g\(kind.rawValue) \(clamped(kind, 2)))\n"
    case 4:
      let kind = kind()
      return "(\(kind.rawValue).store \(address()) \(clamped(kind, 2)))\n"
    case 5:
      return "(if \(expression(.i32, 2)) (then \(inner())) (else \(inner())))\n"
    case 6 where loopDepth < 2: return loop()
    case 7: return number(0...2) == 0 ? wide() : absorbing(kind())
    default: return siteCount > 0 ? callStatement() : absorbing(kind())
    }
  }

  private mutating func inner() -> String {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return loopDepth > 2 ? "" : statement()
  }

  private mutating func loop() -> String {
    let counter = loopCounters
    loopCounters += 1
    var text = "(local.set $c\(counter) (i32.const \(number(1...3))))\n(loop\n"
    for _ in 0..<number(1...3) { text += inner() }
    return text + """
      (br_if 0 (local.tee $c\(counter) (i32.sub (local.get $c\(counter)) (i32.const 1)))))

      """
  }

  private mutating func absorbing(_ kind: Kind) -> String {
    expression(kind, 3) + "\n" + absorb(kind)
  }

  /// Wide arithmetic, with both results in the hash.
  private mutating func wide() -> String {
    let operands = (0..<4).map { _ in expression(.i64, 2) }
    let text =
      number(0...1) == 0
      ? "(i64.add128 \(operands.joined(separator: " ")))"
      : "(i64.mul_wide_s \(operands[0]) \(operands[1]))"
    return text + "\n" + absorb(.i64) + absorb(.i64)
  }

  /// Mixes the top operand into the hash.
  private func absorb(_ kind: Kind) -> String {
    let bits =
      switch kind {
      case .i32: "(i64.extend_i32_s)"
      case .i64: ""
      case .f32: "(i32.reinterpret_f32) (i64.extend_i32_u)"
      case .f64: "(i64.reinterpret_f64)"
      }
    return """
      \(bits) (i64.mul (global.get $hash) (i64.const 31)) (i64.add) (global.set $hash)

      """
  }

  /// An indirect call with operands beneath it, whose results go to locals, globals and the hash.
  private mutating func callStatement() -> String {
    guard siteCount > 0 else { return "" }
    siteCount -= 1
    let target = number(function + 1...functionCount - 1)
    targets.append(target)
    let beneath = kinds(0...4)
    var text = "(global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))\n"
    for kind in beneath { text += expression(kind, 2) + "\n" }
    for kind in signatures[target].parameters { text += clamped(kind, 2) + "\n" }
    text += """
      (call_indirect (type $t\(target))
        (i32.add (i32.const \(2 * target))
          (i32.eq (i32.rem_u (global.get $ticks) (global.get $period)) (global.get $phase))))

      """
    for kind in (beneath + signatures[target].results).reversed() {
      if let local = locals.indices.filter({ locals[$0] == kind }).randomElement(using: &random),
        number(0...1) == 0
      {
        text += "(local.set \(local))\n"
      } else {
        text += absorb(kind)
      }
    }
    return text
  }

  // MARK: Expressions

  private mutating func address() -> String {
    "(i32.and \(expression(.i32, 1)) (i32.const 0xFF8))"
  }

  private mutating func constant(_ kind: Kind) -> String {
    let value =
      switch kind {
      case .i32: "\(Int32(truncatingIfNeeded: random.next() >> UInt64(number(0...60))))"
      case .i64: "\(Int64(bitPattern: random.next() >> UInt64(number(0...60))))"
      case .f32, .f64: "\(number(-200...200)).\(["0", "25", "5", "125"][number(0...3)])"
      }
    return "(\(kind.rawValue).const \(value))"
  }

  /// Floats within ±1000, so that no sum of them gets out of hand.
  private mutating func clamped(_ kind: Kind, _ depth: Int) -> String {
    let value = expression(kind, depth)
    guard kind == .f32 || kind == .f64 else { return value }
    let k = kind.rawValue
    return "(\(k).max (\(k).const -1000) (\(k).min (\(k).const 1000) \(value)))"
  }

  private mutating func expression(_ kind: Kind, _ depth: Int) -> String {
    let k = kind.rawValue
    let choice = depth == 0 ? number(0...2) : number(0...9)
    switch choice {
    case 0: return constant(kind)
    case 1, 2:
      let local = locals.indices.filter { locals[$0] == kind }.randomElement(using: &random)
      return local.map { "(local.get \($0))" } ?? "(global.get $g\(k))"
    case 3: return "(global.get $g\(k))"
    case 4 where kind == .i32 || kind == .i64:
      if number(0...2) > 0 { return "(\(k).load \(address()))" }
      let name = ["rmw.add", "rmw8.xchg_u", "rmw16.sub_u"][number(0...2)]
      return "(\(k).atomic.\(name) \(address()) \(expression(kind, depth - 1)))"
    case 5: return conversion(to: kind, depth - 1)
    case 6:
      return "(select \(expression(kind, depth - 1)) \(expression(kind, depth - 1)) "
        + "\(expression(.i32, depth - 1)))"
    default:
      let operators =
        kind == .i32 || kind == .i64
        ? ["add", "sub", "mul", "xor", "shl", "shr_s", "rotl"]
        : ["add", "sub", "mul", "min", "max"]
      let name = operators[number(0...operators.count - 1)]
      return "(\(k).\(name) \(expression(kind, depth - 1)) \(expression(kind, depth - 1)))"
    }
  }

  private mutating func conversion(to kind: Kind, _ depth: Int) -> String {
    switch kind {
    case .i32:
      switch number(0...3) {
      case 0: "(i32.wrap_i64 \(expression(.i64, depth)))"
      case 1: "(i32.trunc_sat_f64_s \(expression(.f64, depth)))"
      case 2: "(f32.lt \(expression(.f32, depth)) \(expression(.f32, depth)))"
      default: "(i32.eqz \(expression(.i32, depth)))"
      }
    case .i64:
      number(0...1) == 0
        ? "(i64.extend_i32_u \(expression(.i32, depth)))"
        : "(i64.trunc_sat_f32_s \(expression(.f32, depth)))"
    // Small integers, which all tiers convert without rounding.
    case .f32: "(f32.convert_i32_s (i32.and \(expression(.i32, depth)) (i32.const 1023)))"
    case .f64: "(f64.convert_i32_s (i32.shr_s \(expression(.i32, depth)) (i32.const 20)))"
    }
  }
}
