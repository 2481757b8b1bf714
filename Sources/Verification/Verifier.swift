import Contract
import Forcing
import Runtime
import Wasm

/// Compares an artefact with the baseline: the same program runs without forcing, then with each guard forced that it reaches, then with guards
/// forced at random, and nothing observable may differ.
///
/// Each run of the artefact is a process of its own, forked from this one, which must have a single thread.
public struct Verifier {
  /// How much to try.
  public struct Options: Sendable {
    /// Maximum number of runs of the artefact, without those that narrow down a divergence.
    public var runs = 60
    /// Of those, runs with guards forced at random.
    public var randomRuns = 12
    /// Of the random runs.
    public var seed: UInt64 = 1
    /// Of processor time, for a run of the artefact.
    public var secondsPerRun: UInt32 = 60

    /// The defaults of `verify`.
    public init() {}
  }

  /// How much to try.
  public var options: Options
  /// Told before each run.
  public var progress: (Int) -> Void = { _ in }
  private let load: (GuardForcing?) throws(ArtefactError) -> Artefact
  private let observe: (CompiledModule, Int?) throws -> Observation
  private let reference: Observation

  /// - Parameters:
  ///   - load: loads the artefact.
  ///   - observe: runs the program, the same way each time, with a deopt budget (nil: none).
  ///   - reference: of the program on the baseline.
  public init(
    options: Options = Options(), reference: Observation,
    load: @escaping (GuardForcing?) throws(ArtefactError) -> Artefact,
    observe: @escaping (CompiledModule, Int?) throws -> Observation
  ) {
    self.options = options
    self.reference = reference
    self.load = load
    self.observe = observe
  }

  /// Parameters of one run of the artefact.
  struct Setting {
    var forcing: GuardForcing?
    var budget: Int?
    var name: String
  }

  func run(_ setting: Setting) -> ForcedRun {
    ForcedRun.inChild(seconds: options.secondsPerRun) { report in
      do {
        let artefact = try load(setting.forcing)
        if let guards = artefact.forcedGuards, let limit = setting.forcing?.limit {
          // If the run crashes after the last deopt, this tells which deopt that was.
          guards.reportsDeopt = {
            if guards.forcedCount == limit { report(ForcedRun([], guards)) }
          }
        }
        defer { artefact.forcedGuards?.reportsDeopt = nil }
        let observation = try observe(CompiledModule(artefact: artefact), setting.budget)
        return ForcedRun(reference.differences(observation), artefact.forcedGuards)
      } catch {
        return ForcedRun(["failed: \(error)"], nil)
      }
    }
  }

  /// Runs the artefact until enough was tried, or a run differs.
  /// - Throws: `ArtefactError` if it cannot be loaded.
  public func verify() throws(ArtefactError) -> Verification {
    let artefact = try load(nil)
    var result = try Verification(artefact)
    let plain = Setting(forcing: nil, budget: 10, name: "without forcing")
    progress(result.runs)
    let first = run(plain)
    result.note(first)
    guard first.isEqual else {
      result.divergence = Divergence(
        setting: plain.name, differences: first.differences, deopt: nil, isAlone: false)
      return result
    }
    for setting in settings(result.testCount) {
      guard result.runs < options.runs else { break }
      var setting = setting
      if setting.forcing?.failsEachTestOnce == true {
        if result.isExhausted { continue }
        setting.forcing?.skippedTests = result.forcedTests
      }
      progress(result.runs)
      let run = run(setting)
      result.note(run, isEach: setting.forcing?.failsEachTestOnce == true)
      if !run.isEqual {
        result.divergence = narrow(setting, run)
        return result
      }
    }
    return result
  }

  /// Each test once, in as many runs as it takes: code behind a failed guard is baseline code, in which no guards are.
  /// Then at random.
  private func settings(_ testCount: Int) -> [Setting] {
    let loopPeriods: [Int?] = [nil, 1, 2, 5, 40]
    var counting = GuardForcing()
    counting.random = .init(seed: 1, rate: 0)
    var result = [Setting(forcing: counting, budget: 10, name: "counting guards")]
    for number in 0..<max(0, options.runs - options.randomRuns) {
      var forcing = GuardForcing()
      forcing.failsEachTestOnce = true
      forcing.loopPeriod = loopPeriods[number % loopPeriods.count]
      result.append(Setting(forcing: forcing, budget: nil, name: "each guard once"))
    }
    let rates = [0.5, 0.1, 0.01, 0.001]
    for number in 0..<options.randomRuns {
      var forcing = GuardForcing()
      let seed = options.seed &+ UInt64(number)
      forcing.random = .init(seed: seed, rate: rates[number % rates.count])
      forcing.loopPeriod = loopPeriods[number % loopPeriods.count]
      result.append(
        Setting(
          forcing: forcing, budget: number % 3 == 0 ? 10 : nil,
          name: "at random, seed \(seed), rate \(rates[number % rates.count])"))
    }
    return result
  }

  // MARK: Narrowing down

  /// Finds the first forced deopt with which the run differs: with fewer it does not.
  private func narrow(_ setting: Setting, _ run: ForcedRun) -> Divergence {
    var good: UInt64 = 0
    // A run that crashed did not tell how many there were.
    var bad = run.forced.isEmpty ? 1 << 20 : run.forcedCount
    var culprit = run
    while bad - good > 1 {
      let middle = good + (bad - good) / 2
      var limited = setting
      limited.forcing?.limit = middle
      let run = self.run(limited)
      if run.isEqual {
        good = middle
      } else {
        bad = middle
        culprit = run
      }
    }
    return Divergence(
      setting: setting.name, differences: culprit.differences, deopt: culprit.lastDeopt,
      isAlone: bad == 1)
  }
}
