import ArgumentParser
import CommandLineSupport
import Glibc

@main
struct WasmPGO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Ahead-of-time WebAssembly with speculation, profiles and deoptimization.",
    discussion: ExitStatus.guestTable, version: "0.1.0", subcommands: subcommands)

  /// Also the `_superCommandName` of the subcommands.
  static let name = "wasm-pgo"

  private static let subcommands: [any ParsableCommand.Type] = [
    Record.self, Compile.self, Run.self, Verify.self, Inspect.self, Profile.self,
  ]

  /// A subcommand is parsed as a command of its own: of its CPU time, a run of hello world spent most in the parser's
  /// work on the tree of all commands.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    for command in subcommands where command._commandName == arguments.first {
      let own = arguments.dropFirst()
      runMain(command, arguments: command == Run.self ? expandStatistics(own) : Array(own))
    }
    if let first = arguments.first, first != "help", !first.hasPrefix("-") { refuse(first) }
    runMain(Self.self, arguments: arguments)
  }

  /// The parser would call it an unexpected argument.
  private static func refuse(_ command: String) -> Never {
    let names = subcommands.map { $0._commandName }.joined(separator: ", ")
    Terminal.report(
      Diagnostic("no command '\(command)'", help: "the commands are \(names)", status: .usage))
    Glibc.exit(ExitStatus.usage.rawValue)
  }

  /// `--stats` alone means `--stats=text`: the parser has no options whose value may be missing.
  private static func expandStatistics(_ arguments: ArraySlice<String>) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[..<end].map { $0 == "--stats" ? "--stats=text" : $0 } + arguments[end...]
  }
}
