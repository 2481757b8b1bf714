import CWASI
import Files

/// What a guest gets: arguments, environment, directories, standard streams, clocks, randomness. Start with
/// ``init()``, which grants nothing (empty input, output thrown away), and add.
public struct WASIConfiguration: Sendable {
  /// The first is the program's name.
  public var arguments: [HostString] = []
  public var environment: [(name: HostString, value: HostString)] = []
  public var directories: [Directory] = []
  /// Host descriptors, sockets as a rule, that the guest finds after its directories. They stay the host's: closing one
  /// in the guest does not close it.
  public var inheritedDescriptors: [Int32] = []
  public var standardInput = Input.bytes([])
  public var standardOutput = Output.discard
  public var standardError = Output.discard
  /// Whether control and escape sequences reach a terminal. Otherwise they are shown as visible characters: a
  /// guest's output must not be able to drive the operator's terminal. Does not concern pipes and files.
  public var passTerminalEscapes = false
  public var clock = WASIClock.system
  public var random = WASIRandom.system
  /// Open descriptors at a time, the standard streams and directories included; more is `mfile`.
  public var maximumDescriptors = 4096
  /// How paths are kept beneath their directory.
  public var pathResolution = PathResolution.automatic

  public init() {}

  /// A directory of the host that the guest can reach, under the guest's name for it.
  public struct Directory: Sendable, Hashable {
    public var hostPath: HostString
    public var guestPath: HostString
    /// Every call that would change something beneath it fails with `rofs`, as on a file system mounted read-only.
    public var isReadOnly: Bool

    public init(hostPath: HostString, guestPath: HostString, isReadOnly: Bool = false) {
      self.hostPath = hostPath
      self.guestPath = guestPath
      self.isReadOnly = isReadOnly
    }
  }

  public enum Input: Sendable {
    /// The host's descriptor 0.
    case inherit
    /// Borrowed: the host closes it, after the guest has ended.
    case descriptor(Int32)
    case bytes([UInt8])
  }

  public enum Output: Sendable {
    /// The host's descriptor 1 or 2.
    case inherit
    /// Borrowed: the host closes it, after the guest has ended.
    case descriptor(Int32)
    case buffer(WASIBuffer)
    case discard
  }

  public enum PathResolution: Sendable, Hashable, CaseIterable {
    /// openat2(2) if the kernel has it and the process may use it, else component by component.
    case automatic
    case openat2
    case componentwise
  }
}

extension WASIConfiguration {
  public mutating func inheritStandardStreams() {
    standardInput = .inherit
    standardOutput = .inherit
    standardError = .inherit
  }

  public mutating func addDirectory(
    _ hostPath: HostString, as guestPath: HostString, isReadOnly: Bool = false
  ) {
    directories.append(
      Directory(hostPath: hostPath, guestPath: guestPath, isReadOnly: isReadOnly))
  }

  public mutating func addDirectory(
    _ hostPath: String, as guestPath: String, isReadOnly: Bool = false
  ) {
    addDirectory(HostString(hostPath), as: HostString(guestPath), isReadOnly: isReadOnly)
  }

  public mutating func setEnvironment(_ name: String, _ value: String) {
    setEnvironment(HostString(name), HostString(value))
  }

  public mutating func setEnvironment(_ name: HostString, _ value: HostString) {
    environment.removeAll { $0.name == name }
    environment.append((name, value))
  }
}
