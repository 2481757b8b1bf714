import AOT
import Contract
import Feedback
import Forcing
import Runtime
import Speculation
import TestSupport
import Verification
import Wasm
import WasmText

/// A ``FuzzProgram`` on the baseline, and compiled with what its training showed, or with a profile that is wrong.
struct FuzzCase: FuzzSubject {
  let program: FuzzProgram
  let module: Module
  let library: Module?
  private let steps: [FuzzWorld.Step]
  private let profile: ModuleProfile
  private let libraryProfile: ModuleProfile
  var build: FuzzBuild
  var settings: [FuzzSetting]
  var planting: Planting?

  /// Decides on a fault in the main module's artefact, to see that it is found.
  typealias Planting = (FuzzBuild, [UInt8]) throws -> PlantedFault?

  /// What a case came to.
  struct Result: Sendable {
    /// The main one, and the library if there is one.
    var modules = 0
    /// Of all runs.
    var deopts: UInt64 = 0
    /// Of those, the forced ones.
    var forced: UInt64 = 0
    var points = 0
    var guards = 0
    /// Calls that trapped, of all runs.
    var traps: UInt64 = 0
    /// Deopts in those calls.
    var deoptsBeforeTraps: UInt64 = 0
    var finding: FuzzFinding?
  }

  /// Sites of the main module that can deoptimize.
  func sites() throws -> [FuzzBuild.Site] { FuzzBuild.sites(try plan(module, profile).plan) }

  /// Artefact files.
  struct Artefacts {
    var main: [UInt8]
    var library: [UInt8]?
  }

  /// Runs the program on the baseline, which is the reference.
  /// - Throws: what is wrong with the modules.
  init(_ program: FuzzProgram) throws {
    self.program = program
    build = FuzzBuild(seed: program.seed)
    settings = FuzzSetting.all(seed: program.seed)
    module = try Module(validating: assemble(program.text))
    library = try program.library.map { try Module(validating: assemble($0)) }
    let reference = try FuzzWorld(
      CompiledModule(module), library: library.map { CompiledModule($0) })
    steps = try program.calls.map { try reference.call($0) }
    (profile, libraryProfile) = try Self.record(program, module, library)
  }

  private static func record(_ program: FuzzProgram, _ module: Module, _ library: Module?) throws
    -> (ModuleProfile, ModuleProfile)
  {
    let recorder = try FuzzWorld(
      CompiledModule(recorder: Recorder(module)),
      library: library.map { CompiledModule(recorder: Recorder($0)) })
    for call in program.training { _ = try recorder.call(call) }
    return (
      try FuzzWorld.profile(of: recorder.main),
      try recorder.library.map { try FuzzWorld.profile(of: $0) } ?? ModuleProfile()
    )
  }

  // MARK: Compiling

  func compile() throws -> Artefacts {
    let plan = try plan(module, profile)
    let libraryPlan = try libraryToCompile.map { try self.plan($0, libraryProfile) }
    return try compile(plan, libraryPlan)
  }

  private func compile(_ plan: Plan, _ libraryPlan: Plan?) throws -> Artefacts {
    Artefacts(main: try compile(plan), library: try libraryPlan.map { try compile($0) })
  }

  private var libraryToCompile: Module? { build.compilesLibrary ? library : nil }

  private struct Plan {
    var module: Module
    var profile: ModuleProfile
    var plan: CompilationPlan
    var speculates: Bool { plan.functions.contains { $0.speculative != nil } }
  }

  private func plan(_ module: Module, _ profile: ModuleProfile) throws -> Plan {
    let profile = try build.spoil(profile, module, seed: program.seed) {
      let other = FuzzProgram(seed: program.seed &+ 1)
      return try Self.record(
        other, Module(validating: assemble(other.text)),
        other.library.map { try Module(validating: assemble($0)) }
      ).0
    }
    let plan = Planner.plan(module: module, profile: profile, options: build.planner)
    return Plan(
      module: module, profile: profile, plan: build.restrict(plan).inTiers(level: build.level))
  }

  private func compile(_ plan: Plan) throws -> [UInt8] {
    var options = CompilerOptions(isShared: build.isShared)
    options.usesProcesses = false
    options.isVerifying = build.isVerifying
    options.leftOut = build.leftOut
    options.includesBaseline = build.includesBaseline
    for function in build.cold(plan.module) { options.baseline[function] = .cold }
    build.planted?.plant(in: &options)
    return try Compiler.compile(
      plan.module, plan: plan.plan, profile: plan.profile, options: options)
  }

  // MARK: Running

  /// All settings until one differs from the reference.
  /// - Parameter progress: told of the number of each setting before it is run; -1: compiling.
  func check(progress: (Int) -> Void = { _ in }) throws -> Result {
    progress(-1)
    var result = Result()
    // Generated programs limit their recursion, but shrinking may take the limit away.
    if steps.contains(where: \.exhaustsStack) { return result }
    result.modules = library == nil ? 1 : 2
    let plan = try plan(module, profile)
    let libraryPlan = try libraryToCompile.map { try self.plan($0, libraryProfile) }
    // What can never deopt is thrown away, but for a few.
    guard
      plan.speculates || libraryPlan?.speculates ?? false || program.hasEdges
        || program.seed % 16 == 0
    else {
      return result
    }
    if let limit = build.passLimit { limitPasses(to: limit) }
    var artefacts = try compile(plan, libraryPlan)
    let fault = try planting?(build, artefacts.main)
    if let fault { artefacts.main = try fault.plant(in: artefacts.main) }
    let artefact = try Artefact(bytes: artefacts.main)
    result.points = artefact.deopts.points.count
    result.guards = try artefact.guardTests().count
    if let library = artefacts.library {
      result.guards += try Artefact(bytes: library).guardTests().count
    }
    for (number, setting) in settings.enumerated() {
      if setting.forcing != nil && result.guards == 0 { continue }
      progress(number)
      if let text = try run(artefacts, setting, fault, &result) {
        result.finding = FuzzFinding(kind: .different, setting: number, text: text)
        break
      }
    }
    return result
  }

  /// - Returns: how it differs from the reference.
  private func run(
    _ artefacts: Artefacts, _ setting: FuzzSetting, _ fault: PlantedFault?, _ result: inout Result
  ) throws -> String? {
    let main = try Artefact(bytes: artefacts.main, forcing: setting.forcing)
    let library = try artefacts.library.map { try Artefact(bytes: $0, forcing: setting.forcing) }
    let world = try FuzzWorld(
      CompiledModule(artefact: main),
      library: library.map { CompiledModule(artefact: $0) }
        ?? self.library.map { CompiledModule($0) })
    world.setBudget(setting.budget)
    fault?.plant(in: world.main)
    defer {
      result.deopts += world.deopts
      for artefact in [main] + (library.map { [$0] } ?? []) {
        result.forced += artefact.forcedGuards?.forcedCount ?? 0
      }
    }
    for (number, call) in program.calls.enumerated() {
      let deopts = world.deopts
      let step = try world.call(call)
      if step.isTrap {
        result.traps += 1
        result.deoptsBeforeTraps += world.deopts - deopts
      }
      guard step == steps[number] else { return try describe(number, step, world) }
    }
    return nil
  }

  private func describe(_ number: Int, _ step: FuzzWorld.Step, _ world: FuzzWorld) throws -> String
  {
    let reference = try FuzzWorld(
      CompiledModule(module), library: library.map { CompiledModule($0) })
    for call in program.calls[...number] { _ = try reference.call(call) }
    var lines = ["call \(number) \(program.calls[number])"]
    if step.outcome != steps[number].outcome {
      lines.append("\(steps[number].outcome) on the baseline, here \(step.outcome)")
    }
    return (lines + reference.differences(world)).joined(separator: "; ")
  }
}
