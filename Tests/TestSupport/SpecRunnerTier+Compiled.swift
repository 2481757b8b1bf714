import AOT
import Feedback
import Forcing
import Runtime
import Speculation
import Wasm

extension Tier {
  /// Ahead-of-time compiled without a profile.
  public static let compiled = Tier("AOT") { file in
    CompiledRun(CompilerOptions()) { module in
      (Planner.plan(module: module, options: .thorough).inTiers(level: 2), ModuleProfile())
    }
  }

  /// With what the same tests counted before. Calls that trap are not counted, and deopt.
  public static let profiled = Tier("AOT with its profile", deopts: 0...Int.max) { file in
    let record = try SpecRecord(file)
    let options = CompilerOptions(isShared: false)
    return CompiledRun(options, executed: record) { module in
      let profile = record.profile(of: module)
      let plan = Planner.plan(module: module, profile: profile, options: .thorough)
      return (plan.inTiers(level: 2), profile)
    }
  }

  /// With profiles that are wrong in every way: see ``WrongProfile``.
  public static let wronglyProfiled = Tier("AOT with a wrong profile", deopts: 100...Int.max) {
    file in
    let record = try SpecRecord(file)
    var other = ModuleProfile()
    return CompiledRun(CompilerOptions(), executed: record) { module in
      let recorded = record.profile(of: module)
      let profile = try WrongProfile(module, recorded: recorded, other: other).profile
      other = recorded
      let plan = Planner.plan(module: module, profile: profile, options: .thorough)
      return (plan.inTiers(level: 3), profile)
    }
  }

  /// Speculates wherever the types allow it, and each guard fails the first time.
  public static let forced = Tier("AOT with guards that fail once", deopts: 100...Int.max) { file in
    var forcing = GuardForcing()
    forcing.failsEachTestOnce = true
    let options = CompilerOptions(isShared: false)
    return CompiledRun(options, forcing: forcing, executed: try SpecRecord(file)) { module in
      (try TestPlan(speculatingEverywhere: module).plan(module), ModuleProfile())
    }
  }
}

/// Modules that are compiled ahead of time.
private final class CompiledRun: TierRun {
  let isAheadOfTime = true
  private var options: CompilerOptions
  private let forcing: GuardForcing?
  private let makePlan: (Module) throws -> (CompilationPlan, ModuleProfile)
  /// What the tests execute, for tiers that speculate.
  private let record: SpecRecord?
  /// Modules of which at least one guard must have failed, by hash.
  private var failing: Set<UInt64> = []
  private var forced: [(module: UInt64, guards: ForcedGuards)] = []

  init(
    _ options: CompilerOptions, forcing: GuardForcing? = nil, executed record: SpecRecord? = nil,
    plan: @escaping (Module) throws -> (CompilationPlan, ModuleProfile)
  ) {
    self.options = options
    self.forcing = forcing
    self.record = record
    makePlan = plan
    // Tests run in many threads.
    self.options.usesProcesses = false
    self.options.isVerifying = true
  }

  func compile(_ module: Module) throws -> CompiledModule {
    let (plan, profile) = try makePlan(module)
    if mustFail(plan, module) { failing.insert(module.hash) }
    let bytes = try Compiler.compile(module, plan: plan, profile: profile, options: options)
    let artefact = try Artefact(bytes: bytes, forcing: forcing)
    if let guards = artefact.forcedGuards { forced.append((module.hash, guards)) }
    return CompiledModule(artefact: artefact)
  }

  /// Whether a guard of a function's own code was reached when the tests were recorded, and fails there.
  private func mustFail(_ plan: CompilationPlan, _ module: Module) -> Bool {
    let executed = record?.profile(of: module) ?? ModuleProfile()
    return plan.functions.contains { function in
      (function.speculative?.nodes[0].sites ?? [:]).contains { offset, site in
        let targets = executed.functions[function.function]?.callSites[offset]?.targets ?? []
        return site.miss == .deopt && !targets.isEmpty
          && Set(targets.map(\.function)).isDisjoint(with: site.targets.map(\.function))
      }
    }
  }

  func complaint(_ run: SpecRun, callsAreExpected: Bool) -> String? {
    for (module, guards) in forced where guards.forcedCount > 0 { failing.insert(module) }
    for module in run.modules {
      guard module.hasOptimizedCode else { return "a module has no optimized code" }
      let deopts = run.instances.lazy.filter { $0.compiledModule === module }.reduce(0) {
        $0 + ($1.deoptStatistics?.deopts ?? 0)
      }
      if module.baselineFunctionCount > 0 { return "baseline code was compiled" }
      if deopts == 0 && failing.contains(module.module.hash) {
        return "a guard that must fail did not"
      }
    }
    return nil
  }
}

extension TestPlan {
  /// A plan that speculates at every call, on the first two functions of its type, and inlines what it can.
  public init(speculatingEverywhere module: Module) throws {
    self.init(targets: [:])
    let defined = module.importedFunctionCount..<module.functions.count
    for function in defined {
      for call in try module.indirectCalls(function: function) {
        let fitting = defined.filter {
          module.types.isSubtype(module.functions[$0].typeIndex, of: call.type)
        }
        if !fitting.isEmpty { targets[call.offset] = Array(fitting.prefix(2)) }
      }
    }
    depth = 2
    usesDispatchTables = true
  }
}

extension Module {
  /// Through tables and by reference, tail calls included, in order.
  public func indirectCalls(function: Int) throws -> [(offset: Int, type: Int)] {
    var result: [(offset: Int, type: Int)] = []
    var reader = InstructionReader(self, function: function)
    while let i = try reader.next() {
      switch i.callee {
      case .table(_, let type), .reference(let type): result.append((i.offset, type))
      case .function, nil: continue
      }
    }
    return result
  }
}
