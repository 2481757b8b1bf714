import TestSupport

/// What functions of a ``FuzzProgram`` are made of.
extension FuzzGenerator {
  // MARK: Statements

  mutating func statement() -> String {
    size -= 1
    if hasExceptions && chance(25) { return chance(40) ? throwing() : trying() }
    if hasTailCalls, chance(12) { return rareTailCall() }
    if hasReferences, chance(15) { return changeReference() }
    switch number(0...20) {
    case 0...2:
      let local = number(0...locals.count - 1)
      return "(local.set \(local) \(clamped(locals[local], scale.depth)))\n"
    case 3:
      let kind = valueKind()
      return "(global.set $g\(kind.rawValue) \(clamped(kind, min(2, scale.depth))))\n"
    case 4: return store()
    case 5:
      return "(if \(expression(.i32, min(2, scale.depth))) (then \(inner())) (else \(inner())))\n"
    case 6, 7: return loopDepth < 2 ? loop() : absorbing()
    case 8: return absorbing()
    case 9: return branches()
    case 10: return changeTable()
    case 11: return chance(30) ? trap() : blockWithResults()
    case 12: return blockWithResults()
    case 13: return "(global.set $gi32 (call $note \(expression(.i32, 1))))\n"
    case 14:
      if hasVectors && chance(50) { return setUnseenVector() }
      let kind = Self.unseenKinds[number(0...1)]
      return "(local.set \(Self.unseenLocal(kind)) \(unseen(kind, scale.depth)))\n"
    default: return callStatement()
    }
  }

  private mutating func inner() -> String {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return loopDepth > 2 || size <= 0 ? absorbing() : statement()
  }

  private mutating func store() -> String {
    let kind = valueKind()
    if kind == .v128 { return vectorStore() }
    let forms =
      kind == .i32
      ? ["store", "store8", "store16"] : kind == .i64 ? ["store", "store32"] : ["store"]
    return
      "(\(kind.rawValue).\(forms[number(0...forms.count - 1)]) \(address()) \(clamped(kind, min(2, scale.depth))))\n"
  }

  private mutating func loop() -> String {
    let counter = counters
    counters += 1
    var text = "(local.set $c\(counter) (i32.const \(number(1...9))))\n(loop $l\(counter)\n"
    for _ in 0..<number(1...3) { text += inner() }
    return text + """
      (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
      (br_if $l\(counter) (local.tee $c\(counter) (i32.sub (local.get $c\(counter)) (i32.const 1)))))

      """
  }

  /// A `br_table` over nested blocks.
  private mutating func branches() -> String {
    let count = number(2...4)
    var text = String(repeating: "(block ", count: count)
    text += "(br_table " + (0..<count).map { "\($0)" }.joined(separator: " ")
    text += " (i32.and \(expression(.i32, 2)) (i32.const 3))))\n"
    for number in 1..<count { text += "\(inner()) (br \(count - 1 - number)))\n" }
    return text
  }

  private mutating func blockWithResults() -> String {
    let kind = valueKind()
    return """
      (block (result \(kind.rawValue)) \(clamped(kind, min(2, scale.depth)))
        (br_if 0 \(expression(.i32, 2))) (drop) \(inner()) \(clamped(kind, 1)))
      \(absorb(kind))
      """
  }

  /// Entries are exchanged among those of one type, so that calls do not trap for it.
  private mutating func changeTable() -> String {
    guard chance(40) else { return absorbing() }
    let signature = number(0...signatures.count - 1)
    let table = sharesTable && chance(40) ? "$shared" : "$open"
    let (first, count) = range(table, signature)
    let (source, sourceCount) = range("$fixed", signature)
    func place(_ table: String, _ offset: String) -> String {
      let (start, count) = range(table, signature)
      return "(i32.add (i32.const \(start)) (i32.rem_u \(offset) (i32.const \(count))))"
    }
    let to = place(table, expression(.i32, 1))
    switch number(0...3) {
    case 0:
      return
        "(table.set \(table) \(to) (table.get $fixed \(place("$fixed", expression(.i32, 1)))))\n"
    case 1:
      return "(table.copy \(table) $fixed (i32.const \(first)) (i32.const \(source)) "
        + "(i32.const \(min(count, sourceCount))))\n"
    case 2:
      return
        "(drop (table.grow \(table) (ref.null func) (i32.and \(expression(.i32, 1)) (i32.const 1))))\n"
    default:
      let from = place(table, expression(.i32, 1))
      return "(table.fill \(table) \(to) (table.get \(table) \(from)) (i32.const 1))\n"
    }
  }

  /// Seldom taken.
  private mutating func trap() -> String {
    let rare = "(i32.eq (i32.and \(expression(.i32, 2)) (i32.const 63)) (i32.const 9))"
    switch number(0...3) {
    case 0: return "(if \(rare) (then (unreachable)))\n"
    case 1: return "(global.set $gi32 (i32.div_s (global.get $gi32) (i32.eqz \(rare))))\n"
    case 2: return "(if \(rare) (then (i32.store (i32.const -8) \(expression(.i32, 1)))))\n"
    default: return "(drop (memory.grow (i32.and \(rare) (i32.const 1))))\n"
    }
  }

  private mutating func absorbing() -> String {
    let kind = valueKind()
    return expression(kind, scale.depth) + "\n" + absorb(kind)
  }

  /// Mixes the top operand into the hash.
  func absorb(_ kind: FuzzKind) -> String {
    let bits =
      switch kind {
      case .i32: "(i64.extend_i32_s)"
      case .i64: ""
      case .f32: "(i32.reinterpret_f32) (i64.extend_i32_u)"
      case .f64: "(i64.reinterpret_f64)"
      case .v128: Self.absorbedVector
      case .funcref, .externref: "(ref.is_null) (i64.extend_i32_u)"
      }
    return """
      \(bits) (i64.mul (global.get $hash) (i64.const 31)) (i64.add) (global.set $hash)

      """
  }

  /// A call with operands beneath it, whose results go to locals and the hash. Most are indirect.
  mutating func callStatement() -> String {
    let signature = number(0...signatures.count - 1)
    let type = signatures[signature]
    let beneath = kinds(0...3)
    var text = ""
    for kind in beneath { text += expression(kind, min(2, scale.depth)) + "\n" }
    text += call(signature)
    for kind in type.results.reversed() { text += keep(kind) }
    // Floats beneath are not clamped.
    for kind in beneath.reversed() { text += kind.isFloat ? absorb(kind) : keep(kind) }
    return text
  }

  /// - Parameter form: of the mnemonic, before `call`.
  private mutating func call(_ signature: Int, form: String = "") -> String {
    var text = ""
    for kind in signatures[signature].parameters {
      text += clamped(kind, min(2, scale.depth)) + "\n"
    }
    if chance(15) {
      let callee = members[signature][number(0...members[signature].count - 1)]
      return text + "(\(form)call \(callee))\n"
    }
    if hasReferences, chance(60) { return text + callByReference(signature, form: form) }
    let table = sharesTable && chance(35) ? "$shared" : chance(60) ? "$fixed" : "$open"
    return text
      + "(\(form)call_indirect \(table) (type \(calledType(signature))) \(index(table, signature)))\n"
  }

  /// A tail call of a function with the same results, with operands beneath that nobody takes.
  mutating func tailCall() -> String {
    let fitting = signatures.indices.filter { signatures[$0].results == results }
    var text = ""
    for kind in kinds(0...2) { text += expression(kind, 1) + "\n" }
    return text + Self.leaving + call(fitting[number(0...fitting.count - 1)], form: "return_")
  }

  private mutating func rareTailCall() -> String {
    "(if (i32.eqz (i32.and \(expression(.i32, 1)) (i32.const 7))) (then \(tailCall())))\n"
  }

  /// Puts the top operand somewhere. The first locals are the driver's own.
  mutating func keep(_ kind: FuzzKind) -> String {
    let fitting = locals.indices.filter { locals[$0] == kind && $0 > 2 }
    guard let local = fitting.randomElement(using: &random), chance(50) else { return absorb(kind) }
    return "(local.set \(local))\n"
  }

  private mutating func index(_ table: String, _ signature: Int) -> String {
    let (start, count) = range(table, signature)
    return place(start: start, count: count)
  }

  /// An index of one of `count` places, which the host decides on or memory.
  mutating func place(start: Int, count: Int) -> String {
    let site = sites % Int(Self.maximumSites)
    sites += 1
    if chance(8) { return "(i32.const \(start + number(0...count - 1)))" }
    let offset =
      chance(45)
      ? "(i32.rem_u (i32.load (i32.const \(Self.siteBase + 4 * site))) (i32.const \(count)))"
      : "(call $pick (i32.const \(site)) (i32.const \(count)))"
    return "(i32.add (i32.const \(start)) \(offset))"
  }
}
