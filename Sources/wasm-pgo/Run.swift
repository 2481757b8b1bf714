import ArgumentParser
import CommandLineSupport
import Files
import Glibc
import Runtime

struct Run: GuestCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", _superCommandName: WasmPGO.name,
    abstract: "Run an artefact (.so, .o), or a module (.wasm) on the baseline.",
    discussion: """
      The guest can use only its standard streams, what --dir and --env grant, clocks and random numbers.

      EXAMPLES:
        wasm-pgo run --dir data::/data:ro app.so -- /data/input.txt
        wasm-pgo run --timeout 10s --max-memory 256M --stats app.so

      \(ExitStatus.guestTable)
      """)

  @Argument(help: "The artefact or module.", completion: .file(extensions: ["so", "o", "wasm"]))
  var file: HostString

  @OptionGroup
  var options: GuestOptions

  @OptionGroup(title: "Streams")
  var streams: StreamOptions

  @OptionGroup(title: "Limits")
  var time: TimeOption

  @OptionGroup(title: "Profilers and debuggers")
  var reports: CodeReportOptions

  @Flag(
    name: .customLong("no-jit"),
    help: """
      Once the artefact is loaded, the kernel refuses all executable memory to this process. Needs an artefact that contains \
      its baseline code, as is the default.
      """)
  var forbidsExecutableMemory = false

  @OptionGroup(title: "Testing deoptimization (artefacts only)")
  var forcing: ForcingOptions

  @Option(
    help: ArgumentHelp(
      """
      Prints deopts, tiers and times to standard error, as text or json. --stats alone means text; write ./text or \
      ./json for a file of that name.
      """, valueName: "format"))
  var stats: StatisticsFormat?

  func run() throws {
    let time = self.time.start(file)
    var roles = FileRoles()
    roles.add(file, "the program")
    try streams.check(&roles)
    try reports.start()
    let guest = try Guest(file, options, forcing: forcing)
    if forbidsExecutableMemory { try guest.forbidExecutableMemory() }
    let result = Result {
      try guest.run(streams: streams, time: time, command: "run")
    }
    // Also after a trap.
    if let stats {
      Terminal.write(HostString.visible(guest.statistics.render(stats), keeping: ["\n"]))
    }
    let status = try result.get()
    guard status == 0 else { throw ExitCode(status) }
  }
}
