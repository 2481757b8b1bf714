import AOT
import Feedback
import Forcing
import Runtime
import Speculation
import Wasm
import WasmText

/// A way of compiling a ``TrapProgram``, and the ways of running what came out.
public struct TrapTier: Sendable, CustomStringConvertible {
  public enum Profile: String, Sendable {
    case none = "no profile"
    case good = "its profile"
    case wrong = "a wrong profile"
  }

  public var profile: Profile
  public var level: Int
  public var forcings: [Forcing]

  public init(
    profile: Profile, level: Int, forcings: [Forcing] = [.none]
  ) {
    self.profile = profile
    self.level = level
    self.forcings = forcings
  }

  /// How guards are made to fail.
  public enum Forcing: String, Sendable {
    case none = "as compiled"
    case once = "each test fails once"
    case third = "every third test fails"
    case random = "tests fail at random"

    var guards: GuardForcing? {
      var forcing = GuardForcing()
      switch self {
      case .none: return nil
      case .once: forcing.failsEachTestOnce = true
      case .third:
        forcing.period = 3
        forcing.loopPeriod = 1
      case .random: forcing.random = .init(seed: 7, rate: 0.02)
      }
      return forcing
    }
  }

  public var description: String {
    "\(profile.rawValue) -O\(level)"
  }

  public static let all: [TrapTier] = [
    TrapTier(profile: .none, level: 1),
    TrapTier(profile: .none, level: 2),
    TrapTier(profile: .none, level: 3),
    TrapTier(profile: .good, level: 3, forcings: [.none, .once, .third, .random]),
    TrapTier(profile: .good, level: 1, forcings: [.none, .once]),
    TrapTier(profile: .wrong, level: 3, forcings: [.none, .once]),
  ]
}

/// A ``TrapProgram`` on the baseline, which other tiers are held against.
public struct TrapComparison {
  public struct Difference: Sendable {
    public enum Kind: String, Sendable {
      /// It returned, or trapped for another reason.
      case outcome
      /// Only the places of the trap's frames.
      case place
      /// Memories, globals, tables, or what the host was told.
      case state
    }

    public var kind: Kind
    public var tier: TrapTier
    public var forcing: TrapTier.Forcing
    public var name: String
    public var call: TrapProgram.Call
    public var text: String
  }

  /// What was run on all tiers.
  public struct Counts: Sendable {
    public var calls = 0
    public var traps = 0
    /// In cases that trapped later.
    public var deoptsBeforeTraps: UInt64 = 0

    public init() {}

    public static func += (left: inout Counts, right: Counts) {
      left.calls += right.calls
      left.traps += right.traps
      left.deoptsBeforeTraps += right.deoptsBeforeTraps
    }
  }

  public let program: TrapProgram
  public let module: Module
  /// Of each case.
  public let steps: [[TrapStep]]
  public private(set) var differences: [Difference] = []
  public private(set) var counts = Counts()
  public var leftOut: Set<OwnPass> = []
  private let recorded: ModuleProfile

  public init(_ program: TrapProgram) throws {
    self.program = program
    module = try Module(validating: assemble(program.text))
    let baseline = CompiledModule(module)
    steps = try program.cases.map { item in
      let world = try TrapWorld(baseline, fillsMemory: program.fillsMemory)
      return try item.calls.map(world.call)
    }
    let recorder = try TrapWorld(
      CompiledModule(recorder: Recorder(module)), fillsMemory: program.fillsMemory)
    for call in program.training { _ = try recorder.call(call) }
    recorded = try recorder.instance.recordedProfile?.match(module) ?? ModuleProfile()
  }

  public mutating func run(_ tiers: [TrapTier] = TrapTier.all) throws {
    for tier in tiers {
      let bytes = try compile(tier)
      for forcing in tier.forcings {
        let artefact = try Artefact(bytes: bytes, forcing: forcing.guards)
        try run(CompiledModule(artefact: artefact), tier, forcing)
      }
    }
  }

  private func compile(_ tier: TrapTier) throws -> [UInt8] {
    let profile =
      switch tier.profile {
      case .none: ModuleProfile()
      case .good: recorded
      case .wrong: try WrongProfile(module, recorded: recorded, other: ModuleProfile()).profile
      }
    let plan = Planner.plan(module: module, profile: profile, options: .thorough)
      .inTiers(level: tier.level)
    var options = CompilerOptions(isShared: tier.level == 3)
    // Tests run in many threads.
    options.usesProcesses = false
    // What is left out shows when compiling, too.
    options.isVerifying = leftOut.isEmpty
    options.leftOut = leftOut
    return try Compiler.compile(module, plan: plan, profile: profile, options: options)
  }

  private mutating func run(
    _ compiled: CompiledModule, _ tier: TrapTier, _ forcing: TrapTier.Forcing
  ) throws {
    for (item, expected) in zip(program.cases, steps) {
      let world = try TrapWorld(compiled, fillsMemory: program.fillsMemory)
      // Speculation never ends where guards are forced.
      if forcing != .none { world.instance.deoptBudget = nil }
      var kinds: Set<Difference.Kind> = []
      for (number, call) in item.calls.enumerated() {
        let deopts = world.deopts
        let step = try world.call(call)
        counts.calls += 1
        if step.isTrap {
          counts.traps += 1
          counts.deoptsBeforeTraps += world.deopts - deopts
        }
        guard let kind = Difference.Kind(step, expected[number]) else { continue }
        if kinds.insert(kind).inserted {
          let text = try describe(item, number, step, world)
          differences.append(
            Difference(
              kind: kind, tier: tier, forcing: forcing, name: item.name, call: call, text: text))
        }
        // What follows would differ for it.
        if step.digest != expected[number].digest { break }
      }
    }
  }

  private func describe(
    _ item: TrapProgram.Case, _ number: Int, _ step: TrapStep, _ world: TrapWorld
  ) throws -> String {
    let reference = try TrapWorld(CompiledModule(module), fillsMemory: program.fillsMemory)
    var outcome = ""
    for call in item.calls[...number] { outcome = try reference.call(call).outcome }
    let lines = step.outcome == outcome ? [] : ["\(outcome) on the baseline, here \(step.outcome)"]
    return (lines + reference.differences(world)).joined(separator: "; ")
  }
}

extension TrapComparison.Difference: CustomStringConvertible {
  public var description: String {
    "\(kind.rawValue) | \(name) | \(tier), \(forcing.rawValue) | \(call) | \(text)"
  }
}

extension TrapComparison.Difference.Kind {
  /// Nil if both steps are the same.
  fileprivate init?(_ step: TrapStep, _ expected: TrapStep) {
    if step.reason != expected.reason {
      self = .outcome
    } else if step.digest != expected.digest {
      self = .state
    } else if step.outcome != expected.outcome {
      self = .place
    } else {
      return nil
    }
  }
}
