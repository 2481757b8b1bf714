import AOT
import Contract
import Feedback
import Runtime
import Speculation
import TestSupport
import Verification
import Wasm
import WasmText

/// A ``FuzzProgram`` on the baseline, compiled with what its training showed, and with profiles that are wrong.
struct FuzzCase {
  let seed: UInt64
  let program: FuzzProgram
  let module: Module
  let library: Module?
  private let steps: [FuzzWorld.Step]
  private let profile: ModuleProfile
  private let libraryProfile: ModuleProfile

  /// What a case came to.
  struct Result {
    var compilations = 0
    var deopts: UInt64 = 0
    var forced: UInt64 = 0
    var points = 0
    var tests = 0
    var finding: String?
  }

  init(seed: UInt64) throws {
    self.seed = seed
    program = FuzzProgram(seed: seed)
    module = try Module(validating: assemble(program.text))
    library = try program.library.map { try Module(validating: assemble($0)) }
    let reference = try FuzzWorld(
      CompiledModule(module), library: library.map { CompiledModule($0) })
    steps = try program.calls.map { try reference.call($0) }
    let recorder = try FuzzWorld(
      CompiledModule(module, feedback: true),
      library: library.map { CompiledModule($0, feedback: true) })
    for call in program.training { _ = try recorder.call(call) }
    profile = try FuzzWorld.profile(of: recorder.main)
    libraryProfile = try recorder.library.map { try FuzzWorld.profile(of: $0) } ?? ModuleProfile()
  }

  // MARK: Compiling

  /// How the profile is spoiled before planning.
  enum Spoiling: CaseIterable {
    case none, truncated, shuffled, random
  }

  struct Build {
    var spoiling = Spoiling.none
    var growth = 1.0
    var level = 3
    var isShared = true
  }

  /// Artefact bytes of the module and its library.
  func compile(_ build: Build) throws -> (main: [UInt8], library: [UInt8]?) {
    (
      try compile(module, profile, build),
      try library.map { try compile($0, libraryProfile, build) }
    )
  }

  private func compile(_ module: Module, _ profile: ModuleProfile, _ build: Build) throws
    -> [UInt8]
  {
    let profile = spoil(profile, module, build.spoiling)
    var planner = PlannerOptions()
    planner.tuning.growthFactor *= build.growth
    planner.tuning.minimumBudget = Int(Double(planner.tuning.minimumBudget) * build.growth)
    planner.tuning.maximumRecursion = build.growth > 1 ? 3 : 2
    var options = CompilerOptions(optimizationLevel: build.level, isShared: build.isShared)
    options.usesProcesses = false
    options.isVerifying = true
    return try Compiler.compile(
      module, plan: Planner.plan(module: module, profile: profile, options: planner),
      profile: profile, options: options)
  }

  private func spoil(_ profile: ModuleProfile, _ module: Module, _ spoiling: Spoiling)
    -> ModuleProfile
  {
    var random = TestRandom(seed: seed &* 31)
    var result = profile
    for function in profile.functions.keys.sorted() {
      switch spoiling {
      case .none: break
      case .truncated:
        if Bool.random(using: &random) { result.functions[function] = nil }
      case .shuffled:
        // Another function's counts: offsets and targets that mean nothing here.
        result.functions[function] =
          profile.functions[profile.functions.keys.sorted().randomElement(using: &random)!]
      case .random:
        for site in (profile.functions[function]?.callSites ?? [:]).keys.sorted() {
          let count = Int.random(in: 0...4, using: &random)
          let targets = (0..<count).map { _ in
            CallSiteFeedback.Target(
              function: Int.random(in: 0..<module.functions.count, using: &random),
              count: UInt64.random(in: 1...1000, using: &random))
          }
          result.functions[function]?.callSites[site]?.targets = targets
        }
      }
    }
    return result
  }

  // MARK: Running

  /// One way to run the artefacts.
  struct Setting {
    var forcing: GuardForcing?
    var budget: Int?
    var name: String
  }

  var settings: [Setting] {
    var once = GuardForcing()
    once.failsEachTestOnce = true
    once.loopPeriod = seed % 2 == 0 ? nil : Int(seed % 5) + 1
    var every = GuardForcing()
    every.period = seed % 3 + 1
    every.loopPeriod = seed % 4 == 0 ? 3 : nil
    var random = GuardForcing()
    random.random = .init(seed: seed, rate: [0.3, 0.05, 0.01][Int(seed % 3)])
    return [
      Setting(forcing: nil, budget: 10, name: "no forcing"),
      Setting(forcing: nil, budget: nil, name: "no forcing, no deopt limit"),
      Setting(forcing: once, budget: nil, name: "each test once"),
      Setting(forcing: every, budget: nil, name: "every \(every.period ?? 0)"),
      Setting(forcing: random, budget: 10, name: "at random"),
    ]
  }

  /// - Parameter prepare: told of the world before its first call.
  func run(
    _ artefacts: (main: [UInt8], library: [UInt8]?), _ setting: Setting, _ result: inout Result,
    prepare: (FuzzWorld) throws -> Void = { _ in }
  ) throws {
    let main = try Artefact(bytes: artefacts.main, forcing: setting.forcing)
    let library = try artefacts.library.map { try Artefact(bytes: $0, forcing: setting.forcing) }
    let world = try FuzzWorld(
      CompiledModule(artefact: main), library: library.map { CompiledModule(artefact: $0) })
    world.setBudget(setting.budget)
    try prepare(world)
    defer {
      result.deopts += world.deopts
      result.forced += (main.forcedGuards?.forcedCount ?? 0) + (library?.forcedGuards?.forcedCount ?? 0)
    }
    for (number, call) in program.calls.enumerated() {
      let step = try world.call(call)
      guard step != steps[number] else { continue }
      result.finding = try describe(number, step, world, setting)
      return
    }
  }

  private func describe(
    _ number: Int, _ step: FuzzWorld.Step, _ world: FuzzWorld, _ setting: Setting
  ) throws -> String {
    let reference = try FuzzWorld(
      CompiledModule(module), library: library.map { CompiledModule($0) })
    for call in program.calls[...number] { _ = try reference.call(call) }
    var lines = ["seed \(seed), \(setting.name), call \(number) \(program.calls[number])"]
    if step.outcome != steps[number].outcome {
      lines.append("\(steps[number].outcome) on the baseline, here \(step.outcome)")
    }
    return (lines + reference.differences(world)).joined(separator: "; ")
  }

  /// All of it.
  func check() throws -> Result {
    var result = Result()
    var builds = [
      Build(growth: seed % 2 == 0 ? 1 : 4, level: seed % 3 == 0 ? 2 : 3, isShared: seed % 2 == 0)
    ]
    if seed % 4 == 0 {
      let spoiling = Spoiling.allCases[1 + Int(seed / 4 % 3)]
      builds.append(Build(spoiling: spoiling, growth: 2, level: 2, isShared: false))
    }
    for build in builds {
      let artefacts = try compile(build)
      result.compilations += 1
      let artefact = try Artefact(bytes: artefacts.main)
      result.points += artefact.deopts.points.count
      result.tests += try artefact.guardTests().count
      for setting in settings {
        // What can never deopt has been seen once it ran.
        if setting.forcing != nil && result.tests == 0 { continue }
        try run(artefacts, setting, &result)
        if let finding = result.finding {
          result.finding = "\(build): \(finding)"
          return result
        }
      }
    }
    return result
  }
}
