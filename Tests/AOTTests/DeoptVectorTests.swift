import Contract
import Forcing
import Runtime
import Speculation
import TestSupport
import Testing
import Wasm

@testable import AOT

/// Vectors that are alive where a guard fails. Each program runs on the baseline and as an artefact; results, memories and the
/// number of deopts must be the same.
@Suite struct DeoptVectorTests {
  typealias Programs = DeoptVectorPrograms

  private static let vectors = [
    V128(low: 0x0123_4567_89AB_CDEF, high: 0xFEDC_BA98_7654_3210),
    V128(low: 0x7F80_0001_FFC1_2345, high: 0x8000_0000_0000_0000),
  ]

  private static func make(
    _ source: Programs.Source, _ place: Programs.Place, cpu: String, forcing: GuardForcing? = nil
  ) throws -> DeoptCase {
    let guarded = place == .threeFrames ? "b" : "run"
    return try DeoptCase(
      Programs.program(source, place), [.init(guarded, 0, "hot")], forcing: forcing, cpu: cpu
    ) { plan in
      // `make` stays a call, whose result is where the callee left it.
      plan.inlinesDirectCalls = place == .threeFrames && source != .result
    }
  }

  /// The calls and the number of deopts that they come to.
  private static func calls(
    _ place: Programs.Place
  ) -> (calls: [DeoptComparison.Call], deopts: UInt64) {
    let keys: [Int32] = place == .loop || place == .osr ? [-1, 30, 0, 59] : [0, 1, 2, 3]
    let calls = vectors.flatMap { vector in
      keys.map { ("run", [Value.v128(vector), .i32($0)]) as DeoptComparison.Call }
    }
    // With `osr`, iterations after the first cold one run in generic code; -1 is cold at once.
    return (calls, place == .osr ? 8 : place == .loop ? 6 : 4)
  }

  @Test(arguments: Programs.Source.allCases, Programs.Place.allCases)
  func matrix(source: Programs.Source, place: Programs.Place) throws {
    for cpu in ["x86-64-v2", "native"] {
      let program = try Self.make(source, place, cpu: cpu)
      let (calls, deopts) = Self.calls(place)
      let comparison = try DeoptComparison(program, calls)
      #expect(comparison.optimized.outcomes == comparison.baseline.outcomes, "\(cpu)")
      #expect(comparison.optimized.memories == comparison.baseline.memories)
      #expect(comparison.statistics.deopts == deopts, "\(cpu)")
    }
  }

  /// Each guard fails once, wherever it is.
  @Test(arguments: Programs.Source.allCases) func forced(source: Programs.Source) throws {
    var forcing = GuardForcing()
    forcing.failsEachTestOnce = true
    for place in Programs.Place.allCases {
      let program = try Self.make(source, place, cpu: "x86-64-v2", forcing: forcing)
      let comparison = try DeoptComparison(
        program, [("run", [.v128(Self.vectors[0]), .i32(place == .osr ? 99 : 0)])])
      #expect(comparison.optimized.outcomes == comparison.baseline.outcomes, "\(place)")
      #expect(comparison.statistics.deopts >= 1, "\(place)")
    }
  }

  // MARK: Locations

  /// The kinds of locations that a program's vectors have.
  private func locations(_ program: DeoptCase) throws -> [ValueLocation] {
    let artefact = try Artefact(bytes: program.artefactBytes)
    // Its tables are in its memory.
    defer { withExtendedLifetime(artefact) {} }
    let deopts = artefact.deopts
    return deopts.points.flatMap { point in
      let slots = deopts.frameState(Int(point.state)).frames.flatMap { $0.locals + $0.operands }
      return slots.enumerated().filter { $0.element == .v128 }.map {
        deopts.location(Int(point.firstLocation) + $0.offset)
      }
    }
  }

  @Test func areWhereTheyAreMeantToBe() throws {
    func has(
      _ source: Programs.Source, _ test: (ValueLocation) -> Bool,
      _ location: SourceLocation = #_sourceLocation
    ) throws {
      let found = try locations(Self.make(source, .oneFrame, cpu: "x86-64-v2"))
      let isFound = found.contains(where: test)
      #expect(isFound, "\(source): \(found)", sourceLocation: location)
    }
    func isRegister(_ location: ValueLocation) -> Bool {
      if case .vector(_, .vector) = location { true } else { false }
    }
    try has(.register, isRegister)
    try has(.argument, isRegister)
    // LLVM puts a constant into a register.
    try has(.constant, isRegister)
    try has(.splat, isRegister)
    try has(.zero) { $0 == .constant(0) }
    for source in [Programs.Source.spill, .result] {
      try has(source) { if case .stackPointer(_, .vector) = $0 { true } else { false } }
    }
    let spilled = try locations(Self.make(.spill, .oneFrame, cpu: "x86-64-v2"))
    #expect(Set(spilled).count > 16)
  }

  /// Locations are as wide as their slots.
  @Test func widths() throws {
    let vector = ValueLocation.vector(3, .vector)
    #expect(try vector.narrowed(to: .v128) == vector)
    #expect(try vector.narrowed(to: .f32) == .vector(3, .scalar))
    #expect(try ValueLocation.general(1).narrowed(to: .i32) == .general(1))
    #expect(try ValueLocation.constant(7).narrowed(to: .v128) == .constant(7))
    let narrow: [ValueLocation] = [
      .general(1), .vector(1, .scalar), .stackPointer(offset: 8, .scalar),
      .framePointer(offset: -8, .scalar),
    ]
    for location in narrow {
      #expect(throws: CompileError.self) { try location.narrowed(to: .v128) }
    }
    #expect(DeoptTable.extent([.stackPointer(offset: 32, .vector)]) == 48)
    #expect(DeoptTable.extent([.stackPointer(offset: 32, .scalar)]) == 36)
  }
}
