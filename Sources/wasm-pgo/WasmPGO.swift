import ArgumentParser
import CommandLineSupport

@main
struct WasmPGO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wasm-pgo",
    abstract: "Ahead-of-time WebAssembly with speculation, profiles and deoptimization.",
    discussion: ExitStatus.table, version: "0.1.0",
    subcommands: [Record.self, Compile.self, Run.self, Inspect.self, Profile.self])

  static func main() { runMain(Self.self, arguments: expandStatistics(CommandLine.arguments)) }

  /// `--stats` alone means `--stats=text`: the parser has no options whose value may be missing.
  private static func expandStatistics(_ arguments: [String]) -> [String] {
    guard arguments.dropFirst().first == "run" else { return Array(arguments.dropFirst()) }
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[1..<end].map { $0 == "--stats" ? "--stats=text" : $0 } + arguments[end...]
  }
}
