import Files
import Synchronization

/// Regular files whose pages this process executes. A private mapping shows what is written to its file afterwards, so a
/// guest that could write to its own artefact could execute what it likes: as the kernel does with executables (ETXTBSY),
/// WASI refuses to open such a file for writing. Who may write to it from outside of this process is the host's business.
public enum MappedFiles {
  /// How many artefacts are mapped from each.
  private static let counts = Mutex<[FileIdentity: Int]>([:])

  static func add(_ file: FileIdentity) {
    counts.withLock { $0[file, default: 0] += 1 }
  }

  static func remove(_ file: FileIdentity) {
    counts.withLock { counts in
      let rest = counts[file, default: 1] - 1
      counts[file] = rest == 0 ? nil : rest
    }
  }

  /// Whether this process has mapped the file as an artefact.
  public static func contains(_ file: FileIdentity) -> Bool {
    counts.withLock { $0[file] != nil }
  }
}
