import Forcing
import Runtime
import TestSupport
import Testing
import Wasm
import X64

@testable import AOT
@testable import Contract

/// Guards that fail because the run wants them to, whatever their operands are: the result stays the same.
@Suite struct ForcingTests {
  private static let nested: DeoptCase = make(DeoptPrograms.nested, DeoptPrograms.nestedSites)
  private static let loop: DeoptCase = make(DeoptPrograms.loop, [.init("run", 0, "hot")])

  private static func make(_ text: String, _ sites: [DeoptCase.Site]) -> DeoptCase {
    // A failure here shows in each test.
    try! DeoptCase(text, sites)
  }

  /// Calls on the baseline and on the artefact, which must agree.
  private func run(
    _ program: DeoptCase, _ calls: [DeoptComparison.Call], budget: Int? = nil,
    _ change: (inout GuardForcing) -> Void
  ) throws -> (artefact: Artefact, statistics: DeoptStatistics) {
    var forcing = GuardForcing()
    change(&forcing)
    let artefact = try Artefact(bytes: program.artefactBytes, forcing: forcing)
    let baseline = try DeoptComparison.run(program.baseline, calls)
    let optimized = try DeoptComparison.run(
      CompiledModule(artefact: artefact), calls, budget: .some(budget))
    #expect(optimized.outcomes == baseline.outcomes)
    #expect(optimized.memories == baseline.memories)
    #expect(optimized.globals == baseline.globals)
    return (artefact, try #require(optimized.instance.deoptStatistics))
  }

  private let nestedCall: DeoptComparison.Call = (
    "run", [.i32(0), .i64(77), .f32(2.5), .f64(-1.75)]
  )
  private let loopCall: DeoptComparison.Call = ("run", [.i32(100), .i32(1000)])

  @Test func everyGuard() throws {
    let calls = Array(repeating: nestedCall, count: 50)
    let (artefact, statistics) = try run(Self.nested, calls) { $0.period = 1 }
    // No budget: each call enters speculative code, and leaves it at its first guard.
    #expect(statistics.deopts >= 50)
    #expect(artefact.forcedGuards?.forcedCount == statistics.deopts)
    #expect(artefact.forcedGuards?.deoptCounts.reduce(0, +) == statistics.deopts)
  }

  @Test func everyThird() throws {
    let calls = Array(repeating: nestedCall, count: 60)
    let (artefact, statistics) = try run(Self.nested, calls) { $0.period = 3 }
    let forced = try #require(artefact.forcedGuards)
    #expect(statistics.deopts == forced.forcedCount)
    #expect(forced.executedCount / 3 == forced.forcedCount)
    // Four guards in run's tree, of which each third one executed fails: all four are met.
    #expect(statistics.guards.count >= 4)
  }

  @Test func budgetEndsSpeculation() throws {
    let calls = Array(repeating: loopCall, count: 20)
    let (_, statistics) = try run(Self.loop, calls, budget: 4) { $0.period = 1 }
    #expect(statistics.deopts == 4)
    #expect(statistics.functions.map(\.isGeneric) == [true])
  }

  @Test func oneExecutionOfOneGuard() throws {
    let module = Self.nested.module
    let c = try #require(module.function(exported: "c"))
    let offset = try module.offsets(of: .callIndirect, function: c)[0]
    let calls = Array(repeating: nestedCall, count: 5)
    let (_, statistics) = try run(Self.nested, calls) {
      $0.sites = [.init(function: c, byteOffset: offset, execution: 3)]
    }
    let row = try #require(statistics.guards.first)
    #expect(statistics.deopts == 1)
    #expect(row.path.first == ArtefactPlace(function: c, byteOffset: offset))
    let (other, none) = try run(Self.nested, calls) {
      $0.sites = [.init(function: c, byteOffset: offset + 1)]
    }
    #expect(none.deopts == 0)
    #expect(other.forcedGuards?.unknownSites.count == 1)
  }

  @Test func randomGuards() throws {
    let calls = Array(repeating: nestedCall, count: 200)
    func deopts(_ seed: UInt64, _ rate: Double) throws -> UInt64 {
      try run(Self.nested, calls) { $0.random = .init(seed: seed, rate: rate) }.statistics.deopts
    }
    #expect(try deopts(1, 0) == 0)
    #expect(try deopts(1, 1) >= 200)
    let some = try deopts(7, 0.1)
    #expect((20...200).contains(some))
    #expect(try deopts(7, 0.1) == some)
  }

  /// A deopt in the first turn of a loop; baseline code then makes so many turns before it leaves for generic code.
  @Test(arguments: [1, 2, 7, 99, 255]) func osrEntries(period: Int) throws {
    let (_, statistics) = try run(Self.loop, [loopCall, loopCall]) {
      $0.failsEachTestOnce = true
      $0.loopPeriod = period
    }
    #expect(statistics.deopts >= 1)
  }

  /// A loop too large to be unswitched that is left on a guard of an invariant index, in its first iteration or never, as LLVM
  /// knows: forced in a later one, the guard must not find values of the first in its frame state.
  @Test(arguments: [1, 2, 3, 9]) func guardThatStaysInALoop(execution: UInt64) throws {
    let steps = (1...30).map { number in
      """
      (local.set $s (i32.xor (i32.rotl (local.get $s) (i32.const \(number)))
        (i32.load (i32.and (local.get $s) (i32.const \(60 + 64 * number))))))
      (i32.store (i32.const \(4 * number)) (local.get $s))
      """
    }
    let program = try DeoptCase(
      """
      (module
        (type $g (func (param i32) (result i32)))
        (table 2 funcref) (elem (i32.const 0) $hot $cold)
        (memory 1)
        (func $hot (export "hot") (type $g) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (type $g) (i32.mul (local.get 0) (i32.const 3)))
        (func (export "run") (param $x i32) (param $n i32) (result i32) (local $i i32) (local $s i32)
          (loop $again
            \(steps.joined(separator: "\n"))
            (local.set $s (call_indirect (type $g) (local.get $s) (local.get $x)))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
          (i32.add (i32.mul (local.get $s) (i32.const 1000)) (local.get $i))))
      """, [.init("run", 0, "hot")])
    let function = try #require(program.module.function(exported: "run"))
    let offset = try program.module.offsets(of: .callIndirect, function: function)[0]
    _ = try run(program, [("run", [.i32(0), .i32(10)])]) {
      $0.sites = [.init(function: function, byteOffset: offset, execution: execution)]
    }
    // The guard itself works.
    let (_, statistics) = try run(program, [("run", [.i32(1), .i32(10)])]) { _ in }
    #expect(statistics.deopts == 1)
  }

  /// Without forcing, code is the file's; with it, only the tests of guards differ.
  @Test func nothingIsChangedWithoutForcing() throws {
    let plain = try Artefact(bytes: Self.loop.artefactBytes)
    #expect(plain.forcedGuards == nil)
    var forcing = GuardForcing()
    forcing.period = 1
    let forced = try Artefact(bytes: Self.loop.artefactBytes, forcing: forcing)
    func code(_ artefact: Artefact) -> [UInt8] {
      // The artefact's own mapping, which is readable.
      Array(
        UnsafeRawBufferPointer(
          start: UnsafeRawPointer(bitPattern: artefact.textAddress), count: artefact.textSize))
    }
    let (before, after) = (code(plain), code(forced))
    let tests = try plain.guardTests()
    #expect(!tests.isEmpty)
    var isTest = [Bool](repeating: false, count: before.count)
    for test in tests {
      for offset in 0..<Int(test.length) { isTest[Int(test.codeOffset) + offset] = true }
      #expect(after[Int(test.codeOffset)] == 0xE9)
    }
    #expect(before.indices.allSatisfy { isTest[$0] || before[$0] == after[$0] })
  }

  @Test func decodesTests() {
    typealias Code = GuardCode
    let jump = Code.Jump(condition: 5, distance: 0x10)
    let good: [([UInt8], Code)] = [
      ([0x3D, 1, 2, 3, 4], Code(compareLength: 5)),
      ([0x48, 0x3D, 1, 2, 3, 4], Code(compareLength: 6)),
      ([0x41, 0x81, 0xF8, 1, 2, 3, 4], Code(compareLength: 7)),
      ([0x81, 0x7D, 0xF0, 1, 2, 3, 4], Code(compareLength: 7)),
      ([0x81, 0x7C, 0x24, 8, 1, 2, 3, 4], Code(compareLength: 8)),
      ([0x83, 0xF8, 7, 0x75, 0x10], Code(compareLength: 3, jump: jump)),
      ([0x41, 0x83, 0xF8, 7, 0x0F, 0x85, 0x10, 0, 0, 0], Code(compareLength: 4, jump: jump)),
      ([0x80, 0xF9, 7, 0x75, 0x10], Code(compareLength: 3, jump: jump)),
    ]
    for (bytes, code) in good { #expect(GuardCode(bytes) == code, "\(bytes)") }
    let bad: [[UInt8]] = [
      [0x83, 0xF8, 7],  // too short for a jump
      [0x3C, 7, 0x75, 0x10],
      [0x83, 0xC0, 7, 0x75, 0x10],  // add
      [0x81, 0x3D, 0, 0, 0, 0, 1, 2, 3, 4],  // relative to rip
      [0x41, 0x81, 0x7C, 0x24, 8, 1, 2, 3, 4],  // in r12's memory
      [0x81, 0x7E, 0xF0, 1, 2, 3, 4],  // in rsi's memory
      [0x83, 0xF8, 7, 0xEB, 0x10],  // a jump without a condition
      [0x3D, 1, 2, 3, 4, 0x90],
    ]
    for bytes in bad { #expect(GuardCode(bytes) == nil, "\(bytes)") }
  }

  /// A table that names other places is refused before anything is changed.
  @Test func tablesAreHeldAgainstTheCode() throws {
    let original = try ArtefactSurgery(Self.loop.artefactBytes)
    var forcing = GuardForcing()
    forcing.period = 1
    for word in [4, 8, 12] {
      for change: UInt32 in [1, 2, 0x100, 0x4000_0000] {
        var surgery = original
        surgery[.guards, word] ^= change
        let bytes = surgery.sealed()
        #expect(throws: ArtefactError.self, "\(word) \(change)") {
          try Artefact(bytes: bytes, forcing: forcing)
        }
        _ = try Artefact(bytes: bytes)
      }
    }
  }
}
