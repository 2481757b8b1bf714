import AOT
import Feedback
import Forcing
import Runtime
import Speculation
import TestSupport
import Wasm

/// How the modules of a ``FuzzCase`` are compiled: by its seed.
struct FuzzBuild: Sendable {
  /// How the profile is made wrong before planning. A wrong profile may cost speed, never correctness.
  enum Spoiling: String, CaseIterable {
    case none
    /// Functions are missing.
    case truncated
    /// Functions have the counts of others: offsets and targets mean something else here, or nothing.
    case shuffled
    /// Sites claim random targets.
    case random
    /// The profile is another module's.
    case foreign
  }

  var spoiling = Spoiling.none
  /// Bytes that may be inlined into a function, whatever its size.
  var budget = 150
  /// Of the usual growth of a function by inlining.
  var growth = 1.0
  var recursion = 2
  /// Of one function: each is a copy of its generic version.
  var osrEntries = 0
  var level = 3
  /// Whether speculative functions have a generic version too.
  var keepsGeneric = true
  var isShared = true
  /// Whether the library is compiled too.
  var compilesLibrary = true
  /// Whether the artefact contains baseline code.
  var includesBaseline = true
  /// Of all functions, in percent: those that are compiled by the baseline compiler only.
  var coldShare = 0
  /// Whether LLVM's verifier checks each stage.
  var isVerifying = false
  /// Only these sites deoptimize; nil: all that the plan wants.
  var deopting: [Site]?
  /// LLVM's optional passes above this number are left out, in this process from now on.
  var passLimit: Int?
  /// Passes of our own that are left out.
  var leftOut: Set<OwnPass> = []
  /// A fault of the compiler that is put back.
  var planted: PlantedMiscompile?

  /// A call whose guard can fail.
  struct Site: Sendable, Hashable {
    /// The compiled function, and the copy of a function in its tree.
    var function: Int
    var node: Int
    var byteOffset: Int
  }

  /// Most are compiled with little effort, since a campaign's time is LLVM's; loops at the end of memory with more, since below
  /// level 2 there is nothing that could move their effects.
  init(seed: UInt64) {
    var random = TestRandom(seed: seed &* 0x2545_F491_4F6C_DD1D)
    func chance(_ percent: Int) -> Bool { Int.random(in: 0...99, using: &random) < percent }
    if chance(20) {
      spoiling = Spoiling.allCases.dropFirst().randomElement(using: &random)!
    }
    budget = [40, 80, 80, 80, 150, 150, 400, 1_500].randomElement(using: &random)!
    growth = [0.5, 1, 1, 2, 4].randomElement(using: &random)!
    recursion = chance(10) ? 3 : 2
    osrEntries = chance(35) ? 3 : 0
    level =
      FuzzProgram.hasEdges(seed: seed)
      ? [1, 1, 2, 2, 2, 2, 2, 3, 3].randomElement(using: &random)!
      : [1, 1, 1, 1, 1, 1, 1, 2, 2, 3].randomElement(using: &random)!
    keepsGeneric = chance(50)
    // One run of the linker less.
    isShared = chance(25)
    isVerifying = chance(10)
    compilesLibrary = chance(40)
    includesBaseline = !chance(10)
    if chance(30) { coldShare = [20, 50, 80].randomElement(using: &random)! }
  }

  /// The functions of a module that only the baseline compiler compiles.
  func cold(_ module: Module) -> [Int] {
    var random = TestRandom(seed: UInt64(module.bytes.count))
    return (module.importedFunctionCount..<module.functions.count).filter { _ in
      Int.random(in: 0...99, using: &random) < coldShare
    }
  }

  var planner: PlannerOptions {
    var planner = PlannerOptions.thorough
    planner.tuning.genericShare = keepsGeneric ? 0 : 2
    planner.tuning.growthFactor *= growth
    planner.tuning.minimumBudget = budget
    planner.tuning.maximumRecursion = recursion
    planner.tuning.maximumOSREntries = osrEntries
    planner.tuning.budgetCap = 4 * budget
    return planner
  }

  /// - Parameter foreign: another module's profile.
  func spoil(
    _ profile: ModuleProfile, _ module: Module, seed: UInt64, foreign: () throws -> ModuleProfile
  ) throws -> ModuleProfile {
    var random = TestRandom(seed: seed &* 31)
    var result = profile
    let functions = profile.functions.keys.sorted()
    switch spoiling {
    case .none: break
    case .foreign:
      result.functions = try foreign().functions.filter {
        (module.importedFunctionCount..<module.functions.count).contains($0.key)
      }
    case .truncated:
      for function in functions where Bool.random(using: &random) {
        result.functions[function] = nil
      }
    case .shuffled:
      for function in functions {
        result.functions[function] = profile.functions[functions.randomElement(using: &random)!]
      }
    case .random:
      for function in functions {
        for site in (profile.functions[function]?.callSites ?? [:]).keys.sorted() {
          result.functions[function]?.callSites[site]?.targets = Self.targets(module, &random)
        }
      }
    }
    return result
  }

  private static func targets(_ module: Module, _ random: inout TestRandom)
    -> [CallSiteFeedback.Target]
  {
    (0..<Int.random(in: 0...4, using: &random)).map { _ in
      CallSiteFeedback.Target(
        function: Int.random(in: 0..<module.functions.count, using: &random),
        count: UInt64.random(in: 1...1000, using: &random))
    }
  }

  /// Without deopts where ``deopting`` does not want them: what was to deoptimize is a call.
  func restrict(_ plan: CompilationPlan) -> CompilationPlan {
    guard let deopting else { return plan }
    let wanted = Set(deopting)
    var plan = plan
    for index in plan.functions.indices {
      let function = plan.functions[index].function
      guard var tree = plan.functions[index].speculative else { continue }
      var isSpeculative = false
      for node in tree.nodes.indices {
        for (offset, site) in tree.nodes[node].sites where site.miss == .deopt {
          if wanted.contains(Site(function: function, node: node, byteOffset: offset)) {
            isSpeculative = true
          } else {
            tree.nodes[node].sites[offset]?.miss = .call
          }
        }
      }
      plan.functions[index].speculative = isSpeculative ? tree : nil
      if !isSpeculative { plan.functions[index].keepsGeneric = false }
    }
    return plan
  }

  static func sites(_ plan: CompilationPlan) -> [Site] {
    plan.functions.flatMap { function in
      (function.speculative?.nodes ?? []).enumerated().flatMap { node, copy in
        copy.sites.filter { $0.value.miss == .deopt }.keys.sorted().map {
          Site(function: function.function, node: node, byteOffset: $0)
        }
      }
    }
  }
}

/// One way to run what was compiled.
struct FuzzSetting: Sendable {
  var forcing: GuardForcing?
  /// Deopts of a function until it is generic; nil: any number.
  var budget: Int?
  var name: String

  static func all(seed: UInt64) -> [FuzzSetting] {
    var once = GuardForcing()
    once.failsEachTestOnce = true
    once.loopPeriod = seed % 2 == 0 ? nil : Int(seed % 5) + 1
    var every = GuardForcing()
    every.period = seed % 3 + 1
    every.loopPeriod = seed % 4 == 0 ? 3 : nil
    var random = GuardForcing()
    random.random = .init(seed: seed, rate: [0.3, 0.05, 0.01][Int(seed % 3)])
    random.loopPeriod = seed % 5 == 0 ? 1 : nil
    return [
      FuzzSetting(forcing: nil, budget: 10, name: "no forcing"),
      FuzzSetting(forcing: nil, budget: nil, name: "no forcing, no deopt limit"),
      FuzzSetting(forcing: once, budget: nil, name: "each test once"),
      FuzzSetting(forcing: every, budget: nil, name: "every \(every.period ?? 0)"),
      FuzzSetting(forcing: random, budget: 10, name: "at random"),
    ]
  }
}
