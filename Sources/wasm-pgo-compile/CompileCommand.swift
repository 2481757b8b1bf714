import AOT
import ArgumentParser
import CProcess
import CommandLineSupport
import Contract
import Feedback
import Files
import Glibc
import Speculation
import WASI
import Wasm

@main
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wasm-pgo compile",
    abstract: "Compile a module to an ELF file, using its profile.",
    discussion: """
      The artefact contains the module, speculative and generic code, and tables that say where every live value is \
      when a guard fails. The same inputs give the same bytes.

      \(ExitStatus.table("0 success"))
      """)

  static func main() {
    runMain(Self.self, arguments: StatisticsFormat.expand(Array(processArguments().dropFirst())))
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
      The share of the profile's counts, in percent, whose functions are optimized; all others become baseline code. \
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
      Keeps line tables in the artefact, for debuggers and profilers: lines are byte offsets in the module. \
      Backtraces need none.
      """)
  var debugInfo = false

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
      Prints functions by tier, bytes, CPU seconds by phase and memory to standard error, as text or json, instead of a \
      line with the most important of them. --stats alone means text.
      """, valueName: "format"))
  var stats: StatisticsFormat?

  func validate() throws {
    guard CPUChoice(cpu) != nil else {
      throw ValidationError("unknown CPU '\(cpu)': \(CPUChoice.names.joined(separator: ", "))")
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
    if step == nil {
      warnOfImports(module)
      warnOfObstacles(module, at: self.module)
    }
    let profile = try loadProfiles(profiles, for: module)
    var planner = PlannerOptions()
    planner.features = .optimizedTier
    planner.tuning = Tuning(level: optimization)
    if let tierThreshold { planner.tuning.hotShare = tierThreshold / 100 }
    let cache = try openCache()
    planner.earlier = cache?.earlierPlans(of: module, for: profile) ?? [:]
    var plan =
      try readPlan(for: step, module, profile)
      ?? Planner.plan(module: module, profile: profile, options: planner)
    if let range = optimizeOnly.flatMap(Self.range) { plan.simplify(outside: range) }
    let record = CompileRecord()
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
    if step == nil, ninja == nil { report(module, plan, bytes, record) }
  }

  /// - Parameter step: the only step to take; nil: all.
  private func compile(
    _ module: Module, _ plan: CompilationPlan, _ profile: ModuleProfile, _ cache: PartitionCache?,
    _ step: CompileStep?, _ record: CompileRecord, isShared: Bool
  ) throws -> [UInt8] {
    var options = CompilerOptions(
      cpu: CPUChoice(cpu) ?? .native, isShared: isShared,
      jobs: jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    options.plannerOptions =
      "-O\(optimization)" + (tierThreshold.map { " --tier-threshold \($0)" } ?? "")
    options.hasDebugInfo = debugInfo
    options.isVerifying = verify
    options.includesBaseline = !lazyBaseline
    options.relaxed = relaxedSimd == .deterministic ? .deterministic : nil
    options.limits.time = functionTimeLimit == 0 ? nil : .seconds(functionTimeLimit)
    options.limits.memory = memoryLimit == 0 ? nil : memoryLimit << 20
    options.dump = DumpOptions(
      function: try function.map { try index(ofFunction: $0, module) },
      stages: Set(dump.compactMap { DumpOptions.Stage(rawValue: $0) }))
    if stats == .text && cache != nil {
      options.cacheReport = { found, total in
        Terminal.write("from the cache   \(found) of \(total) parts\n")
      }
    }
    options.cache = cache
    options.willLink = { record.end("optimizing") }
    let line = ProgressLine("compiling \(self.module)")
    options.baselineReport = { row in
      record.fallBack(Int(row.function))
      line.finish()
      let index = Int(row.function)
      let name = module.functionName(index).map { " \"\($0)\"" } ?? ""
      Terminal.warn("f\(index)\(name) is baseline code: \(row.reason)")
    }
    options.progress = { done, total in line.update(done, of: total) }
    defer { line.finish() }
    let compilation = Compilation(module, plan: plan, profile: profile, options: options)
    let partitions = step == .link ? try readPartitions(compilation.partitionCount) : []
    do throws(CompileError) {
      switch step {
      case nil: return try compilation.artefact()
      case .plan: return compilation.planFile
      case .partition(let number): return try compilation.partitionFile(number)
      case .link: return try compilation.link(files: partitions)
      }
    } catch {
      throw diagnose(error)
    }
  }

  /// None for a dump: what is printed must be compiled.
  private func openCache() throws -> PartitionCache? {
    guard let cache, dump.isEmpty else { return nil }
    do throws(FileError) { return try PartitionCache(directory: cache) } catch {
      throw Diagnostic(
        "cannot \(error.operation) the cache: \(error.code)", at: "\(error.path)",
        help: "choose a writable directory with --cache", status: .cannotCreate)
    }
  }

  /// Of a function that the module defines.
  private func index(ofFunction text: String, _ module: Module) throws -> Int {
    let defined = module.importedFunctionCount..<module.functions.count
    let index = Int(text) ?? defined.first { module.functionName($0) == text }
    guard let index, defined.contains(index) else {
      throw Diagnostic(
        "the module defines no function \(text)", at: "\(self.module)",
        help:
          "it defines \(defined.isEmpty ? "none" : "functions \(defined.lowerBound) to \(defined.upperBound - 1)")",
        status: .usage)
    }
    return index
  }

  private static func range(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last else {
      return nil
    }
    return first...last
  }

  func diagnose(_ error: CompileError) -> Diagnostic {
    switch error {
    case .unsupported(let what, let function, let byteOffset):
      Diagnostic(
        "\(what) is not supported", at: "\(module), function \(function), byte \(byteOffset)",
        status: .badInput)
    case .module: Diagnostic("\(error)", at: "\(module)", status: .badInput)
    case .input:
      Diagnostic(
        "\(error)", at: "\(module)", help: "build all steps with ninja", status: .badInput)
    case .llvm, .plan:
      Diagnostic(
        "\(error)", at: "\(module)",
        help: "this is an internal error; please report it with the module and the profile",
        status: .internalError)
    case .system: Diagnostic("\(error)", at: "\(module)", status: .outputError)
    case .missingTool:
      Diagnostic(
        "\(error)", at: "\(module)",
        help: "install it, on Debian with: apt-get install binutils", status: .incompatible)
    case .interrupted(SIGALRM):
      Diagnostic(
        "not compiled within \(timeout ?? "the time")", at: "\(module)",
        help: "a higher --timeout or a lower -O", status: .timeout)
    case .interrupted(let signal): endProcess(by: signal)
    }
  }

  private var profilePaths: [HostString] {
    switch profile {
    case ["off"]: return []
    case [], ["auto"]:
      let path = stem(self.module) + ".wasmprof"
      return fileExists(path) ? [path] : []
    default: return profile
    }
  }

  /// Only a host program that defines these imports can run the artefact.
  private func warnOfImports(_ module: Module) {
    let foreign = module.imports.filter { !WASI.provides($0, of: module) }
    if foreign.isEmpty { return }
    let names = foreign.map { "\($0.module).\($0.name)" }
    let shown = 50
    let more = names.count > shown ? " and \(names.count - shown) more" : ""
    Terminal.warn(
      "\(self.module): imports that WASI preview 1 does not provide: "
        + names.prefix(shown).joined(separator: ", ") + more
        + "; the artefact needs them of run --imports or --link, or of a host program")
  }

  private func report(
    _ module: Module, _ plan: CompilationPlan, _ bytes: [UInt8], _ record: CompileRecord
  ) {
    record.end("linking")
    var plan = plan
    plan.leave(toBaseline: record.fallenBack)
    let summary = CompileSummary(
      plan: plan, moduleSize: module.bytes.count, artefactSize: bytes.count, record: record,
      peakMemory: CompileRecord.peakMemory)
    switch stats {
    case .text?: Terminal.write(summary.text)
    case .json?: Terminal.write(summary.json)
    case nil: Terminal.write("\(summary.line)\n")
    }
  }
}
