import ArgumentParser
import CommandLineSupport
import Files
import Glibc

@main
struct WasmPGO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Ahead-of-time WebAssembly compiler with profiles, speculation and deoptimization.",
    discussion: ExitStatus.guestTable, version: "0.1.0", subcommands: subcommands)

  /// Also the `_superCommandName` of the subcommands.
  static let name = "wasm-pgo"

  private static let subcommands: [any ParsableCommand.Type] = [
    Record.self, Compile.self, Run.self, Verify.self, Inspect.self, Explain.self, Profile.self,
    Doctor.self,
  ]

  /// Each subcommand is parsed as a root command: parsing the tree of all commands takes several times as long. All have
  /// an explicit name, since the parser would derive one by reflection.
  static func main() {
    let all = processArguments()
    let arguments = Array(all.dropFirst())
    guard !all.isEmpty else {
      fail(
        Diagnostic(
          "started with an empty argument list, without even the program's name", status: .usage))
    }
    for command in subcommands where HostString(command._commandName) == arguments.first {
      let own = Array(arguments.dropFirst())
      if command == Compile.self { fail(Compile.replaceProcess(own)) }
      if command == Run.self { run(StatisticsFormat.expand(own)) }
      runMain(command, arguments: own)
    }
    if let first = arguments.first, first != "help", !first.hasPrefix("-") { refuse(first) }
    runMain(Self.self, arguments: arguments)
  }

  /// The parser's reflection takes longer than loading and running a small artefact.
  private static func run(_ arguments: [HostString]) -> Never {
    if let command = RunArguments(arguments)?.command { runMain(command) }
    runMain(Run.self, arguments: arguments)
  }

  /// The parser would only report an unexpected argument.
  private static func refuse(_ command: HostString) -> Never {
    let names = subcommands.map { $0._commandName }
    let near = suggestion(for: "\(command)", among: names).map { "did you mean \($0)? " } ?? ""
    let all = "the commands are \(names.joined(separator: ", "))"
    fail(Diagnostic("unknown command '\(command)'", help: near + all, status: .usage))
  }

  private static func fail(_ diagnostic: Diagnostic) -> Never {
    Terminal.report(diagnostic)
    Glibc.exit(diagnostic.status.rawValue)
  }
}
