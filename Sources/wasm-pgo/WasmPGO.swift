import ArgumentParser
import CommandLineSupport

@main
struct WasmPGO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wasm-pgo",
    abstract: "Ahead-of-time WebAssembly with speculation, profiles and deoptimization.",
    discussion: ExitStatus.table, version: "0.1.0",
    subcommands: [Compile.self])

  static func main() { runMain(Self.self) }
}
