import CLLVM
import Contract
import Feedback
import Speculation
import Wasm
import X64

// This folder: the compiler as a whole.
//
//   Compiler          module and plan to artefact
//   Partitioning      which functions are compiled together. WorkerPool: each partition in a process of its own
//   CPUChoice         `--cpu`
//   PlanMemory        last compilation's plan, kept where the new one differs by chance only. PlanCoding: as bytes
//   SiteReport        what the plan says of its sites

/// How to compile a module. Only ``jobs`` and ``usesProcesses`` leave the artefact as it is.
public struct CompilerOptions: Sendable {
  public var cpu: CPUChoice
  public var optimizationLevel: Int
  /// `.so`, else `.o`.
  public var isShared: Bool
  /// Partitions compiled at a time.
  public var jobs: Int
  /// Each partition in a process of its own. Without, or in a process that has several threads, one
  /// after the other in this process, which an internal error of LLVM then ends.
  public var usesProcesses: Bool
  public var dump = DumpOptions()
  /// Whether LLVM's verifier, and ours of memory accesses, check each stage.
  #if DEBUG
    public var isVerifying = true
  #else
    public var isVerifying = false
  #endif
  /// For finding the pass that breaks a function. Not with a cache.
  public var leftOut: Set<OwnPass> = []
  /// Told after each partition: how many are done, of how many.
  public var progress: (@Sendable (Int, Int) -> Void)?

  /// Where compiled partitions are kept; nil: nowhere.
  public var cache: PartitionCache?
  /// Told once: how many partitions the cache had, of how many.
  public var cacheReport: (@Sendable (Int, Int) -> Void)?

  public init(
    cpu: CPUChoice = .native, optimizationLevel: Int = 3, isShared: Bool = true,
    jobs: Int = 1, usesProcesses: Bool = true
  ) {
    self.cpu = cpu
    self.optimizationLevel = optimizationLevel
    self.isShared = isShared
    self.jobs = jobs
    self.usesProcesses = usesProcesses
  }
}

/// The compiler as a whole.
public enum Compiler {
  /// Compiles a module as a plan says.
  /// - Parameters:
  ///   - profile: what `plan` was made from; its weights guide LLVM.
  /// - Returns: the artefact file's bytes.
  public static func compile(
    _ module: Module, plan: CompilationPlan, profile: ModuleProfile = ModuleProfile(),
    options: CompilerOptions = CompilerOptions()
  ) throws(CompileError) -> [UInt8] {
    var options = options
    // What is dumped must be compiled.
    if !options.dump.stages.isEmpty || !options.leftOut.isEmpty { options.cache = nil }
    let hasProfile = !profile.functions.isEmpty
    let memory = options.cache.map { PlanMemory($0, module: module, hasProfile: hasProfile) }
    let (plan, weights) = memory?.settle(plan, profile) ?? (plan, [])
    let builder = ArtefactBuilder(
      module: module, plan: plan, profileHash: profile.hash, options: options)
    let artefact = try builder.build(
      key: { target in
        guard memory != nil else { return nil }
        return PartitionKey(
          module: module, plan: plan, weights: weights, hasProfile: hasProfile, target: target,
          moduleName: defaultModuleName)
      },
      compile: {
        [options] (functions: [Int], target: TargetOptions, nodes: NodeNumbering)
          throws(CompileError) in
        try compilePartition(
          module: module, plan: plan, profile: profile, functions: functions, target: target,
          nodes: nodes, dump: options.dump, isVerifying: options.isVerifying,
          leftOut: options.leftOut)
      })
    memory?.keep(plan, weights)
    return artefact
  }
}

/// From a plan to an artefact, given a way to compile a partition.
struct ArtefactBuilder {
  var module: Module
  var plan: CompilationPlan
  var profileHash: UInt64
  var options: CompilerOptions

  /// - Parameters:
  ///   - key: what the cache knows a partition by; nil: nothing is cached.
  ///   - compile: compiles functions for a target.
  /// - Returns: the artefact file's bytes.
  func build(
    key: (TargetOptions) -> PartitionKey?,
    compile: ([Int], TargetOptions, NodeNumbering) throws(CompileError) -> PartitionOutput
  ) throws(CompileError) -> [UInt8] {
    let numbering = NodeNumbering(plan, module: module)
    let (cpu, features, required) = options.cpu.resolve()
    let target = TargetOptions(
      cpu: cpu, features: features, optimizationLevel: options.optimizationLevel)
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let partitioning = Partitioning(plan, module: module)
    let outputs = try CachedPartitions(
      cache: options.cache, key: key(target), partitions: partitioning.partitions
    ).outputs(report: options.cacheReport) { (missing) throws(CompileError) in
      try compileAll(
        partitioning.partitions, partitioning.order(plan, module: module).filter(missing.contains),
        scratch
      ) { (functions) throws(CompileError) in try compile(functions, target, numbering) }
    }
    var assembly = Assembly(
      module: module, plan: plan, numbering: numbering, guards: GuardNumbering(plan, numbering),
      outputs: outputs, manifest: manifest(cpu, required), isShared: options.isShared,
      scratch: scratch)
    return try assembly.assemble()
  }

  /// - Parameter order: numbers of the partitions to compile.
  private func compileAll(
    _ partitions: [[Int]], _ order: [Int], _ scratch: ScratchDirectory,
    compile: ([Int]) throws(CompileError) -> PartitionOutput
  ) throws(CompileError) -> [Int: PartitionOutput] {
    var outputs: [Int: PartitionOutput] = [:]
    if options.usesProcesses && WorkerPool.canFork {
      let pool = WorkerPool(limit: max(1, options.jobs), scratch: scratch)
      let results = try pool.run(
        order, describe: { describe($0, partitions[$0]) }, progress: options.progress,
        job: { number in
          WorkerResult.encode(
            Result { () throws(CompileError) in try compile(partitions[number]) })
        })
      for number in order { outputs[number] = try WorkerResult.decode(results[number] ?? []) }
    } else {
      for number in order {
        outputs[number] = try compile(partitions[number])
        options.progress?(outputs.count, order.count)
      }
    }
    return outputs
  }

  private func describe(_ number: Int, _ functions: [Int]) -> String {
    "partition \(number) (functions \(functions.first ?? 0) to \(functions.last ?? 0))"
  }

  private func manifest(_ cpu: String, _ required: [CPUFeature]) -> ArtefactManifest {
    var (major, minor, patch): (UInt32, UInt32, UInt32) = (0, 0, 0)
    LLVMGetVersion(&major, &minor, &patch)
    return ArtefactManifest(
      compiler: "wasm-pgo \(compilerVersion), LLVM \(major).\(minor).\(patch)",
      moduleHash: module.hash, profileHash: profileHash,
      cpu: cpu, features: required.map(\.rawValue).sorted(),
      options: "-O\(options.optimizationLevel)", textSize: 0,
      hotFunctionCount: UInt32(plan.functions.count { $0.isHot }), guardCount: 0)
  }
}

/// Of this package.
public let compilerVersion = "0.1.0"
