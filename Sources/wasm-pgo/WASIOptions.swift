import ArgumentParser
import CommandLineSupport
import Files
import Glibc
import WASI

/// What a guest may use of its host, the same for all commands that run one.
struct WASIOptions: ParsableArguments {
  @Option(
    name: .customLong("dir"),
    help: ArgumentHelp(
      """
      A directory that the guest may use: HOST, HOST::GUEST, or HOST::GUEST:ro for read-only access. \
      May be given several times.
      """, valueName: "host::guest"))
  var directories: [HostString] = []

  @Option(
    name: .customLong("env"),
    help: ArgumentHelp(
      "An environment variable; NAME alone passes on this process's value. May be given several times.",
      valueName: "name=value"))
  var variables: [HostString] = []

  @Flag(help: "Passes on this process's whole environment.")
  var inheritEnv = false

  @Option(help: "The guest's argument 0. (default: the file's name)")
  var argv0: HostString?

  @Flag(help: "Lets the guest's terminal escape sequences through.")
  var allowEscapes = false

  /// Splits `HOST::GUEST:ro`.
  static func parseDirectory(
    _ text: HostString
  ) -> (host: HostString, guest: HostString, isReadOnly: Bool) {
    let names = text.dropping(suffix: ":ro")
    let (host, guest) = names.split(at: "::") ?? (names, names)
    return (host, guest, names != text)
  }

  /// Arguments, environment and directories.
  /// - Parameter path: of the program; its name is argument 0.
  func configuration(of path: HostString, _ arguments: [HostString]) -> WASIConfiguration {
    var configuration = WASIConfiguration()
    configuration.arguments = [argv0 ?? path.lastComponent] + arguments
    configuration.environment = environment
    for directory in directories {
      let (host, guest, isReadOnly) = Self.parseDirectory(directory)
      configuration.addDirectory(host, as: guest, isReadOnly: isReadOnly)
    }
    return configuration
  }

  private var environment: [(name: HostString, value: HostString)] {
    var result: [(name: HostString, value: HostString)] = []
    func set(_ name: HostString, _ value: HostString) {
      result.removeAll { $0.name == name }
      result.append((name, value))
    }
    if inheritEnv {
      for (name, value) in processEnvironment() where !name.isEmpty { set(name, value) }
    }
    for variable in variables {
      if let (name, value) = variable.split(at: "=") {
        set(name, value)
      } else if let value = variable.withCString({ getenv($0) }) {
        set(variable, HostString(cString: value))
      }
    }
    return result
  }
}
