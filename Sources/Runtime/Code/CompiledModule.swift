import Baseline
import Contract
import Glibc
import Synchronization
import Wasm
import X64

// This folder: machine code of a module, whichever compiler created it.
//
//   CompiledModule         baseline code, compiled when a function is first called
//   BaselineCode           a function's baseline code, whoever compiled it
//   ModuleCode             the interface to ahead-of-time code
//   LazyStubs, CodeMemory  entries of functions that are not compiled yet; pages of code
//   CodeMap, BaselineMap   map code to places in the module
//   RuntimeEntryPoints     functions that compiled code calls
//   CodeReporter           tells profilers and debuggers of code made at run time
//   ExecutableMemory       forbids all of the above to make any

/// A module ready to be instantiated any number of times; stores and threads share its code. The baseline compiler compiles
/// each function when it is first called, unless the module has ahead-of-time code of it.
public final class CompiledModule: Sendable {
  /// The validated module.
  public let module: Module
  package let layout: ContextLayout
  /// Gets what baseline code counts; nil: it is not instrumented.
  public let recorder: Recorder?
  package let code: (any ModuleCode)?
  /// What baseline code with vectors may use, and what it means.
  let target: VectorTarget
  let types: [CanonicalType]
  let exports: [ExactName: Export]
  private let map: BaselineMap
  /// Looks up places that compiled code passes to the trap stub.
  var codeMap: any CodeMap { code?.codeMap ?? map }
  /// Whether it has code in a map: its own, or that of its artefact.
  func hasCode(in map: ObjectIdentifier) -> Bool {
    ObjectIdentifier(self.map) == map || ObjectIdentifier(codeMap) == map
  }
  private let state: Mutex<State>

  /// Statistics of the baseline compiler in this process.
  public struct BaselineStatistics: Sendable, Equatable {
    /// Number of compiled functions.
    public var functions = 0
    /// Size of their machine code.
    public var codeBytes = 0
    /// Time spent compiling.
    public var nanoseconds: UInt64 = 0

    /// Creates empty statistics.
    public init() {}
  }

  /// Statistics of the baseline compiler so far, for all instances together.
  public var baselineStatistics: BaselineStatistics { state.withLock { $0.statistics } }

  private struct State: ~Copyable {
    var statistics = BaselineStatistics()
    var memory = CodeMemory()
    /// By function; imported ones stay nil.
    var compiled: [BaselineCode?]
    var stubs: UInt?
    var withoutCode: CompiledModule?
    /// Once code is reported.
    var names: CodeNames?
  }

  /// Records a profile only where the environment asks for it (toolchain-docs/embedding.md).
  /// - Parameters:
  ///   - module: must be valid (`Module(validating:)`).
  ///   - relaxed: what relaxed vector instructions mean; nil: what is shortest on this machine.
  public convenience init(_ module: Module, relaxed: RelaxedSemantics? = nil) {
    let recorder = RecordingVariable.recording?.recorder(for: module)
    self.init(module, recorder: recorder, relaxed: relaxed)
  }

  /// Creates a module whose instances are recorded.
  public convenience init(recorder: Recorder) {
    self.init(recorder.module, recorder: recorder, relaxed: nil)
  }

  /// Creates a module that is recorded only with a recorder, which must be of the module.
  package convenience init(_ module: Module, recorder: Recorder?, relaxed: RelaxedSemantics?) {
    self.init(module, recorder: recorder, target: Processor.vectorTarget(relaxed))
  }

  /// The same with code for another CPU, whose features this machine must have.
  package convenience init(_ module: Module, recorder: Recorder? = nil, target: VectorTarget) {
    self.init(module, recorder: recorder, code: nil, target: target)
  }

  /// Creates a module with ahead-of-time code. Baseline code that it lacks is compiled when it is needed.
  package convenience init(code: any ModuleCode) {
    self.init(
      code.module, recorder: nil, code: code, target: Processor.vectorTarget(code.relaxed))
  }

  private init(
    _ module: Module, recorder: Recorder?, code: (any ModuleCode)?, target: VectorTarget
  ) {
    RuntimeEntryPoints.register()
    self.module = module
    self.code = code
    self.target = target
    layout = ContextLayout(module)
    self.recorder = recorder
    types = CanonicalType.of(module.types)
    exports = Dictionary(
      module.exports.map { (ExactName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    map = BaselineMap(module)
    state = Mutex(State(compiled: Array(repeating: nil, count: module.functions.count)))
  }

  deinit {
    let starts = state.withLock { $0.memory.chunkStarts }
    for start in starts { CodeRegistry.remove(start: start) }
    if CodeReporter.isActive {
      CodeReporter.forget(state.withLock { $0.compiled.compactMap { $0?.address } })
    }
  }

  /// Returns the baseline code of a function that the module defines; compiles it if the ahead-of-time code has none.
  /// - Parameter interrupter: that of the store that waits for the code.
  /// - Throws: `Trap(.interrupted)`, or the compiler's error.
  package func baseline(function: Int, for interrupter: Interrupter? = nil) throws -> BaselineCode {
    if let known = code?.baselineCode(function: function) { return known }
    return try compileBaseline(function: function, for: interrupter)
  }

  /// Compiles a function unless that has already been done, whatever code the artefact has.
  func compileBaseline(function: Int, for interrupter: Interrupter?) throws -> BaselineCode {
    try state.withLock { state in
      if let known = state.compiled[function] { return known }
      do throws(WasmError) {
        try module.validateBody(ofFunction: function)
      } catch {
        throw ArtefactError(module: error)
      }
      let start = monotonicNanoseconds()
      let options = BaselineOptions(
        feedback: recorder?.layout, loopNumbers: code?.loopNumbers(function: function) ?? [:],
        resumeOffsets: code?.resumeOffsets(function: function) ?? [], loopPeriod: code?.loopPeriod,
        target: target, recordsLines: CodeReporter.isActive)
      let compiled = try BaselineCompiler.compile(
        module, function: function, layout: layout, options: options
      ) { interrupter?.isRequested ?? false }
      guard let compiled else { throw Trap(.interrupted) }
      let address = try write(compiled.code, &state)
      let result = BaselineCode(address: address, metadata: compiled)
      map.add(result, function: function)
      report(compiled, function, at: address, &state)
      state.compiled[function] = result
      state.statistics.functions += 1
      state.statistics.codeBytes += compiled.code.count
      state.statistics.nanoseconds += monotonicNanoseconds() - start
      return result
    }
  }

  private func report(
    _ code: CompiledFunction, _ function: Int, at address: UInt, _ state: inout State
  ) {
    guard CodeReporter.isActive else { return }
    let names = state.names ?? CodeNames(module)
    state.names = names
    CodeReporter.report(code, at: address, name: names.name(function, .baseline))
  }

  private func write(_ code: [UInt8], _ state: inout State) throws(ResourceError) -> UInt {
    try state.memory.write(code) { CodeRegistry.add(map, start: $0.start, size: $0.size) }
  }

  /// The same module with baseline code only.
  func withoutCode() -> CompiledModule {
    state.withLock { state in
      if let known = state.withoutCode { return known }
      let new = CompiledModule(module, target: target)
      state.withoutCode = new
      return new
    }
  }

  // MARK: Types and state

  /// Replaces the module's type indices in a type by the process-wide canonical IDs.
  func closed(_ type: ValueType) -> ValueType { type.mapIndex { Int(types[$0].id) } }

  /// The same for a table type.
  func closed(_ type: TableType) -> TableType {
    var closed = type
    closed.element = self.closed(type.element)
    return closed
  }

  /// The same for a global type.
  func closed(_ type: GlobalType) -> GlobalType {
    GlobalType(value: closed(type.value), isMutable: type.isMutable)
  }

  /// Whether the module has ahead-of-time code.
  public var hasOptimizedCode: Bool { code != nil }

  /// Whether running the module may compile baseline code, which needs executable memory.
  public var mayCompile: Bool { code.map { !$0.lazyFunctions.isEmpty } ?? true }

  /// Number of functions whose baseline code this process has compiled so far.
  public var baselineFunctionCount: Int {
    state.withLock { state in state.compiled.count { $0 != nil } }
  }

  // MARK: Entries

  /// Writes the initial target of direct calls of each defined function (`ContextLayout.entries`).
  func initializeEntries(_ entries: UnsafeMutablePointer<UInt>) throws(ResourceError) {
    let defined = module.importedFunctionCount..<module.functions.count
    var lazy = Array(defined)
    if let code {
      lazy = code.functionsWithoutCode
      for function in defined { entries[function] = code.entryAddress(function: function) }
      if lazy.isEmpty { return }
    }
    try LazyStubs.reserve(count: module.functions.count)
    state.withLock { state in
      for function in lazy {
        entries[function] =
          state.compiled[function]?.address ?? LazyStubs.address(function: function)
      }
    }
  }

  static let entryStubSize = MachineStubs.entrySize

  /// The address of the entry stubs, one for each function, ``entryStubSize`` apart: `jmp [rdi + entry(function)]`. References
  /// to functions without ahead-of-time code point to them. Null if the module has no functions.
  func entryStubs() throws(ResourceError) -> UInt {
    if module.functions.isEmpty { return 0 }
    return try state.withLock { state throws(ResourceError) in
      if let known = state.stubs { return known }
      let address = try write(entryStubCode, &state)
      state.stubs = address
      return address
    }
  }

  private var entryStubCode: [UInt8] {
    var code: [UInt8] = []
    code.reserveCapacity(Self.entryStubSize * module.functions.count)
    for function in module.functions.indices {
      code += MachineStubs.entry(offset: layout.entry(function))
    }
    return code
  }
}

/// The time of the system's monotonic clock.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
