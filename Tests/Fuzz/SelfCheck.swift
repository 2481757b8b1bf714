import AOT
import ArgumentParser
import CommandLineSupport
import Contract
import Forcing
import Runtime
import TestSupport
import Verification
import Wasm

/// Plants each kind of fault, and checks that the fuzzer and `verify` find it, that it can be shrunk, and that bisecting leads to it.
/// Faults of the compiler, which need no deopt, are for the fuzzer alone.
struct SelfCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "self-check",
    abstract:
      "Plant faults in artefacts, deoptimizer and compiler; exit code 1 unless all are found.")

  private static let names = PlantedFault.names + PlantedMiscompile.allCases.map(\.rawValue)

  @Option(help: "First seed of the modules in which faults are planted.")
  var seed: UInt64 = 1

  @Option(help: "Maximum number of modules for each fault.")
  var count: UInt64 = 200

  @Option(help: "Plant only this fault: \(names.joined(separator: ", ")).")
  var fault: String?

  @Flag(help: "Shrink and bisect each finding.")
  var shrinks = false

  func run() throws {
    var isComplete = true
    for name in fault.map({ [$0] }) ?? Self.names {
      let start = ProcessorTime.ofProcesses
      if let fault = PlantedMiscompile(rawValue: name) {
        let found = find(fault)
        try line(name, "fuzzer", found, start)
        if found == nil { isComplete = false }
        continue
      }
      let found = try find(name)
      try line(name, "fuzzer", found.first?.finding.text, start)
      let verifierStart = ProcessorTime.ofProcesses
      // Not each fault can be seen with the calls in a row, without what the fuzzer looks at after each.
      let verified = try found.lazy.compactMap { try verify($0) }.first
      try line(name, "verify", verified, verifierStart)
      if verified == nil { isComplete = false }
      if shrinks, let first = found.first { try analyze(first) }
    }
    guard isComplete else { throw ExitCode(1) }
  }

  private func line(_ fault: String, _ who: String, _ text: String?, _ start: Duration) throws {
    let time = (ProcessorTime.ofProcesses - start).inSeconds
    let seconds = (100 * time).rounded() / 100
    try printOutput(
      "\(fault), \(who), \(seconds) s of processor time: \(text.map { $0.prefix(400) } ?? "NOT FOUND")\n"
    )
  }

  // MARK: Fuzzer

  private struct Found {
    var seed: UInt64
    var name: String
    var finding: FuzzFinding
    /// What was planted.
    var fault: PlantedFault
    var program: FuzzProgram { FuzzProgram(seed: seed) }
  }

  /// Seconds of processor time for one module, and for one run of it. Sound ones take milliseconds.
  private static let seconds: UInt32 = 5

  /// The first modules that show the fault; they stand alone, as `verify` needs them.
  private func find(_ name: String) throws -> [Found] {
    let worker = FuzzWorker(seconds: Self.seconds) { number in
      var program = try FuzzCase(FuzzProgram(seed: seed &+ UInt64(number)))
      program.planting = Self.planting(name, number)
      return program
    }
    var found: [(number: Int, finding: FuzzFinding)] = []
    worker.run(0..<Int(count)) { number, result in
      // Endless loops take long to watch, again and again.
      guard let finding = result.finding, finding.setting >= 0, finding.kind != .hung,
        FuzzProgram(seed: seed &+ UInt64(number)).library == nil
      else { return true }
      found.append((number, finding))
      return found.count < Self.enough
    }
    return try found.compactMap { number, finding in
      let seed = seed &+ UInt64(number)
      let bytes = try FuzzCase(FuzzProgram(seed: seed)).compile().main
      return try PlantedFault.named(name, in: bytes, number: number).map {
        Found(seed: seed, name: name, finding: finding, fault: $0)
      }
    }
  }

  /// The first seed whose loops at the end of memory show a fault of the compiler.
  private func find(_ fault: PlantedMiscompile) -> String? {
    let worker = FuzzWorker(seconds: Self.seconds) { number in
      var program = try FuzzCase(FuzzProgram(seed: seed &+ UInt64(number)))
      program.build.planted = fault
      return program
    }
    var found: String?
    worker.run(0..<Int(count)) { number, result in
      found = result.finding.map { "seed \(seed &+ UInt64(number)): \($0.text)" }
      return found == nil
    }
    return found
  }

  private static let enough = 2

  private static func planting(_ name: String, _ number: Int) -> FuzzCase.Planting {
    { _, bytes in try PlantedFault.named(name, in: bytes, number: number) }
  }

  // MARK: Verifier

  /// - Returns: what was found.
  private func verify(_ found: Found) throws -> String? {
    let program = try FuzzCase(found.program)
    let main = try found.fault.plant(in: program.compile().main)
    // Calls as the profile has them, then those that miss.
    let calls = program.program.training + program.program.calls
    let reference = try program.observe(CompiledModule(program.module), calls, budget: nil)
    var options = Verifier.Options()
    options.secondsPerRun = Self.seconds
    let verifier = Verifier(
      options: options, reference: reference,
      load: { forcing throws(ArtefactError) in try Artefact(bytes: main, forcing: forcing) },
      observe: { compiled, budget in
        try program.observe(compiled, calls, budget: budget) { found.fault.plant(in: $0.main) }
      })
    let result = try verifier.verify()
    guard let divergence = result.divergence else { return nil }
    var text = "\(divergence.setting): \(divergence.differences.joined(separator: "; "))"
    if let deopt = divergence.deopt {
      let points = result.artefact.deopts.points
      let site = result.artefact.deopts.guards[Int(points[deopt.point].guardNumber)]
      text +=
        "; after the deopt at byte \(site.byteOffset), which filled \(deopt.values.count) slots"
    }
    return text
  }

  // MARK: Shrinking and bisecting

  private func analyze(_ found: Found) throws {
    var failure = FuzzFailure(
      program: found.program, known: found.finding,
      planting: { _, _ in found.fault })
    try printOutput(
      "\(found.name), planted: \(found.fault)\n" + Bisection(failure: failure).run().description)
    if case .slot = found.fault {
      // Where a value is depends on all passes.
    } else {
      // As if one of LLVM's passes did it together with one of ours.
      failure.planting = { build, _ in
        let isLeftOut =
          build.passLimit.map { $0 < Self.faultyPass } ?? false
          || build.leftOut.contains(Self.faultyOwnPass)
        return isLeftOut ? nil : found.fault
      }
      let report = try Bisection(failure: failure).run()
      try printOutput(
        "\(found.name), planted by pass \(Self.faultyPass):\n\(report.description)")
    }
    failure.planting = Self.planting(found.name, Int(found.seed &- seed))
    var shrinker = Shrinker(failure, limit: .seconds(60))
    let small = shrinker.run()
    try printOutput(
      "\(found.name), shrunk from \(found.program.file.utf8.count) bytes to "
        + "\(small.file.utf8.count) in \(shrinker.attempts) runs:\n\(small.file)")
  }

  private static let faultyPass = 20
  private static let faultyOwnPass = OwnPass.guardFolding
}

extension FuzzCase {
  /// Calls as one program.
  fileprivate func observe(
    _ compiled: CompiledModule, _ calls: [FuzzProgram.Call], budget: Int?,
    prepare: (FuzzWorld) throws -> Void = { _ in }
  ) throws -> Observation {
    let world = try FuzzWorld(compiled, library: library.map { CompiledModule($0) })
    world.setBudget(budget)
    try prepare(world)
    let outcomes = try calls.map { try world.call($0).outcome }
    return Observation(
      ending: outcomes.joined(separator: ", "), output: [], errors: [], instance: world.main,
      store: world.store)
  }
}
