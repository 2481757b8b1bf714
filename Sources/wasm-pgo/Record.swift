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
    let path = try Self.path(output, of: module, recorded)
    var roles = FileRoles()
    roles.add(module, "the module")
    try streams.check(&roles)
    try roles.check(path, "-o")
    try reports.start()
    let recorder = Recorder(recorded, path: path)
    let guest = try Guest(recording: recorder, module, options)
    let result = Result {
      try guest.run(streams: streams, time: time, command: "record")
    }
    // Counts up to a trap are worth keeping.
    do throws(ProfileError) { try recorder.finish() } catch {
      throw Diagnostic(
        "cannot write the profile: \(error.message)", at: "\(path)", status: .outputError)
    }
    let status = try result.get()
    guard status == 0 else { throw ExitCode(status) }
  }

  /// The profile's, by the option, by the environment, or by the module's name.
  private static func path(
    _ option: HostString?, of path: HostString, _ module: Module
  ) throws(Diagnostic) -> HostString {
    guard let pattern = option ?? RecordingVariable.value else {
      return try outputPath(nil, of: path, suffix: ".wasmprof")
    }
    do throws(ProfileError) {
      return try ProfileName(pattern).path(module: module.hash)
    } catch {
      throw Diagnostic(
        error.message, at: "\(pattern)", help: "wasm-pgo record --help", status: .usage)
    }
  }

  static func cannotMake(_ path: HostString, _ error: ProfileError) -> Diagnostic {
    Diagnostic(
      "cannot create the profile: \(error.message)", at: "\(path)",
      help: "check the directory's permissions and the free space", status: .cannotCreate)
  }
}
