import ArgumentParser
import CommandLineSupport
import Contract
import Runtime
import TestSupport
import Verification
import Wasm

/// Faults that are put into sound artefacts on purpose, to see that they are found.
enum PlantedFault: String, CaseIterable, ExpressibleByArgument {
  /// One local or operand of one frame state is looked for in another place.
  case slot
  /// Two registers change places in what the capture stub saved.
  case registers
  /// The outermost of several frames is not built.
  case frame
  /// An outer frame goes on before its call instead of behind it.
  case resume

  /// The artefact with the fault in its tables; as it is, for faults of the deoptimizer.
  /// - Parameter number: which of the possible places.
  /// - Returns: nil if there is no such place.
  func plant(in bytes: [UInt8], number: Int) throws -> [UInt8]? {
    switch self {
    case .slot: try Self.moveSlot(bytes, number)
    case .registers: try Self.swapRegisters(bytes, number)
    case .frame, .resume: bytes
    }
  }

  /// Location rows of kind `saved`: their index, and their payload.
  private static func savedRows(_ artefact: Artefact) -> [(index: Int, payload: Int32)] {
    artefact.deopts.locations.enumerated().compactMap { index, row in
      row.kind == PackedLocation.Kind.saved.rawValue ? (index, row.payload) : nil
    }
  }

  private static func change(
    _ bytes: [UInt8], _ artefact: Artefact, _ rows: [(index: Int, payload: Int32)]
  ) throws -> [UInt8] {
    var surgery = try ArtefactSurgery(bytes)
    // The table is in the section's contents, which begin with the first table's count.
    let first = UnsafeRawPointer(artefact.deopts.points.words) - 4
    let table = UnsafeRawPointer(artefact.deopts.locations.words) - first
    for row in rows {
      surgery[.deopt, table + 8 * row.index + 4] = UInt32(bitPattern: row.payload)
    }
    return surgery.sealed()
  }

  private static func moveSlot(_ bytes: [UInt8], _ number: Int) throws -> [UInt8]? {
    let artefact = try Artefact(bytes: bytes)
    let rows = savedRows(artefact)
    guard !rows.isEmpty else { return nil }
    // Far apart: neighbours belong to one deopt point.
    let row = rows[number * 37 % rows.count]
    // The next register of its kind, rsp and rbp left out.
    let step: Int32 = row.payload < 128 ? (row.payload == 24 ? 24 : 8) : 16
    let next = row.payload + step
    let wrapped = row.payload < 128 ? (next >= 128 ? 0 : next) : (next >= 384 ? 128 : next)
    return try change(bytes, artefact, [(row.index, wrapped)])
  }

  private static func swapRegisters(_ bytes: [UInt8], _ number: Int) throws -> [UInt8]? {
    let artefact = try Artefact(bytes: bytes)
    let rows = savedRows(artefact)
    let used = Array(Set(rows.map(\.payload).filter { $0 < 128 })).sorted()
    guard used.count > number + 1 else { return nil }
    let (left, right) = (used[number], used[number + 1])
    return try change(
      bytes, artefact,
      rows.compactMap { row in
        switch row.payload {
        case left: (row.index, right)
        case right: (row.index, left)
        default: nil
        }
      })
  }

  /// Puts faults of the deoptimizer into an instance.
  func plant(in instance: Instance) {
    switch self {
    case .slot, .registers: break
    case .frame: instance.plantDeoptFault(.missingOuterFrame)
    case .resume: instance.plantDeoptFault(.resumeBeforeCall)
    }
  }
}

/// Plants each kind of fault, and checks that the fuzzer and `verify` find it.
struct SelfCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plants faults in artefacts and in the deoptimizer: exit code 1 unless all are found.")

  @Option(help: "Of the modules that get the faults.")
  var first: UInt64 = 2

  @Option(help: "Modules at most, for each fault.")
  var count: UInt64 = 40

  @Option(help: "Only this fault.")
  var fault: PlantedFault?

  func run() throws {
    var isComplete = true
    for fault in fault.map({ [$0] }) ?? PlantedFault.allCases {
      let found = try (first..<first + count).lazy.compactMap { try byFuzzer(fault, $0) }.first
      try printOutput("\(fault.rawValue), fuzzer: \(found?.text ?? "NOT FOUND")\n")
      // In the module and at the place where it is known to do harm.
      let text = try found.flatMap { try byVerifier(fault, $0.seed, $0.number) }
      try printOutput("\(fault.rawValue), verify: \(text ?? "NOT FOUND")\n")
      if text == nil { isComplete = false }
    }
    guard isComplete else { throw ExitCode(1) }
  }
}

extension SelfCheck {
  /// Places in one module that are tried.
  private static let places = 12

  private struct Finding {
    var seed: UInt64
    /// Of the place.
    var number: Int
    var text: String
  }

  private func byFuzzer(_ fault: PlantedFault, _ seed: UInt64) throws -> Finding? {
    let program = try FuzzCase(seed: seed)
    guard program.library == nil else { return nil }
    let artefacts = try program.compile(.init(growth: 4, level: 2))
    for number in 0..<Self.places {
      guard let main = try fault.plant(in: artefacts.main, number: number) else { return nil }
      let run = ForcedRun.inChild(seconds: 20) { _ in
        var result = FuzzCase.Result()
        do {
          for setting in program.settings where result.finding == nil {
            try program.run((main, artefacts.library), setting, &result) { world in
              fault.plant(in: world.main)
            }
          }
        } catch {
          result.finding = "\(error)"
        }
        return ForcedRun(result.finding.map { [$0] } ?? [], nil)
      }
      if let text = run.differences.first {
        return Finding(seed: seed, number: number, text: text)
      }
    }
    return nil
  }

  /// - Returns: what was found.
  private func byVerifier(_ fault: PlantedFault, _ seed: UInt64, _ number: Int) throws -> String? {
    let program = try FuzzCase(seed: seed)
    let bytes = try program.compile(.init(growth: 4, level: 2)).main
    guard let main = try fault.plant(in: bytes, number: number) else { return nil }
    // Calls as the profile has them: without forcing there is no deopt.
    let calls = program.program.training
    let reference = try program.observe(CompiledModule(program.module), calls, budget: nil)
    var options = Verifier.Options()
    options.secondsPerRun = 20
    let verifier = Verifier(
      options: options, reference: reference,
      load: { forcing throws(ArtefactError) in try Artefact(bytes: main, forcing: forcing) },
      observe: { compiled, budget in
        try program.observe(compiled, calls, budget: budget) { fault.plant(in: $0.main) }
      })
    let result = try verifier.verify()
    guard let divergence = result.divergence else { return nil }
    var text = "\(divergence.setting): \(divergence.differences.joined(separator: "; "))"
    if let deopt = divergence.deopt {
      let points = result.artefact.deopts.points
      let site = result.artefact.deopts.guards[Int(points[deopt.point].guardNumber)]
      text += "; after the deopt at byte \(site.byteOffset), which filled \(deopt.values.count) slots"
    }
    return text
  }
}

extension FuzzCase {
  /// Calls as one program.
  func observe(
    _ compiled: CompiledModule, _ calls: [FuzzProgram.Call], budget: Int?,
    prepare: (FuzzWorld) throws -> Void = { _ in }
  ) throws -> Observation {
    let world = try FuzzWorld(compiled, library: nil)
    world.setBudget(budget)
    try prepare(world)
    let outcomes = try calls.map { try world.call($0).outcome }
    return Observation(
      ending: outcomes.joined(separator: ", "), output: [], errors: [], instance: world.main,
      store: world.store)
  }
}
