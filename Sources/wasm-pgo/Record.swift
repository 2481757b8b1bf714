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
      guest ends. Then a compact profile replaces it. The module may import only WASI preview 1; to record a module \
      with other imports, use a host program: toolchain-docs/embedding.md.

      \(ExitStatus.guestTable)
      """)

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @OptionGroup
  var options: GuestOptions

  @Option(name: .shortAndLong, help: "The profile. (default: MODULE.wasmprof)")
  var output: HostString?

  @OptionGroup(title: "Streams")
  var streams: StreamOptions

  @OptionGroup(title: "Limits")
  var time: TimeOption

  func run() throws {
    let time = self.time.start(module)
    let guest = try Guest(recording: module, limits: options.limits)
    let path = try outputPath(output, of: module, suffix: ".wasmprof")
    var roles = FileRoles()
    roles.add(module, "the module")
    try streams.check(&roles)
    try roles.check(path, "-o")
    // An existing file is replaced only once the guest runs. Counts up to a trap are worth keeping.
    var counters: CountersFile?
    let result = Result {
      try guest.run(options, streams: streams, time: time) {
        () throws(Diagnostic) in
        let file = try Self.makeCounters(path, guest.module)
        counters = file
        return file
      }
    }
    do throws(ProfileError) {
      if let counters, counters.isPublished { try counters.finish() }
    } catch {
      throw Diagnostic(
        "cannot write the profile: \(error.message)", at: "\(path)", status: .outputError)
    }
    let status = try result.get()
    guard status == 0 else { throw ExitCode(status) }
  }

  private static func makeCounters(
    _ path: HostString, _ module: Module
  ) throws(Diagnostic) -> CountersFile {
    do throws(ProfileError) { return try CountersFile(preparing: path, module: module) } catch {
      throw cannotMake(path, error)
    }
  }

  /// - Returns: the counters, which are now in the file.
  static func publish(_ file: CountersFile) throws(Diagnostic) -> UnsafeMutableRawPointer {
    do throws(ProfileError) { try file.publish() } catch { throw cannotMake(file.path, error) }
    return file.counters
  }

  private static func cannotMake(_ path: HostString, _ error: ProfileError) -> Diagnostic {
    Diagnostic(
      "cannot create the profile: \(error.message)", at: "\(path)",
      help: "check the directory's permissions and the free space", status: .cannotCreate)
  }
}
