import AOT
import ArgumentParser
import CProcess
import CommandLineSupport
import Contract
import Feedback
import Files
import Glibc
import Speculation
import Wasm

@main
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wasm-pgo compile",
    abstract: "Compile a module to an ELF file, using its profile.",
    discussion: """
      The artefact contains the module, speculative and generic code, and tables that say where every live value is \
      when a guard fails. The same inputs give the same bytes.

      EXAMPLES:
        wasm-pgo compile app.wasm
        wasm-pgo compile app.wasm --profile all.wasmprof --require-profile-match 90 -o app.so

      \(ExitStatus.table("0 success"))
      """)

  static func main() {
    runMain(Self.self)
  }

  @Argument(help: "The module.", completion: .file(extensions: ["wasm"]))
  var module: HostString

  @Option(
    name: .shortAndLong,
    help: "The artefact: NAME.so loads fastest, NAME.o can be linked. (default: MODULE.so)")
  var output: HostString?

  @Option(
    help: ArgumentHelp(
      """
      With -o NAME.o: defines this symbol, by which a program that the object is linked into loads it \
      (wasm_pgo_module_linked).
      """, valueName: "name"))
  var symbol: String?

  @Option(
    help: ArgumentHelp(
      """
      auto: MODULE.wasmprof next to the module, if it exists. off: none. FILE: this profile, which must exist; if \
      given several times, their sum. (default: auto)
      """, valueName: "profile"))
  var profile: [HostString] = []

  @Option(
    help:
      "\(CPUChoice.names.joined(separator: ", ")): the CPU features that the code may use. native: this machine's."
  )
  var cpu = "native"

  @Option(
    name: .customShort("O", allowingJoined: true),
    help: ArgumentHelp(
      """
      Optimization level. 0: baseline code only, which takes the least time to compile. 1: scalar optimizations, for the \
      functions with 99 % of the profile's counts. 2: also moves checks out of loops, for those with 99.9 %. 3: also \
      vectorizes and unrolls the loops that carry 1 %. Without a profile, for all functions.
      """, valueName: "level"))
  var optimization = 3

  @Option(
    help: ArgumentHelp(
      """
      The share of the profile's counts, in percent, whose functions are optimized, however few; all others become baseline code. \
      (default: by the level, see -O)
      """, valueName: "percent"))
  var tierThreshold: Double?

  @Option(
    name: .shortAndLong,
    help: "Number of partitions to compile at a time. (default: the number of processors)")
  var jobs: Int?

  @Option(
    help: """
      A folder for compiled parts. A part is reused if its functions and the options did not change and the profile \
      changed little. Created if it does not exist; never cleared.
      """, completion: .directory)
  var cache: HostString?

  @Option(
    help: ArgumentHelp(
      """
      Seconds of processor time that compiling a function may take; 0: no limit. One that exceeds a limit, or on which LLVM fails, \
      becomes baseline code, and a warning says so.
      """, valueName: "seconds"))
  var functionTimeLimit = 300.0

  @Option(
    help: ArgumentHelp(
      "Memory that compiling a function may take; 0: no limit.", valueName: "MiB"))
  var memoryLimit = 8192

  @Option(
    help: ArgumentHelp(
      """
      Gives up after this much wall-clock time, with exit code 124 and without an artefact: seconds (0.5), or with ms, \
      s, m, h. The time of the whole command counts.
      """, valueName: "time"))
  var timeout: String?

  @Flag(
    name: .customShort("g"),
    help: """
      Keeps debug information in the artefact, for debuggers and profilers: the guest's functions and lines, if the module has \
      DWARF, else byte offsets in the module. Backtraces need none.
      """)
  var debugInfo = false

  @Flag(
    help: """
      Demangles names of C++ and Rust in the artefact's symbols. Without, they are what the module calls them.
      """)
  var demangle = false

  @Flag(
    help: """
      Leaves baseline code out. The artefact is smaller, but the process that runs it compiles functions when a guard first \
      fails in them, for which it needs executable memory: it cannot be run with --no-jit.
      """)
  var lazyBaseline = false

  @Option(
    help: ArgumentHelp(
      """
      What relaxed SIMD instructions compute where the specification leaves a choice: what is fastest with the features \
      of --cpu, or the deterministic profile, which is the same everywhere. The artefact does the same on every machine.
      """, valueName: "fastest|deterministic"))
  var relaxedSimd = RelaxedChoice.fastest

  @Option(
    help: ArgumentHelp(
      """
      Compiles nothing, but writes DIR/build.ninja, a build of this compilation in steps: a plan, each partition, the link. To be run by \
      ninja -f DIR/build.ninja in this directory. The same artefact comes out. Created if it does not exist.
      """, valueName: "dir"), completion: .directory)
  var ninja: HostString?

  @Option(
    help: ArgumentHelp(
      "One step of the build in the directory of --ninja: plan, partition-NUMBER, or link.",
      valueName: "step"))
  var step: String?

  @Flag(
    help: "Runs LLVM's verifier and ours after each stage, to debug this compiler.")
  var verify = false

  @Option(
    help: ArgumentHelp(
      """
      Prints this stage of the compilation to standard error. May be given several times. \
      \(DumpOptions.Stage.summaries).
      """, valueName: "stage"))
  var dump: [String] = []

  @Option(
    help: ArgumentHelp("The only function to dump: its index, or its name.", valueName: "function"))
  var function: String?

  @Option(
    help: ArgumentHelp(
      """
      Optimizes only the functions with these indices; all others are compiled with as little optimization as \
      possible. To find a miscompiled function: toolchain-docs/debugging.md.
      """, valueName: "first-last"))
  var optimizeOnly: String?

  @Option(
    help: ArgumentHelp(
      """
      Fails with exit code 79, and writes nothing, if less than this share of the profile's counts matches the module, or \
      if there is no profile.
      """, valueName: "percent"))
  var requireProfileMatch: Double?

  @Flag(
    help: """
      Prints functions by tier, what matched of the profile, sites, bytes, CPU seconds by phase and memory to standard \
      error, each in a row, instead of a line with the most important of them.
      """)
  var stats = false

  @Flag(
    help:
      "Prints the same, and the warnings, as a JSON object to standard output, instead of the line."
  )
  var json = false

  @Flag(name: .shortAndLong, help: "Prints nothing but warnings and errors.")
  var quiet = false

  @Flag(
    name: .shortAndLong,
    help: """
      Prints each stage and the functions being compiled to standard error when they start or end, with the seconds since the start.
      """)
  var verbose = false

  func validate() throws {
    guard CPUChoice(cpu) != nil else {
      throw ValidationError("unknown CPU '\(cpu)': \(CPUChoice.names.joined(separator: ", "))")
    }
    if let symbol {
      guard LinkedArtefact.isSymbol(symbol) else {
        throw ValidationError("--symbol: '\(symbol)' is no name of C")
      }
      guard output?.hasSuffix(".o") == true else {
        throw ValidationError("--symbol needs an object to be in: -o NAME.o")
      }
    }
    guard (0...3).contains(optimization) else { throw ValidationError("-O takes 0 to 3") }
    guard tierThreshold.map({ (0...100).contains($0) }) ?? true else {
      throw ValidationError("--tier-threshold takes 0 to 100")
    }
    guard profile.count < 2 || !profile.contains(where: { ["auto", "off"].contains($0) }) else {
      throw ValidationError("--profile: auto and off cannot be combined with others")
    }
    guard (0...1e9).contains(functionTimeLimit) else {
      throw ValidationError("--function-time-limit takes seconds")
    }
    guard (0...1 << 30).contains(memoryLimit) else {
      throw ValidationError("--memory-limit takes MiB")
    }
    if let timeout, duration(timeout) == nil {
      throw ValidationError("--timeout: '\(timeout)' is not a time; write 10, 0.5, 500ms or 2m")
    }
    guard jobs.map({ $0 > 0 }) ?? true else { throw ValidationError("--jobs must be at least 1") }
    for stage in dump where DumpOptions.Stage(rawValue: stage) == nil {
      throw ValidationError(
        "unknown stage '\(stage)': "
          + DumpOptions.Stage.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard requireProfileMatch.map({ (0...100).contains($0) }) ?? true else {
      throw ValidationError("--require-profile-match takes 0 to 100")
    }
    guard [stats, json, quiet].count(where: \.self) < 2 else {
      throw ValidationError("--stats, --json and --quiet exclude each other")
    }
    guard !(verbose && quiet) else {
      throw ValidationError("--verbose and --quiet exclude each other")
    }
    try validateNinja()
    guard function == nil || !dump.isEmpty else {
      throw ValidationError("--function says what to --dump, which is missing")
    }
    if let optimizeOnly, Self.range(optimizeOnly) == nil {
      throw ValidationError("--optimize-only: '\(optimizeOnly)' is not FIRST-LAST, like 10-19")
    }
  }

  func run() throws {
    // To remove intermediate files when interrupted.
    wpgo_note_interrupts()
    if let timeout, let time = duration(timeout) { wpgo_note_timeout(time / .nanoseconds(1)) }
    let module = try loadModule(self.module)
    let path = try outputPath(output, of: self.module, suffix: ".so")
    let profiles = profilePaths
    let step = step.flatMap { CompileStep($0) }
    var roles = FileRoles()
    roles.add(self.module, "the module")
    for profile in profiles { roles.add(profile, "the profile") }
    try roles.check(path, "-o")
    let file = outputFile(of: step, artefact: path)
    try roles.check(file, "--ninja")
    var planner = PlannerOptions()
    planner.features = .optimizedTier
    planner.tuning = Tuning(level: optimization)
    if let tierThreshold {
      planner.tuning.hotShare = tierThreshold / 100
      planner.tuning.coldFloor = 0
    }
    let matched = try MatchedProfile(profiles, for: module)
    let profile = matched.profile
    var warnings: [String] = []
    if step == nil {
      try matched.require(percent: requireProfileMatch, of: self.module)
      warnings = importWarnings(module) + obstacleWarnings(module, at: self.module)
      warnings += matched.warnings
      if let first = profiles.first, Planner.ignores(profile, options: planner) {
        warnings.append(
          "\(first): no function has \(Int(planner.tuning.coldFloor)) recorded events, calls and iterations of loops: "
            + "compiled as without a profile; record a longer run, or use --tier-threshold 100")
      }
      for warning in warnings { Terminal.warn(warning) }
    }
    let cache = try openCache()
    planner.earlier = cache?.earlierPlans(of: module, for: profile) ?? [:]
    var plan =
      try readPlan(for: step, module, profile)
      ?? Planner.plan(module: module, profile: profile, options: planner)
    if let range = optimizeOnly.flatMap(Self.range) { plan.simplify(outside: range) }
    let record = CompileRecord(isVerbose: verbose)
    record.end("planning")
    let bytes =
      if let ninja, step == nil {
        try build(
          in: ninja, artefact: path, profiles,
          partitionCount: Compilation(module, plan: plan, profile: profile).partitionCount)
      } else {
        try compile(module, plan, profile, cache, step, record, isShared: !path.hasSuffix(".o"))
      }
    do throws(FileError) { try replaceFile(file, with: bytes) } catch {
      throw Diagnostic(writing: error)
    }
    // If the time is over only now, the artefact is there all the same.
    if ![0, SIGALRM].contains(wpgo_interrupt()) { endProcess(by: wpgo_interrupt()) }
    if step == nil, ninja == nil {
      record.end("linking")
      plan.leave(toBaseline: record.fallenBack.map(\.function))
      try report(
        CompileSummary(
          plan: plan, match: matched.statistics, sites: plan.countIndirectSites(of: module),
          moduleSize: module.bytes.count, artefactSize: bytes.count, record: record,
          peakMemory: CompileRecord.peakMemory), warnings)
    }
  }
}
