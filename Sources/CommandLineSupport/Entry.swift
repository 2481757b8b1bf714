import ArgumentParser
import CProcess
import Files
import Glibc

/// A command that passes the arguments after its file to a guest.
public protocol GuestCommand: ParsableCommand {}

extension HostString: ExpressibleByArgument {
  /// An argument as the parser carries it: ``HostString/carried``.
  public init?(argument: String) { self.init(carried: argument) }
}

/// Runs a command as `main` does: parses, runs, reports, exits.
/// - Parameter arguments: this process's own, if none are given.
public func runMain<Root: ParsableCommand>(
  _ root: Root.Type, arguments: [HostString]? = nil
) -> Never {
  runMain(root) {
    let arguments = arguments ?? Array(processArguments().dropFirst())
    return try root.parseAsRoot(arguments.map(\.carried))
  }
}

/// The same for a command whose arguments have been parsed and validated.
public func runMain<Command: ParsableCommand>(_ command: Command) -> Never {
  runMain(Command.self) { command }
}

private func runMain<Root: ParsableCommand>(
  _ root: Root.Type, _ parse: () throws -> any ParsableCommand
) -> Never {
  openStandardStreams()
  // A closed pipe shows as a failed write.
  signal(SIGPIPE, SIG_IGN)
  do {
    var command = try parse()
    try command.run()
    exit(0)
  } catch let diagnostic as Diagnostic {
    Terminal.report(diagnostic)
    exit(diagnostic.status.rawValue)
  } catch let code as ExitCode {
    exit(code.rawValue)
  } catch {
    let message = root.fullMessage(for: error)
    if root.exitCode(for: error).isSuccess {
      // Help, or the version.
      do {
        try printOutput(message + "\n")
      } catch let diagnostic as Diagnostic {
        Terminal.report(diagnostic)
        exit(diagnostic.status.rawValue)
      } catch {
        exit(ExitStatus.outputError.rawValue)
      }
      exit(0)
    }
    reportUsage(root, error)
  }
}

private func reportUsage<Root: ParsableCommand>(_ root: Root.Type, _ error: any Error) -> Never {
  let parent = root.configuration._superCommandName.map { "\($0) " } ?? ""
  let name = parent + root._commandName
  guard root.exitCode(for: error) == .validationFailure else {
    Terminal.report(Diagnostic("\(error)", status: .internalError))
    exit(ExitStatus.internalError.rawValue)
  }
  let message = root.message(for: error)
  var help = "\(name) --help"
  if root is any GuestCommand.Type, message.hasPrefix("Unknown option") {
    help += "; options for the guest go after --: \(name) FILE -- ARGUMENTS"
  }
  if let near = nearCommand(root, message) { help = "did you mean \(name) \(near)? \(help)" }
  Terminal.report(Diagnostic(message, help: help, status: .usage))
  exit(ExitStatus.usage.rawValue)
}

/// The subcommand that an unexpected argument may stand for.
private func nearCommand<Root: ParsableCommand>(_ root: Root.Type, _ message: String) -> String? {
  let names = root.configuration.subcommands.map { $0._commandName }
  guard !names.isEmpty, message.hasPrefix("Unexpected argument '") else { return nil }
  let word = message.dropFirst("Unexpected argument '".count).prefix { $0 != "'" }
  return suggestion(for: String(word), among: names)
}

/// Ends the process by the signal that was noted, with that signal's status.
public func endProcess(by signal: Int32) -> Never {
  wpgo_stop_noting_interrupts()
  raise(signal)
  exit(128 + signal)
}
