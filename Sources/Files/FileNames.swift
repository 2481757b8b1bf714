import CProcess
import Glibc

// What swift-system has no calls for.

/// Which file it is, under whatever name.
public struct FileIdentity: Sendable, Hashable {
  private let device: dev_t
  private let number: ino_t

  /// - Returns: nil for what is no regular file (reading and writing one device is no conflict), or not there.
  public init?(_ path: HostString) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
    self.init(status)
  }

  /// The same for an open file.
  public init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    device = status.st_dev
    number = status.st_ino
  }
}

/// Whether `path` is a regular file, or nothing yet: what is written by rename must not take the place of a device.
public func isReplaceable(_ path: HostString) -> Bool {
  var status = stat()
  guard path.withCString({ stat($0, &status) }) == 0 else { return true }
  return status.st_mode & S_IFMT == S_IFREG
}

/// Removes a file, if it is there.
public func removeFile(_ path: HostString) { _ = path.withCString { unlink($0) } }

/// Whether something exists at a path; a symbolic link is followed.
public func fileExists(_ path: HostString) -> Bool { path.withCString { access($0, F_OK) } == 0 }

/// Where this process's executable is; nil if the system does not tell.
public func executablePath() -> HostString? {
  guard let path = wpgo_executable() else { return nil }
  defer { free(path) }
  return HostString(cString: path)
}

/// What this process was started with, its own name first.
public func processArguments() -> [HostString] {
  let arguments = wpgo_arguments()
  // `main` gets that many, and they are never freed.
  return (0..<Int(wpgo_argument_count())).compactMap { index in
    arguments?[index].map { HostString(cString: $0) }
  }
}

/// The environment, in its order. What has no `=` is left out.
public func processEnvironment() -> [(name: HostString, value: HostString)] {
  var result: [(name: HostString, value: HostString)] = []
  var entry = environ
  while let text = entry.pointee {
    if let (name, value) = HostString(cString: text).split(at: "=") { result.append((name, value)) }
    entry += 1
  }
  return result
}

/// A variable of the environment; nil if it is not set, or if the process has more rights than who started it, and so chose the value.
public func trustedVariable(_ name: String) -> HostString? {
  wpgo_trusted_variable(name).map { HostString(cString: $0) }
}

/// For temporary files: the variable TMPDIR, or /tmp.
public func temporaryDirectory() -> HostString {
  getenv("TMPDIR").map { HostString(cString: $0) } ?? "/tmp"
}

/// A new file beside the one that it is to replace, which nobody sees until ``commit()``.
public struct FileReplacement {
  /// Open for reading and writing, empty. The caller closes it.
  public let descriptor: Int32
  private let temporary: HostString
  private let target: HostString

  /// - Parameter path: a regular file or nothing yet. A symbolic link stays: what it leads to is replaced.
  public init(_ path: HostString) throws(FileError) {
    target = Self.resolve(path)
    var number = UInt64(getpid())
    while true {
      // Of its own length, so that names of any length can be made.
      let name = target.parent + HostString(".wasm-pgo-\(String(number, radix: 36)).tmp")
      let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
      let opened = aboveStandardStreams(name.withCString { open($0, flags, 0o666) })
      if opened >= 0 {
        descriptor = opened
        temporary = name
        return
      }
      if errno == EINTR { continue }
      guard errno == EEXIST else {
        throw FileError(path: path, operation: "write", errno: errno)
      }
      // Left by a process of this number that was killed, or somebody's trap.
      number = .random(in: 0 ... .max)
    }
  }

  private static func resolve(_ path: HostString) -> HostString {
    guard path.withCString({ isLink($0) }),
      let found = path.withCString({ realpath($0, nil) })
    else { return path }
    defer { free(found) }
    return HostString(cString: found)
  }

  private static func isLink(_ path: UnsafePointer<CChar>) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Whether a file can be written by renaming another one over it.
  /// - Returns: false for devices and pipes, and for links that lead to no name (`/dev/stdout`, or to nothing).
  public static func isPossible(_ path: HostString) -> Bool {
    guard isReplaceable(path) else { return false }
    return !path.withCString { isLink($0) } || resolve(path) != path
  }

  /// Puts the new file in the place of the old.
  public func commit() throws(FileError) {
    let code = temporary.withCString { old in target.withCString { rename(old, $0) } }
    guard code == 0 else {
      let error = FileError(path: target, operation: "write", errno: errno)
      abandon()
      throw error
    }
  }

  /// Removes the new file, and leaves the old one as it is.
  public func abandon() { removeFile(temporary) }
}
