import SystemPackage

/// Why a file could not be read or written.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  public var path: String
  /// "read", "write", …
  public var operation: String
  public var code: Errno

  public init(path: String, operation: String, code: Errno) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  public var isMissingFile: Bool { code == .noSuchFileOrDirectory }
  public var description: String { "\(path): cannot \(operation): \(code)" }
}

/// The whole contents of a file.
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  try perform("read", path) {
    let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec).raised()
    return try file.closeAfter {
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
        bytes += chunk[..<count]
      }
    }
  }
}

/// - Parameter permissions: of a file that is made, before the umask.
public func writeFile(
  _ bytes: [UInt8], to path: String, permissions: FilePermissions = [.ownerReadWrite]
) throws(FileError) {
  try perform("write", path) {
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: permissions
    ).raised()
    _ = try file.closeAfter { try file.writeAll(bytes) }
  }
}

/// Writes a file so that it appears whole or not at all. What is not a regular file (a pipe, a device) is
/// written in place.
public func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
  let permissions = FilePermissions(rawValue: 0o666)
  guard isReplaceable(path) else {
    return try writeFile(bytes, to: path, permissions: permissions)
  }
  let temporary = "\(path).\(getProcessID()).tmp"
  do throws(FileError) {
    try writeFile(bytes, to: temporary, permissions: permissions)
    try renameFile(temporary, to: path)
  } catch {
    removeFile(temporary)
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
  _ operation: String, _ path: String, _ body: () throws -> T
) throws(FileError) -> T {
  do {
    return try body()
  } catch let error as Errno {
    throw FileError(path: path, operation: operation, code: error)
  } catch {
    throw FileError(path: path, operation: operation, code: .ioError)
  }
}
