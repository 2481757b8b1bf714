import SystemPackage

/// Why a file could not be read or written.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public var path: HostString
  /// "read", "write", …
  public var operation: String
  /// The system's reason.
  public var code: Errno

  /// A failed operation, as in "read".
  public init(path: HostString, operation: String, code: Errno) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  /// - Parameter errno: as the system call left it.
  public init(path: HostString, operation: String, errno: Int32) {
    self.init(path: path, operation: operation, code: Errno(rawValue: errno))
  }

  /// Whether there is no such file.
  public var isMissingFile: Bool { code == .noSuchFileOrDirectory }
  public var description: String { "\(path): cannot \(operation): \(code)" }
}

/// The whole contents of a file.
/// - Parameter limit: bytes; more is `fileTooLarge`. Devices have no end.
public func readFile(_ path: HostString, limit: Int = 1 << 32) throws(FileError) -> [UInt8] {
  try perform("read", path) {
    let file = try path.withCString {
      try FileDescriptor.open($0, .readOnly, options: .closeOnExec).raised()
    }
    return try file.closeAfter { try readAll(file, limit: limit) }
  }
}

/// The same for an open file, from where it stands.
/// - Parameter path: for errors.
public func readFile(
  descriptor: Int32, path: HostString, limit: Int = 1 << 32
) throws(FileError) -> [UInt8] {
  try perform("read", path) {
    try readAll(FileDescriptor(rawValue: descriptor), limit: limit)
  }
}

private func readAll(_ file: FileDescriptor, limit: Int) throws -> [UInt8] {
  let end = try? file.seek(offset: 0, from: .end)
  if end != nil { try file.seek(offset: 0, from: .start) }
  var bytes: [UInt8] = []
  // One byte more than the size, so that the end shows without a second pass; a pipe has no size, and that
  // of a directory means nothing.
  let size = min(max(end ?? 0, 1 << 16), 1 << 24)
  var chunk = [UInt8](repeating: 0, count: Int(size) + 1)
  while true {
    let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
    if count == 0 { return bytes }
    guard bytes.count + count <= limit else { throw Errno.fileTooLarge }
    bytes += chunk[..<count]
  }
}

/// - Parameter permissions: of a file that is made, before the umask.
public func writeFile(
  _ bytes: [UInt8], to path: HostString, permissions: FilePermissions = [.ownerReadWrite]
) throws(FileError) {
  try perform("write", path) {
    let file = try path.withCString {
      try FileDescriptor.open(
        $0, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: permissions
      ).raised()
    }
    _ = try file.closeAfter { try file.writeAll(bytes) }
  }
}

/// Writes a file so that it appears whole or not at all. What is not a regular file (a pipe, a device) is
/// written in place.
public func replaceFile(_ path: HostString, with bytes: [UInt8]) throws(FileError) {
  guard FileReplacement.isPossible(path) else {
    return try writeFile(bytes, to: path, permissions: FilePermissions(rawValue: 0o666))
  }
  let replacement = try FileReplacement(path)
  do throws(FileError) {
    try perform("write", path) {
      let file = FileDescriptor(rawValue: replacement.descriptor)
      _ = try file.closeAfter { try file.writeAll(bytes) }
    }
  } catch {
    replacement.abandon()
    throw error
  }
  do throws(FileError) { try replacement.commit() } catch {
    throw FileError(path: path, operation: "write", code: error.code)
  }
}

extension FileDescriptor {
  fileprivate func raised() throws(Errno) -> FileDescriptor {
    let number = aboveStandardStreams(rawValue)
    if number < 0 { throw .tooManyOpenFiles }
    return FileDescriptor(rawValue: number)
  }
}

private func perform<T>(
  _ operation: String, _ path: HostString, _ body: () throws -> T
) throws(FileError) -> T {
  do {
    return try body()
  } catch let error as Errno {
    throw FileError(path: path, operation: operation, code: error)
  } catch {
    throw FileError(path: path, operation: operation, code: .ioError)
  }
}
