import TestSupport

/// Values of a type, of at most a depth.
extension FuzzGenerator {
  mutating func address() -> String {
    "(i32.and \(expression(.i32, 1)) (i32.const 0x7FF8))"
  }

  private mutating func constant(_ kind: FuzzKind) -> String {
    switch kind {
    case .i32:
      "(i32.const \(Int32(truncatingIfNeeded: random.next() >> UInt64(number(0...60)))))"
    case .i64: "(i64.const \(Int64(bitPattern: random.next() >> UInt64(number(0...60)))))"
    case .f32, .f64:
      "(\(kind.rawValue).const \(number(-200...200)).\(["0", "25", "5", "125"][number(0...3)]))"
    case .v128: vectorConstant()
    case .funcref: "(ref.null func)"
    case .externref: "(ref.null extern)"
    }
  }

  /// Floats within ±1000 if they were calculated, so that no sum of them gets out of hand.
  mutating func clamped(_ kind: FuzzKind, _ depth: Int) -> String {
    let value = expression(kind, depth)
    let k = kind.rawValue
    let grows = ["f32.add", "f32.sub", "f32.mul", "f64.add", "f64.sub", "f64.mul"]
    guard kind.isFloat, grows.contains(where: { value.contains($0) }) else { return value }
    return "(\(k).max (\(k).const -1000) (\(k).min (\(k).const 1000) \(value)))"
  }

  mutating func local(_ kind: FuzzKind) -> String? {
    locals.indices.filter { locals[$0] == kind }.randomElement(using: &random).map {
      "(local.get \($0))"
    }
  }

  mutating func expression(_ kind: FuzzKind, _ depth: Int) -> String {
    let k = kind.rawValue
    if kind == .externref { return local(kind) ?? constant(kind) }
    if kind == .v128 { return vector(depth) }
    if kind == .funcref {
      let place = "(i32.rem_u \(expression(.i32, 0)) (i32.const \(base(signatures.count))))"
      return chance(40) ? local(kind) ?? constant(kind) : "(table.get $fixed \(place))"
    }
    if hasVectors, depth > 0, kind.isInteger, chance(25) { return scalar(kind, depth - 1) }
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
      case 1: "(i32.trunc_sat_f64_s \(unseen(.f64, depth)))"
      case 2: comparison(chance(50) ? .f32 : .f64, depth)
      case 3: "(i64.le_u \(expression(.i64, depth)) \(expression(.i64, depth)))"
      default: "(i32.eqz \(expression(.i32, depth)))"
      }
    case .i64:
      number(0...1) == 0
        ? "(i64.extend_i32_u \(expression(.i32, depth)))"
        : "(i64.trunc_sat_f32_s \(unseen(.f32, depth)))"
    // Small integers, which all tiers convert without rounding.
    case .f32:
      number(0...2) == 0
        ? "(f32.demote_f64 \(expression(.f64, 0)))"
        : "(f32.convert_i32_s (i32.and \(expression(.i32, depth)) (i32.const 1023)))"
    case .f64:
      number(0...2) == 0
        ? "(f64.promote_f32 \(expression(.f32, 0)))"
        : "(f64.convert_i32_s (i32.shr_s \(expression(.i32, depth)) (i32.const 20)))"
    case .v128, .funcref, .externref: constant(kind)
    }
  }

  // MARK: Floats that may be NaN

  /// Kinds of the locals ``unseenLocal(_:)`` of each function.
  static let unseenKinds: [FuzzKind] = [.f32, .f64]

  /// A local that only ``unseen(_:_:)`` reads: live over calls and deopts like any other.
  static func unseenLocal(_ kind: FuzzKind) -> String { "$nan_\(kind.rawValue)" }

  private mutating func comparison(_ kind: FuzzKind, _ depth: Int) -> String {
    let name = ["eq", "ne", "lt", "le", "gt", "ge"][number(0...5)]
    return "(\(kind.rawValue).\(name) \(unseen(kind, depth)) \(unseen(kind, depth)))"
  }

  /// A float of which nobody sees more than how it compares and what integer it is near: so it may be a NaN, whose bits are for each tier
  /// to choose, or an infinity. Nothing in it looks at the sign of a NaN.
  mutating func unseen(_ kind: FuzzKind, _ depth: Int) -> String {
    let k = kind.rawValue
    if hasVectors, depth > 0, chance(15) {
      let lane = number(0...(kind == .f32 ? 3 : 1))
      return
        "(\(kind == .f32 ? "f32x4" : "f64x2").extract_lane \(lane) \(unseenVector(kind, depth - 1)))"
    }
    guard depth > 0 else {
      switch number(0...5) {
      case 0: return "(\(k).const \(["nan", "inf", "-inf", "-0"][number(0...3)]))"
      case 1 where hasUnseenLocals, 2 where hasUnseenLocals:
        return "(local.get \(Self.unseenLocal(kind)))"
      default: return expression(kind, 0)
      }
    }
    switch number(0...9) {
    case 0: return "(\(k).load \(address()))"
    case 1: return "(\(k).div \(unseen(kind, depth - 1)) \(unseen(kind, depth - 1)))"
    case 2:
      let name = ["sqrt", "neg", "abs", "ceil", "floor", "trunc", "nearest"][number(0...6)]
      return "(\(k).\(name) \(unseen(kind, depth - 1)))"
    case 3:
      return kind == .f32
        ? "(f32.demote_f64 \(unseen(.f64, depth - 1)))"
        : "(f64.promote_f32 \(unseen(.f32, depth - 1)))"
    case 4:
      return "(select \(unseen(kind, depth - 1)) \(unseen(kind, depth - 1)) "
        + "\(expression(.i32, depth - 1)))"
    case 5, 6:
      let name = ["add", "sub", "mul", "min", "max"][number(0...4)]
      return "(\(k).\(name) \(unseen(kind, depth - 1)) \(unseen(kind, depth - 1)))"
    default: return expression(kind, depth)
    }
  }
}
