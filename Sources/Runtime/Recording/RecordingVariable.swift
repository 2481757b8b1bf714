import Feedback
import Files
import Glibc

/// The environment variable that has a host program record its modules without knowing of it: the name of the profile
/// (``ProfileName``). Each module that is run on the baseline gets a recorder, which ends with the process (``Recording``). Errors go to
/// standard error, once each, and the program goes on.
///
/// Artefacts do not count. A process that has more rights than who started it does not look at the variable.
package enum RecordingVariable {
  /// The variable.
  package static let name = "WASM_PGO_PROFILE"

  /// Its value; nil if it is not set, or empty.
  package static let value = trustedVariable(name).flatMap { $0.isEmpty ? nil : $0 }

  /// Nil if nothing is to be recorded.
  static let recording: Recording? = {
    guard let value else { return nil }
    do throws(ProfileError) {
      let recording = try Recording(value) { report($0, $1) }
      // Errors are reported, not thrown.
      atexit { try? RecordingVariable.recording?.finish() }
      return recording
    } catch {
      report(error, value)
      return nil
    }
  }()

  private static func report(_ error: ProfileError, _ path: HostString) {
    let line = "warning: \(name): cannot record \(path): \(error)\n"
    // Nobody else can be told if this cannot be written.
    _ = Array(line.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
