import CRuntime
import Contract

extension Artefact {
  /// Tells a store how exceptions leave frames of the optimized code. The store's instances keep the artefact alive.
  func addFrames(to store: Store) throws(ResourceError) {
    guard let first = handlers.functions.first, let last = handlers.functions.last,
      handlers.functions.count > 1
    else { return }
    let start = textAddress + UInt(first.code)
    guard !store.hasFrames(at: start) else { return }
    var frames = wpgo_frames(
      start: start, end: textAddress + UInt(last.code), text: textAddress,
      functions: handlers.functions.words, sites: handlers.sites.words,
      function_count: UInt32(handlers.functions.count - 1))
    guard wpgo_add_frames(store.state, &frames) != 0 else {
      throw ResourceError(message: "no memory for the frames of an artefact")
    }
  }
}

extension Store {
  fileprivate func hasFrames(at start: UInt) -> Bool {
    UnsafeBufferPointer(start: state.pointee.frames, count: Int(state.pointee.frame_count))
      .contains { $0.start == start }
  }
}
