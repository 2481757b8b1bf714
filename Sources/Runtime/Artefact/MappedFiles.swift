import Files
import Synchronization

/// Regular files whose pages this process executes. Writes to a file become visible in a private mapping of it, so a guest that
/// can write to its own artefact could execute arbitrary code. WASI therefore refuses to open such a file for writing, as the
/// kernel does with executables (ETXTBSY). The host must control write access from outside this process.
public enum MappedFiles {
  /// The number of artefacts mapped from each file.
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
