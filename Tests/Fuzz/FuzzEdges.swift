import TestSupport

/// Loops at the end of memory, many of whose calls trap half-way: what the iterations before the trap did must be there, and nothing of
/// those behind it.
///
/// A module has one or two such functions, `edge(which, n, o, c)` calls one of them. `$i` counts, `$o` is where
/// accesses are, `$c` is an iteration in which something else happens.
extension FuzzGenerator {
  /// Of each of the functions: the constant of the accesses that have one, for whoever aims at the memory's end.
  struct Edge {
    var offset: Int
    /// Whether addresses go down, and wrap below zero.
    var isDescending: Bool
    /// Bytes from one iteration to the next.
    var step: Int
    /// Which memory the loop leaves. Effects are in the first.
    var memory: TrapPair.Place
  }

  /// The memories beside the first.
  static let edgeMemories = """
    (memory $other (export "other") 1 3) (memory $wide (export "wide") i64 1 3)

    """

  static let edgeType = "(type $edge (func (param i32 i32 i32) (result i64)))"

  /// Functions, their table, and the export that calls them; decides ``edges``.
  mutating func edgeFunctions() -> String {
    edges = (0..<number(1...2)).map { _ in
      let offset = [0, 0, 0, 4, 16, 1_000, 40_000, 60_000].randomElement(using: &random)!
      return Edge(
        offset: offset, isDescending: chance(25),
        step: [1, 1, 2, 2, 4, 4, 8, 3, 16].randomElement(using: &random)!,
        memory: chance(50) ? .first : chance(50) ? .other : .wide)
    }
    let functions = edges.indices.map { edgeFunction($0) }.joined()
    let names = edges.indices.map { "$edge\($0)" }.joined(separator: " ")
    return """
      \(Self.edgeType)
      (type $leaf (func (param i32) (result i32)))
      (table $leaves 2 2 funcref)
      (elem (table $leaves) (i32.const 0) func $usual $rare)
      (func $usual (type $leaf) (i32.add (local.get 0) (i32.const 5)))
      (func $rare (type $leaf) (i32.xor (local.get 0) (i32.const 0x55)))
      (table $edges \(edges.count) \(edges.count) funcref)
      (elem (table $edges) (i32.const 0) func \(names))
      \(functions)
      (func $edge (export "edge") (param i32 i32 i32 i32) (result i64)
        (global.set $fuel (i32.const 300))
        (global.set $depth (i32.const 0))
        (call_indirect $edges (type $edge) (local.get 1) (local.get 2) (local.get 3)
          (i32.rem_u (local.get 0) (i32.const \(edges.count)))))
      """
  }

  private mutating func edgeFunction(_ number: Int) -> String {
    let edge = edges[number]
    locals = [.i32, .i32, .i32]
    loopDepth = 3
    hasUnseenLocals = false
    hasReferenceLocals = false
    // Loops without calls are those that are checked as a whole.
    let isPlain = chance(75)
    var body = edgeAccess(edge)
    for _ in 0..<self.number(0...3) {
      let statement = edgeStatement(edge, isPlain: isPlain)
      body = chance(50) ? body + statement : statement + body
    }
    return """
      (func $edge\(number) (type $edge) (param $n i32) (param $o i32) (param $c i32) (result i64)
        (local $i i32) (local $s i64) \(vectorLocals)
        \(chance(30) ? edgeEffect(edge) : "")
        \(edgeLoop(body))
        \(chance(30) ? edgeEffect(edge) : "")
        (i64.xor (local.get $s) (i64.extend_i32_u (local.get $i))))

      """
  }

  private mutating func edgeLoop(_ body: String) -> String {
    let step = chance(80) ? 1 : number(2...4)
    let up = "(local.set $i (i32.add (local.get $i) (i32.const \(step))))"
    let below = chance(70) ? "i32.lt_u" : "i32.lt_s"
    switch number(0...9) {
    case 0...3:
      return "(loop $l \(body) \(up) (br_if $l (\(below) (local.get $i) (local.get $n))))\n"
    case 4:
      return """
        (loop $l \(body) (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $l (i32.ne (local.get $i) (local.get $n))))

        """
    case 5, 6:
      return """
        (local.set $i (local.get $n))
        (loop $l (local.set $i (i32.sub (local.get $i) (i32.const 1)))
          \(body) (br_if $l (local.get $i)))

        """
    case 7:
      return """
        (block $out (loop $l
          (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
          \(body) \(up) (br $l)))

        """
    case 8:
      return """
        (block $out (loop $l \(body)
          (br_if $out (i32.eq (local.get $i) (local.get $c)))
          \(up) (br_if $l (\(below) (local.get $i) (local.get $n)))))

        """
    default:
      // Rows: the inner loop counts on.
      return """
        (loop $rows
          (loop $l \(body) \(up) (br_if $l (i32.and (local.get $i) (i32.const 31))))
          (br_if $rows (\(below) (local.get $i) (local.get $n))))

        """
    }
  }

  // MARK: Statements

  private mutating func edgeStatement(_ edge: Edge, isPlain: Bool) -> String {
    switch number(0...15) {
    case 0...4: return edgeAccess(edge)
    case 14, 15:
      // Its guard leaves the loop.
      let index = "(i32.eq (local.get $i) (local.get $c))"
      return edgeMix(
        "(i64.extend_i32_u (call_indirect $leaves (type $leaf) (local.get $i) \(index)))")
    case 5...7: return edgeEffect(edge)
    case 8: return edgeExit()
    case 9:
      guard chance(60) else {
        let condition = "(i32.and (local.get $c) (i32.const 1))"
        return "(if \(condition) (then \(edgeEffect(edge))) (else \(edgeEffect(edge))))\n"
      }
      // A condition that is the same in all iterations, unless its own branch changes what is loaded.
      let place =
        "\(edge.memory.immediate) offset=\(edge.offset) \(edge.memory.address("(local.get $o)"))"
      let change = "(i32.store8\(place) (local.get $i))"
      return """
        \(edgeEffect(edge))
        (if (i32.ne (i32.load8_u\(place)) (i32.const 100))
          (then \(chance(50) ? change : edgeEffect(edge))))

        """
    case 10: return "(if (i32.and (local.get $i) (i32.const 3)) (then \(edgeAccess(edge))))\n"
    case 11 where !isPlain: return callStatement()
    case 12 where !isPlain:
      let address = edgeAddress(edge)
      let memory = edge.memory
      let size = memory.address("(i32.const \(number(1...9)))")
      let near = memory.address("(i32.add (local.get $i) (i32.const 64))")
      return chance(50)
        ? "(memory.fill\(memory.immediate) \(address) (local.get $i) \(size))\n"
        : "(memory.copy\(memory.immediate)\(memory.immediate) \(address) \(near) \(size))\n"
    default: return edgeEffect(edge)
    }
  }

  /// What is there after a trap.
  private mutating func edgeEffect(_ edge: Edge) -> String {
    let next = "(i32.add (local.get $i) (i32.const \(number(1...9))))"
    switch number(0...8) {
    case 0: return "(global.set $gi32 \(next))\n"
    case 1: return "(global.set $gi64 (i64.add (global.get $gi64) (i64.extend_i32_u \(next))))\n"
    case 2: return "(global.set $gf32 (f32.convert_i32_u (i32.and \(next) (i32.const 1023))))\n"
    case 3: return "(global.set $gf64 (f64.convert_i32_u (i32.and \(next) (i32.const 1023))))\n"
    case 4:
      // Among functions of one type, so that calls do not trap for it.
      let (start, count) = range("$open", 0)
      let place = "(i32.add (i32.const \(start)) (i32.rem_u \(next) (i32.const \(count))))"
      return
        "(table.set $open \(place) (table.get $fixed (i32.const \(start + number(0...count - 1)))))\n"
    default:
      let address =
        "(i32.add (i32.const \(number(0...4096))) (i32.shl \(next) (i32.const \(number(0...3)))))"
      return edgeStore(address, 0, .first)
    }
  }

  private func edgeMix(_ value: String) -> String {
    "(local.set $s (i64.add (i64.rotl (local.get $s) (i64.const 1)) \(value)))\n"
  }

  private mutating func edgeAccess(_ edge: Edge) -> String {
    let address = edgeAddress(edge)
    let offset = chance(80) ? edge.offset : 0
    let place = "\(edge.memory.immediate) offset=\(offset)"
    if hasVectors, chance(40) { return edgeVectorLoad(address, place) }
    switch number(0...9) {
    case 0...3: return edgeStore(address, offset, edge.memory)
    case 4, 5:
      let name = [
        "i32.load8_u", "i32.load16_s", "i32.load", "i64.load", "f64.load", "i64.load32_u",
      ][
        number(0...5)]
      return "(drop (\(name)\(place) \(address)))\n"
    default:
      let name = ["load", "load8_s", "load16_u", "load32_s"][number(0...3)]
      return edgeMix("(i64.\(name)\(place) \(address))")
    }
  }

  private mutating func edgeStore(
    _ address: String, _ offset: Int, _ memory: TrapPair.Place
  ) -> String {
    let value = "(i32.add (local.get $i) (i32.const \(number(1...200))))"
    let place = "\(memory.immediate) offset=\(offset)"
    if hasVectors, chance(30) { return edgeVectorStore(address, place, value) }
    switch number(0...8) {
    case 0...2: return "(i32.store8\(place) \(address) \(value))\n"
    case 3: return "(i32.store16\(place) \(address) \(value))\n"
    case 4: return "(i32.store\(place) \(address) \(value))\n"
    case 5: return "(i64.store\(place) \(address) (i64.extend_i32_u \(value)))\n"
    case 6: return "(i64.store32\(place) \(address) (local.get $s))\n"
    case 7: return "(f32.store\(place) \(address) (f32.convert_i32_s \(value)))\n"
    default: return "(f64.store\(place) \(address) (f64.convert_i32_s \(value)))\n"
    }
  }

  /// - Parameter place: the immediates of memory.
  private mutating func edgeVectorLoad(_ address: String, _ place: String) -> String {
    let name = [
      "load", "load8x8_s", "load16x4_u", "load32x2_s", "load8_splat", "load16_splat",
      "load32_splat", "load64_splat", "load32_zero", "load64_zero",
    ][number(0...9)]
    let size = [8, 16, 32, 64][number(0...3)]
    let vector =
      chance(80)
      ? "(v128.\(name)\(place) \(address))"
      : "(v128.load\(size)_lane\(place) \(number(0...128 / size - 1)) \(address) (global.get $gv128))"
    switch number(0...3) {
    case 0: return "(drop \(vector))\n"
    case 1: return "(global.set $gv128 (i32x4.add (global.get $gv128) \(vector)))\n"
    default: return edgeMix("(i64x2.extract_lane \(number(0...1)) \(vector))")
    }
  }

  private mutating func edgeVectorStore(
    _ address: String, _ place: String, _ value: String
  ) -> String {
    let size = [8, 16, 32, 64][number(0...3)]
    let name =
      chance(60)
      ? "store\(place)" : "store\(size)_lane\(place) \(number(0...128 / size - 1))"
    let vector = "(i32x4.add (global.get $gv128) (i32x4.splat \(value)))"
    return "(v128.\(name) \(address) \(vector))\n"
  }

  private mutating func edgeAddress(_ edge: Edge) -> String {
    edge.memory.address(narrowEdgeAddress(edge))
  }

  private mutating func narrowEdgeAddress(_ edge: Edge) -> String {
    let travel =
      edge.step & (edge.step - 1) == 0 && chance(60)
      ? "(i32.shl (local.get $i) (i32.const \(edge.step.trailingZeroBitCount)))"
      : "(i32.mul (local.get $i) (i32.const \(edge.step)))"
    switch number(0...9) {
    case 0: return "(local.get $o)"
    case 1: return "(i32.add (local.get $o) (i32.and \(travel) (i32.const 127)))"
    default:
      let name = edge.isDescending ? "i32.sub" : "i32.add"
      return "(\(name) (local.get $o) \(travel))"
    }
  }

  /// Leaves the loop, one way or another, in the iteration `$c`.
  private mutating func edgeExit() -> String {
    let isNow = "(i32.eq (local.get $i) (local.get $c))"
    switch number(0...3) {
    case 0: return "(if \(isNow) (then (unreachable)))\n"
    case 1: return "(if \(isNow) (then (return (local.get $s))))\n"
    case 2:
      return edgeMix(
        "(i64.div_s (i64.const 77) (i64.extend_i32_s (i32.sub (local.get $i) (local.get $c))))")
    default:
      return edgeMix(
        """
        (i64.extend_i32_s (i32.trunc_f64_s
          (f64.div (f64.const 3) (f64.convert_i32_s (i32.sub (local.get $i) (local.get $c))))))
        """)
    }
  }
}

// MARK: Calls

extension FuzzGenerator {
  private mutating func edgeCall(_ which: Int, _ count: Int, _ address: Int, _ condition: Int)
    -> FuzzProgram.Call
  {
    .edge(
      which: Int32(which), count: Int32(count), address: Int32(truncatingIfNeeded: address),
      condition: Int32(condition))
  }

  /// Far from the ends, often enough round that it is worth checking the loop in front of it.
  mutating func edgeTraining() -> [FuzzProgram.Call] {
    edges.indices.flatMap { which in
      (0..<2).map { _ in edgeCall(which, number(20...90), 1_500, -1) }
    }
  }

  /// Most leave the memory in some iteration.
  mutating func edgeCalls() -> [FuzzProgram.Call] {
    edges.indices.flatMap { which in
      (0..<6).map { _ in
        let edge = edges[which]
        let count = [1, 2, 17, 33, 64, 100, 150, 260].randomElement(using: &random)!
        let travel = number(0...count) * edge.step
        let pages = chance(80) ? 1 : number(1...3)
        let end = pages << 16 - (chance(80) ? edge.offset : 0) + number(-9...3)
        let address =
          edge.isDescending
          ? (chance(70) ? travel + number(-9...3) : end + travel)
          : (chance(85) ? end - travel : -travel + number(-9...9))
        let condition = chance(60) ? -1 : number(0...count)
        return edgeCall(which, count, address, condition)
      }
    }
  }
}
