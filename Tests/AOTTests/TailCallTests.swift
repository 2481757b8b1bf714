import Contract
import Forcing
import Runtime
import TestSupport
import Testing
import Wasm
import WasmText

/// Tail calls on each tier and between tiers. Ten million calls that took any stack would exhaust it.
@Suite struct TailCallTests {
  typealias Program = TailCallPrograms.Program

  private func check(
    _ program: DeoptCase, _ calls: [DeoptComparison.Call], mayDeopt: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try DeoptComparison(program, calls)
    for (index, call) in calls.enumerated() {
      #expect(
        result.optimized.outcomes[index] == result.baseline.outcomes[index], "\(call)",
        sourceLocation: location)
      if case .trapped(let code, _) = result.baseline.outcomes[index] {
        Issue.record("\(call): \(code)", sourceLocation: location)
      }
    }
    #expect(result.optimized.globals == result.baseline.globals, sourceLocation: location)
    #expect(mayDeopt || result.statistics.deopts == 0, sourceLocation: location)
  }

  // MARK: Constant stack

  @Test(arguments: TailCallPrograms.all) func calls(_ program: Program) throws {
    let made = try DeoptCase(program.text, []) { $0.inlinesDirectCalls = false }
    let count = TailCallPrograms.count(program)
    try check(made, [0, 1, 2, 7, count].map { ("run", [.i32($0)]) })
  }

  @Test(arguments: TailCallPrograms.all) func inlinedCalls(_ program: Program) throws {
    let made = try DeoptCase(program.text, []) { $0.usesDispatchTables = true }
    let count = TailCallPrograms.count(program)
    try check(made, [0, 1, 2, 7, count].map { ("run", [.i32($0)]) })
  }

  @Test(arguments: TailCallPrograms.all) func betweenTiers(_ program: Program) throws {
    let module = try Module(validating: assemble(program.text))
    let crossing = try #require(module.function(exported: program.crossing))
    let made = try DeoptCase(program.text, [], baseline: [crossing]) {
      $0.inlinesDirectCalls = false
    }
    try check(made, [3, TailCallPrograms.count(program)].map { ("run", [.i32($0)]) })
  }

  @Test(arguments: TailCallPrograms.all) func recording(_ program: Program) throws {
    let module = try Module(validating: assemble(program.text))
    let calls: [DeoptComparison.Call] = [("run", [.i32(TailCallPrograms.count(program))])]
    let plain = try DeoptComparison.run(CompiledModule(module), calls)
    let recorded = try DeoptComparison.run(CompiledModule(recorder: Recorder(module)), calls)
    #expect(plain.outcomes == recorded.outcomes)
  }

  /// Each guard fails now and then, and every loop is left for its OSR entry.
  @Test(arguments: DeoptCase.Kind.allCases) func deopts(kind: DeoptCase.Kind) throws {
    let sites: [DeoptCase.Site] = [
      .init("a", 0, "b"), .init("b", 0, "a", "c"), .init("c", 0, "b"),
    ]
    for period: UInt64 in [1, 2, 1000] {
      var forcing = GuardForcing()
      forcing.period = period
      let made = try DeoptCase(
        TailCallPrograms.indirect, sites, kind: kind, forcing: forcing, includesBaseline: true)
      try check(made, [5, 100_000].map { ("run", [.i32($0)]) }, mayDeopt: true)
    }
    let made = try DeoptCase(TailCallPrograms.indirect, sites, kind: kind)
    try check(made, [("run", [.i32(TailCallPrograms.calls)])], mayDeopt: true)
  }

  // MARK: Other instances, and the host

  /// `first` exports a table and a function, `second` calls both, each with a memory and globals of its own.
  private static let instances = (
    first: """
    (module
      (type $f (func (param i32 i64 f64) (result i64)))
      (table (export "table") 2 2 funcref) (elem (i32.const 0) $here)
      (memory 1) (data (i32.const 8) "\\03")
      (global $mine (mut i64) (i64.const 10))
      (func $here (export "here") (type $f)
        (global.set $mine (i64.add (global.get $mine) (i64.load (i32.const 8))))
        (if (i32.eqz (local.get 0))
          (then (return (i64.add (local.get 1) (global.get $mine)))))
        (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1))
          (i64.add (local.get 1) (i64.load (i32.const 8))) (local.get 2) (i32.const 1))))
    """,
    second: """
    (module
      (type $f (func (param i32 i64 f64) (result i64)))
      (import "first" "here" (func $here (type $f)))
      (import "first" "table" (table 2 2 funcref)) (elem (i32.const 1) $there)
      (memory 1) (data (i32.const 8) "\\07")
      (global $mine (mut i64) (i64.const 20))
      (func $there (export "there") (type $f)
        (global.set $mine (i64.add (global.get $mine) (i64.load (i32.const 8))))
        (return_call $here (local.get 0)
          (i64.add (local.get 1) (i64.add (global.get $mine) (i64.load (i32.const 8))))
          (local.get 2)))
      (func (export "run") (param $n i32) (result i64)
        (i64.mul (call $there (local.get $n) (i64.const 0) (f64.const 1))
          (i64.load (i32.const 8)))))
    """
  )

  @Test(arguments: [false, true], [false, true])
  func betweenInstances(firstIsOptimized: Bool, secondIsOptimized: Bool) throws {
    let (first, second) = (
      try DeoptCase(Self.instances.first, []), try DeoptCase(Self.instances.second, [])
    )
    func run(_ first: CompiledModule, _ second: CompiledModule) throws -> [Value] {
      let linker = Linker(try Store())
      let exporter = try linker.instantiate(first)
      linker.define("first", exporter)
      let importer = try linker.instantiate(second)
      let function = try #require(importer.exportedFunction("run"))
      return try function.call([.i32(TailCallPrograms.calls)])
    }
    #expect(
      try run(
        firstIsOptimized ? first.artefact : first.baseline,
        secondIsOptimized ? second.artefact : second.baseline)
        == run(first.baseline, second.baseline))
  }

  private static let host = """
    (module
      (import "env" "host" (func $host (param i32 f64) (result i32)))
      (type $f (func (param i32 f64) (result i32)))
      (table 1 1 funcref) (elem (i32.const 0) $host)
      (func $direct (export "direct") (param i64 i32) (result i32)
        (return_call $host (local.get 1) (f64.convert_i64_s (local.get 0))))
      (func $indirect (export "indirect") (param i64 i32) (result i32)
        (return_call_indirect (type $f) (local.get 1) (f64.convert_i64_s (local.get 0))
          (i32.const 0)))
      (func $outer (export "outer") (param i64 i32) (result i32)
        (i32.add (call $direct (local.get 0) (local.get 1))
          (call $indirect (local.get 0) (local.get 1))))
      (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (loop $top
          (local.set $sum (i32.add (local.get $sum)
            (call $outer (i64.const 3) (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $top (local.get $n)))
        (local.get $sum)))
    """

  @Test(arguments: [true, false]) func toTheHost(inlines: Bool) throws {
    let program = try DeoptCase(Self.host, []) { $0.inlinesDirectCalls = inlines }
    func define(_ linker: Linker, _ instance: @escaping () -> Instance?) throws {
      try linker.defineFunction("env", "host", FunctionType([.i32, .f64], [.i32])) { slots in
        if slots[0] == 13 { throw Trap(.unreachable) }
        slots[0] = slots[0] &* 3 &+ UInt64(Double(bitPattern: slots[1]))
      }
    }
    let result = try DeoptComparison(
      program,
      [
        ("direct", [.i64(5), .i32(1)]), ("indirect", [.i64(5), .i32(1)]),
        ("outer", [.i64(7), .i32(12)]), ("direct", [.i64(5), .i32(13)]),
        ("outer", [.i64(5), .i32(13)]), ("run", [.i32(12)]), ("run", [.i32(20)]),
      ], define: define)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.baseline.outcomes[0] == .returned([.i32(8)]))
    // The function that made the tail call is gone.
    guard case .trapped(.unreachable, let direct) = result.baseline.outcomes[3],
      case .trapped(.unreachable, let outer) = result.baseline.outcomes[4]
    else {
      Issue.record("no trap")
      return
    }
    #expect(direct.isEmpty)
    #expect(outer.map(\.function) == [3])
  }

  // MARK: Traps

  private static let traps = """
    (module
      (type $f (func (param i32) (result i32)))
      (type $g (func (param i64) (result i32)))
      (table 4 4 funcref) (elem (i32.const 0) $divide $other)
      (func $divide (export "divide") (type $f) (i32.div_u (i32.const 100) (local.get 0)))
      (func $other (export "other") (type $g) (i32.const 1))
      (func $tail (export "tail") (param $n i32) (param $index i32) (result i32)
        (return_call_indirect (type $f) (local.get $n) (local.get $index)))
      (func $twice (export "twice") (param $n i32) (param $index i32) (result i32)
        (return_call $tail (local.get $n) (local.get $index)))
      (func $caller (export "caller") (param $n i32) (param $index i32) (result i32)
        (i32.add (i32.const 1) (call $twice (local.get $n) (local.get $index))))
      (func $last (export "last") (param $n i32) (param $index i32) (result i32)
        (return_call $caller (local.get $n) (local.get $index))))
    """

  /// A call that cannot be made traps in the caller, whose frame is still there; one that was made leaves no trace.
  @Test(arguments: [true, false], [true, false])
  func backtraces(inlines: Bool, usesDispatchTables: Bool) throws {
    let calls: [DeoptComparison.Call] = ["tail", "twice", "caller", "last"].flatMap { name in
      [(1, 0), (0, 0), (1, 1), (1, 2), (1, 9), (0, -1)].map { (name, [.i32($0.0), .i32($0.1)]) }
    }
    for sites in [[], [DeoptCase.Site("tail", 0, "divide")]] {
      let program = try DeoptCase(Self.traps, sites) {
        $0.inlinesDirectCalls = inlines
        $0.usesDispatchTables = usesDispatchTables
      }
      let result = try DeoptComparison(program, calls)
      for (index, call) in calls.enumerated() {
        #expect(result.optimized.outcomes[index] == result.baseline.outcomes[index], "\(call)")
      }
      let frames = result.baseline.outcomes.map { outcome -> [Int]? in
        guard case .trapped(_, let places) = outcome else { return nil }
        return places.map(\.function)
      }
      #expect(frames[..<6] == [nil, [0], [2], [2], [2], [2]])
      #expect(frames[6..<12] == [nil, [0], [2], [2], [2], [2]])
      #expect(frames[12..<18] == [nil, [0, 4], [2, 4], [2, 4], [2, 4], [2, 4]])
      #expect(frames[18...] == [nil, [0, 4], [2, 4], [2, 4], [2, 4], [2, 4]])
      let codes = result.baseline.outcomes[..<6].map { outcome -> TrapCode? in
        guard case .trapped(let code, _) = outcome else { return nil }
        return code
      }
      #expect(
        codes == [
          nil, .integerDivideByZero, .indirectCallTypeMismatch, .uninitializedElement,
          .undefinedElement, .undefinedElement,
        ])
    }
  }

  @Test(arguments: [true, false]) func nullReference(inlines: Bool) throws {
    let program = try DeoptCase(
      """
      (module
        (type $f (func (param i32) (result i32)))
        (func $leaf (export "leaf") (type $f) (i32.div_u (i32.const 8) (local.get 0)))
        (func $tail (export "tail") (param i32 i32) (result i32)
          (return_call_ref $f (local.get 0)
            (select (result (ref null $f)) (ref.func $leaf) (ref.null $f) (local.get 1))))
        (func (export "run") (param i32 i32) (result i32)
          (i32.add (i32.const 1) (call $tail (local.get 0) (local.get 1)))))
      """, [.init("tail", 0, "leaf")]
    ) { $0.inlinesDirectCalls = inlines }
    let result = try DeoptComparison(
      program, [(2, 1), (0, 1), (2, 0)].map { ("run", [.i32($0.0), .i32($0.1)]) })
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.baseline.outcomes[0] == .returned([.i32(5)]))
    guard case .trapped(.integerDivideByZero, let leaf) = result.baseline.outcomes[1],
      case .trapped(.nullFunctionReference, let tail) = result.baseline.outcomes[2]
    else {
      Issue.record("\(result.baseline.outcomes)")
      return
    }
    #expect(leaf.map(\.function) == [0, 2])
    #expect(tail.map(\.function) == [1, 2])
  }

  /// Recursion that is not in tail position exhausts the stack, whatever tail calls are between.
  @Test(arguments: [true, false]) func stackExhaustion(inlines: Bool) throws {
    let program = try DeoptCase(
      """
      (module
        (func $a (export "a") (param i32) (result i32)
          (return_call $b (i32.add (local.get 0) (i32.const 1))))
        (func $b (export "b") (param i32) (result i32)
          (i32.add (i32.const 1) (call $a (local.get 0)))))
      """, []
    ) { $0.inlinesDirectCalls = inlines }
    for module in [program.baseline, program.artefact] {
      let side = try DeoptComparison.run(module, [("a", [.i32(7)])])
      guard case .trapped(.stackOverflow, let places) = side.outcomes[0] else {
        Issue.record("\(side.outcomes[0])")
        continue
      }
      #expect(places.count == Trap.maximumFrameCount)
      #expect(places.dropFirst().allSatisfy { $0.function == 1 })
    }
  }
}
