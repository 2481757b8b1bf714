import Files
import Synchronization

/// Regular files whose pages this process executes. Writes to a file become visible in a private mapping of it, so a guest that
/// can write to its own artefact could execute arbitrary code. WASI therefore refuses to open such a file for writing, as the
/// kernel does with executables (ETXTBSY). The host must control write access from outside this process.
public enum MappedFiles {
  /// The file of each artefact.
  private static let files = Mutex<[FileIdentity]>([])

  static func add(_ file: FileIdentity) {
    files.withLock { $0.append(file) }
  }

  static func remove(_ file: FileIdentity) {
    files.withLock { files in
      if let index = files.firstIndex(of: file) { files.remove(at: index) }
    }
  }

  /// Whether this process has mapped the file as an artefact.
  public static func contains(_ file: FileIdentity) -> Bool {
    files.withLock { $0.contains(file) }
  }
}
