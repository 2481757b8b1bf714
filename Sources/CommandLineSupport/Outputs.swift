import Files
import Glibc

/// The files of a command and the role of each, so that no output overwrites an input or another output.
public struct FileRoles {
  private var roles: [(key: Key, role: String)] = []

  /// An existing file, or the path of one to be created.
  private enum Key: Equatable {
    case file(FileIdentity)
    case place(HostString)

    /// Nil for devices, pipes and directories.
    init?(_ path: HostString) {
      if let identity = FileIdentity(path) {
        self = .file(identity)
      } else if fileExists(path) {
        return nil
      } else {
        let directory = path.parent.isEmpty ? "." : path.parent
        let found = directory.withCString { realpath($0, nil) }
        defer { free(found) }
        let name = found.map { HostString(cString: $0) } ?? directory
        self = .place(name.appending(path.lastComponent))
      }
    }
  }

  /// No files yet.
  public init() {}

  /// - Parameter role: as in "the module".
  public mutating func add(_ path: HostString?, _ role: String) {
    if let path, let key = Key(path) { roles.append((key, role)) }
  }

  /// A stream that this process has.
  public mutating func add(descriptor: Int32, _ role: String) {
    guard let identity = FileIdentity(descriptor: descriptor) else { return }
    roles.append((.file(identity), role))
  }

  /// - Throws: if the output is one of the files added before.
  public func check(_ output: HostString?, _ option: String) throws(Diagnostic) {
    guard let output, let key = Key(output),
      let role = roles.first(where: { $0.key == key })?.role
    else { return }
    throw Diagnostic(
      "\(option) would overwrite \(role)", at: "\(output)",
      help: "choose another file with \(option)", status: .usage)
  }
}

/// The file that a command writes: the one that was named, or the module's name with another ending.
public func outputPath(
  _ given: HostString?, of module: HostString, suffix: HostString
) throws(Diagnostic) -> HostString {
  if let given { return given }
  let isDevice = module.hasPrefix("/dev/") || module.hasPrefix("/proc/")
  guard !isDevice, FileIdentity(module) != nil else {
    throw Diagnostic(
      "the output needs a name, since the module is not a regular file", at: "\(module)",
      help: "name one with -o", status: .usage)
  }
  return stem(module) + suffix
}

/// A module's path without `.wasm`.
public func stem(_ module: HostString) -> HostString { module.dropping(suffix: ".wasm") }
