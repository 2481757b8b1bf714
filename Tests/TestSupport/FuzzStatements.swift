/// What functions of a ``FuzzProgram`` are made of.
extension FuzzGenerator {
  // MARK: Statements

  mutating func statement() -> String {
    size -= 1
    switch number(0...19) {
    case 0...2:
      let local = number(0...locals.count - 1)
      return "(local.set \(local) \(clamped(locals[local], 3)))\n"
    case 3:
      let kind = FuzzKind.numbers[number(0...3)]
      return "(global.set $g\(kind.rawValue) \(clamped(kind, 2)))\n"
    case 4: return store()
    case 5: return "(if \(expression(.i32, 2)) (then \(inner())) (else \(inner())))\n"
    case 6, 7: return loopDepth < 2 ? loop() : absorbing()
    case 8: return absorbing()
    case 9: return branches()
    case 10: return changeTable()
    case 11: return chance(30) ? trap() : blockWithResults()
    case 12: return blockWithResults()
    case 13: return "(global.set $gi32 (call $note \(expression(.i32, 1))))\n"
    default: return callStatement()
    }
  }

  private mutating func inner() -> String {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return loopDepth > 2 || size <= 0 ? absorbing() : statement()
  }

  private mutating func store() -> String {
    let kind = FuzzKind.numbers[number(0...3)]
    let forms = kind == .i32 ? ["store", "store8", "store16"] : kind == .i64 ? ["store", "store32"] : ["store"]
    return "(\(kind.rawValue).\(forms[number(0...forms.count - 1)]) \(address()) \(clamped(kind, 2)))\n"
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
    let kind = FuzzKind.numbers[number(0...3)]
    return """
      (block (result \(kind.rawValue)) \(clamped(kind, 2))
        (br_if 0 \(expression(.i32, 2))) (drop) \(inner()) \(clamped(kind, 1)))
      \(absorb(kind))
      """
  }

  /// Entries are exchanged among those of one type, so that calls do not trap for it.
  private mutating func changeTable() -> String {
    guard chance(40) else { return absorbing() }
    let signature = number(0...signatures.count - 1)
    let (first, count) = (base(signature), members[signature].count)
    func place(_ offset: String) -> String {
      "(i32.add (i32.const \(first)) (i32.rem_u \(offset) (i32.const \(count))))"
    }
    switch number(0...3) {
    case 0:
      return "(table.set $open \(place(expression(.i32, 1))) (table.get $fixed \(place(expression(.i32, 1)))))\n"
    case 1:
      return "(table.copy $open $fixed (i32.const \(first)) (i32.const \(first)) (i32.const \(count)))\n"
    case 2:
      return "(drop (table.grow $open (ref.null func) (i32.and \(expression(.i32, 1)) (i32.const 1))))\n"
    default:
      return "(table.fill $open \(place(expression(.i32, 1))) (table.get $open \(place(expression(.i32, 1)))) (i32.const 1))\n"
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
    let kind = FuzzKind.numbers[number(0...3)]
    return expression(kind, 3) + "\n" + absorb(kind)
  }

  /// Mixes the top operand into the hash.
  func absorb(_ kind: FuzzKind) -> String {
    let bits =
      switch kind {
      case .i32: "(i64.extend_i32_s)"
      case .i64: ""
      case .f32: "(i32.reinterpret_f32) (i64.extend_i32_u)"
      case .f64: "(i64.reinterpret_f64)"
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
    for kind in beneath { text += expression(kind, 2) + "\n" }
    for kind in type.parameters { text += clamped(kind, 2) + "\n" }
    if chance(15) {
      text += "(call \(members[signature][number(0...members[signature].count - 1)]))\n"
    } else {
      text += "(call_indirect \(chance(60) ? "$fixed" : "$open") (type $t\(signature)) \(index(signature)))\n"
    }
    for kind in type.results.reversed() { text += keep(kind) }
    // Floats beneath are not clamped.
    for kind in beneath.reversed() { text += kind.isFloat ? absorb(kind) : keep(kind) }
    return text
  }

  /// Puts the top operand somewhere. The first locals are the driver's own.
  private mutating func keep(_ kind: FuzzKind) -> String {
    let fitting = locals.indices.filter { locals[$0] == kind && $0 > 2 }
    guard let local = fitting.randomElement(using: &random), chance(50) else { return absorb(kind) }
    return "(local.set \(local))\n"
  }

  private mutating func index(_ signature: Int) -> String {
    let count = members[signature].count
    let site = sites % Int(Self.maximumSites)
    sites += 1
    if chance(8) { return "(i32.const \(base(signature) + number(0...count - 1)))" }
    let offset =
      chance(45)
      ? "(i32.rem_u (i32.load (i32.const \(Self.siteBase + 4 * site))) (i32.const \(count)))"
      : "(call $pick (i32.const \(site)) (i32.const \(count)))"
    return "(i32.add (i32.const \(base(signature))) \(offset))"
  }

  // MARK: Expressions

  private mutating func address() -> String {
    "(i32.and \(expression(.i32, 1)) (i32.const 0x7FF8))"
  }

  private mutating func constant(_ kind: FuzzKind) -> String {
    switch kind {
    case .i32:
      "(i32.const \(Int32(truncatingIfNeeded: random.next() >> UInt64(number(0...60)))))"
    case .i64: "(i64.const \(Int64(bitPattern: random.next() >> UInt64(number(0...60)))))"
    case .f32, .f64:
      "(\(kind.rawValue).const \(number(-200...200)).\(["0", "25", "5", "125"][number(0...3)]))"
    case .funcref: "(ref.null func)"
    case .externref: "(ref.null extern)"
    }
  }

  /// Floats within ±1000, so that no sum of them gets out of hand.
  mutating func clamped(_ kind: FuzzKind, _ depth: Int) -> String {
    let value = expression(kind, depth)
    guard kind.isFloat else { return value }
    let k = kind.rawValue
    return "(\(k).max (\(k).const -1000) (\(k).min (\(k).const 1000) \(value)))"
  }

  private mutating func local(_ kind: FuzzKind) -> String? {
    locals.indices.filter { locals[$0] == kind }.randomElement(using: &random).map {
      "(local.get \($0))"
    }
  }

  mutating func expression(_ kind: FuzzKind, _ depth: Int) -> String {
    let k = kind.rawValue
    if kind == .externref { return local(kind) ?? constant(kind) }
    if kind == .funcref {
      let place = "(i32.rem_u \(expression(.i32, 0)) (i32.const \(base(signatures.count))))"
      return chance(40) ? local(kind) ?? constant(kind) : "(table.get $fixed \(place))"
    }
    switch depth == 0 ? number(0...3) : number(0...12) {
    case 0: return constant(kind)
    case 1, 2: return local(kind) ?? "(global.get $g\(k))"
    case 3: return "(global.get $g\(k))"
    case 4 where kind.isInteger:
      let forms = ["load", "load8_s", "load16_u"] + (kind == .i64 ? ["load32_s"] : [])
      return "(\(k).\(forms[number(0...forms.count - 1)]) \(address()))"
    case 5, 6: return conversion(to: kind, depth - 1)
    case 7:
      return "(select \(expression(kind, depth - 1)) \(expression(kind, depth - 1)) "
        + "\(expression(.i32, depth - 1)))"
    case 8: return unary(kind, depth - 1)
    default:
      let operators =
        kind.isInteger
        ? ["add", "sub", "mul", "xor", "and", "or", "shl", "shr_s", "shr_u", "rotl"]
        : ["add", "sub", "mul", "min", "max", "copysign"]
      let name = operators[number(0...operators.count - 1)]
      return "(\(k).\(name) \(expression(kind, depth - 1)) \(expression(kind, depth - 1)))"
    }
  }

  private mutating func unary(_ kind: FuzzKind, _ depth: Int) -> String {
    let k = kind.rawValue
    if kind.isInteger {
      let names = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"]
      return "(\(k).\(names[number(0...4)]) \(expression(kind, depth)))"
    }
    let names = ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"]
    let name = names[number(0...6)]
    let value = expression(kind, depth)
    return "(\(k).\(name) \(name == "sqrt" ? "(\(k).abs \(value))" : value))"
  }

  private mutating func conversion(to kind: FuzzKind, _ depth: Int) -> String {
    switch kind {
    case .i32:
      switch number(0...4) {
      case 0: "(i32.wrap_i64 \(expression(.i64, depth)))"
      case 1: "(i32.trunc_sat_f64_s \(expression(.f64, depth)))"
      case 2: "(f32.lt \(expression(.f32, depth)) \(expression(.f32, depth)))"
      case 3: "(i64.le_u \(expression(.i64, depth)) \(expression(.i64, depth)))"
      default: "(i32.eqz \(expression(.i32, depth)))"
      }
    case .i64:
      number(0...1) == 0
        ? "(i64.extend_i32_u \(expression(.i32, depth)))"
        : "(i64.trunc_sat_f32_s \(expression(.f32, depth)))"
    // Small integers, which all tiers convert without rounding.
    case .f32:
      number(0...2) == 0
        ? "(f32.demote_f64 \(expression(.f64, 0)))"
        : "(f32.convert_i32_s (i32.and \(expression(.i32, depth)) (i32.const 1023)))"
    case .f64:
      number(0...2) == 0
        ? "(f64.promote_f32 \(expression(.f32, 0)))"
        : "(f64.convert_i32_s (i32.shr_s \(expression(.i32, depth)) (i32.const 20)))"
    case .funcref, .externref: constant(kind)
    }
  }
}
