import Contract
import Feedback
import Speculation
import Wasm

/// A compilation in steps. They can run in processes of their own, with files between them (``StepFile``); `compile --ninja` writes a build
/// of such steps. The artefact has the same bytes.
///
///     plan ─┬─> partition 0 ─┬─> link ─> artefact
///           ├─> partition 1 ─┤
///           └─> …           ─┘
public struct Compilation {
  private let module: Module
  private let plan: CompilationPlan
  private let profile: ModuleProfile
  private let options: CompilerOptions
  private let memory: PlanMemory?
  private let counts: [PredictedCounts]
  private let builder: ArtefactBuilder

  /// Prepares to compile a module according to a plan.
  /// - Parameter profile: the profile that `plan` was made from; its weights guide LLVM.
  public init(
    _ module: Module, plan: CompilationPlan, profile: ModuleProfile = ModuleProfile(),
    options: CompilerOptions = CompilerOptions()
  ) {
    var options = options
    // The cache would hide the stages to dump and the effect of skipped passes.
    if !options.dump.stages.isEmpty || !options.leftOut.isEmpty { options.cache = nil }
    self.module = module
    self.plan = plan
    self.profile = profile
    self.options = options
    memory = options.cache.map {
      PlanMemory($0, module: module, hasProfile: !profile.functions.isEmpty)
    }
    counts = memory == nil ? [] : plan.functions.map { $0.counts ?? PredictedCounts($0, profile) }
    builder = ArtefactBuilder(
      module: module, plan: plan, profile: profile, options: options)
  }

  /// All steps.
  /// - Returns: the artefact file's bytes.
  public func artefact() throws(CompileError) -> [UInt8] {
    try ModuleDump(module: module, plan: plan, dump: options.dump, target: options.target).run()
    let source = try builder.source()
    return try link(
      try compile(builder.partitioning.order(plan, module: module), source), source)
  }

  // MARK: Steps

  /// The number of partitions, which are numbered from 0.
  public var partitionCount: Int { builder.partitioning.partitions.count }

  /// The plan's file: input of all other steps.
  public var planFile: [UInt8] { StepFile.encode(plan, of: module, for: profile) }

  /// Compiles one partition.
  /// - Returns: the partition's file. It says which functions became baseline code, if any did.
  public func partitionFile(_ number: Int) throws(CompileError) -> [UInt8] {
    guard (0..<partitionCount).contains(number) else {
      throw .input("there is no partition \(number): the plan has \(partitionCount)")
    }
    return StepFile.encode(
      try compile([number], try builder.source()), number: number, identity: identity)
  }

  /// Links the partitions.
  /// - Parameter files: their files in the order of their numbers.
  /// - Returns: the artefact file's bytes.
  public func link(files: [[UInt8]]) throws(CompileError) -> [UInt8] {
    guard files.count == partitionCount else {
      throw .input(
        "the plan has \(partitionCount) partitions, and there are files of \(files.count)")
    }
    var all = PieceCompiler.Result()
    for (number, file) in files.enumerated() {
      let result = try StepFile.decode(file, number: number, identity: identity)
      all.outputs += result.outputs
      all.failures.merge(result.failures) { first, _ in first }
    }
    return try link(all, try builder.source())
  }

  /// Of what partitions are compiled from, so that files of different builds are not mixed.
  private var identity: UInt64 {
    var writer = ArtefactWriter()
    writer.raw(planFile)
    writer.string(options.target.cpu)
    writer.string(options.target.features)
    writer.integer(UInt8(options.hasDebugInfo ? 1 : 0))
    return StableHash.of(writer.bytes)
  }

  private func compile(
    _ order: [Int], _ source: GuestSource?
  ) throws(CompileError) -> PieceCompiler.Result {
    try builder.compile(order, key: key(source)) {
      (functions: [Int], target: TargetOptions, nodes: NodeNumbering) throws(CompileError) in
      options.willCompile?(functions)
      return try compilePartition(
        module: module, plan: plan, profile: profile, functions: functions, target: target,
        nodes: nodes, source: source, dump: options.dump, isVerifying: options.isVerifying,
        leftOut: options.leftOut)
    }
  }

  private func key(_ source: GuestSource?) -> PartitionKey? {
    guard memory != nil else { return nil }
    return PartitionKey(
      module: module, plan: plan, counts: counts, hasProfile: !profile.functions.isEmpty,
      target: options.target, source: source, moduleName: defaultModuleName)
  }

  private func link(
    _ compiled: PieceCompiler.Result, _ source: GuestSource?
  ) throws(CompileError) -> [UInt8] {
    options.willLink?()
    let artefact = try builder.link(compiled, source)
    memory?.keep(plan, counts)
    return artefact
  }
}
