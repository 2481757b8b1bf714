import Feedback
import Runtime

extension Instance {
  /// What an instance that counts was seen to do; nil for one that does not. Its store must be kept.
  public var recordedProfile: ProfileFile? {
    get throws {
      guard let layout = compiledModule.feedback, let counters else { return nil }
      // The instance's own area, of the size that the layout says.
      return try ProfileFile(
        module: module, layout: layout,
        counters: UnsafeRawBufferPointer(start: counters, count: layout.size))
    }
  }
}
