import ArgumentParser
import CommandLineSupport
import Glibc
import WASI

/// What a guest may see of its host; the same for `run` and `record`.
struct WASIOptions: ParsableArguments {
  @Option(
    name: .customLong("dir"),
    help: ArgumentHelp(
      """
      A directory that the guest may use: HOST, HOST::GUEST, or HOST::GUEST:ro for reading only. \
      May be given several times.
      """, valueName: "host::guest"))
  var directories: [String] = []

  @Option(
    name: .customLong("env"),
    help: ArgumentHelp(
      "An environment variable; NAME alone passes on this process's. May be given several times.",
      valueName: "name=value"))
  var variables: [String] = []

  @Flag(help: "Passes on the whole environment.")
  var inheritEnv = false

  @Option(help: "The guest's argument 0. (default: the file's name)")
  var argv0: String?

  @Flag(help: "Passes on terminal escape sequences that the guest writes.")
  var allowEscapes = false

  /// Splits `HOST::GUEST:ro`.
  static func parseDirectory(_ text: String) -> (host: String, guest: String, isReadOnly: Bool) {
    let isReadOnly = text.hasSuffix(":ro")
    let names = isReadOnly ? String(text.dropLast(3)) : text
    guard let separator = names.firstRange(of: "::") else { return (names, names, isReadOnly) }
    return (
      String(names[..<separator.lowerBound]), String(names[separator.upperBound...]), isReadOnly
    )
  }

  var environment: [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    func set(_ name: String, _ value: String) {
      result.removeAll { $0.name == name }
      result.append((name, value))
    }
    if inheritEnv {
      var entry = environ
      while let text = entry.pointee {
        let parts = String(cString: text).split(
          separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { set(String(parts[0]), String(parts[1])) }
        entry += 1
      }
    }
    for variable in variables {
      let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        set(String(parts[0]), String(parts[1]))
      } else if let value = getenv(variable) {
        set(variable, String(cString: value))
      }
    }
    return result
  }
}
