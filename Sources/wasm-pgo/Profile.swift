import ArgumentParser
import CommandLineSupport
import Feedback
import Files

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", _superCommandName: WasmPGO.name,
    abstract: "Merge, show, compare, shrink and check profiles.",
    subcommands: [
      ProfileMerge.self, ProfileShow.self, ProfileDiff.self, ProfileOverlap.self,
      ProfileTrim.self, ProfileValidate.self, ProfileToHints.self, ProfileFromHints.self,
      ProfileToPprof.self, ProfileFromPprof.self,
    ])
}

/// Writes a profile, whole or not at all.
func writeProfile(_ bytes: [UInt8], to path: HostString) throws(Diagnostic) {
  do throws(FileError) { try replaceFile(path, with: bytes) } catch {
    throw Diagnostic(writing: error)
  }
}

struct ProfileShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a profile: functions by weight, with their counts and call sites.",
    discussion: """
      EXAMPLES:
        wasm-pgo profile show app.wasmprof --top 10
        wasm-pgo profile show app.wasmprof --sites

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The profile.", completion: .file(extensions: ["wasmprof"]))
  var profile: HostString

  @Option(
    help: ArgumentHelp(
      "Number of functions to print, or of sites. (default: all)", valueName: "count"))
  var top: Int?

  @Option(
    help: ArgumentHelp("The only function to print: its name, or its hash.", valueName: "function"))
  var function: String?

  @Flag(
    help: "Print the call sites through tables and references, those with the most calls first.")
  var sites = false

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top must be at least 1") }
    if sites, function != nil || json {
      throw ValidationError("--sites cannot be combined with --function or --json")
    }
  }

  func run() throws {
    let file = try readProfile(profile)
    let only = try function.map { name in
      let found = file.functions(named: name)
      guard found.isEmpty else { return found }
      throw Diagnostic(
        "the profile has no function '\(name)'", at: "\(profile)",
        help: "list them: wasm-pgo profile show \(profile)", status: .usage)
    }
    let limit = top ?? .max
    if json {
      let keys = Array((only ?? file.functionsByWeight).prefix(limit))
      try printOutput(ProfileJSON(file: file).profile(keys).document)
    } else {
      try printReport(
        sites ? file.describeSites(limit: limit) : file.describe(limit: limit, only: only))
    }
  }
}

struct ProfileTrim: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trim",
    abstract: "Write a smaller profile that keeps the counts of the heaviest functions.",
    discussion: """
      Functions that lose their counts stay in the profile, as functions that were never entered.

      EXAMPLES:
        wasm-pgo profile trim app.wasmprof -o small.wasmprof
        wasm-pgo profile trim app.wasmprof -o smallest.wasmprof --keep 99 --sparse

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The profile.", completion: .file(extensions: ["wasmprof"]))
  var profile: HostString

  @Option(name: .shortAndLong, help: "The smaller profile.")
  var output: HostString

  @Option(
    help: ArgumentHelp("The share of the counts to keep.", valueName: "percent"))
  var keep = 99.99

  @Flag(help: SparseOption.help)
  var sparse = false

  func validate() throws {
    guard (0...100).contains(keep) else { throw ValidationError("--keep takes 0 to 100") }
  }

  func run() throws {
    var roles = FileRoles()
    roles.add(profile, "the profile")
    try roles.check(output, "-o")
    let trimmed = try readProfile(profile).trimmed(to: keep, isSparse: sparse)
    try writeProfile(trimmed.encode(), to: output)
  }
}

/// `--sparse` of several commands.
enum SparseOption {
  static let help: ArgumentHelp = """
    Leaves out functions without counts. For compiling the same build only: of another one, the compiler takes functions that the \
    profile lacks for new ones.
    """
}
