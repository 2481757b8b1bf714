import Glibc
import SystemPackage

// What swift-system has no calls for.

func getProcessID() -> Int32 { getpid() }

/// Whether `path` is a regular file, or nothing yet: what is written by rename must not take the place of a device.
public func isReplaceable(_ path: String) -> Bool {
  var status = stat()
  guard stat(path, &status) == 0 else { return true }
  return status.st_mode & S_IFMT == S_IFREG
}

public func renameFile(_ source: String, to path: String) throws(FileError) {
  guard rename(source, path) == 0 else {
    throw FileError(path: path, operation: "rename", code: Errno(rawValue: errno))
  }
}

/// Removes a file, if it is there.
public func removeFile(_ path: String) { unlink(path) }

public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }
