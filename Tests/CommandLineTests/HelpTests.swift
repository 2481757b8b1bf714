import TestSupport
import Testing

/// What `--help` says: each command names all of its options, and the exit codes.
@Suite struct HelpTests {
  /// A command, and its options with a letter or a name.
  struct Page: Sendable, CustomStringConvertible {
    var command: String
    var options: [String]
    var description: String { command }
  }

  static let wasi = ["--dir", "--env", "--inherit-env", "--argv0", "--allow-escapes"]
  static let imports = ["--imports", "--link"]
  static let streams = ["--stdin", "--stdout", "--stderr"]
  static let limits = ["--max-memory", "--max-table-elements", "--stack-size"]
  static let forcing = [
    "--deopt-every", "--deopt-at", "--deopt-random", "--deopt-once", "--deopt-limit",
    "--osr-every",
  ]
  static let pages = [
    Page(
      command: "record",
      options: ["-o, --output", "--invoke", "--timeout", "--code-names"] + wasi + imports + streams
        + limits),
    Page(
      command: "compile",
      options: [
        "-o, --output", "--profile", "--cpu", "-O", "--cache", "-j, --jobs", "--lazy-baseline",
        "--relaxed-simd",
        "--verify", "--dump", "--function", "--function-time-limit", "--memory-limit", "--ninja",
        "--optimize-only", "--require-profile-match", "--stats", "--json", "-q, --quiet", "--step",
        "--timeout", "-g", "--tier-threshold", "--symbol", "--demangle", "-v, --verbose",
      ]),
    Page(
      command: "run",
      options: [
        "--invoke", "--stats", "--timeout", "--no-jit", "--misses", "--sample", "--sample-output",
        "--code-names",
      ] + wasi + imports + streams + limits
        + forcing),
    Page(
      command: "verify",
      options: [
        "--profile", "--corpus", "--runs", "--random-runs", "--seed", "--seconds-per-run",
        "--invoke",
      ] + wasi + imports + limits),
    Page(
      command: "inspect",
      options: [
        "--sections", "--functions", "--sites", "--guards", "--frame-states", "--all", "--json",
      ]),
    Page(command: "doctor", options: ["--json"]),
    Page(
      command: "explain",
      options: ["--function", "--site", "--top", "--stats", "--all", "--json"]),
    Page(command: "profile show", options: ["--top", "--function", "--sites", "--json"]),
    Page(
      command: "profile merge",
      options: [
        "--weighted", "--inputs", "-o, --output", "--sparse", "--skip-unreadable", "-j, --jobs",
      ]),
    Page(command: "profile diff", options: ["--top", "--json"]),
    Page(command: "profile overlap", options: []),
    Page(command: "profile trim", options: ["-o, --output", "--keep", "--sparse"]),
    Page(command: "profile validate", options: ["--module"]),
    Page(command: "profile to-hints", options: ["-o, --output"]),
    Page(command: "profile from-hints", options: ["-o, --output"]),
    Page(command: "profile to-pprof", options: ["--stats", "-o, --output"]),
    Page(command: "profile from-pprof", options: ["-o, --output"]),
  ]

  private func help(_ command: String) throws -> Command.Outcome {
    try TemporaryFolder().command(command + " --help")
  }

  @Test(arguments: pages) func namesEveryOption(page: Page) throws {
    let help = try help(page.command)
    #expect(help.status == 0)
    #expect(help.errors == "")
    let lines = help.output.split(separator: "\n").map { $0.drop { $0 == " " } }
    for option in page.options + ["-h, --help"] {
      #expect(
        lines.contains { $0 == option || $0.hasPrefix(option + " ") }, "\(option) is missing")
    }
    #expect(help.output.contains("USAGE: wasm-pgo \(page.command) "))
    #expect(help.output.contains("EXIT CODES:"))
    #expect(help.output.contains("134 trap"))
    let examples = help.output.split(separator: "\n").count {
      $0.hasPrefix("  wasm-pgo \(page.command)")
    }
    #expect(examples >= 2, "examples")
  }

  /// The list above is complete: whatever begins with a dash in a help page is in there.
  @Test(arguments: pages) func hasNoOtherOptions(page: Page) throws {
    let known = Set(page.options + ["-h, --help"])
    for line in try help(page.command).output.split(separator: "\n")
    where line.hasPrefix("  -") {
      let name = line.drop { $0 == " " }
      #expect(known.contains { name == $0 || name.hasPrefix($0 + " ") }, "\(line)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completes(shell: String) throws {
    let script = try TemporaryFolder().command("--generate-completion-script \(shell)")
    #expect(script.status == 0 && script.errors == "")
    for word in ["explain", "merge", "overlap", "skip-unreadable"] {
      #expect(script.output.contains(word), "\(word)")
    }
  }

  @Test func listsTheCommands() throws {
    for line in ["", "--help", "help"] {
      let outcome = try TemporaryFolder().command(line)
      #expect(outcome.status == 0)
      for command in [
        "record", "compile", "run", "verify", "inspect", "explain", "profile", "doctor",
      ] {
        #expect(outcome.output.contains("\n  \(command) "))
      }
    }
    let profile = try TemporaryFolder().command("profile --help")
    for command in [
      "merge", "show", "diff", "overlap", "trim", "validate", "to-hints", "from-hints", "to-pprof",
      "from-pprof",
    ] {
      #expect(profile.output.contains("\n  \(command) "))
    }
    let version = try TemporaryFolder().command("--version")
    #expect(version.output.contains("."))
    #expect(version.status == 0)
  }
}
