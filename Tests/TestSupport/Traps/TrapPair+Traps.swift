extension TrapPair {
  /// A load or store: its size, and how its value becomes an i64 or is made of `$i`.
  struct Access {
    var name: String
    var size: Int
    var before: String
    var after: String

    init(_ name: String, _ size: Int, _ before: String = "", _ after: String = "") {
      self.name = name
      self.size = size
      self.before = before
      self.after = after
    }
  }

  private static let loads = [
    Access("i32.load", 4, "(i64.extend_i32_u", ")"),
    Access("i32.load8_u", 1, "(i64.extend_i32_u", ")"),
    Access("i32.load16_s", 2, "(i64.extend_i32_u", ")"), Access("i64.load", 8),
    Access("i64.load32_s", 4), Access("i64.load8_s", 1),
    Access("f32.load", 4, "(i64.extend_i32_u (i32.reinterpret_f32", "))"),
    Access("f64.load", 8, "(i64.reinterpret_f64", ")"),
  ]

  private static let stores = [
    Access("i32.store", 4), Access("i32.store8", 1), Access("i32.store16", 2),
    Access("i64.store", 8, "(i64.extend_i32_u", ")"),
    Access("i64.store32", 4, "(i64.extend_i32_u", ")"),
    Access("f32.store", 4, "(f32.convert_i32_u", ")"),
    Access("f64.store", 8, "(f64.convert_i32_u", ")"),
  ]

  private static let atomics = [
    Access("i32.atomic.rmw.add", 4, "(i64.extend_i32_u", ")"), Access("i64.atomic.rmw.xchg", 8),
    Access("i32.atomic.rmw8.sub_u", 1, "(i64.extend_i32_u", ")"),
    Access("i64.atomic.rmw16.or_u", 2),
  ]

  var access: Access {
    switch trap {
    case .atomic: Self.atomics[variety >> 1 % Self.atomics.count]
    case .store: Self.stores[variety >> 1 % Self.stores.count]
    case .bulk: Access("", 4)
    default: Self.loads[variety >> 1 % Self.loads.count]
    }
  }

  /// The constant in the instruction.
  var offset: Int {
    guard form == .offset else { return 0 }
    return [40_000, 60_000, 16, 63_000][variety >> 4 & 3]
  }

  /// By how many bytes the address grows with `$i`.
  var addressStep: Int {
    switch form {
    case .ascending, .offset: access.size
    case .descending: -access.size
    case .invariant: 0
    }
  }

  /// Of the access, without its constant: an i32, or an i64 in a memory of 64 bits, whose loops have a counter `$w` of 64 bits, too.
  private var address: String {
    if place == .wide {
      let counter = isInlined ? "(i64.extend_i32_u (local.get $i))" : "(local.get $w)"
      let travel = "(i64.mul \(counter) (i64.const \(access.size)))"
      let start = wide("(local.get $o)")
      return switch form {
      case .ascending, .offset: "(i64.add \(start) \(travel))"
      case .descending: "(i64.sub \(start) \(travel))"
      case .invariant: start
      }
    }
    let travel = "(i32.mul (local.get $i) (i32.const \(access.size)))"
    return switch form {
    case .ascending, .offset: "(i32.add (local.get $o) \(travel))"
    case .descending: "(i32.sub (local.get $o) \(travel))"
    case .invariant: "(local.get $o)"
    }
  }

  /// The memory of the access, as an immediate.
  var memory: String { place.immediate }

  /// An i32 as an address in the memory.
  func wide(_ address: String) -> String { place.address(address) }

  private func add(_ value: String) -> String {
    "(local.set $s (i64.add (local.get $s) \(value)))"
  }

  private func add32(_ value: String) -> String { add("(i64.extend_i32_u \(value))") }

  /// The load's value, as it is.
  var loadText: String { "(\(access.name)\(memory) offset=\(offset) \(address))" }

  /// What traps: by its address, or in the iteration `$j`.
  var trapText: String {
    let value = "(i32.add (local.get $i) (i32.const 77))"
    let isNow = "(i32.eq (local.get $i) (local.get $j))"
    let distance = "(i32.sub (local.get $j) (local.get $i))"
    switch trap {
    case .load: return add(access.before + loadText + access.after)
    case .store:
      let stored = "\(access.before)\(value)\(access.after)"
      return "(\(access.name)\(memory) offset=\(offset) \(address) \(stored))"
    case .droppedLoad: return "(drop \(loadText))"
    case .atomic:
      let operand = access.name.hasPrefix("i64") ? "(i64.extend_i32_u \(value))" : value
      let text = "(\(access.name)\(memory) offset=\(offset) \(address) \(operand))"
      return variety & 16 == 0 ? add(access.before + text + access.after) : "(drop \(text))"
    case .bulk: return bulkText
    case .division:
      let name = ["div_u", "div_s", "rem_u", "rem_s"][variety >> 1 & 3]
      let quotient =
        variety & 8 == 0
        ? "(i64.extend_i32_u (i32.\(name) (i32.const 1000) \(distance)))"
        : "(i64.\(name) (i64.const 1000) (i64.extend_i32_s \(distance)))"
      return variety & 16 == 0 ? add(quotient) : "(drop \(quotient))"
    case .conversion:
      let name = variety & 2 == 0 ? "i32.trunc_f64_s" : "i32.trunc_f64_u"
      // Infinity, or a NaN.
      let zero = "(f64.convert_i32_u (i32.shr_u (local.get $n) (i32.const 31)))"
      let dividend = variety & 4 == 0 ? zero : "(f64.const 1)"
      let quotient = "(f64.abs (f64.div \(dividend) (f64.convert_i32_s \(distance))))"
      return variety & 16 == 0 ? add32("(\(name) \(quotient))") : "(drop (\(name) \(quotient)))"
    case .unreachable: return "(if \(isNow) (then (unreachable)))"
    case .nullCall, .wrongCall:
      // Element 2 is null, 3 is of another type, 5 is behind the end.
      let failing = trap == .wrongCall ? 3 : variety & 2 == 0 ? 2 : 5
      let index = "(select (i32.const \(failing)) (i32.const 0) \(isNow))"
      return add32("(call_indirect $few (type $leaf) (local.get $i) \(index))")
    case .stackExhaustion: return "(if \(isNow) (then \(add32("(call $deep (local.get $i))"))))"
    }
  }

  private var bulkText: String {
    let type = place == .wide ? "i64" : "i32"
    let address =
      form == .offset
      ? "(\(type).add \(self.address) (\(type).const \(offset)))" : self.address
    let size = wide("(i32.const \(access.size))")
    let near = wide("(i32.const 32)")
    return switch variety >> 1 % 3 {
    case 0: "(memory.fill\(memory) \(address) (local.get $i) \(size))"
    case 1: "(memory.copy\(memory)\(memory) \(address) \(near) \(size))"
    default: "(memory.copy\(memory)\(memory) \(near) \(address) \(size))"
    }
  }
}
