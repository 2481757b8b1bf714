import CRuntime
import Contract
import Wasm

/// Takes the context, the ``CaptureArea`` and the return address of the stub's call.
typealias DeoptHandler =
  @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, UInt64) -> UnsafeRawPointer?

/// The capture stub's handler (architecture.md, "Deoptimization"): converts the optimized frame, which is still live, to an
/// image of baseline frames. Runs on the host's stack.
let deoptHandler: DeoptHandler = { context, saved, returnAddress in
  guard let context, let saved else { return nil }
  // The deoptimizer's initializer set both; the instance keeps the deoptimizer alive while code runs.
  let exchange = context.load(
    fromByteOffset: ContextLayout.deoptimizer, as: UnsafeMutablePointer<wpgo_deopt>.self)
  let owner = Unmanaged<Deoptimizer>.fromOpaque(exchange.pointee.owner)
  return owner._withUnsafeGuaranteedRef {
    $0.deoptimize(exchange, saved, returnAddress: returnAddress)
  }
}

extension Deoptimizer {
  /// - Parameter saved: the ``CaptureArea``.
  /// - Returns: the continuation.
  fileprivate func deoptimize(
    _ exchange: UnsafeMutablePointer<wpgo_deopt>, _ saved: UnsafeRawPointer, returnAddress: UInt64
  ) -> UnsafeRawPointer? {
    let state = state
    guard
      let index = Self.point(
        state.pointee.points, Int(truncatingIfNeeded: returnAddress &- state.pointee.textAddress))
    else {
      fail(
        ArtefactError(.corrupt, "deopt from code without a frame state", section: ".wpgo.deopt"))
      return strayDeopt(exchange, returnAddress)
    }
    guard check(point: index) else { return strayDeopt(exchange, returnAddress) }
    let point = state.pointee.points[index]
    count(point)
    control?.deoptHappened(at: point) { values(of: point, saved) }
    // A signal rarely arrives while wasm code runs if that code mostly deoptimizes, so check for interrupts here.
    if wpgo_is_interrupted(context) != 0 { return trap(exchange, point, .interrupted) }
    if state.pointee.plans[Int(point.state)].frames == nil {
      guard makePlan(Int(point.state)) else { return trap(exchange, point, .hostError) }
    }
    let plan = state.pointee.plans[Int(point.state)]
    noteDeopt(plan)
    guard hasFrame(plan.frameSize, saved), hasReferences(plan, point, saved) else {
      fail(ArtefactError(.corrupt, "frame state does not fit the frame", section: ".wpgo.deopt"))
      return trap(exchange, point, .hostError)
    }
    if misses != nil { noteMiss(point, saved) }
    // Every function keeps a frame pointer, so its return address is above the saved rbp.
    let framePointer = saved.load(fromByteOffset: CaptureArea.framePointer, as: UInt64.self)
    let top = framePointer &+ 8
    let room = UInt64(8 * plan.imageWords)
    guard top >= room, top - room >= state.pointee.stackLimit else {
      return trap(exchange, point, .stackOverflow)
    }
    fill(exchange, plan, point, saved, top)
    return wpgo_deopt_continue_code()
  }

  /// Whether the captured frame has at least the size that the loader assumed, and is on the store's stack.
  @inline(__always)
  private func hasFrame(_ size: UInt64, _ saved: UnsafeRawPointer) -> Bool {
    let stackPointer = saved.load(fromByteOffset: CaptureArea.stackPointer, as: UInt64.self)
    let framePointer = saved.load(fromByteOffset: CaptureArea.framePointer, as: UInt64.self)
    // The saved rbp and the return address are above it.
    return framePointer >= stackPointer && framePointer - stackPointer >= size
      && framePointer <= state.pointee.stackTop - 16
  }

  /// A location must not be interpreted as a reference if it does not contain a valid one.
  @inline(__always)
  private func hasReferences(
    _ plan: StatePlan, _ point: DeoptPoint, _ saved: UnsafeRawPointer
  ) -> Bool {
    for number in 0..<plan.referenceCount {
      // Both in bounds: `makePlan` created this number of references, and they are numbers of the state's slots.
      guard let slot = plan.references?[number] else { return false }
      let location = state.pointee.locations[Int(point.firstLocation) + slot]
      guard isFunction(location.read(saved, state.pointee.constants)) else { return false }
    }
    return true
  }

  @inline(__always)
  private static func point(_ points: ArtefactTable<DeoptPoint>, _ codeOffset: Int) -> Int? {
    var low = 0
    var high = points.count
    while low < high {
      let middle = (low + high) >> 1
      if Int(points[middle].codeOffset) < codeOffset { low = middle + 1 } else { high = middle }
    }
    guard low < points.count, Int(points[low].codeOffset) == codeOffset else { return nil }
    return low
  }

  @inline(__always)
  private func count(_ point: DeoptPoint) {
    // In bounds: the point was checked.
    state.pointee.guardCounts[Int(point.guardNumber)] &+= 1
  }

  /// The values that `fill` writes to the frames. Empty if the frames will not be filled.
  private func values(of point: DeoptPoint, _ saved: UnsafeRawPointer) -> [V128] {
    guard hasFrame(frameSize(ofState: Int(point.state)), saved) else { return [] }
    let count = Int(artefact.deopts.states[Int(point.state)].slotCount)
    return (0..<count).map {
      let location = state.pointee.locations[Int(point.firstLocation) + $0]
      return V128(
        low: location.read(saved, state.pointee.constants), high: location.readHigh(saved))
    }
  }

  /// Counts a deopt against the compiled function's budget.
  @inline(__always)
  private func noteDeopt(_ plan: StatePlan) {
    let count = state.pointee.functionCounts[plan.budgetRow] &+ 1
    state.pointee.functionCounts[plan.budgetRow] = count
    if count >= state.pointee.budget { despeculate(row: plan.budgetRow) }
  }

  /// Writes the image of all frames (`BaselineFrame`), outermost first: from high addresses to low.
  @inline(__always)
  private func fill(
    _ exchange: UnsafeMutablePointer<wpgo_deopt>, _ plan: StatePlan, _ point: DeoptPoint,
    _ saved: UnsafeRawPointer, _ top: UInt64
  ) {
    guard let frames = plan.frames else { return }
    let locations = state.pointee.locations
    let constants = state.pointee.constants
    let memoryBase = state.pointee.memoryBase
    let context = UInt64(UInt(bitPattern: self.context))
    // The end of the image corresponds to the address of the return address, `top`.
    let end = state.pointee.image + plan.imageWords
    var location = Int(point.firstLocation)
    // Distances below `top`, in bytes.
    var framePointer = 8
    var resume: UInt64 = 0
    for index in 0..<plan.frameCount {
      let frame = frames[index]
      let stackPointer = framePointer + frame.frameSize
      // `makePlan` added up the same distances and reserved room for them.
      var home = UnsafeMutableRawPointer(end) - stackPointer
      for _ in 0..<frame.slotCount {
        home.storeBytes(of: locations[location].read(saved, constants), as: UInt64.self)
        // All slots of a function that uses vectors have room for one.
        if frame.slotSize == 16 {
          home.storeBytes(
            of: locations[location].readHigh(saved), toByteOffset: 8, as: UInt64.self)
        }
        location += 1
        home += frame.slotSize
      }
      resume = frame.resume
      guard index + 1 < plan.frameCount else {
        exchange.pointee.frame_pointer = top &- UInt64(framePointer)
        break
      }
      // The words that the call of the next frame and its prologue would have pushed.
      let inner = end - stackPointer / 8
      inner[-1] = resume
      inner[-2] = top &- UInt64(framePointer)
      inner[-3] = context
      inner[-4] = memoryBase
      framePointer = stackPointer + 16
    }
    exchange.pointee.image = UnsafePointer(state.pointee.image)
    exchange.pointee.image_words = UInt64(plan.imageWords)
    exchange.pointee.top = top
    exchange.pointee.resume = resume
  }

  /// Traps at the guarded call if the frames cannot be materialized.
  private func trap(
    _ exchange: UnsafeMutablePointer<wpgo_deopt>, _ point: DeoptPoint, _ code: TrapCode
  ) -> UnsafeRawPointer? {
    let site = artefact.deopts.guards[Int(point.guardNumber)]
    return trap(exchange, site, code)
  }

  /// Ends a call of the capture stub for which the table has no point, or a wrong one.
  private func strayDeopt(
    _ exchange: UnsafeMutablePointer<wpgo_deopt>, _ returnAddress: UInt64
  ) -> UnsafeRawPointer? {
    // The location of the call is that of the preceding instruction.
    let offset = Int(truncatingIfNeeded: returnAddress &- state.pointee.textAddress) - 1
    return trap(exchange, artefact.locations.locate(offset), .hostError)
  }

  /// - Parameter location: nil if unknown; the backtrace then starts with the caller.
  private func trap(
    _ exchange: UnsafeMutablePointer<wpgo_deopt>, _ location: CodeLocation?, _ code: TrapCode
  ) -> UnsafeRawPointer? {
    exchange.pointee.trap_code = UInt64(code.rawValue)
    exchange.pointee.trap_location =
      location.map { artefact.trapPlace(speculative: $0).raw } ?? TrapPlace.fromReturnAddress
    return wpgo_deopt_trap_code()
  }
}
