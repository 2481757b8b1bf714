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
    let deopts = artefact.deopts
    func zeros<T>(_ count: Int, _ zero: T) -> UnsafeMutablePointer<T> {
      let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
      memory.initialize(repeating: zero, count: max(1, count))
      return memory
    }
    let functionCount = artefact.code.functions.count
    osrBuffer = zeros(artefact.osrSlotCount, 0)
    loopRequests = zeros(artefact.code.loops.count, 0)
    loopCode = zeros(artefact.code.loops.count, 0)
    exchange = zeros(1, wpgo_deopt())
    isDespeculated = Array(repeating: false, count: functionCount)
    let forces = artefact.manifest.forcesGuards
    state = zeros(
      1,
      DeoptimizerState(
        textAddress: UInt64(artefact.textAddress), points: deopts.points,
        locations: deopts.locations, constants: deopts.constants,
        plans: zeros(
          deopts.states.count,
          StatePlan(frames: nil, frameCount: 0, imageWords: 0, budgetRow: 0)),
        guardCounts: zeros(deopts.guards.count, 0),
        functionCounts: zeros(functionCount, 0),
        forcedGuards: forces ? zeros(deopts.guards.count, 0) : nil,
        budget: forces ? .max : UInt64(Self.defaultBudget),
        stackLimit: context.load(fromByteOffset: ContextLayout.stackLimit, as: UInt64.self),
        memoryBase: context.load(fromByteOffset: ContextLayout.memoryBase, as: UInt64.self),
        image: zeros(64, 0), imageCapacity: 64))
    for (index, row) in artefact.code.loops.enumerated() {
      loopCode[index] = artefact.textAddress + UInt(row.entry)
    }
    dispatch = DispatchArrays(artefact: artefact, context: context, layout: layout)
    fillContext()
  }

  deinit {
    for index in 0..<artefact.deopts.states.count {
      state.pointee.plans[index].frames?.deallocate()
    }
    state.pointee.plans.deallocate()
    state.pointee.guardCounts.deallocate()
    state.pointee.functionCounts.deallocate()
    state.pointee.forcedGuards?.deallocate()
    state.pointee.image.deallocate()
    state.deallocate()
    exchange.deallocate()
    osrBuffer.deallocate()
    loopRequests.deallocate()
    loopCode.deallocate()
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
    set(ContextLayout.forcedGuards, UInt(bitPattern: state.pointee.forcedGuards))
    set(ContextLayout.loopRequests, loopRequests)
    set(ContextLayout.loopCode, loopCode)
  }

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
        let code = try instance.compiledModule.baseline(function: function)
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
        for loop in artefact.loopRows(function: function) { loopRequests[loop] = 1 }
      }
    } catch {
      instance.store.hostError = error
      return false
    }
    reserveImage(words)
    let memory = UnsafeMutablePointer<FramePlan>.allocate(capacity: frames.count)
    memory.initialize(from: frames, count: frames.count)
    let root = Int(artefact.code.inlineNodes[Int(artefact.deopts.frames[first].node)].function)
    state.pointee.plans[index] = StatePlan(
      frames: memory, frameCount: frames.count, imageWords: words,
      budgetRow: root - artefact.module.importedFunctionCount)
    return true
  }

  private func reserveImage(_ words: Int) {
    guard words > state.pointee.imageCapacity else { return }
    let capacity = max(words, 2 * state.pointee.imageCapacity)
    state.pointee.image.deallocate()
    state.pointee.image = .allocate(capacity: capacity)
    state.pointee.image.initialize(repeating: 0, count: capacity)
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
