import AOT
import Feedback
import Forcing
import Runtime
import Speculation
import Wasm

/// One module's transcript on every tier: the baseline, code compiled ahead of time without a profile, with that of the
/// same calls, with a wrong one, and such code with guards that are made to fail.
public struct TierTranscripts {
  public typealias Report = (_ tier: String) -> Void

  /// Of the baseline, which the others are held against.
  public let baseline: Transcript
  /// A tier's name, and what it did differently.
  public private(set) var divergences: [(tier: String, transcript: Transcript)] = []
  /// Guards that failed, by themselves or forced.
  public private(set) var deopts: UInt64 = 0

  private let module: Module
  private let keep: (_ name: String, [UInt8]) throws -> Void

  /// - Parameters:
  ///   - report: told each tier's name before it runs.
  ///   - keep: gets the profile and the artefacts as files.
  public init(
    _ module: Module, report: Report = { _ in },
    keep: @escaping (_ name: String, [UInt8]) throws -> Void = { _, _ in }
  ) throws {
    self.module = module
    self.keep = keep
    report("baseline")
    baseline = try Transcript.run(CompiledModule(module)).transcript

    report("recording")
    let recording = CompiledModule(recorder: Recorder(module))
    let (transcript, instance, store) = try Transcript.run(recording)
    let file = try withExtendedLifetime(store) { try instance?.recordedProfile }
    if let file { try keep("recorded.wasmprof", file.encode()) }
    let recorded = file?.match(module) ?? ModuleProfile()
    compare("recording", transcript)

    try add(
      "AOT", Planner.plan(module: module, options: .thorough), ModuleProfile(), 2, [:], report)
    try add(
      "profile", Planner.plan(module: module, profile: recorded, options: .thorough), recorded, 3,
      ["every 2": { $0.period = 2 }], report)
    let wrong = try WrongProfile(module, recorded: recorded, other: ModuleProfile()).profile
    try add(
      "wrong profile", Planner.plan(module: module, profile: wrong, options: .thorough), wrong, 3,
      ["once": { $0.failsEachTestOnce = true }], report)
    var speculating = try TestPlan(speculatingEverywhere: module)
    // Bodies within bodies of two targets each: larger modules would take LLVM a minute.
    if module.bytes.count > 2000 { speculating.depth = 1 }
    let everywhere = try speculating.plan(module)
    // Without an indirect call it is what the first of these was.
    guard everywhere.functions.contains(where: { $0.speculative != nil }) else { return }
    try add(
      "speculating everywhere", everywhere, ModuleProfile(), 2,
      [
        "every": { $0.period = 1 },
        "random": { $0.random = .init(seed: module.hash, rate: 0.3) },
        "once, all loops left": {
          $0.failsEachTestOnce = true
          $0.loopPeriod = 1
        },
      ], report)
  }

  /// One artefact, as it is and with guards that fail.
  private mutating func add(
    _ tier: String, _ plan: CompilationPlan, _ profile: ModuleProfile, _ level: Int,
    _ forcings: [String: (inout GuardForcing) -> Void], _ report: Report
  ) throws {
    report("\(tier), compiling")
    var options = CompilerOptions(isShared: level == 3)
    options.usesProcesses = false
    options.isVerifying = true
    let bytes = try Compiler.compile(
      module, plan: plan.inTiers(level: level), profile: profile, options: options)
    try keep("\(tier.replacing(" ", with: "-")).\(options.isShared ? "so" : "o")", bytes)
    try run(tier, Artefact(bytes: bytes), report)
    for (name, change) in forcings.sorted(by: { $0.key < $1.key }) {
      var forcing = GuardForcing()
      change(&forcing)
      try run("\(tier), forced: \(name)", Artefact(bytes: bytes, forcing: forcing), report)
    }
  }

  private mutating func run(_ tier: String, _ artefact: Artefact, _ report: Report) throws {
    report(tier)
    let (transcript, instance, store) = try Transcript.run(CompiledModule(artefact: artefact)) {
      // Speculation never ends where guards are forced.
      if artefact.forcedGuards != nil { $0.deoptBudget = nil }
    }
    withExtendedLifetime(store) { deopts += instance?.deoptStatistics?.deopts ?? 0 }
    compare(tier, transcript)
  }

  private mutating func compare(_ tier: String, _ transcript: Transcript) {
    if !baseline.agrees(with: transcript) { divergences.append((tier, transcript)) }
  }
}

extension Transcript {
  /// Whether both are the same, as far as both go.
  public func agrees(with other: Transcript) -> Bool {
    if !isCutOff && !other.isCutOff {
      return lines == other.lines && backtraces == other.backtraces
    }
    let count = min(lines.count, other.lines.count) - 1
    return count < 0 || lines[..<count] == other.lines[..<count]
  }
}
