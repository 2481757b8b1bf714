import CommandLineSupport
import Forcing
import Runtime
import Wasm

/// What `--stats` tells of a run.
struct RunStatistics {
  var loadNanoseconds: UInt64 = 0
  var instantiateNanoseconds: UInt64 = 0
  var runNanoseconds: UInt64 = 0
  private var optimizedFunctions = 0
  private var speculativeFunctions = 0
  private var baseline = CompiledModule.BaselineStatistics()
  private var deopts: DeoptStatistics?
  private var forced: ForcedGuards?
  private var names: [Int: String] = [:]

  mutating func collect(_ guest: Guest, _ instance: Instance?) {
    let module = guest.module
    baseline = guest.compiled.baselineStatistics
    if let artefact = guest.artefact {
      optimizedFunctions = artefact.code.functions.count - artefact.code.baseline.count
      speculativeFunctions = artefact.code.functions.count { $0.isSpeculative }
    }
    deopts = instance?.deoptStatistics
    forced = guest.artefact?.forcedGuards
    for place in (deopts?.guards ?? []).flatMap(\.path) {
      names[place.function] = module.functionName(place.function)
    }
    for row in deopts?.functions ?? [] {
      names[row.function] = module.functionName(row.function)
    }
  }

  func render(_ format: StatisticsFormat) -> String {
    switch format {
    case .text: text
    case .json: json
    }
  }

  private func name(_ function: Int) -> String {
    names[function].map { "f\(function) \"\($0)\"" } ?? "f\(function)"
  }

  private func milliseconds(_ nanoseconds: UInt64) -> String {
    let thousandths = String(nanoseconds / 1000 % 1000)
    return "\(nanoseconds / 1_000_000)."
      + String(repeating: "0", count: 3 - thousandths.count) + thousandths
  }

  private var text: String {
    var lines = [
      "load         \(milliseconds(loadNanoseconds)) ms",
      "instantiate  \(milliseconds(instantiateNanoseconds)) ms",
      "run          \(milliseconds(runNanoseconds)) ms",
      "optimized    \(optimizedFunctions) functions, \(speculativeFunctions) of them speculative",
      "baseline     \(baseline.functions) functions compiled, \(baseline.codeBytes) bytes, "
        + "\(milliseconds(baseline.nanoseconds)) ms",
      "deopts       \(deopts?.deopts ?? 0)",
    ]
    if let forced {
      lines.append(
        "guard tests  \(forced.executedCount) executed, \(forced.forcedCount) made to fail")
    }
    for row in deopts?.guards ?? [] {
      let path = row.path.map { "\(name($0.function)) @\($0.byteOffset)" }
      lines.append(
        "  \(row.deopts) at guard \(row.number): \(path.joined(separator: ", inlined into "))")
    }
    for row in deopts?.functions ?? [] {
      lines.append(
        "  \(row.deopts) of \(name(row.function))"
          + (row.isGeneric ? ", which is generic now (budget \(deopts?.budget ?? 0))" : ""))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var json: String {
    func function(_ index: Int) -> [(String, JSON)] {
      [("function", .integer(index))] + (names[index].map { [("name", .string($0))] } ?? [])
    }
    let guards = (deopts?.guards ?? []).map { row in
      JSON.object([
        ("guard", .integer(row.number)), ("deopts", .integer(row.deopts)),
        (
          "path",
          .array(
            row.path.map { .object(function($0.function) + [("offset", .integer($0.byteOffset))]) })
        ),
      ])
    }
    let functions = (deopts?.functions ?? []).map { row in
      JSON.object(
        function(row.function) + [
          ("deopts", .integer(row.deopts)), ("generic", .bool(row.isGeneric)),
        ])
    }
    return JSON.object([
      ("load_ms", .number(milliseconds(loadNanoseconds))),
      ("instantiate_ms", .number(milliseconds(instantiateNanoseconds))),
      ("run_ms", .number(milliseconds(runNanoseconds))),
      ("optimized_functions", .integer(optimizedFunctions)),
      ("speculative_functions", .integer(speculativeFunctions)),
      ("baseline_functions", .integer(baseline.functions)),
      ("baseline_bytes", .integer(baseline.codeBytes)),
      ("baseline_ms", .number(milliseconds(baseline.nanoseconds))),
      ("deopts", .integer(deopts?.deopts ?? 0)),
      ("guard_tests_executed", .integer(forced?.executedCount ?? 0)),
      ("guard_tests_forced", .integer(forced?.forcedCount ?? 0)),
      ("guards", .array(guards)), ("functions", .array(functions)),
    ]).document
  }
}
