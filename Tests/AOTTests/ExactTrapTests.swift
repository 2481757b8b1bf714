import Contract
import TestSupport
import Testing
import Wasm

/// What is there after a trap is what the iterations before it left, whatever LLVM and our passes made of the loop: each kind of
/// fault that was found, on all tiers. ``TrapPairTests`` has the family that these are members of.
@Suite struct ExactTrapTests {
  private typealias Call = TrapProgram.Call
  private typealias Case = TrapProgram.Case

  /// - Parameter right: what calls must come to, on the baseline too: a result, or a message.
  private func check(
    _ program: TrapProgram, right: [(case: Int, call: Int, outcome: String)],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    var comparison = try TrapComparison(program)
    for (item, call, outcome) in right {
      let text = "\(program.cases[item].calls[call])"
      #expect(
        comparison.steps[item][call].outcome.hasPrefix(outcome), "\(text)",
        sourceLocation: location)
    }
    try comparison.run()
    #expect(comparison.counts.traps > 0)
    for difference in comparison.differences {
      Issue.record("\(difference)", sourceLocation: location)
    }
  }

  private static let outOfBounds = "trap: out of bounds memory access"

  /// The check in front of a loop counts the constant offset, wherever LLVM has put it.
  @Test func staticOffsetInFrontOfLoop() throws {
    func loop(_ name: String, _ body: String, result: String = "(local.get $i)") -> String {
      """
      (func (export "\(name)") (param $start i32) (param $n i32) (result i32)
        (local $i i32) (local $sum i32)
        (loop $next
          \(body)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        \(result))
      """
    }
    let byte = "(i32.add (local.get $start) (local.get $i))"
    let word = "(i32.add (local.get $start) (i32.shl (local.get $i) (i32.const 2)))"
    let text = """
      (module
        (memory (export "memory") 1)
        (global $last (mut i32) (i32.const -1))
        (func (export "last") (result i32) (global.get $last))
        \(loop("dropped", "(drop (i32.load8_u offset=60000 \(byte)))"))
        \(loop("wide", "(drop (i64.load offset=50000 \(byte)))"))
        \(loop("final", "(local.set $sum (i32.load offset=60000 \(word)))", result: "(local.get $sum)"))
        \(loop("counted", "(drop (i32.load16_u offset=60000 \(word))) (global.set $last (local.get $i))"))
        \(loop("filled", "(i32.store8 offset=60000 \(byte) (i32.const 9))"))
        \(loop("copied", "(i32.store8 offset=60000 \(byte) (i32.load8_u offset=3 \(byte)))"))
        \(loop("fixed", "(i32.store offset=65532 (local.get $start) (local.get $i))"))
        \(loop("largest", "(drop (i32.load8_u offset=4294967295 \(byte)))")))
      """
    let names = ["dropped", "wide", "final", "counted", "filled", "copied", "fixed", "largest"]
    let cases = names.map { name in
      Case(
        name,
        [
          Call(name, [0, 100]), Call(name, [5536, 1]), Call(name, [5535, 1]),
          Call(name, [5000, 1000]),
          Call(name, [0, 6000]), Call(name, [1000, 4000]), Call("last", []),
          Call(name, [-60_000, 50]),
          Call(name, [15_000, 700]),
        ])
    }
    let training = names.dropLast().map { Call($0, [0, 100]) }
    try check(
      TrapProgram(text, training: training, cases: cases),
      right: [
        (0, 0, "[Runtime.Value.i32(100)]"), (0, 3, Self.outOfBounds), (1, 8, Self.outOfBounds),
        (2, 5, Self.outOfBounds), (3, 5, Self.outOfBounds), (3, 6, "[Runtime.Value.i32(1133)]"),
        (6, 0, "[Runtime.Value.i32(100)]"), (6, 1, Self.outOfBounds), (7, 0, Self.outOfBounds),
      ])
  }

  /// A load whose value decides inside of a loop is not made in front of it, before the loop's effects.
  @Test func loadNotSpeculatedOverEffect() throws {
    func loop(_ name: String, _ first: String, _ parameters: String = "") -> String {
      """
      (func (export "\(name)") (param $at i32) (param $n i32) \(parameters) (result i32) (local $i i32)
        (loop $next
          \(first)
          (if (i32.ne (i32.load (local.get $at)) (i32.const 100))
            (then (i32.store (local.get $at) (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $i))
      """
    }
    let text = """
      (module
        (memory (export "memory") 1)
        (type $unary (func (param i32) (result i32)))
        (table 4 funcref) (elem (i32.const 0) $same $counting)
        (global $turns (mut i32) (i32.const 0))
        (func $same (type $unary) (local.get 0))
        (func $counting (type $unary)
          (global.set $turns (i32.add (global.get $turns) (i32.const 1))) (local.get 0))
        (func (export "turns") (result i32) (global.get $turns))
        \(loop("global", "(global.set $turns (i32.add (local.get $i) (i32.const 1)))"))
        \(loop("divided", "(drop (i32.div_u (i32.const 7) (local.get $d)))", "(param $d i32)"))
        \(loop("stopped", "(if (i32.eq (local.get $i) (local.get $k)) (then unreachable))", "(param $k i32)"))
        \(loop("left", "(if (i32.eq (local.get $i) (local.get $k)) (then (return (i32.const -5))))", "(param $k i32)"))
        \(loop("called", "(drop (call_indirect (type $unary) (local.get $i) (local.get $f)))", "(param $f i32)"))
        \(loop("stored", "(i64.store (local.get $to) (i64.const 77))", "(param $to i32)")))
      """
    let extra: [(String, [TrapProgram.Argument])] = [
      ("global", []), ("divided", [0, 1, 9]), ("stopped", [0, 1, 5]), ("left", [0, 1, 3]),
      ("called", [0, 1, 2, 7]), ("stored", [65_529, 64]),
    ]
    let cases = extra.map { name, values in
      Case(
        name,
        [16, 65_532, 65_533, 65_536, -16].flatMap { (at: TrapProgram.Argument) in
          (values.isEmpty ? [[]] : values.map { [$0] }).flatMap {
            [Call(name, [at, 10] + $0), Call("turns", [])]
          }
        })
    }
    let training: [Call] = [
      Call("global", [16, 100]), Call("divided", [16, 100, 7]), Call("stopped", [16, 100, 1000]),
      Call("left", [16, 100, 1000]), Call("called", [16, 100, 0]), Call("stored", [16, 100, 32]),
    ]
    try check(
      TrapProgram(text, training: training, cases: cases),
      right: [
        (0, 1, "[Runtime.Value.i32(10)]"), (0, 4, Self.outOfBounds),
        (0, 5, "[Runtime.Value.i32(1)]"),
        (1, 18, "trap: integer divide by zero"), (1, 20, Self.outOfBounds),
        (2, 18, "trap: unreachable"), (2, 20, Self.outOfBounds),
        (3, 18, "[Runtime.Value.i32(-5)]"), (4, 28, "trap: uninitialized element"),
        (4, 26, Self.outOfBounds), (4, 27, "[Runtime.Value.i32(22)]"),
      ])
  }

  /// Stores of the iterations before the one that traps are there, those behind it are not.
  @Test func storesBeforeTrapAreKept() throws {
    func loop(_ name: String, _ body: String) -> String {
      """
      (func (export "\(name)") (param $at i32) (param $n i32) (local $i i32)
        (loop $next
          \(body)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (local.get $n)))))
      """
    }
    func address(_ shift: Int) -> String {
      "(i32.add (local.get $at) (i32.shl (local.get $i) (i32.const \(shift))))"
    }
    let next = "(i32.add (local.get $i) (i32.const 1))"
    let limited = """
      (select (i32.const 127) (local.get $i) (i32.gt_s (local.get $i) (i32.const 127)))
      """
    let text = """
      (module
        (memory (export "memory") 1)
        (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0)))
        \(loop("bytes", "(i32.store8 \(address(0)) \(next))"))
        \(loop("halves", "(i32.store16 \(address(1)) \(next))"))
        \(loop("words", "(i32.store \(address(2)) \(next))"))
        \(loop("doubles", "(f64.store \(address(3)) (f64.convert_i32_u \(next)))"))
        \(loop("offset", "(i32.store16 offset=32768 \(address(1)) \(next))"))
        \(loop("limited", "(i32.store16 offset=32768 \(address(1)) \(limited))"))
        \(loop("some", """
          (if (i32.lt_s (i32.load8_s \(address(0))) (i32.const 0)) (then
            (i32.store \(address(2)) (i32.const -1))))
          """)))
      """
    let names = ["bytes", "halves", "words", "doubles", "offset", "limited", "some"]
    let cases = names.flatMap { name in
      [1, 2, 3, 4, 6, 8, 15, 16, 17, 20, 31, 40, 64, 65, 129].map { (distance: Int32) in
        let end: Int32 = name == "offset" || name == "limited" ? 32_768 : 65_536
        return Case(
          "\(name), \(distance) bytes from the end",
          [64, 100, 300].map { Call(name, [.i32(end - distance), $0]) }
            + [Call("at", [.i32(65_536 - distance)]), Call("at", [65_535])])
      }
    }
    try check(
      TrapProgram(text, training: names.map { Call($0, [1024, 100]) }, cases: cases),
      right: [
        // 40 bytes from the end: 40 were stored before the trap, the last of them at the memory's end.
        (11, 0, Self.outOfBounds), (11, 3, "[Runtime.Value.i32(1)]"),
        (11, 4, "[Runtime.Value.i32(40)]"),
        // 65 bytes: no trap within 64 iterations.
        (13, 0, "[]"), (13, 1, Self.outOfBounds),
      ])
  }

  /// An access that LLVM folds into the instruction that uses its value still traps at its own place.
  @Test func placeOfFoldedLoad() throws {
    let functions: [(name: String, load: Opcode, body: String, result: String)] = [
      ("sum", .i64Load, "(i64.add (local.get $v) (i64.load (local.get $at)))", "i64"),
      ("reversed", .i64Load, "(i64.add (i64.load (local.get $at)) (local.get $v))", "i64"),
      (
        "difference", .i64Load, "(i64.sub (local.get $v) (i64.load offset=16 (local.get $at)))",
        "i64"
      ),
      ("known", .i64Load, "(i64.add (i64.load (i32.const 0x20000)) (local.get $v))", "i64"),
      (
        "highest", .i64Load, "(i64.xor (i64.load offset=4294967289 (i32.const 0)) (local.get $v))",
        "i64"
      ),
      ("wrapped", .i32Load, "(i32.xor (i32.load (i32.const -7)) (local.get $at))", "i32"),
      ("product", .f64Load, "(f64.mul (f64.load (local.get $at)) (f64.const 3))", "f64"),
      ("converted", .i32Load, "(f64.convert_i32_s (i32.load (local.get $at)))", "f64"),
      ("extended", .i32Load8S, "(i64.extend_i32_s (i32.load8_s (local.get $at)))", "i64"),
      (
        "compared", .i32Load,
        "(if (result i32) (i32.eq (i32.load (local.get $at)) (i32.const 77)) (then (i32.const 1)) (else (i32.const 5)))",
        "i32"
      ),
      ("root", .f64Load, "(f64.sqrt (f64.load (local.get $at)))", "f64"),
      ("bits", .i32Load, "(i32.popcnt (i32.load (local.get $at)))", "i32"),
      (
        "stored", .i32Load,
        "(i32.store (i32.const 8) (i32.add (i32.load (local.get $at)) (i32.const 1))) (i32.const 3)",
        "i32"
      ),
      (
        "twice", .i32Load,
        "(i32.add (i32.mul (local.get $at) (i32.const 3)) (i32.load offset=4 (local.get $at)))",
        "i32"
      ),
    ]
    let text =
      "(module (memory (export \"memory\") 1)"
      + functions.map {
        """
        (func (export "\($0.name)") (param $at i32) (param $v i64) (result \($0.result))
          \($0.body))
        """
      }.joined() + ")"
    let cases = functions.map { item in
      Case(item.name, [0x20000, 65_533, -4, 64].map { Call(item.name, [$0, .i64(5)]) })
    }
    let program = TrapProgram(
      text, training: functions.map { Call($0.name, [64, .i64(5)]) }, cases: cases)
    let module = try TrapComparison(program).module
    try check(
      program,
      right: try functions.enumerated().map { number, item in
        let place = try module.offsets(of: item.load, function: number)[0]
        return (number, 0, "\(Self.outOfBounds) at function \(number), byte \(place)")
      })
  }

  /// The check of a load whose value nobody needs is done by an access further down. Loads in between use some of its bytes, and fault first.
  @Test func placeOfUnusedLoad() throws {
    let functions: [(name: String, load: Opcode, body: String)] = [
      (
        "narrow", .i64Load,
        """
        (drop (i64.load offset=40000 (local.get $at)))
        (i64.load8_s offset=40000 (local.get $at))
        (i64.store offset=40000 (local.get $at) (i64.const 0))
        """
      ),
      (
        "below", .i32Load16S,
        """
        (drop (i32.load16_s offset=40000 (local.get $at)))
        (i64.load16_u (local.get $at))
        (i32.store16 offset=40000 (local.get $at) (i32.const 0))
        """
      ),
      (
        "several", .i64Load,
        """
        (drop (i64.load offset=40000 (local.get $at)))
        (i64.add (i64.load8_u offset=40001 (local.get $at)) (i64.load16_u offset=40002 (local.get $at)))
        (i64.store offset=40000 (local.get $at) (i64.const 0))
        """
      ),
    ]
    try checkPlaces(functions, at: [25_536 - 4, 25_536, 0x20000, -4, 64])
  }

  /// A narrower load is taken out of a wider one, and the wider one's extension moved: LLVM makes an instruction without a line.
  @Test func placeOfWiderLoad() throws {
    let functions: [(name: String, load: Opcode, body: String)] = [
      (
        "both", .i64Load32S,
        """
        (i64.add
          (i64.load32_s offset=40000 (i32.sub (local.get $at) (i32.const 1)))
          (i64.load16_u offset=40000 (i32.sub (local.get $at) (i32.const 1))))
        """
      ),
      (
        "behind a store", .i64Load32S,
        """
        (i64.store (i32.const 8) (i64.const 0))
        (i64.add (i64.load32_s (local.get $at)) (i64.load16_u (local.get $at)))
        """
      ),
    ]
    try checkPlaces(functions, at: [25_535, 25_537, 0x20000, -4, 64])
  }

  /// All traps are at the first access that each function has of that kind.
  private func checkPlaces(
    _ functions: [(name: String, load: Opcode, body: String)], at addresses: [Int32]
  ) throws {
    let text =
      "(module (memory (export \"memory\") 1)"
      + functions.map {
        "(func (export \"\($0.name)\") (param $at i32) (result i64) \($0.body))"
      }.joined() + ")"
    let cases = functions.map { item in
      Case(item.name, addresses.map { Call(item.name, [.i32($0)]) })
    }
    let program = TrapProgram(
      text, training: functions.map { Call($0.name, [.i32(64)]) }, cases: cases)
    let module = try TrapComparison(program).module
    try check(
      program,
      right: try functions.enumerated().map { number, item in
        let place = try module.offsets(of: item.load, function: number)[0]
        return (
          number, addresses.firstIndex(of: 0x20000)!,
          "\(Self.outOfBounds) at function \(number), byte \(place)"
        )
      })
  }
}
