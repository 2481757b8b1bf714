import CLLVM
import Contract
import Feedback
import Speculation
import Wasm
import X64

// This folder: the compiler's driver.
//
//   Compiler          compiles a module and a plan to an artefact
//   Compilation       the same in steps, which may be processes of their own. StepFile: the files between them
//   Partitioning      decides which functions are compiled together. WorkerPool, WorkerLimits: a process for each partition
//   Pieces            bisects partitions that fail. Translatable, SizeLimits: functions not worth trying. All fall back to
//                     baseline code
//   CPUChoice         `--cpu`
//   PlanMemory        the last compilation's plan in the cache, for the planner. PlanCoding: encoding of plans
//   SiteReport        the plan's decisions for its call sites

/// How to compile a module. ``jobs`` and ``usesProcesses`` do not affect the artefact's bytes.
public struct CompilerOptions: Sendable {
  /// The CPU whose features the code may use.
  public var cpu: CPUChoice
  /// The command's options for the planner, for the manifest.
  public var plannerOptions = ""
  /// Whether the artefact has debug information, for debuggers and profilers.
  public var hasDebugInfo = false
  /// Whether to produce a `.so` instead of a `.o`.
  public var isShared: Bool
  /// What a program that the `.o` is linked into finds it by, a name of C; nil: nothing. Has no effect on a `.so`.
  public var symbol: String?
  /// Whether symbols have demangled names where the module has mangled ones of C++ or Rust.
  public var demangles = false
  /// The number of partitions compiled at the same time.
  public var jobs: Int
  /// Compiles each partition in a process of its own, so that a function on which LLVM fails falls back to baseline code. If
  /// this is false, or if this process has several threads, partitions are compiled one after the other in this process. No
  /// limits apply then, a function that LLVM rejects is an error, and an internal error of LLVM terminates the process.
  public var usesProcesses: Bool
  /// Limits for each worker process.
  public var limits = WorkerLimits()
  /// The features that are translated. Functions that use others fall back to baseline code.
  public var features = FeatureSet.optimizedTier
  /// What relaxed SIMD means in the artefact; nil: the choices of the shortest code for ``cpu``.
  public var relaxed: RelaxedSemantics?
  /// Whether the artefact contains baseline code: that of functions without optimized code, and of those that a deopt may
  /// resume in. Without, the artefact is smaller, and the runtime compiles these functions when they are first needed.
  public var includesBaseline = true
  /// See ``Partitioning/defaultSize``.
  package var partitionSize = Partitioning.defaultSize
  /// Functions that always become baseline code.
  package var baseline: [Int: BaselineReason] = [:]
  /// Called for each function that falls back to baseline code, other than cold ones, in index order, once all are known.
  public var baselineReport: (@Sendable (BaselineFunction) -> Void)?
  /// Called with the functions of each partition, or part of one, before they are compiled; in the process that compiles them.
  package var willCompile: (@Sendable ([Int]) -> Void)?
  /// Called with what is wrong with debug information or names of the module that cannot be used.
  public var sourceReport: (@Sendable (String) -> Void)?
  /// The stages to print.
  public var dump = DumpOptions()
  #if DEBUG
    /// Whether LLVM's verifier and ``AccessCoverage`` check each stage.
    public var isVerifying = true
  #else
    /// Whether LLVM's verifier and ``AccessCoverage`` check each stage; the default in debug builds.
    public var isVerifying = false
  #endif
  /// Passes to skip, to find the one that breaks a function. Disables the cache.
  public var leftOut: Set<OwnPass> = []
  /// Called with the functions of each partition, or part of one, when compiling them starts.
  public var started: (@Sendable ([Int]) -> Void)?
  /// Called after each partition with the number of finished partitions and their total.
  public var progress: (@Sendable (Int, Int) -> Void)?

  /// Called once when all partitions are compiled.
  public var willLink: (@Sendable () -> Void)?

  /// Caches compiled partitions; nil: no cache.
  public var cache: PartitionCache?
  /// Called once with the number of partitions found in the cache and their total.
  public var cacheReport: (@Sendable (Int, Int) -> Void)?

  /// The defaults of the `compile` command, with one job.
  public init(
    cpu: CPUChoice = .native, isShared: Bool = true, jobs: Int = 1, usesProcesses: Bool = true
  ) {
    self.cpu = cpu
    self.isShared = isShared
    self.jobs = jobs
    self.usesProcesses = usesProcesses
  }
}

extension CompilerOptions {
  /// The target of code generation.
  var target: TargetOptions {
    let (cpu, features, required) = cpu.resolve()
    return TargetOptions(
      cpu: cpu, features: features, extensions: required, relaxed: relaxed)
  }
}

/// The compiler's entry point.
public enum Compiler {
  /// Compiles a module according to a plan.
  /// - Parameters:
  ///   - profile: the profile that `plan` was made from; its weights guide LLVM.
  /// - Returns: the artefact file's bytes.
  public static func compile(
    _ module: Module, plan: CompilationPlan, profile: ModuleProfile = ModuleProfile(),
    options: CompilerOptions = CompilerOptions()
  ) throws(CompileError) -> [UInt8] {
    try Compilation(module, plan: plan, profile: profile, options: options).artefact()
  }
}

/// Builds an artefact from a plan, given a function that compiles a partition.
struct ArtefactBuilder {
  let module: Module
  let plan: CompilationPlan
  let profile: ModuleProfile
  let options: CompilerOptions
  let partitioning: Partitioning

  init(module: Module, plan: CompilationPlan, profile: ModuleProfile, options: CompilerOptions) {
    self.module = module
    self.plan = plan
    self.profile = profile
    self.options = options
    partitioning = Partitioning(plan, module: module, size: options.partitionSize)
  }

  /// - Parameters:
  ///   - order: the partitions to compile, in the order of compilation.
  ///   - key: the cache key of a partition; nil: no cache.
  ///   - compile: compiles functions for a target.
  func compile(
    _ order: [Int], key: PartitionKey?,
    compile: ([Int], TargetOptions, NodeNumbering) throws(CompileError) -> PartitionOutput
  ) throws(CompileError) -> PieceCompiler.Result {
    let numbering = NodeNumbering(plan, module: module)
    let target = options.target
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let pieces = PieceCompiler(
      cache: CachedPartitions(cache: options.cache, key: key),
      leftOut: Set(try refused().keys))
    return try pieces.run(partitioning.partitions, order: order, report: options.cacheReport) {
      (order, functions) throws(CompileError) in
      try compileAll(functions, order, scratch) { (functions) throws(CompileError) in
        try compile(functions, target, numbering)
      }
    }
  }

  /// - Parameter compiled: the results of all partitions.
  /// - Returns: the artefact file's bytes.
  func link(
    _ compiled: PieceCompiler.Result, _ source: GuestSource?
  ) throws(CompileError) -> [UInt8] {
    let (cpu, _, required) = options.cpu.resolve()
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let baseline = try refused().merging(compiled.failures) { first, _ in first }
    return try assemble(compiled.outputs, baseline, source, manifest(cpu, required), scratch)
  }

  /// What debug information says of the guest; nil: there is to be none.
  func source() throws(CompileError) -> GuestSource? {
    guard options.hasDebugInfo else { return nil }
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let map = try reader(scratch).sourceMap()
    if map == nil {
      options.sourceReport?("the module's DWARF cannot be read: lines are byte offsets")
    }
    return GuestSource(
      module, names: CodeNames(module), map: map ?? SourceMap(), fileName: defaultModuleName)
  }

  private func demangledNames(_ scratch: ScratchDirectory) throws(CompileError) -> [Int: String] {
    guard options.demangles else { return [:] }
    let names = try reader(scratch).demangledNames()
    if names == nil { options.sourceReport?("names cannot be demangled") }
    return names ?? [:]
  }

  private func reader(_ scratch: ScratchDirectory) -> SourceReader {
    SourceReader(
      module: module, limits: options.limits, usesProcesses: options.usesProcesses,
      scratch: scratch)
  }

  /// The functions that are not tried, and why.
  private func refused() throws(CompileError) -> [Int: BaselineReason] {
    try options.baseline.merging(
      Translatable(module: module, plan: plan, features: options.features).refused()
    ) { first, _ in first }.merging(SizeLimit.exceeded(plan, module)) { first, _ in first }
  }

  private func assemble(
    _ outputs: [PartitionOutput], _ reasons: [Int: BaselineReason], _ source: GuestSource?,
    _ manifest: ArtefactManifest, _ scratch: ScratchDirectory
  ) throws(CompileError) -> [UInt8] {
    // The tables must not describe versions that were not compiled. The outputs stay valid: they contain no numbers that span
    // functions.
    var plan = plan
    plan.leave(toBaseline: reasons.keys)
    let baseline = plan.functions.filter { $0.tier == .baseline }.map {
      BaselineFunction(function: UInt32($0.function), reason: reasons[$0.function] ?? .cold)
    }
    for row in baseline where row.reason.kind != .cold { options.baselineReport?(row) }
    let numbering = NodeNumbering(plan, module: module)
    var assembly = Assembly(
      module: module, plan: plan, profile: profile, numbering: numbering,
      guards: GuardNumbering(plan, numbering),
      outputs: outputs, baseline: baseline, includesBaseline: options.includesBaseline,
      manifest: manifest, isShared: options.isShared, symbol: options.symbol,
      replacedNames: try demangledNames(scratch), source: source, scratch: scratch)
    assembly.manifest.hotFunctionCount = UInt32(plan.functions.count { $0.isOptimized })
    return try assembly.assemble()
  }

  /// - Parameters:
  ///   - pieces: the functions that are compiled together, by piece.
  ///   - order: numbers of the pieces to compile, in this order.
  private func compileAll(
    _ pieces: [[Int]], _ order: [Int], _ scratch: ScratchDirectory,
    compile: ([Int]) throws(CompileError) -> PartitionOutput
  ) throws(CompileError) -> [Int: PieceCompiler.Outcome] {
    var outcomes: [Int: PieceCompiler.Outcome] = [:]
    guard options.usesProcesses && WorkerPool.canFork else {
      for number in order {
        options.started?(pieces[number])
        do throws(CompileError) { outcomes[number] = .output(try compile(pieces[number])) } catch {
          guard case .unsupported = error else { throw error }
          outcomes[number] = .failed(try reason(error))
        }
        options.progress?(outcomes.count, order.count)
      }
      return outcomes
    }
    let pool = WorkerPool(limit: max(1, options.jobs), limits: options.limits, scratch: scratch)
    let results = try pool.run(
      order, started: { options.started?(pieces[$0]) }, progress: options.progress
    ) { number in
      WorkerResult.encode(Result { () throws(CompileError) in try compile(pieces[number]) })
    }
    for (number, result) in results.sorted(by: { $0.key < $1.key }) {
      switch result {
      case .failed(let reason): outcomes[number] = .failed(reason)
      case .result(let bytes):
        do throws(CompileError) { outcomes[number] = .output(try WorkerResult.decode(bytes)) } catch
        {
          outcomes[number] = .failed(try reason(error))
        }
      }
    }
    return outcomes
  }

  /// The reason for compiling these functions as baseline code after a failure.
  /// - Throws: the error itself, unless it concerns the functions.
  private func reason(_ error: CompileError) throws(CompileError) -> BaselineReason {
    switch error {
    case .unsupported(let what, let function, let byteOffset):
      return Translatable.reason(what, function: function, byteOffset: byteOffset)
    // While verifying, an error of LLVM must be reported, not turned into baseline code.
    case .llvm(let message) where !options.isVerifying:
      return BaselineReason(.codeGeneratorFailed, message)
    case .llvm, .module, .plan, .input, .system, .missingTool, .interrupted: throw error
    }
  }

  private func manifest(_ cpu: String, _ required: [CPUFeature]) -> ArtefactManifest {
    var (major, minor, patch): (UInt32, UInt32, UInt32) = (0, 0, 0)
    LLVMGetVersion(&major, &minor, &patch)
    return ArtefactManifest(
      compiler: "wasm-pgo \(compilerVersion), LLVM \(major).\(minor).\(patch)",
      moduleHash: module.hash, profileHash: profile.hash,
      cpu: cpu, features: required.map(\.rawValue).sorted(), relaxed: options.target.relaxed,
      options: options.plannerOptions + (options.includesBaseline ? "" : " --lazy-baseline"),
      textSize: 0, hotFunctionCount: UInt32(plan.functions.count { $0.isOptimized }),
      guardCount: 0)
  }
}

/// The version of this package.
public let compilerVersion = "0.1.0"
