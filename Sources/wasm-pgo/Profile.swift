import ArgumentParser
import CommandLineSupport
import Feedback
import Files

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", _superCommandName: WasmPGO.name,
    abstract: "Show profiles.", subcommands: [Show.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a profile as text: functions by weight, call sites with their targets.",
      discussion: ExitStatus.table("0 success"))

    @Argument(help: "The profile.", completion: .file(extensions: ["wasmprof"]))
    var profile: HostString

    @Option(help: ArgumentHelp("Number of functions to print. (default: all)", valueName: "count"))
    var limit: Int?

    func validate() throws {
      if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    func run() throws {
      try printReport(readProfile(profile).describe(limit: limit ?? .max))
    }
  }
}
