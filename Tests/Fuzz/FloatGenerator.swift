import TestSupport

/// What an expression has made so far.
private struct Variable {
  var name: String
  var kind: FloatKind
  /// Whether the bits of a NaN are open: arithmetic may have made it.
  var isOpen = false
  /// 0 or 1.
  var isTruth = false
}

/// Writes the text of a ``FloatProgram``.
struct FloatGenerator {
  private var random: TestRandom
  private let isMasked: Bool
  private(set) var results: [FloatProgram.Result] = []
  private var variables: [Variable] = []
  private var locals: [(name: String, kind: FloatKind)] = []
  private var code: [String] = []
  /// Whether a constant of the function is a NaN that is not canonical.
  private var hasOtherNaNs = false
  private var globals: [String] = []
  private var helpers: [(name: String, kind: FloatKind, index: Int)] = []
  private var helperCode: [String] = []

  init(seed: UInt64, isMasked: Bool) {
    // Not the seed itself: numbers of neighbouring seeds could be the same ones, a few places on.
    var first = TestRandom(seed: seed)
    random = TestRandom(seed: first.next())
    self.isMasked = isMasked
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &random)
  }
  private mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }
  private mutating func one<T>(_ values: [T]) -> T { values[number(0...values.count - 1)] }

  // MARK: Module

  mutating func module(functions count: Int) -> String {
    for _ in 0..<6 { makeHelper() }
    var functions: [String] = []
    var calls: [String] = []
    for index in 0..<count {
      let isLoop = chance(15)
      functions.append(function(index, isLoop: isLoop))
      calls.append(
        isLoop
          ? "(call $f\(index))"
          : """
          (local.set 0 (i32.const 0))
          (loop (call $f\(index) (local.get 0))
            (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const \(FloatLayout.array)))))
          """)
    }
    let driver =
      isMasked ? "(func (export \"run\") (local i32) \(calls.joined(separator: "\n")))" : ""
    let pages = (FloatLayout.results + results.count * FloatLayout.array) / 65536 + 1
    return """
      (module
      (memory (export "memory") \(pages))
      (type $f32f32 (func (param f32 f32) (result f32)))
      (type $f64f64 (func (param f64 f64) (result f64)))
      (table \(helpers.count) funcref)
      (elem (i32.const 0) \(helpers.map(\.name).joined(separator: " ")))
      \(globals.joined(separator: "\n"))
      \(data())
      \(helperCode.joined(separator: "\n"))
      \(functions.joined(separator: "\n"))
      \(driver))
      """
  }

  private mutating func data() -> String {
    var bytes: [UInt8] = []
    for variable in FloatLayout.variables {
      for input in 0..<FloatProgram.inputCount {
        var bits = one(FloatBits.numbers(variable.kind))
        if variable.kind.isFloat, chance(input < FloatProgram.canonicalCount ? 10 : 30) {
          let isCanonical = input < FloatProgram.canonicalCount
          bits = one(FloatBits.nans(variable.kind, canonical: isCanonical))
        }
        for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
      }
    }
    let text = bytes.map { "\\" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return "(data (i32.const \(FloatLayout.arrays)) \"\(text)\")"
  }

  /// A function of two floats that is called directly or through the table, and perhaps inlined.
  private mutating func makeHelper() {
    let kind: FloatKind = chance(50) ? .f32 : .f64
    let operation = one(["add", "sub", "mul", "div", "min", "max"])
    let name = "$h\(helpers.count)"
    let body =
      chance(20)
      ? "(select (local.get 0) (local.get 1) (\(kind).lt (local.get 0) (local.get 1)))"
      : "(\(kind).\(operation) (local.get 0) (local.get 1))"
    helperCode.append("(func \(name) (type $\(kind)\(kind)) \(body))")
    helpers.append((name, kind, helpers.count))
  }

  // MARK: Function

  private mutating func function(_ index: Int, isLoop: Bool) -> String {
    code = []
    locals = [("$n32", .i32), ("$n64", .i64)]
    hasOtherNaNs = false
    let inputs = FloatLayout.variables.map { Variable(name: $0.name, kind: $0.kind) }
    locals += FloatLayout.variables.map { ($0.name, $0.kind) }
    variables = inputs
    for _ in 0..<number(1...6) {
      if chance(50) { variables = inputs }
      expression()
    }
    let declared = locals.map { "(local \($0.name) \($0.kind))" }.joined(separator: " ")
    let body = loads + code.joined(separator: "\n")
    let head = "(func $f\(index)" + (isMasked ? "" : " (export \"f\(index)\")")
    guard isLoop else { return "\(head) (param $at i32) \(declared)\n\(body))" }
    return """
      \(head) (local $at i32) \(declared)
      (loop \(body)
      (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const \(FloatLayout.array))))))
      """
  }

  /// Of the inputs that are used.
  private var loads: String {
    FloatLayout.variables.enumerated().filter { _, variable in
      code.contains { $0.contains("\(variable.name))") }
    }.map { number, variable in
      "(local.set \(variable.name) (\(variable.kind).load offset=\(FloatLayout.place(ofVariable: number)) (local.get $at)))\n"
    }.joined()
  }

  private mutating func expression() {
    let first = variables.count
    for _ in 0..<number(3...8) { step() }
    // The last number that was made; else the last float.
    let made = variables[first...].last { $0.kind.isFloat } ?? variables[variables.count - 1]
    store(made)
  }

  private func place(_ number: Int) -> Int { FloatLayout.results + number * FloatLayout.array }

  private mutating func store(_ variable: Variable) {
    let value = isMasked || !variable.kind.isFloat ? bits(variable) : get(variable)
    let kind = isMasked ? variable.kind.integer : variable.kind
    code.append("(\(kind).store offset=\(place(results.count)) (local.get $at) \(value))")
    results.append(.init(kind: variable.kind, isOpen: variable.isOpen, hasOtherNaNs: hasOtherNaNs))
  }

  /// The bits of a number, without those of a NaN that are open: as ``FloatProgram/Result`` compares them.
  private mutating func bits(_ variable: Variable) -> String {
    guard variable.kind.isFloat else { return get(variable) }
    let kind = variable.kind.integer
    let bits = "(\(kind).reinterpret_\(variable.kind) \(get(variable)))"
    guard variable.isOpen else { return bits }
    let (local, all, exponent, quiet) =
      kind == .i32
      ? ("$n32", "0x7FFFFFFF", "0x7F800000", "0x7FC00000")
      : ("$n64", "0x7FFFFFFFFFFFFFFF", "0x7FF0000000000000", "0x7FF8000000000000")
    // Where all NaNs that went in are canonical, the payload counts too.
    let mask =
      hasOtherNaNs
      ? "(\(kind).const \(quiet))"
      : "(select (\(kind).const \(all)) (\(kind).const \(quiet)) (i32.lt_u (local.get $at) (i32.const \(8 * FloatProgram.canonicalCount))))"
    return """
      (select (\(kind).and (local.tee \(local) \(bits)) \(mask)) (local.get \(local))
        (\(kind).gt_u (\(kind).and (local.get \(local)) (\(kind).const \(all))) (\(kind).const \(exponent))))
      """
  }

  // MARK: Steps

  private func get(_ variable: Variable) -> String { "(local.get \(variable.name))" }

  private mutating func set(
    _ kind: FloatKind, _ value: String, isOpen: Bool = false, isTruth: Bool = false
  ) {
    let name = "$v\(locals.count)"
    locals.append((name, kind))
    code.append("(local.set \(name) \(value))")
    variables.append(Variable(name: name, kind: kind, isOpen: isOpen, isTruth: isTruth))
  }

  /// Mostly one that was made lately.
  private mutating func variable(_ kind: FloatKind) -> Variable {
    let all = variables.filter { $0.kind == kind && !$0.isTruth }
    return chance(60) ? all[max(0, all.count - 1 - number(0...1))] : one(all)
  }

  private mutating func operand(_ kind: FloatKind) -> (text: String, isOpen: Bool) {
    if chance(30) { return (constant(kind), false) }
    let found = variable(kind)
    return (get(found), found.isOpen)
  }

  private mutating func condition() -> String {
    let truths = variables.filter(\.isTruth)
    if !truths.isEmpty && chance(40) { return get(one(truths)) }
    return comparison()
  }

  private mutating func comparison() -> String {
    if chance(10) {
      return "(i32.\(one(["eq", "lt_s", "gt_u"])) \(get(variable(.i32))) \(constant(.i32)))"
    }
    let kind: FloatKind = chance(50) ? .f32 : .f64
    let left = get(variable(kind))
    let right = chance(60) ? constant(kind) : get(variable(kind))
    let text = "(\(kind).\(one(["lt", "gt", "le", "ge", "eq", "ne"])) \(left) \(right))"
    return chance(25) ? "(i32.eqz \(text))" : text
  }

  private mutating func step() {
    let kind: FloatKind = chance(50) ? .f32 : .f64
    switch number(0...99) {
    case 0..<26: arithmetic(kind)
    case 26..<33: extremum(kind)
    case 33..<41:
      let value = variable(kind)
      set(kind, "(\(kind).\(one(["neg", "abs"])) \(get(value)))", isOpen: value.isOpen)
    case 41..<45: copysign(kind)
    case 45..<50:
      set(
        kind,
        "(\(kind).\(one(["ceil", "floor", "trunc", "nearest", "sqrt"])) \(get(variable(kind))))",
        isOpen: true)
    case 50..<63: choice(kind)
    case 63..<70:
      kind == .f32
        ? set(.f32, "(f32.demote_f64 \(operand(.f64).text))", isOpen: true)
        : set(.f64, "(f64.promote_f32 \(operand(.f32).text))", isOpen: true)
    case 70..<74: set(.i32, comparison(), isTruth: true)
    case 74..<77: logic()
    case 77..<83: toInteger(kind)
    case 83..<88: fromInteger(kind)
    case 88..<91: integer()
    case 91..<94: throughMemory(kind)
    case 94..<97: call(kind)
    default: accumulate(kind)
    }
  }

  private mutating func arithmetic(_ kind: FloatKind) {
    let operation = one(["add", "sub", "mul", "div"])
    let (left, right) = (operand(kind), operand(kind))
    set(kind, "(\(kind).\(operation) \(left.text) \(right.text))", isOpen: true)
  }

  private mutating func extremum(_ kind: FloatKind) {
    let (left, right) = (operand(kind), operand(kind))
    set(kind, "(\(kind).\(one(["min", "max"])) \(left.text) \(right.text))", isOpen: true)
  }

  /// The sign of a NaN may be open.
  private mutating func copysign(_ kind: FloatKind) {
    let value = operand(kind)
    let sign = variable(kind)
    let text =
      sign.isOpen
      ? "(select \(get(sign)) \(constant(kind)) (\(kind).eq \(get(sign)) \(get(sign))))" : get(sign)
    set(kind, "(\(kind).copysign \(value.text) \(text))", isOpen: value.isOpen)
  }

  private mutating func choice(_ kind: FloatKind) {
    let (left, right, condition) = (operand(kind), operand(kind), self.condition())
    let text =
      switch number(0...3) {
      case 0:
        "(if (result \(kind)) \(condition) (then \(left.text)) (else \(right.text)))"
      case 1:
        "(block (result \(kind)) (br_if 0 \(left.text) \(condition)) (drop) \(right.text))"
      default: "(select \(left.text) \(right.text) \(condition))"
      }
    set(kind, text, isOpen: left.isOpen || right.isOpen)
  }

  private mutating func logic() {
    set(
      .i32, "(i32.\(one(["and", "or", "xor"])) \(condition()) \(condition()))", isTruth: true)
  }

  private mutating func toInteger(_ kind: FloatKind) {
    let value = variable(kind)
    if chance(40) { return set(kind.integer, bits(value)) }
    let result: FloatKind = chance(50) ? .i32 : .i64
    let sign = one(["s", "u"])
    let text = "(\(result).trunc_sat_\(kind)_\(sign) \(get(value)))"
    guard chance(40) else { return set(result, text) }
    // Within what any of them takes.
    set(
      result,
      """
      (if (result \(result)) (\(kind).lt (\(kind).abs \(get(value))) (\(kind).const 1e9))
        (then (\(result).trunc_\(kind)_s \(get(value)))) (else \(constant(result))))
      """)
  }

  private mutating func fromInteger(_ kind: FloatKind) {
    if chance(40) {
      let value = operand(kind.integer)
      hasOtherNaNs = true
      return set(kind, "(\(kind).reinterpret_\(kind.integer) \(value.text))")
    }
    let source: FloatKind = chance(50) ? .i32 : .i64
    set(
      kind, "(\(kind).convert_\(source)_\(one(["s", "u"])) \(operand(source).text))")
  }

  private mutating func integer() {
    let kind: FloatKind = chance(50) ? .i32 : .i64
    set(
      kind,
      "(\(kind).\(one(["add", "sub", "and", "or", "xor", "shl", "shr_u", "mul"])) \(get(variable(kind))) \(operand(kind).text))"
    )
  }

  private mutating func throughMemory(_ kind: FloatKind) {
    let value = operand(kind)
    code.append("(\(kind).store (i32.const \(FloatLayout.scratch)) \(value.text))")
    set(kind, "(\(kind).load (i32.const \(FloatLayout.scratch)))", isOpen: value.isOpen)
  }

  private mutating func call(_ kind: FloatKind) {
    let fitting = helpers.filter { $0.kind == kind }
    guard !fitting.isEmpty else { return arithmetic(kind) }
    let helper = one(fitting)
    let (left, right) = (operand(kind), operand(kind))
    set(
      kind,
      chance(50)
        ? "(call \(helper.name) \(left.text) \(right.text))"
        : "(call_indirect (type $\(kind)\(kind)) \(left.text) \(right.text) (i32.const \(helper.index)))",
      isOpen: true)
  }

  /// A loop of a few turns, which LLVM unrolls.
  private mutating func accumulate(_ kind: FloatKind) {
    let start = operand(kind)
    let value = operand(kind)
    let operation = one(["add", "sub", "mul", "div", "min", "max"])
    set(kind, start.text, isOpen: true)
    let sum = variables[variables.count - 1].name
    let counter = "$v\(locals.count)"
    locals.append((counter, .i32))
    code.append(
      """
      (local.set \(counter) (i32.const 0))
      (loop
        (local.set \(sum) (\(kind).\(operation) (local.get \(sum)) \(value.text)))
        (br_if 0 (i32.lt_u (local.tee \(counter) (i32.add (local.get \(counter)) (i32.const 1))) (i32.const \(number(1...4))))))
      """)
  }

  // MARK: Constants

  /// A constant, in one of the ways by which it may become known.
  private mutating func constant(_ kind: FloatKind) -> String {
    var bits = one(FloatBits.numbers(kind))
    if kind.isFloat {
      switch number(0...19) {
      case 0..<9: bits = neutral(kind)
      case 9: bits = one(FloatBits.nans(kind, canonical: true))
      case 10:
        bits = one(FloatBits.nans(kind, canonical: false))
        hasOtherNaNs = true
      default: break
      }
    }
    let literal =
      kind.isFloat
      ? "(\(kind).\(Self.text(bits, kind)))"
      : "(\(kind).const \(kind == .i32 ? "\(UInt32(bits))" : "\(bits)"))"
    guard kind.isFloat else { return literal }
    switch number(0...9) {
    case 0: return "(\(kind).reinterpret_\(kind.integer) (\(kind.integer).const \(bits)))"
    case 1:
      globals.append("(global \(kind) \(literal))")
      return "(global.get \(globals.count - 1))"
    case 2:
      let name = "$v\(locals.count)"
      locals.append((name, kind))
      code.append("(local.set \(name) \(literal))")
      return "(local.get \(name))"
    default: return literal
    }
  }

  private mutating func neutral(_ kind: FloatKind) -> UInt64 {
    let one: UInt64 = kind == .f32 ? 0x3F80_0000 : 0x3FF0 << 48
    let infinity: UInt64 = kind == .f32 ? 0x7F80_0000 : 0x7FF0 << 48
    let sign: UInt64 = chance(50) ? 0 : kind == .f32 ? 1 << 31 : 1 << 63
    return self.one([0, 0, one, one, infinity]) | sign
  }

  /// `const` with a number of these bits.
  private static func text(_ bits: UInt64, _ kind: FloatKind) -> String {
    let (width, mantissa): (UInt64, UInt64) = kind == .f32 ? (32, 23) : (64, 52)
    let sign = bits >> (width - 1) == 1 ? "-" : ""
    let fraction = bits & (1 << mantissa - 1)
    let exponent = (bits & (1 << (width - 1) - 1)) >> mantissa
    guard exponent == 1 << (width - mantissa - 1) - 1 else {
      let number =
        kind == .f32 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
      return "const \(sign)\(hexadecimal(number.magnitude))"
    }
    if fraction == 0 { return "const \(sign)inf" }
    return "const \(sign)nan:0x\(String(fraction, radix: 16))"
  }

  private static func hexadecimal(_ number: Double) -> String {
    guard number != 0 else { return "0" }
    let fraction = String(number.significandBitPattern | (number.isNormal ? 1 << 52 : 0), radix: 16)
    let exponent = number.isNormal ? number.exponent : -1022
    return "0x\(fraction)p\(Int(exponent) - 52)"
  }
}
