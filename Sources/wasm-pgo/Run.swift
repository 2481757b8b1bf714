import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Glibc
import Runtime
import Wasm

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

  @Option(
    help: ArgumentHelp(
      """
      Writes what the artefact's guards missed, as a profile: to be merged with the one that it was compiled with, for the next \
      compilation. Its name may have %p, %t and %m, as that of record's -o.
      """, valueName: "profile"))
  var misses: HostString?

  @Option(
    help: ArgumentHelp(
      """
      Of N such processes, one runs the module on the instrumented baseline instead, and writes its profile, as record does. Which \
      one is chosen at random. The profile's name is that of --sample-output.
      """, valueName: "1/n"))
  var sample: SampleShare?

  @Option(
    help: ArgumentHelp(
      "The profile that --sample records. (default: FILE.%p.%t.wasmprof)", valueName: "profile"))
  var sampleOutput: HostString?

  func validate() throws {
    guard sampleOutput == nil || sample != nil else {
      throw ValidationError("--sample-output needs --sample")
    }
    if let sample, forcing.isForcing || stats != nil || forbidsExecutableMemory {
      throw ValidationError(
        "--sample \(sample) cannot be combined with --no-jit, --stats or forced guards")
    }
  }

  func run() throws {
    let time = self.time.start(file)
    var roles = FileRoles()
    roles.add(file, "the program")
    try streams.check(&roles)
    try reports.start()
    if let sample, sample.isChosen() { return try record(&roles, time) }
    let guest = try Guest(file, options, forcing: forcing)
    if forbidsExecutableMemory { try guest.forbidExecutableMemory() }
    let missPath = try misses.map { try Record.path($0, of: guest.module, command: "run") }
    if let missPath {
      guard guest.artefact != nil else {
        throw Diagnostic(
          "--misses: a module on the baseline has no guards", at: "\(file)",
          help: "compile it and run the artefact, or record it", status: .usage)
      }
      try roles.check(missPath, "--misses")
      guest.countsMisses = true
    }
    let result = Result {
      try guest.run(streams: streams, time: time, command: "run")
    }
    // Also after a trap.
    if let stats {
      Terminal.write(HostString.visible(guest.statistics.render(stats), keeping: ["\n"]))
    }
    if let missPath, let misses = guest.misses { try write(misses, to: missPath) }
    let status = try result.get()
    guard status == 0 else { throw ExitCode(status) }
  }

  private func write(
    _ misses: Result<(profile: ProfileFile, lost: UInt64), WasmError>, to path: HostString
  ) throws {
    let (profile, lost): (ProfileFile, UInt64)
    do throws(WasmError) { (profile, lost) = try misses.get() } catch {
      throw Diagnostic(
        "the artefact's module is invalid: \(error.message)", at: "\(file)",
        help: "compile the module again", status: .badInput)
    }
    if lost > 0 { Terminal.warn("\(path): \(lost) misses found no room in it") }
    try writeProfile(profile.encode(), to: path)
  }

  /// Runs the module instrumented.
  private func record(_ roles: inout FileRoles, _ time: GuestTime?) throws {
    let program = try ProgramFile(file)
    let module = program.isModule ? try program.module() : try program.artefact().module
    let name = sampleOutput ?? HostString(bytes: file.bytes + Array(".%p.%t.wasmprof".utf8))
    let path = try Record.path(name, of: module, command: "run")
    try roles.check(path, "--sample-output")
    // An artefact's module may not have been validated.
    let recorder = Recorder(try validateModule(module.bytes, file), path: path)
    try Record.run(
      try Guest(recording: recorder, file, options), recorder, streams: streams, time,
      command: "run")
  }
}
