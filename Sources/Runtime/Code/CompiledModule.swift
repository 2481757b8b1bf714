import Baseline
import Contract
import Feedback
import Glibc
import Synchronization
import Wasm
import X64

// This folder: machine code of a module, whoever compiled it.
//
//   CompiledModule         baseline code, compiled when first called
//   ModuleCode             what ahead-of-time code provides instead
//   LazyStubs, CodeMemory  entries before they are compiled; pages of code
//   CodeMap, BaselineMap   code to place in the module
//   RuntimeEntryPoints     what compiled code calls

/// A module ready to be instantiated any number of times; stores and threads share its code. The baseline compiler
/// compiles each function when it is first called, unless
/// ahead-of-time code came with the module.
public final class CompiledModule: Sendable {
  /// The validated module.
  public let module: Module
  package let layout: ContextLayout
  /// Where counters are, if baseline code is instrumented.
  package let feedback: FeedbackLayout?
  package let code: (any ModuleCode)?
  let types: [CanonicalType]
  let exports: [ExactName: Export]
  private let map: BaselineMap
  /// Where places that compiled code passes to the trap stub are looked up.
  var codeMap: any CodeMap { code?.codeMap ?? map }
  private let state: Mutex<State>

  /// Work of the baseline compiler so far.
  public struct BaselineStatistics: Sendable, Equatable {
    /// Functions compiled.
    public var functions = 0
    /// Bytes of machine code.
    public var codeBytes = 0
    /// Time spent compiling.
    public var nanoseconds: UInt64 = 0

    /// No work yet.
    public init() {}
  }

  /// Work of the baseline compiler so far, for all instances together.
  public var baselineStatistics: BaselineStatistics { state.withLock { $0.statistics } }

  private struct State: ~Copyable {
    var statistics = BaselineStatistics()
    var memory = CodeMemory()
    /// By function; imported ones stay nil.
    var compiled: [BaselineCode?]
    var stubs: UInt?
    var withoutCode: CompiledModule?
  }

  /// - Parameters:
  ///   - module: must be valid (`Module(validating:)`).
  ///   - feedback: whether the code counts what it does.
  public convenience init(_ module: Module, feedback: Bool = false) {
    self.init(module, feedback: feedback, code: nil)
  }

  /// With ahead-of-time code; baseline code is then compiled for deoptimized frames, and where there is no other.
  package convenience init(code: any ModuleCode) {
    self.init(code.module, feedback: false, code: code)
  }

  private init(_ module: Module, feedback: Bool, code: (any ModuleCode)?) {
    RuntimeEntryPoints.register()
    self.module = module
    self.code = code
    layout = ContextLayout(module)
    self.feedback = feedback ? FeedbackLayout(module) : nil
    types = CanonicalType.of(module.types)
    exports = Dictionary(
      module.exports.map { (ExactName($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    map = BaselineMap(module)
    state = Mutex(State(compiled: Array(repeating: nil, count: module.functions.count)))
  }

  deinit {
    let starts = state.withLock { $0.memory.chunkStarts }
    for start in starts { CodeRegistry.remove(start: start) }
  }

  /// Baseline code of a function that the module defines, compiled now unless it was before.
  /// - Parameter interrupter: of the store that waits for it.
  /// - Throws: `Trap(.interrupted)`; what the compiler refuses.
  package func baseline(function: Int, for interrupter: Interrupter? = nil) throws -> BaselineCode {
    try state.withLock { state in
      if let known = state.compiled[function] { return known }
      let start = monotonicNanoseconds()
      let options = BaselineOptions(
        feedback: feedback, loopNumbers: code?.loopNumbers(function: function) ?? [:],
        loopPeriod: code?.loopPeriod)
      let compiled = try BaselineCompiler.compile(
        module, function: function, layout: layout, options: options
      ) { interrupter?.isRequested ?? false }
      guard let compiled else { throw Trap(.interrupted) }
      let address = try write(compiled.code, &state)
      let result = BaselineCode(address: address, compiled: compiled)
      map.add(result, function: function)
      state.compiled[function] = result
      state.statistics.functions += 1
      state.statistics.codeBytes += compiled.code.count
      state.statistics.nanoseconds += monotonicNanoseconds() - start
      return result
    }
  }

  private func write(_ code: [UInt8], _ state: inout State) throws(ResourceError) -> UInt {
    try state.memory.write(code) { CodeRegistry.add(map, start: $0.start, size: $0.size) }
  }

  /// The same module on the baseline.
  func withoutCode() -> CompiledModule {
    state.withLock { state in
      if let known = state.withoutCode { return known }
      let new = CompiledModule(module)
      state.withoutCode = new
      return new
    }
  }

  // MARK: What is there

  /// A type of the module as the whole process knows it, with ids in place of type indices.
  func closed(_ type: ValueType) -> ValueType { type.mapIndex { Int(types[$0].id) } }

  /// Likewise.
  func closed(_ type: TableType) -> TableType {
    TableType(element: closed(type.element), limits: type.limits)
  }

  /// Likewise.
  func closed(_ type: GlobalType) -> GlobalType {
    GlobalType(value: closed(type.value), isMutable: type.isMutable)
  }

  /// Whether ahead-of-time code came with the module.
  public var hasOptimizedCode: Bool { code != nil }

  /// Functions that have baseline code by now.
  public var baselineFunctionCount: Int {
    state.withLock { state in state.compiled.count { $0 != nil } }
  }

  // MARK: Entries

  /// Writes what direct calls of each function go to at first (`ContextLayout.entries`), but for imported ones.
  func initializeEntries(_ entries: UnsafeMutablePointer<UInt>) throws(ResourceError) {
    let defined = module.importedFunctionCount..<module.functions.count
    var lazy = Array(defined)
    if let code {
      lazy = code.baselineFunctions
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

  /// Null where the module has no functions; else the address of the first of as many stubs as there are functions, ``entryStubSize`` apart: `jmp [rdi +
  /// entry(function)]`, what references to functions lead to whose entry may change.
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

/// Of the system's monotonic clock.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Baseline code of one function, where it can be executed.
package final class BaselineCode: Sendable {
  package let address: UInt
  package let compiled: CompiledFunction

  init(address: UInt, compiled: CompiledFunction) {
    self.address = address
    self.compiled = compiled
  }
}
