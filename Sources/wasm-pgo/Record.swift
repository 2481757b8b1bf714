import ArgumentParser
import CommandLineSupport
import Feedback
import Runtime

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    _superCommandName: WasmPGO.name,
    abstract: "Run a module under the instrumented baseline, and write its profile.",
    discussion: """
      Counters lie in the profile's file itself while the guest runs: whatever ends it, the file can be \
      read. When the guest ends, the file is replaced by its compact form.

      \(ExitStatus.guestTable)
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: String

  @Argument(help: "Arguments for the guest, behind --.")
  var arguments: [String] = []

  @Option(name: .shortAndLong, help: "The profile. (default: MODULE.wasmprof)")
  var output: String?

  @OptionGroup(title: "WASI")
  var wasi: WASIOptions

  @OptionGroup(title: "Streams")
  var streams: StreamOptions

  @OptionGroup(title: "Limits")
  var limits: LimitOptions

  @OptionGroup(title: "Limits")
  var time: TimeOption

  @Option(help: ArgumentHelp("Calls this export with the arguments.", valueName: "name"))
  var invoke: String?

  func run() throws {
    let path =
      output ?? (module.hasSuffix(".wasm") ? String(module.dropLast(5)) : module) + ".wasmprof"
    let time = self.time.start(module)
    let guest = try Guest(recording: module, limits: limits)
    let counters: CountersFile
    do throws(ProfileError) {
      counters = try CountersFile(creating: path, module: guest.module)
    } catch {
      throw Diagnostic(
        "cannot make the profile: \(error.message)", at: path,
        help: "check the directory's permissions and the space that is left", status: .cannotCreate)
    }
    let result = Result {
      try guest.run(
        arguments, wasi: wasi, streams: streams, time: time, invoke: invoke, counters: counters)
    }
    // What was counted up to a trap is worth having, too.
    do throws(ProfileError) { try counters.finish() } catch {
      throw Diagnostic("cannot write the profile: \(error.message)", at: path, status: .outputError)
    }
    let status = try result.get()
    guard status == 0 else { throw ExitCode(status) }
  }
}
