import CWASI
import Files

/// What a guest may use: arguments, environment, directories, standard streams, clocks, randomness. Start with
/// ``init()``, which grants nothing (empty input, output discarded), and add to it.
public struct WASIConfiguration: Sendable {
  /// The first is the program's name.
  public var arguments: [HostString] = []
  /// Names and values, in the order in which the guest sees them.
  public var environment: [(name: HostString, value: HostString)] = []
  /// What the guest finds as preopened directories, from descriptor 3 on.
  public var directories: [Directory] = []
  /// Host descriptors, sockets as a rule, that the guest finds after its directories. They stay the host's: closing one
  /// in the guest does not close it.
  public var inheritedDescriptors: [Int32] = []
  /// Descriptor 0.
  public var standardInput = Input.bytes([])
  /// Descriptor 1.
  public var standardOutput = Output.discard
  /// Descriptor 2.
  public var standardError = Output.discard
  /// Whether control and escape sequences reach a terminal. Otherwise they are shown as visible characters, so that a
  /// guest's output cannot control the operator's terminal. Pipes and files always get the bytes unchanged.
  public var passTerminalEscapes = false
  /// The guest's clocks. A host can pass its own for reproducible runs.
  public var clock = WASIClock.system
  /// The guest's random bytes.
  public var random = WASIRandom.system
  /// Maximum number of open descriptors, including standard streams and directories; opening more fails with `mfile`.
  public var maximumDescriptors = 4096
  /// How paths are kept beneath their directory.
  public var pathResolution = PathResolution.automatic

  /// Grants nothing.
  public init() {}

  /// A directory of the host that the guest can reach, under the guest's name for it.
  public struct Directory: Sendable, Hashable {
    /// The directory on the host.
    public var hostPath: HostString
    /// The name the guest sees.
    public var guestPath: HostString
    /// Whether calls that would change anything beneath it fail with `rofs`, as on a read-only file system.
    public var isReadOnly: Bool

    /// Grants a directory of the host under the guest's name for it.
    public init(hostPath: HostString, guestPath: HostString, isReadOnly: Bool = false) {
      self.hostPath = hostPath
      self.guestPath = guestPath
      self.isReadOnly = isReadOnly
    }
  }

  /// Where standard input comes from.
  public enum Input: Sendable {
    /// The host's descriptor 0.
    case inherit
    /// Borrowed: the host closes it, after the guest has ended.
    case descriptor(Int32)
    case bytes([UInt8])
  }

  /// Where standard output and error go.
  public enum Output: Sendable {
    /// The host's descriptor 1 or 2.
    case inherit
    /// Borrowed: the host closes it, after the guest has ended.
    case descriptor(Int32)
    case buffer(WASIBuffer)
    case discard
  }

  /// How paths are kept beneath their directory.
  public enum PathResolution: Sendable, Hashable, CaseIterable {
    /// openat2(2) if the kernel has it and the process may use it, else component by component.
    case automatic
    case openat2
    case componentwise
  }
}

extension WASIConfiguration {
  /// Passes this process's three standard streams on.
  public mutating func inheritStandardStreams() {
    standardInput = .inherit
    standardOutput = .inherit
    standardError = .inherit
  }

  /// Grants a directory of the host, which the guest sees as `guestPath`.
  public mutating func addDirectory(
    _ hostPath: HostString, as guestPath: HostString, isReadOnly: Bool = false
  ) {
    directories.append(
      Directory(hostPath: hostPath, guestPath: guestPath, isReadOnly: isReadOnly))
  }

  /// Grants a directory of the host, which the guest sees as `guestPath`.
  public mutating func addDirectory(
    _ hostPath: String, as guestPath: String, isReadOnly: Bool = false
  ) {
    addDirectory(HostString(hostPath), as: HostString(guestPath), isReadOnly: isReadOnly)
  }

  /// Sets a variable, replacing one of the same name.
  public mutating func setEnvironment(_ name: String, _ value: String) {
    setEnvironment(HostString(name), HostString(value))
  }

  /// Sets a variable, replacing one of the same name.
  public mutating func setEnvironment(_ name: HostString, _ value: HostString) {
    environment.removeAll { $0.name == name }
    environment.append((name, value))
  }
}
