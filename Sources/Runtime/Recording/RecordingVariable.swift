import Feedback
import Files
import Glibc
import Synchronization
import Wasm

/// The environment variable that has a host program record its modules without knowing of it: the name of the profile
/// (``ProfileName``). Each module that is run on the baseline gets a recorder, which ends with the process; the second and further ones, if
/// the name does not tell them apart, get names with their hashes. Errors go to standard error, once each, and the program goes on.
///
/// Artefacts do not count. A process that has more rights than who started it does not look at the variable.
package enum RecordingVariable {
  /// The variable.
  package static let name = "WASM_PGO_PROFILE"

  /// Its value; nil if it is not set, or empty.
  package static let value = trustedVariable(name).flatMap { $0.isEmpty ? nil : $0 }

  /// Nil if nothing is to be recorded.
  private static let pattern: ProfileName? = {
    guard let value else { return nil }
    do throws(ProfileError) { return try ProfileName(value) } catch {
      report(error, value)
      return nil
    }
  }()

  /// By the hash of their module.
  private static let recorders = Mutex<[UInt64: Recorder]>([:])

  /// The recorder of a module, the same for all that have its bytes; nil if the variable is not set.
  static func recorder(for module: Module) -> Recorder? {
    guard let pattern else { return nil }
    return recorders.withLock { recorders in
      if let known = recorders[module.hash] {
        // Of two modules with one hash, the first is recorded.
        return known.module.bytes == module.bytes ? known : nil
      }
      if recorders.isEmpty { atexit { RecordingVariable.finish() } }
      let name = pattern.path(module: module.hash)
      let isTaken = recorders.values.contains { $0.path == name }
      let path = isTaken ? ProfileName.suffixed(name, module: module.hash) : name
      let recorder = Recorder(module, path: path) { report($0, path) }
      recorders[module.hash] = recorder
      return recorder
    }
  }

  private static func finish() {
    for recorder in recorders.withLock({ Array($0.values) }) {
      do throws(ProfileError) { try recorder.finish() } catch {
        if let path = recorder.path { report(error, path) }
      }
    }
  }

  private static func report(_ error: ProfileError, _ path: HostString) {
    let line = "warning: \(name): cannot record \(path): \(error)\n"
    // Nobody else can be told if this cannot be written.
    _ = Array(line.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
