import Feedback
import Runtime

extension Instance {
  /// What all instances of its recorder were seen to do; nil without one.
  public var recordedProfile: ProfileFile? {
    get throws { try compiledModule.recorder?.profile() }
  }
}
