import ArgumentParser
import Glibc

/// Runs a command as `main` does: parses, runs, reports, exits.
public func runMain<Root: ParsableCommand>(_ root: Root.Type, arguments: [String]? = nil) -> Never {
  openStandardStreams()
  // A reader that went away shows as a failed write.
  signal(SIGPIPE, SIG_IGN)
  do {
    var command = try root.parseAsRoot(arguments)
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
  Terminal.report(
    Diagnostic(root.message(for: error), help: "\(name) --help", status: .usage))
  exit(ExitStatus.usage.rawValue)
}
