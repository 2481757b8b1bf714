import ArgumentParser
import CommandLineSupport
import Files
import Glibc
import WASI

/// Files that replace this process's streams for the guest; the same for `run` and `record`.
struct StreamOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The guest reads its standard input from this file.", valueName: "file"))
  var stdin: HostString?

  @Option(
    help: ArgumentHelp(
      "The guest's standard output goes to this file, replacing its contents.", valueName: "file"))
  var stdout: HostString?

  @Option(help: ArgumentHelp("Likewise for standard error.", valueName: "file"))
  var stderr: HostString?

  /// Refuses outputs that are among `roles`, or the guest's input; then adds all streams to them.
  func check(_ roles: inout FileRoles) throws(Diagnostic) {
    if let stdin {
      roles.add(stdin, "the guest's standard input")
    } else {
      roles.add(descriptor: 0, "the guest's standard input")
    }
    try roles.check(stdout, "--stdout")
    try roles.check(stderr, "--stderr")
    for (number, file, name) in [(1, stdout, "output"), (2, stderr, "error")] as [(Int32, _, _)] {
      if let file {
        roles.add(file, "the guest's standard \(name)")
      } else {
        roles.add(descriptor: number, "the guest's standard \(name)")
      }
    }
  }

  /// Opens the files that stand for the guest's streams; they stay open until this process ends.
  func redirect(_ configuration: inout WASIConfiguration) throws(Diagnostic) {
    if let stdin {
      configuration.standardInput = .descriptor(
        try Self.open(stdin, O_RDONLY, .missingInput, "cannot read the file"))
    }
    if let stdout { configuration.standardOutput = .descriptor(try Self.create(stdout)) }
    if let stderr { configuration.standardError = .descriptor(try Self.create(stderr)) }
  }

  /// Appending, so that both outputs can go to one file.
  private static func create(_ path: HostString) throws(Diagnostic) -> Int32 {
    try open(
      path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, .cannotCreate, "cannot write the file")
  }

  private static func open(
    _ path: HostString, _ flags: Int32, _ status: ExitStatus, _ what: String
  ) throws(Diagnostic) -> Int32 {
    let descriptor = path.withCString { Glibc.open($0, flags | O_CLOEXEC | O_NOCTTY, 0o666) }
    guard descriptor >= 0 else {
      throw Diagnostic(
        "\(what): \(String(cString: strerror(errno)))", at: "\(path)", status: status)
    }
    return descriptor
  }
}
