import ArgumentParser
import CommandLineSupport
import Contract
import Glibc
import Runtime
import Verification
import Wasm

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    _superCommandName: WasmPGO.name,
    abstract: "Hold a compiled program against the baseline, with its guards forced to fail.",
    discussion: """
      Compiles the module, or takes an artefact. The program runs once on the baseline, for reference; then as compiled; then with \
      each guard that it reaches made to fail at least once; then with guards failing at random, with and without a \
      deopt limit, and with loops leaving baseline code at different turns. Output, exit code or trap, final memory, globals and \
      tables must not differ. What the inputs do not reach is not verified, and is listed.

      Each run starts anew, with the same clock, random numbers and standard input. A run's output goes nowhere, and \
      nothing of the host is reached but the directories of --dir: what the program does there it does once for each run, so \
      it has to come to the same each time.

      \(ExitStatus.table("0 all agree, 1 something differs or crashed"))
      """)

  @Argument(
    help: "A module, which is compiled, or an artefact.",
    completion: .file(extensions: ["wasm", "so", "o"]))
  var file: String

  @Argument(help: "Arguments for the guest, behind --.")
  var arguments: [String] = []

  @Option(help: "Of a module: auto, off or a profile's path, as compile takes it.")
  var profile = "auto"

  @Option(
    help: """
      More inputs, each verified by itself: a folder, of which each file is the standard input of one; or a file, of which \
      each line has the arguments of one, separated by spaces.
      """, completion: .file())
  var corpus: String?

  @Option(help: "Runs of the artefact at most, with each input.")
  var runs = 60

  @Option(help: "Of those, runs with guards failing at random.")
  var randomRuns = 12

  @Option(help: "Of the random runs.")
  var seed: UInt64 = 1

  @Option(
    help: """
      Seconds of processor time after which a run counts as hanging. (default: at least 50, by the \
      baseline's)
      """)
  var secondsPerRun: UInt32?

  @OptionGroup(title: "WASI")
  var wasi: WASIOptions

  @OptionGroup(title: "Limits")
  var limits: LimitOptions

  @Option(help: ArgumentHelp("Calls this export with the arguments.", valueName: "name"))
  var invoke: String?

  func validate() throws {
    guard runs > 0, randomRuns >= 0 else { throw ValidationError("--runs must be at least 1") }
    guard secondsPerRun != 0 else { throw ValidationError("--seconds-per-run must be at least 1") }
  }

  func run() throws {
    let scratch = try ScratchArtefact(of: file, profile: profile)
    defer { scratch.remove() }
    // Never empty.
    let inputs = try VerificationInput.all(
      arguments: arguments, corpus: corpus, standardInput: isatty(0) != 0 ? [] : readInput())
    var last = inputs[0]
    var result = try verify(scratch.path, last)
    for input in inputs.dropFirst() where result.divergence == nil {
      result.add(try verify(scratch.path, input))
      last = input
    }
    try printOutput(
      VerificationPrinter(result: result, inputCount: inputs.count, input: last).text)
    if result.divergence != nil { throw ExitCode(1) }
  }

  private func verify(_ path: String, _ input: VerificationInput) throws -> Verification {
    let artefact = try loadArtefact(path)
    let program = VerifiedProgram(
      path: file, input: input, wasi: wasi, limits: limits, invoke: invoke)
    let start = monotonicNanoseconds()
    let reference: Observation
    do { reference = try program.observe(CompiledModule(artefact.module), budget: nil) } catch {
      throw guestFailure(error, at: file) ?? error
    }
    let seconds = UInt32(clamping: (monotonicNanoseconds() - start) / 1_000_000_000)
    guard !reference.ending.hasPrefix("trap: call stack exhausted") else {
      throw Diagnostic(
        "the program exhausts its stack, where that happens is up to the compiler", at: file,
        help: "verify it with other arguments", status: .usage)
    }
    var options = Verifier.Options()
    options.runs = runs
    options.randomRuns = min(randomRuns, runs)
    options.seed = seed
    options.secondsPerRun = secondsPerRun ?? 50 * (min(seconds, 1000) + 1)
    var verifier = Verifier(
      options: options, reference: reference,
      load: { forcing throws(ArtefactError) in try Artefact(path: path, forcing: forcing) },
      observe: { try program.observe($0, budget: $1) })
    let line = ProgressLine("verifying \(file)\(input.name.map { " with \($0)" } ?? "")")
    verifier.progress = { line.update($0, of: runs) }
    defer { line.finish() }
    return try withArtefactErrors(at: file) { try verifier.verify() }
  }

  private func readInput() -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(0, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return result }
      result += buffer[..<count]
    }
  }
}

/// The artefact to verify: given, or made of a module by the compiler.
struct ScratchArtefact {
  let path: String
  private let isTemporary: Bool

  init(of file: String, profile: String) throws {
    guard try Guest.isModule(file) else {
      path = file
      isTemporary = false
      return
    }
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/wasm-pgo-verify.XXXXXX.so".utf8CString)
    let descriptor = mkstemps(&name, 3)
    guard descriptor >= 0 else {
      throw Diagnostic("cannot make a temporary file", at: folder, status: .cannotCreate)
    }
    close(descriptor)
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    isTemporary = true
    do {
      try Compile.spawn([file, "--profile", profile, "-o", path])
    } catch {
      remove()
      throw error
    }
  }

  func remove() { if isTemporary { unlink(path) } }
}
