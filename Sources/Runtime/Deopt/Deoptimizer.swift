import Baseline
import CRuntime
import Contract
import Glibc
import Wasm

// This folder: from a failed guard to a resumed baseline frame.
//
//   Deoptimizer            an instance's buffers and tables, which its context points to
//   DeoptimizerHandler     called by the capture stub: reads the optimized frame, builds images of baseline frames
//   DeoptimizerState       precomputed data about the frames of each deopt point
//   DeoptimizerDispatch    call targets by table index
//   DeoptStatistics        counts
//   Misses                 counts for the next compilation
//   DeoptimizerFault       fault injection, for tests

/// Everything that an instance needs to run an artefact's code: the buffers and tables that its context points to, and the
/// deoptimization of its frames. Nothing is shared: instances and threads with the same artefact do not see each other's
/// deopts.
final class Deoptimizer {
  let artefact: Artefact
  /// The instance owns this object.
  unowned let instance: InstanceBody
  /// The instance's context.
  let context: UnsafeMutableRawPointer
  let layout: ContextLayout
  let state: UnsafeMutablePointer<DeoptimizerState>
  private let memory = ZeroedMemory()
  private let exchange: UnsafeMutablePointer<wpgo_deopt>
  /// By row of the artefact's loop table: whether the loop's baseline code should enter generic code, and the target address.
  private let loopRequests: UnsafeMutablePointer<UInt8>
  private let loopCode: UnsafeMutablePointer<UInt>
  /// Bytes from which OSR entries read locals and operands: enough for the functions whose loops were requested.
  private var osrBufferSize = 0
  let dispatch: DispatchArrays
  /// A ``MissTable``; nil: misses are not counted.
  private(set) var misses: UnsafeMutablePointer<UInt64>?
  /// By number of a guard at a call: its table, nil for a call of a reference. Those that were asked for.
  var guardedTables: [UInt32: Int?] = [:]
  let control: (any DeoptControl)?
  /// By defined function: whether its entry is now code without deopts.
  private(set) var isDespeculated: [Bool]
  /// The number of deopts after which a function's entry becomes code without deopts. V8's `wasm_deopts_per_function_limit`
  /// (src/flags/flag-definitions.h).
  static let defaultBudget = 10

  /// - Parameters:
  ///   - instance: an instance of the artefact's module. Its context's header must be filled in, except for the fields set
  ///     here.
  init(artefact: Artefact, instance: InstanceBody) throws(ResourceError) {
    self.artefact = artefact
    self.instance = instance
    context = instance.context
    layout = instance.layout
    control = artefact.control
    let deopts = artefact.deopts
    let functionCount = artefact.code.functions.count
    loopRequests = try memory.allocate(artefact.code.loops.count)
    loopCode = try memory.allocate(artefact.code.loops.count)
    exchange = try memory.allocate(1)
    isDespeculated = Array(repeating: false, count: functionCount)
    state = try memory.allocate(1)
    state.pointee = DeoptimizerState(
      textAddress: UInt64(artefact.textAddress), points: deopts.points,
      locations: deopts.locations, constants: deopts.constants,
      isChecked: try memory.allocate(deopts.points.count),
      plans: try memory.allocate(deopts.states.count),
      guardCounts: try memory.allocate(deopts.guards.count),
      functionCounts: try memory.allocate(functionCount),
      budget: UInt64(Self.defaultBudget),
      stackLimit: context.load(fromByteOffset: ContextLayout.stackLimit, as: UInt64.self),
      stackTop: UInt64(instance.store.stack.top),
      memoryBase: context.load(fromByteOffset: ContextLayout.memoryBase, as: UInt64.self),
      image: try memory.allocate(64), imageCapacity: 64)
    let loopPeriod = UInt8(artefact.loopPeriod ?? 0)
    for (index, row) in artefact.code.loops.enumerated() {
      loopRequests[index] = loopPeriod
      loopCode[index] = artefact.textAddress + UInt(row.entry)
    }
    dispatch = DispatchArrays(
      artefact: artefact, context: context, layout: layout, types: instance.compiledModule.types)
    fillContext()
    // Without a request, loops of all functions enter generic code.
    if loopPeriod > 0 {
      for row in artefact.code.loops {
        try reserveOSRBuffer(SlotLayout(artefact.module, function: Int(row.function)))
      }
    }
  }

  /// Nil: no limit.
  var budget: Int? {
    get { Int(exactly: state.pointee.budget) }
    set { state.pointee.budget = newValue.map { UInt64(max(1, $0)) } ?? .max }
  }

  // MARK: Context

  private func set<T>(_ offset: Int, _ value: T) {
    // All context fields that are set here are 8 bytes, aligned, and inside the context.
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
    set(ContextLayout.dispatchTables, dispatch.rows)
    set(ContextLayout.loopRequests, loopRequests)
    set(ContextLayout.loopCode, loopCode)
  }

  /// Replaces `deoptHandler` for this instance's deopts.
  func replaceHandler(by handler: @escaping DeoptHandler) { exchange.pointee.handler = handler }

  /// Begins to count misses.
  func countMisses() {
    guard misses == nil else { return }
    // Without memory for it, nothing is counted.
    misses = try? memory.allocate(MissTable.wordCount)
    set(ContextLayout.counters, misses)
  }

  // MARK: Slow paths

  /// Finds or compiles the baseline code that a frame state needs, and requests that the loops of its functions leave baseline code.
  /// - Returns: whether that succeeded. If not, the store has the error for `TrapCode.hostError`.
  func makePlan(_ index: Int) -> Bool {
    var frames: [FramePlan] = []
    var references: [Int] = []
    var slots = 0
    var words = 0
    do {
      for (number, frame) in artefact.deopts.frameState(index).frames.enumerated() {
        let function = Int(artefact.code.inlineNodes[Int(frame.node)].function)
        let code = try baseline(function)
        let layout = code.metadata.slots
        let frameSize = code.metadata.frameSize
        guard let resume = code.address(of: frame.resume), frame.slotCount <= layout.count else {
          throw ArtefactError(
            .corrupt, "baseline code cannot resume at \(frame.resume.byteOffset)")
        }
        frames.append(
          FramePlan(
            resume: UInt64(resume), frameSize: frameSize, slotSize: layout.slotSize,
            slotCount: frame.slotCount))
        for slot in frame.locals + frame.operands {
          if slot == .function { references.append(slots) }
          slots += 1
        }
        // The saved frame pointer, the frame, and the return address except for the outermost frame.
        words += 1 + frameSize / 8 + (number == 0 ? 0 : 1)
        guard artefact.loopPeriod == nil else { continue }
        try reserveOSRBuffer(code.metadata.slots)
        for loop in artefact.loopRows(function: function) { loopRequests[loop] = 1 }
      }
      try reserveImage(words)
      state.pointee.plans[index] = StatePlan(
        frames: try copy(frames), frameCount: frames.count, imageWords: words,
        references: try copy(references), referenceCount: references.count,
        budgetRow: functionRow(ofState: index), frameSize: frameSize(ofState: index))
    } catch {
      fail(error)
      return false
    }
    return true
  }

  /// The function whose optimized frame a state describes.
  private func functionRow(ofState index: Int) -> Int {
    let first = artefact.deopts.frames[Int(artefact.deopts.states[index].firstFrame)]
    let nodes = artefact.code.inlineNodes
    return Int(nodes[Int(nodes.root(of: first.node))].function)
      - artefact.module.importedFunctionCount
  }

  func frameSize(ofState index: Int) -> UInt64 {
    UInt64(artefact.code.functions[functionRow(ofState: index)].frameSize)
  }

  /// Sets the error that the call into wasm code throws after a trap with `TrapCode.hostError`.
  func fail(_ error: any Error) { instance.store.hostError = error }

  private func copy<T: BitwiseCopyable>(
    _ values: [T]
  ) throws(ResourceError) -> UnsafeMutablePointer<T> {
    let result: UnsafeMutablePointer<T> = try memory.allocate(values.count)
    result.update(from: values, count: values.count)
    return result
  }

  /// Whether the value of a function reference's slot is a valid function reference.
  func isFunction(_ slot: UInt64) -> Bool { instance.store.holds(reference: slot) }

  private func baseline(_ function: Int) throws -> BaselineCode {
    try instance.compiledModule.baseline(function: function, for: instance.store.interrupter)
  }

  private func reserveOSRBuffer(_ slots: SlotLayout) throws(ResourceError) {
    guard slots.size > osrBufferSize else { return }
    let buffer: UnsafeMutablePointer<UInt8> = try memory.allocate(slots.size)
    set(ContextLayout.osrBuffer, buffer)
    osrBufferSize = slots.size
  }

  /// Checks a row of the table of points once.
  /// - Returns: whether it is right. If not, the store has the error for `TrapCode.hostError`.
  func check(point index: Int) -> Bool {
    if state.pointee.isChecked[index] { return true }
    do throws(ArtefactError) {
      try artefact.check(artefact.deopts.points[index])
    } catch {
      fail(error)
      return false
    }
    state.pointee.isChecked[index] = true
    return true
  }

  /// Does nothing if the stack has no room for the frames, since they are never materialized then.
  private func reserveImage(_ words: Int) throws(ResourceError) {
    let room = state.pointee.stackTop - state.pointee.stackLimit
    guard words > state.pointee.imageCapacity, UInt64(8 * words) <= room else { return }
    // Doubling limits the total size of all earlier images to that of the last one.
    let capacity = max(words, 2 * state.pointee.imageCapacity)
    state.pointee.image = try memory.allocate(capacity)
    state.pointee.imageCapacity = capacity
  }

  /// Makes calls of the function enter code without deopts from now on: its generic version, or else its baseline code.
  func despeculate(row: Int) {
    guard !isDespeculated[row] else { return }
    let function = artefact.module.importedFunctionCount + row
    // If compiling fails, the next deopt tries again.
    guard
      let code = artefact.genericAddress(function: function)
        ?? (try? baseline(function).address)
    else { return }
    isDespeculated[row] = true
    dispatch.replace(artefact.entryAddress(function: function), by: code)
    set(layout.entry(function), code)
  }
}
