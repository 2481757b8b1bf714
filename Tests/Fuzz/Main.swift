import ArgumentParser
import CommandLineSupport

@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wasm-pgo-fuzz",
    abstract:
      "Compare random modules on the baseline and compiled, with guards forced to fail.",
    subcommands: [
      Campaign.self, Check.self, Show.self, Standalone.self, SelfCheck.self, Pairs.self,
      Floats.self, Findings.self, FailingCompile.self, GeneratedProfiles.self,
    ],
    defaultSubcommand: Campaign.self)

  static func main() { runMain(Fuzz.self) }
}
