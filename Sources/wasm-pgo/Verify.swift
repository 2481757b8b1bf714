import ArgumentParser
import CProcess
import CommandLineSupport
import Contract
import Files
import Glibc
import Runtime
import Verification
import Wasm

struct Verify: GuestCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", _superCommandName: WasmPGO.name,
    abstract: "Compare a compiled program with the baseline while its guards are forced to fail.",
    discussion: """
      Takes a module, which it compiles, or an artefact. The program runs once on the baseline, as the reference; then \
      as compiled; then with each guard that it reaches forced to fail at least once; then with guards failing at \
      random, with and without a deopt limit, and with loops leaving baseline code at different iterations. Output, exit \
      code or trap, final memory, globals and tables must be equal. Guards that the inputs do not reach are not verified; \
      they are listed.

      All runs get the same clock, random numbers and standard input. Output is discarded, and the program can reach \
      nothing on the host except the directories of --dir. It runs many times, so whatever it does there must give the \
      same result each time.

      EXAMPLES:
        wasm-pgo verify app.wasm --profile app.wasmprof -- input.txt
        wasm-pgo verify app.so --runs 100 --dir data::/data -- /data/input.txt

      \(ExitStatus.table("0 all agree, 1 something differs or crashed"))
      """)

  @Argument(
    help: "The module or artefact.",
    completion: .file(extensions: ["wasm", "so", "o"]))
  var file: HostString

  @OptionGroup
  var options: GuestOptions

  @Option(
    help: ArgumentHelp(
      "For a module: auto, off or the path of a profile, as in compile. (default: auto)",
      valueName: "profile"))
  var profile: [HostString] = []

  @Option(
    help: """
      More inputs, each verified on its own: a folder, where each file is one standard input; or a file, where each \
      line is one list of arguments, separated by spaces.
      """, completion: .file())
  var corpus: HostString?

  @Option(help: "Maximum number of runs of the artefact for each input.")
  var runs = 60

  @Option(help: "How many of these fail guards at random.")
  var randomRuns = 12

  @Option(help: "Seed of the random runs.")
  var seed: UInt64 = 1

  @Option(
    help: """
      Processor time in seconds after which a run counts as hanging. (default: at least 50, more if the baseline's \
      run was long)
      """)
  var secondsPerRun: UInt32?

  func validate() throws {
    guard runs > 0, randomRuns >= 0 else { throw ValidationError("--runs must be at least 1") }
    guard secondsPerRun != 0 else { throw ValidationError("--seconds-per-run must be at least 1") }
  }

  func run() throws {
    let program = try ProgramFile(file)
    let artefact = program.isModule ? try compile(program) : program
    let standardInput = isatty(0) != 0 ? [] : readInput()
    // Never empty.
    let inputs = try VerificationInput.all(
      arguments: options.arguments, corpus: corpus, standardInput: standardInput)
    var last = inputs[0]
    var result = try verify(artefact, last)
    for input in inputs.dropFirst() where result.divergence == nil {
      result.add(try verify(artefact, input))
      last = input
    }
    try printReport(
      VerificationPrinter(result: result, inputCount: inputs.count, input: last).text)
    if result.divergence != nil { throw ExitCode(1) }
  }

  /// Leaves no files behind.
  private func compile(_ program: ProgramFile) throws -> ProgramFile {
    wpgo_note_interrupts()
    let scratch = try ScratchFolder()
    let result = Result { try scratch.compile(program, profile) }
    scratch.remove()
    if wpgo_interrupt() != 0 { endProcess(by: wpgo_interrupt()) }
    wpgo_stop_noting_interrupts()
    return try result.get()
  }

  private func verify(
    _ compiled: ProgramFile, _ input: VerificationInput
  ) throws -> Verification {
    let artefact = try compiled.artefact()
    let program = VerifiedProgram(
      path: file, input: input, wasi: options.wasi,
      imports: try GuestImports(options.imports, guest: artefact.module),
      limits: options.limits, invoke: options.invoke)
    let start = monotonicNanoseconds()
    let reference = try program.observe(
      CompiledModule(artefact.module, relaxed: artefact.manifest.relaxed), budget: nil)
    let seconds = UInt32(clamping: (monotonicNanoseconds() - start) / 1_000_000_000)
    guard !reference.ending.hasPrefix("trap: call stack exhausted") else {
      throw Diagnostic(
        "the program exhausts its stack; at which depth depends on the compiler", at: "\(file)",
        help: "verify it with other arguments", status: .usage)
    }
    var options = Verifier.Options()
    options.runs = runs
    options.randomRuns = min(randomRuns, runs)
    options.seed = seed
    options.secondsPerRun = secondsPerRun ?? 50 * (min(seconds, 1000) + 1)
    var verifier = Verifier(
      options: options, reference: reference,
      load: { forcing throws(ArtefactError) in try compiled.load(forcing) },
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

/// A temporary directory in which a module is compiled before it is verified.
struct ScratchFolder {
  private let path: HostString
  private let module: HostString
  private let artefact: HostString

  init() throws(Diagnostic) {
    let parent = temporaryDirectory()
    var name = parent.appending("wasm-pgo-verify.XXXXXX").bytes.map { CChar(bitPattern: $0) } + [0]
    guard mkdtemp(&name) != nil else {
      throw Diagnostic(
        "cannot create a temporary directory: \(String(cString: strerror(errno)))",
        at: "\(parent)", status: .cannotCreate)
    }
    path = HostString(bytes: name.dropLast().map { UInt8(bitPattern: $0) })
    module = path.appending("module.wasm")
    artefact = path.appending("artefact.so")
  }

  /// - Parameter profiles: as `compile` takes them.
  func compile(_ program: ProgramFile, _ profiles: [HostString]) throws -> ProgramFile {
    var source = program.path
    if FileIdentity(source) == nil {
      // A pipe, which cannot be read twice.
      let bytes = try program.bytes()
      do throws(FileError) { try writeFile(bytes, to: module) } catch {
        throw Diagnostic(writing: error)
      }
      source = module
    }
    try Compile.spawn(["-o", artefact] + profiles.flatMap { ["--profile", $0] } + ["--", source])
    return ProgramFile(program.path, artefact: try readInput(artefact))
  }

  func remove() {
    removeFile(module)
    removeFile(artefact)
    _ = path.withCString { rmdir($0) }
  }
}
