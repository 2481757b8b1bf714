import CRuntime
import Contract
import Feedback
import Wasm

/// What guards miss, counted for the next compilation.
extension Instance {
  /// Whether guards of an artefact's code count what they miss: at each deopt, and in generic code, which replaces a function after
  /// too many of them. Speculative code costs the same. Has no effect without ahead-of-time code.
  ///
  /// To be set while none of the instance's code runs; best in `beforeStart`, so that nothing is missed. Counting cannot be ended.
  public var countsMisses: Bool {
    get { (body.attachment as? Deoptimizer)?.misses != nil }
    set { if newValue { (body.attachment as? Deoptimizer)?.countMisses() } }
  }

  /// What the guards missed so far, as a profile of 0 runs, to be merged with the one that the artefact was compiled with. It has the calls that went
  /// elsewhere, with their targets, and how often branches took a way that was compiled for never being taken. Calls that the guards
  /// expected are not in it. Nil if ``countsMisses`` was not set.
  /// - Returns: the profile, and the number of misses that are not in it, because too many different ones were seen.
  /// - Throws: `WasmError` if a body of the module is invalid, which an artefact's code need not have noticed.
  public func missProfile() throws(WasmError) -> (profile: ProfileFile, lost: UInt64)? {
    guard let table = (body.attachment as? Deoptimizer)?.misses else { return nil }
    var misses: [ProfileFile.Miss] = []
    for slot in 0..<MissTable.slotCount {
      // Within the table's words.
      let (key, count) = (table[1 + 2 * slot], table[2 + 2 * slot])
      guard key != 0 else { continue }
      let (site, outcome) = MissTable.decode(key: key)
      let event: ProfileFile.Miss.Event =
        switch outcome {
        case .function(let index): .call(index)
        case .foreign: .foreignCall
        case .branch(let offset): .branch(offset)
        }
      misses.append(.init(byteOffset: site, event: event, count: count))
    }
    // Of an artefact's module, bodies may not have been validated.
    return (ProfileFile(module: try Module(validating: module.bytes), misses: misses), table[0])
  }
}

extension Deoptimizer {
  /// Counts a deopt for the next compilation.
  /// - Parameter saved: the ``CaptureArea`` of a frame that the state fits.
  func noteMiss(_ point: DeoptPoint, _ saved: UnsafeRawPointer) {
    let site = artefact.deopts.guards[Int(point.guardNumber)].byteOffset
    let row = artefact.deopts.states[Int(point.state)]
    guard artefact.module.isIndirectCall(at: Int(site)) else {
      let frame = artefact.deopts.frames[Int(row.firstFrame + row.frameCount) - 1]
      return wpgo_count_miss(
        misses, MissTable.key(site: site, .branch(Int(frame.byteOffset))))
    }
    guard row.slotCount > 0 else { return }
    // The table's index, or the reference, is on top of the innermost frame's operand stack.
    let top = state.pointee.locations[Int(point.firstLocation) + Int(row.slotCount) - 1]
      .read(saved, state.pointee.constants)
    guard let number = tableNumber(ofCall: point.guardNumber) else {
      _ = wpgo_record_miss(context, UInt64(site), top)
      return
    }
    let table = instance.tables[number]
    let index = table.declaredType.addressType == .i64 ? top : top & 0xFFFF_FFFF
    guard index < UInt64(table.count) else { return }
    // Within the table's elements.
    _ = wpgo_record_miss(context, UInt64(site), table.elements[Int(index)])
  }

  /// The table that a guarded call goes through; nil if it calls a reference.
  private func tableNumber(ofCall guardNumber: UInt32) -> Int? {
    if let known = guardedTables[guardNumber] { return known }
    let place = artefact.deopts.guards[Int(guardNumber)]
    let function = Int(artefact.code.inlineNodes[Int(place.node)].function)
    var reader = InstructionReader(artefact.module, function: function)
    var table: Int?
    while let instruction = try? reader.next() {
      guard instruction.offset == Int(place.byteOffset) else { continue }
      if case .table(let number, _) = instruction.callee { table = number }
      break
    }
    guardedTables[guardNumber] = .some(table)
    return table
  }
}
