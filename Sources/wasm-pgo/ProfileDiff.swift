import ArgumentParser
import CommandLineSupport
import Feedback
import Files

struct ProfileOverlap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Print how alike two profiles are, as one number in percent.",
    discussion: """
      The sum over all events (entries, iterations, calls, and each target of a call site) of the smaller of their shares in the two \
      profiles. 100: the same distribution; 0: nothing in common.

      EXAMPLES:
        wasm-pgo profile overlap yesterday.wasmprof today.wasmprof
        wasm-pgo profile overlap compiled-with.wasmprof production.wasmprof

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "A profile.", completion: .file(extensions: ["wasmprof"]))
  var first: HostString

  @Argument(help: "Another profile.", completion: .file(extensions: ["wasmprof"]))
  var second: HostString

  func run() throws {
    let comparison = ProfileComparison(try readProfile(first), try readProfile(second))
    try printOutput(fixedPoint(100 * comparison.overlap, places: 2) + "\n")
  }
}

struct ProfileDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract:
      "Print what differs between two profiles: call sites whose targets moved, and functions.",
    discussion: """
      Begins with the number that 'profile overlap' prints. Functions are compared if their bodies are the same.

      EXAMPLES:
        wasm-pgo profile diff old.wasmprof new.wasmprof
        wasm-pgo profile diff old.wasmprof new.wasmprof --top 5 --json

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The profile before.", completion: .file(extensions: ["wasmprof"]))
  var before: HostString

  @Argument(help: "The profile after.", completion: .file(extensions: ["wasmprof"]))
  var after: HostString

  @Option(
    help: ArgumentHelp("Number of sites to print, and of functions.", valueName: "count"))
  var top = 20

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1") }
  }

  func run() throws {
    let (before, after) = (try readProfile(before), try readProfile(after))
    let comparison = ProfileComparison(before, after)
    // For names: of either.
    let names = before.merged(with: after)
    if json {
      try printOutput(ProfileJSON(file: names).comparison(comparison, top: top).document)
    } else {
      try printReport(text(comparison, names))
    }
  }

  private func text(_ comparison: ProfileComparison, _ names: ProfileFile) -> String {
    func percent(_ share: Double) -> String { fixedPoint(100 * share, places: 1) + " %" }
    var text = "overlap \(fixedPoint(100 * comparison.overlap, places: 2)) %\n"
    if !comparison.sites.isEmpty { text += "\ncall sites that moved\n" }
    for site in comparison.sites.prefix(top) {
      text +=
        "  \(names.name(site.function)) @\(site.ordinal)  \(percent(site.moved)) of its calls, "
      text += "\(percent(site.heat)) of all events\n"
      text += "    before  \(describe(site.before, names))\n"
      text += "    after   \(describe(site.after, names))\n"
    }
    text += more(comparison.sites.count, "sites")
    if !comparison.functions.isEmpty { text += "\nfunctions by change of their share\n" }
    for row in comparison.functions.prefix(top) {
      text += "  \(percent(row.before)) -> \(percent(row.after))  \(names.name(row.function))\n"
    }
    return text + more(comparison.functions.count, "functions")
  }

  private func more(_ count: Int, _ what: String) -> String {
    count > top ? "  (\(count - top) more \(what))\n" : ""
  }

  private func describe(_ site: ProfileFile.Site?, _ names: ProfileFile) -> String {
    guard let site else { return "not reached" }
    let order = site.targets.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    var parts = order.map { "\(names.name($0.key)) \($0.value)" }
    if site.otherCount > 0 { parts.append("(others) \(site.otherCount)") }
    if site.foreignCount > 0 { parts.append("(other instances, host) \(site.foreignCount)") }
    return parts.joined(separator: ", ")
  }
}
