import Baseline
import CRuntime
import Contract
import Glibc
import Wasm

/// What an instance needs to run an artefact's code: the buffers and tables that its context points to, and the
/// way from a failed guard to baseline frames. Everything is the instance's own: instances and threads that share
/// an artefact do not see each other's deopts.
final class Deoptimizer {
  let artefact: Artefact
  /// Owns this object.
  private unowned let instance: Instance
  /// Of the instance.
  let context: UnsafeMutableRawPointer
  let layout: ContextLayout
  let state: UnsafeMutablePointer<DeoptimizerState>
  private let exchange: UnsafeMutablePointer<wpgo_deopt>
  private let osrBuffer: UnsafeMutablePointer<UInt64>
  /// By row of the artefact's loop table: whether baseline back-edges leave for generic code, and where to.
  private let loopRequests: UnsafeMutablePointer<UInt8>
  private let loopCode: UnsafeMutablePointer<UInt>
  let dispatch: DispatchArrays
  let forcedGuards: ForcedGuards?
  /// By defined function: whether its entry is the generic version now.
  private(set) var isDespeculated: [Bool]
  /// Deopts of a function before its entry becomes the generic version: V8's
  /// `wasm_deopts_per_function_limit` (src/flags/flag-definitions.h).
  static let defaultBudget = 10

  /// - Parameters:
  ///   - instance: of the artefact's module, its context's header filled in but for what is set here.
  init(artefact: Artefact, instance: Instance) {
    self.artefact = artefact
    self.instance = instance
    context = instance.context
    layout = instance.layout
    forcedGuards = artefact.forcedGuards
    let deopts = artefact.deopts
    let functionCount = artefact.code.functions.count
    osrBuffer = Self.zeros(artefact.osrSlotCount)
    loopRequests = Self.zeros(artefact.code.loops.count)
    loopCode = Self.zeros(artefact.code.loops.count)
    exchange = Self.zeros(1)
    isDespeculated = Array(repeating: false, count: functionCount)
    state = Self.zeros(1)
    state.pointee = DeoptimizerState(
      textAddress: UInt64(artefact.textAddress), points: deopts.points,
      locations: deopts.locations, constants: deopts.constants,
      plans: Self.zeros(deopts.states.count), guardCounts: Self.zeros(deopts.guards.count),
      functionCounts: Self.zeros(functionCount),
      budget: UInt64(Self.defaultBudget),
      stackLimit: context.load(fromByteOffset: ContextLayout.stackLimit, as: UInt64.self),
      memoryBase: context.load(fromByteOffset: ContextLayout.memoryBase, as: UInt64.self),
      image: Self.zeros(64), imageCapacity: 64)
    let loopPeriod = UInt8(artefact.loopPeriod ?? 0)
    for (index, row) in artefact.code.loops.enumerated() {
      loopRequests[index] = loopPeriod
      loopCode[index] = artefact.textAddress + UInt(row.entry)
    }
    dispatch = DispatchArrays(artefact: artefact, context: context, layout: layout)
    fillContext()
  }

  deinit {
    for plan in 0..<artefact.deopts.states.count { free(state.pointee.plans[plan].frames) }
    free(state.pointee.plans)
    free(state.pointee.guardCounts)
    free(state.pointee.functionCounts)
    free(state.pointee.image)
    free(state)
    free(exchange)
    free(osrBuffer)
    free(loopRequests)
    free(loopCode)
  }

  /// Memory of trivial values whose bytes are all zero, to be freed with `free`. Large tables cost nothing until they are
  /// used, so that instances stay cheap.
  private static func zeros<T: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<T> {
    guard let memory = calloc(max(1, count), MemoryLayout<T>.stride) else {
      fatalError("out of memory")
    }
    // Sized and aligned for T, of which all zeros is a value: integers, and optional pointers that are nil.
    return memory.bindMemory(to: T.self, capacity: max(1, count))
  }

  /// Nil: none.
  var budget: Int? {
    get { Int(exactly: state.pointee.budget) }
    set { state.pointee.budget = newValue.map { UInt64(max(1, $0)) } ?? .max }
  }

  // MARK: Context

  private func set<T>(_ offset: Int, _ value: T) {
    // All fields of a context that are set here are 8 bytes, aligned, and inside of it.
    context.storeBytes(of: value, toByteOffset: offset, as: T.self)
  }

  private func fillContext() {
    exchange.pointee.handler = deoptHandler
    // Unretained: the instance owns both this object and the context.
    exchange.pointee.owner = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    set(ContextLayout.deoptimizer, exchange)
    set(
      ContextLayout.captureStub,
      Processor.hasAVX512 ? wpgo_capture_avx512_code() : wpgo_capture_code())
    set(ContextLayout.osrBuffer, osrBuffer)
    set(ContextLayout.dispatchTables, dispatch.rows)
    set(ContextLayout.loopRequests, loopRequests)
    set(ContextLayout.loopCode, loopCode)
  }

  /// Of this instance's deopts, instead of `deoptHandler`.
  func replaceHandler(by handler: @escaping DeoptHandler) { exchange.pointee.handler = handler }

  // MARK: Slow paths

  /// Compiles what a frame state needs, and asks the loops of its functions to leave baseline code.
  /// - Returns: whether that worked; if not, the store has the error for `TrapCode.hostError`.
  func makePlan(_ index: Int) -> Bool {
    let row = artefact.deopts.states[index]
    let first = Int(row.firstFrame)
    var frames: [FramePlan] = []
    var words = 0
    do {
      for number in 0..<Int(row.frameCount) {
        let frame = artefact.deopts.frames[first + number]
        let function = Int(artefact.code.inlineNodes[Int(frame.node)].function)
        let isInnermost = number + 1 == Int(row.frameCount)
        let code = try compiledBaseline(function)
        guard let site = code.compiled.callSite(at: Int(frame.byteOffset)) else {
          throw ArtefactError(.corrupt, "baseline code has no call at \(frame.byteOffset)")
        }
        let resume = isInnermost ? site.resumeBefore : site.resumeAfter
        frames.append(
          FramePlan(
            resume: UInt64(code.address) + UInt64(resume),
            frameSize: code.compiled.frameSize, slotCount: frame.slotCount))
        // Saved rbp, the frame, and but for the outermost the return address.
        words += 1 + code.compiled.frameSize / 8 + (number == 0 ? 0 : 1)
        guard artefact.loopPeriod == nil else { continue }
        for loop in artefact.loopRows(function: function) { loopRequests[loop] = 1 }
      }
    } catch {
      instance.store.hostError = error
      return false
    }
    reserveImage(words)
    let memory: UnsafeMutablePointer<FramePlan> = Self.zeros(frames.count)
    memory.update(from: frames, count: frames.count)
    let root = Int(artefact.code.inlineNodes[Int(artefact.deopts.frames[first].node)].function)
    state.pointee.plans[index] = StatePlan(
      frames: memory, frameCount: frames.count, imageWords: words,
      budgetRow: root - artefact.module.importedFunctionCount)
    return true
  }

  func compiledBaseline(_ function: Int) throws -> BaselineCode {
    try instance.compiledModule.baseline(function: function, for: instance.store.interrupter)
  }

  private func reserveImage(_ words: Int) {
    guard words > state.pointee.imageCapacity else { return }
    let capacity = max(words, 2 * state.pointee.imageCapacity)
    free(state.pointee.image)
    state.pointee.image = Self.zeros(capacity)
    state.pointee.imageCapacity = capacity
  }

  /// From now on, calls of the function enter its generic version.
  func despeculate(row: Int) {
    guard !isDespeculated[row] else { return }
    isDespeculated[row] = true
    let function = artefact.module.importedFunctionCount + row
    let generic = artefact.genericAddress(function: function)
    dispatch.replace(artefact.entryAddress(function: function), by: generic)
    set(layout.entry(function), generic)
  }
}
