import CRuntime
import Contract
import Wasm

extension ArtefactMap {
  /// Registers the code for backtraces and for the signal handler.
  func register() throws(ArtefactError) {
    guard let added = wpgo_add_code(textAddress, textAddress + UInt(textSize)) else {
      throw ArtefactError(.system, "no memory to register code")
    }
    range.withLock { $0 = UInt(bitPattern: added) }
    CodeRegistry.add(self, start: textAddress, size: textSize)
  }

  func unregister() {
    let added = range.withLock { range in
      defer { range = 0 }
      return range
    }
    // Set by `register`, and reset only once.
    guard let added = OpaquePointer(bitPattern: added) else { return }
    CodeRegistry.remove(start: textAddress)
    wpgo_remove_code(added)
  }
}

extension ArtefactMap: CodeMap {
  func appendFrames(at address: UInt, to frames: inout [Trap.Frame]) {
    if appendBaselineFrame(at: address, to: &frames) { return }
    append(places(address: address), &frames)
  }

  func appendFrames(faultAt address: UInt, to frames: inout [Trap.Frame]) {
    if appendBaselineFrame(at: address, to: &frames) { return }
    append(places(faultAt: address), &frames)
  }

  func appendNearestFrames(at address: UInt, to frames: inout [Trap.Frame]) {
    append(nearestPlaces(address: address), &frames)
  }

  func appendFrames(at place: TrapPlace, to frames: inout [Trap.Frame]) {
    if let location = tables.location(of: place) { append(tables.places(location), &frames) }
  }

  /// - Returns: whether the address is in baseline code.
  private func appendBaselineFrame(at address: UInt, to frames: inout [Trap.Frame]) -> Bool {
    guard let (baseline, codeOffset) = baseline(at: address) else { return false }
    frames.append(
      Trap.Frame(
        module, function: Int(baseline.row.function), baseline: baseline, at: codeOffset, in: self))
    return true
  }

  private func append(_ places: [ArtefactPlace], _ frames: inout [Trap.Frame]) {
    for (index, place) in places.enumerated() {
      frames.append(
        Trap.Frame(
          module, function: place.function, byteOffset: place.byteOffset, tier: .optimized,
          isInlined: index + 1 < places.count, in: self))
    }
  }
}
