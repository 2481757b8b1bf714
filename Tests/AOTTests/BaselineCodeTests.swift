import Baseline
import Contract
import Glibc
import Speculation
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT
@testable import Runtime

/// The baseline code in artefacts: it is all that running them needs.
@Suite struct BaselineCodeTests {
  private static func compiled(includesBaseline: Bool = true) throws -> DeoptCase {
    try DeoptCase(
      DeoptPrograms.nested, DeoptPrograms.nestedSites, baseline: [1],
      includesBaseline: includesBaseline)
  }

  private static var calls: [DeoptComparison.Call] {
    (0..<16).map { ("run", [.i32($0), .i64(77), .f32(2.5), .f64(-1.75)]) }
  }

  private func define(_ linker: Linker, _: () -> Instance?) throws {
    try linker.defineFunction("env", "host", FunctionType([.i32], [.i32])) { slots in
      slots[0] = (slots[0] &* 11) & 0xFFFF_FFFF
    }
  }

  // MARK: What is there

  @Test func deoptsCompileNothing() throws {
    let program = try Self.compiled()
    let artefact = try #require(program.artefact.code as? Artefact)
    #expect(artefact.lazyFunctions.isEmpty && !program.artefact.mayCompile)
    let result = try DeoptComparison(program, Self.calls, define: define)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(result.statistics.deopts > 0)
    #expect(program.artefact.baselineStatistics == CompiledModule.BaselineStatistics())
    #expect(program.artefact.baselineFunctionCount == 0)
  }

  @Test func withoutItTheRuntimeCompiles() throws {
    let program = try Self.compiled(includesBaseline: false)
    let complete = try Self.compiled()
    #expect(program.artefactBytes.count < complete.artefactBytes.count)
    let artefact = try #require(program.artefact.code as? Artefact)
    #expect(
      artefact.baseline.rows.isEmpty && artefact.manifest.options.hasSuffix("--lazy-baseline"))
    let whole = try #require(complete.artefact.code as? Artefact)
    #expect(artefact.lazyFunctions == whole.baseline.rows.map { Int($0.function) })
    #expect(program.artefact.mayCompile)
    let result = try DeoptComparison(program, Self.calls, define: define)
    #expect(result.optimized.outcomes == result.baseline.outcomes)
    #expect(program.artefact.baselineFunctionCount == artefact.lazyFunctions.count)
  }

  /// The code is what the runtime would compile, and the table says of it what the compiler said.
  @Test func isWhatTheRuntimeWouldCompile() throws {
    let program = try Self.compiled()
    let artefact = try #require(program.artefact.code as? Artefact)
    let layout = ContextLayout(program.module)
    #expect(artefact.baseline.rows.count > 1)
    for row in artefact.baseline.rows {
      let function = Int(row.function)
      let options = BaselineOptions(loopNumbers: artefact.loopNumbers(function: function))
      let expected = try BaselineCompiler.compile(
        program.module, function: function, layout: layout, options: options)
      let found = try #require(artefact.baselineCode(function: function))
      // The artefact's own code, of the size that its row says.
      let code = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(bitPattern: found.address), count: Int(row.codeSize))
      #expect(code.elementsEqual(expected.code))
      #expect(found.metadata.slots == expected.slots)
      #expect(found.metadata.frameSize == expected.frameSize)
      for offset in expected.code.indices {
        #expect(found.metadata.byteOffset(at: offset) == expected.byteOffset(at: offset))
      }
      #expect(artefact.places(address: found.address + 1).map(\.function) == [function])
    }
    var points = 0
    for frame in artefact.deopts.frames {
      let function = Int(artefact.code.inlineNodes[Int(frame.node)].function)
      let position = try #require(ResumePoint.Position(rawValue: frame.position))
      let point = ResumePoint(position, frame.byteOffset)
      let expected = try BaselineCompiler.compile(
        program.module, function: function, layout: layout,
        options: BaselineOptions(loopNumbers: artefact.loopNumbers(function: function)))
      let found = try #require(artefact.baselineCode(function: function))
      #expect(found.metadata.codeOffset(of: point) == expected.codeOffset(of: point))
      #expect(found.metadata.codeOffset(of: ResumePoint(position, frame.byteOffset + 1)) == nil)
      points += 1
    }
    #expect(points > 0 && artefact.baseline.resumes.count <= points)
  }

  /// Functions that nothing can enter on the baseline have no baseline code.
  @Test func onlyWhatIsNeeded() throws {
    let program = try DeoptCase(DeoptPrograms.longLoop, [.init("run", 0, "hot")])
    let artefact = try #require(program.artefact.code as? Artefact)
    let run = try #require(program.module.function(exported: "run"))
    #expect(artefact.baseline.rows.map { Int($0.function) } == [run])
    let none = try DeoptCase(DeoptPrograms.longLoop, []) { $0.speculative = [] }
    let plain = try #require(none.artefact.code as? Artefact)
    #expect(plain.baseline.rows.isEmpty && plain.lazyFunctions.isEmpty)
  }

  // MARK: Without executable memory

  /// The thread on which artefacts run in tests can really make none.
  @Test func executableMemoryIsRefused() throws {
    let module = CompiledModule(try Module(validating: assemble("(module (func (export \"f\")))")))
    #expect(module.mayCompile)
    try RestrictedThread.run { outside in
      let size = 4096
      #expect(
        mmap(nil, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
      #expect(errno == EPERM)
      let pages = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      #expect(pages != MAP_FAILED)
      #expect(mprotect(pages, size, PROT_READ | PROT_EXEC) == -1 && errno == EPERM)
      #expect(mprotect(pages, size, PROT_READ) == 0)
      munmap(pages, size)
      // Memory that this process already has is not used either.
      #expect(throws: ResourceError.self) { try Linker(Store()).instantiate(module) }
      try outside {
        let store = try Store()
        try withExtendedLifetime(store) {
          let instance = try Linker(store).instantiate(module)
          #expect(try instance.exportedFunction("f")?.call() == [])
        }
      }
    }
  }

  /// A table whose functions of the type are not all the module's own has no array, whatever an artefact says.
  @Test func arraysHoldOwnFunctionsOnly() throws {
    let text = """
      (module
        (import "env" "f" (func $f))
        (table 2 2 funcref) (elem (i32.const 0) $f $g)
        (func $g)
        (func (export "run") (param i32) (call_indirect (local.get 0))))
      """
    let module = try Module(validating: assemble(text))
    var options = TestPlan(targets: [:])
    options.usesDispatchTables = true
    var plan = try options.plan(module)
    // Type 1 is that of `run`, of which the table has no function.
    #expect(plan.dispatchTables == [DispatchTable(table: 0, typeIndex: 1)])
    plan.dispatchTables = [DispatchTable(table: 0, typeIndex: 0)]
    var compiler = CompilerOptions()
    compiler.usesProcesses = false
    let artefact = try Artefact(bytes: Compiler.compile(module, plan: plan, options: compiler))
    let linker = Linker(try Store())
    try linker.defineFunction("env", "f", FunctionType([], [])) { _ in }
    #expect {
      try linker.instantiate(CompiledModule(artefact: artefact))
    } throws: {
      ($0 as? ArtefactError)?.message == "dispatch table of a table with foreign functions"
    }
  }

  // MARK: Hostile tables

  @Test func tablesAreChecked() throws {
    let program = try Self.compiled()
    let sound = try ArtefactSurgery(program.artefactBytes)
    let artefact = try #require(program.artefact.code as? Artefact)
    let rows = artefact.baseline.rows.count
    let resumes = 4 + 4 * BaselineRow.wordCount * rows
    func row(_ index: Int, _ word: Int) -> Int { 4 + 4 * (BaselineRow.wordCount * index + word) }
    #expect(sound.refusal { _ in } == "")
    #expect(sound[.baseline, 0] == UInt32(rows) && rows > 1)
    #expect(sound.refusal { $0[.baseline, 0] = .max } == "count beyond the end")
    #expect(
      sound.refusal { $0[.baseline, row(1, 0)] = $0[.baseline, row(0, 0)] }
        == "baseline functions are not in order")
    #expect(
      sound.refusal { $0[.baseline, row(rows - 1, 0)] = 1 << 20 } == "baseline code has no body")
    for (word, value) in [(1, UInt32.max), (1, 0), (2, 0), (2, .max)] {
      #expect(
        sound.refusal { $0[.baseline, row(1, word)] = value }
          == "baseline code lies outside of the text, or overlaps")
    }
    #expect(
      sound.refusal { $0[.baseline, row(0, 3)] = .max } == "baseline function's frame is too large")
    for word in [4, 5] {
      #expect(
        sound.refusal { $0[.baseline, row(1, word)] = .max }
          == "baseline functions' parts are not in order")
    }
    #expect(sound.refusal { $0[.baseline, resumes + 8] = 2 } == "not a place to resume at")
    #expect(sound.refusal { $0[.baseline, resumes + 12] = .max } == "not a place to resume at")
    let planted = try #require(artefact.baseline.rows.firstIndex { $0.function == 1 })
    #expect(
      sound.refusal { $0[.baseline, row(planted, 1)] += 1 }
        == "function 1 is not entered at its baseline code")
    // Not even a table that makes sense: code relies on it.
    var other = sound
    other[.baseline, row(0, 3)] += 1
    #expect(throws: ArtefactError.self) { try Artefact(bytes: other.sealed(withCode: false)) }
  }

  /// A frame with more values than the baseline's has room for is not built.
  @Test func framesHaveRoomForTheirValues() throws {
    let program = try DeoptCase(DeoptPrograms.nested, DeoptPrograms.nestedSites)
    var surgery = try ArtefactSurgery(program.artefactBytes)
    let artefact = try #require(program.artefact.code as? Artefact)
    for index in artefact.baseline.rows.indices {
      surgery[.baseline, 4 + 4 * (BaselineRow.wordCount * index + 3)] = 0
    }
    let edited = CompiledModule(artefact: try Artefact(bytes: surgery.sealed()))
    #expect(throws: ArtefactError.self) {
      _ = try DeoptComparison.run(edited, Self.calls, define)
    }
  }
}
