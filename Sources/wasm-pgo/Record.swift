import ArgumentParser
import CommandLineSupport
import Feedback
import Files
import Runtime
import Wasm

struct Record: GuestCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", _superCommandName: WasmPGO.name,
    abstract: "Run a module on the instrumented baseline and write its profile.",
    discussion: """
      While the guest runs, the counters are in the profile's file itself, so the file is readable however the \
      guest ends. Then a compact profile replaces it. What the module imports besides WASI preview 1 comes from --imports and --link; \
      a host program can record, too: toolchain-docs/embedding.md.

      EXAMPLES:
        wasm-pgo record app.wasm -- input.txt
        wasm-pgo record app.wasm -o profiles/%p-%t.wasmprof --dir data::/data -- /data/input.txt

      \(ExitStatus.guestTable)
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @OptionGroup
  var options: GuestOptions

  @Option(
    name: .shortAndLong,
    help: """
      The profile, in whose name %p is the process's number, %t the time in seconds, %m the module's hash, and %% a percent \
      sign. (default: the variable \(RecordingVariable.name), or MODULE.wasmprof)
      """)
  var output: HostString?

  @OptionGroup(title: "Streams")
  var streams: StreamOptions

  @OptionGroup(title: "Limits")
  var time: TimeOption

  @OptionGroup(title: "Profilers and debuggers")
  var reports: CodeReportOptions

  func run() throws {
    let time = self.time.start(module)
    let recorded = try loadModule(module)
    let path =
      if let pattern = output ?? RecordingVariable.value {
        try Self.path(pattern, of: recorded, command: "record")
      } else {
        try outputPath(nil, of: module, suffix: ".wasmprof")
      }
    var roles = FileRoles()
    roles.add(module, "the module")
    try streams.check(&roles)
    try roles.check(path, "-o")
    try reports.start()
    let recorder = Recorder(recorded, path: path)
    try Self.run(
      try Guest(recording: recorder, module, options), recorder, streams: streams, time,
      command: "record")
  }

  /// Runs a recorded guest, writes its profile, and ends as it did.
  static func run(
    _ guest: Guest, _ recorder: Recorder, streams: StreamOptions, _ time: GuestTime?,
    command: String
  ) throws {
    let result = Result {
      try guest.run(streams: streams, time: time, command: command)
    }
    // Counts up to a trap are worth keeping.
    do throws(ProfileError) { try recorder.finish() } catch {
      throw Diagnostic(
        "cannot write the profile: \(error.message)", at: recorder.path.map { "\($0)" },
        status: .outputError)
    }
    let status = try result.get()
    guard status == 0 else { throw ExitCode(status) }
  }

  /// The path of a profile by its name with `%p` and the like.
  static func path(
    _ pattern: HostString, of module: Module, command: String
  ) throws(Diagnostic) -> HostString {
    do throws(ProfileError) {
      return try ProfileName(pattern).path(module: module.hash)
    } catch {
      throw Diagnostic(
        error.message, at: "\(pattern)", help: "wasm-pgo \(command) --help", status: .usage)
    }
  }

  static func cannotMake(_ path: HostString, _ error: ProfileError) -> Diagnostic {
    Diagnostic(
      "cannot create the profile: \(error.message)", at: "\(path)",
      help: "check the directory's permissions and the free space", status: .cannotCreate)
  }
}
