import CommandLineSupport
import Feedback
import Files
import Glibc
import Speculation
import Synchronization
import Wasm

/// What a compilation did, for the line at its end, `--stats` and `--json`.
struct CompileSummary {
  var plan: CompilationPlan
  /// How much of the profile matched; nil without one.
  var match: MatchStatistics?
  var sites: IndirectSiteCount
  var moduleSize: Int
  var artefactSize: Int
  var record: CompileRecord
  /// The maximum resident size of one process, in KiB.
  var peakMemory: Int

  private func count(_ tier: Tier) -> Int { plan.functions.count { $0.tier == tier } }
  private var speculative: Int { plan.functions.count { $0.speculative != nil } }

  /// Functions by tier, the highest first; those without functions are left out.
  private var tiers: [(name: String, count: Int)] {
    Tier.allCases.reversed().map { ("\($0)", count($0)) }.filter { $0.1 > 0 }
  }

  /// One line without its end.
  var line: String {
    let functions = tiers.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    let phases = record.phases.map { "\($0.name) \(Self.format($0.seconds))" }.joined(
      separator: ", ")
    return "\(plan.functions.count) functions: \(functions)"
      + (speculative > 0 ? "; \(speculative) with deopts" : "") + profileText
      + "; indirect calls: \(sites.speculated) speculated, \(sites.generic) generic"
      + "; \(Self.format(record.total)) s of CPU time: \(phases); \(artefactSize) bytes"
  }

  private var profileText: String {
    guard let match else { return "; no profile" }
    return
      "; profile: \(match.exact.functions) functions match, \(match.stale.functions) by staleness, "
      + "\(match.lost.functions) not, \(fixedPoint(match.matchedPercent, places: 1)) % of its counts"
  }

  /// A row for each figure.
  var text: String {
    let rows =
      [("functions", "\(plan.functions.count)")] + tiers.map { ($0.name, "\($0.count)") }
      + [
        ("speculative", "\(speculative)"), ("module bytes", "\(moduleSize)"),
        ("artefact bytes", "\(artefactSize)"),
        ("sites speculated", "\(sites.speculated)"), ("sites generic", "\(sites.generic)"),
      ] + profileRows + record.phases.map { ("\($0.name) s", Self.format($0.seconds)) }
      + [
        ("CPU s", Self.format(record.total)), ("peak memory MiB", "\(peakMemory / 1024)"),
      ]
    return rows.map { name, value in
      name + String(repeating: " ", count: max(1, 17 - name.utf8.count)) + value + "\n"
    }.joined()
  }

  private var profileRows: [(String, String)] {
    guard let match else { return [] }
    return [
      ("profile exact", "\(match.exact.functions)"), ("profile stale", "\(match.stale.functions)"),
      ("profile lost", "\(match.lost.functions)"),
      ("profile match %", fixedPoint(match.matchedPercent, places: 1)),
    ]
  }

  /// One object in one line.
  /// - Parameter warnings: those that were printed.
  func json(warnings: [String]) -> JSON {
    let functions = Tier.allCases.map { ("\($0)_functions", JSON.integer(count($0))) }
    let phases = record.phases.map { ("\($0.name)_s", JSON.number(Self.format($0.seconds))) }
    return .object(
      [("functions", .integer(plan.functions.count))] + functions
        + [
          ("speculative_functions", .integer(speculative)),
          ("speculated_sites", .integer(sites.speculated)),
          ("generic_sites", .integer(sites.generic)),
        ] + (match.map { [("profile", Self.json($0))] } ?? []) + [
          ("module_bytes", .integer(moduleSize)), ("artefact_bytes", .integer(artefactSize)),
        ] + phases + [
          ("cpu_s", .number(Self.format(record.total))), ("peak_memory_kib", .integer(peakMemory)),
          ("warnings", .array(warnings.map { .string($0) })),
        ])
  }

  private static func json(_ match: MatchStatistics) -> JSON {
    func group(_ group: MatchStatistics.Group) -> JSON {
      .object([("functions", .integer(group.functions)), ("weight", .integer(group.weight))])
    }
    return .object([
      ("same_module", .bool(match.isSameModule)), ("exact", group(match.exact)),
      ("stale", group(match.stale)), ("lost", group(match.lost)),
      ("matched_percent", .decimal(match.matchedPercent, places: 2)),
      ("unknown_functions", .integer(match.unknownFunctions)),
    ])
  }

  private static func format(_ seconds: Double) -> String { fixedPoint(seconds, places: 2) }
}

/// What is noted while a module is compiled: the CPU time of this process and its children by phase (in processes that run
/// side by side, the sum), and the functions that fell back to baseline code.
final class CompileRecord: Sendable {
  struct Phase {
    var name: String
    var seconds: Double
  }

  private let ended: Mutex<[Phase]> = Mutex([])
  private let fallen: Mutex<[(function: Int, warning: String)]> = Mutex([])

  /// Notes a function that fell back to baseline code, and the warning about it.
  func fallBack(_ function: Int, _ warning: String) {
    fallen.withLock { $0.append((function, warning)) }
  }

  var fallenBack: [(function: Int, warning: String)] { fallen.withLock { $0 } }

  private let start = monotonicNanoseconds()
  private let isVerbose: Bool

  /// - Parameter isVerbose: whether to tell what happens.
  init(isVerbose: Bool = false) { self.isVerbose = isVerbose }

  /// Ends a phase, which began where the one before ended.
  func end(_ name: String) {
    ended.withLock { $0.append(Phase(name: name, seconds: Self.used)) }
    if let phase = phases.last, isVerbose {
      log("\(name) took \(Self.text(phase.seconds)) s of CPU time")
    }
  }

  /// Prints a line with the seconds since the start.
  func log(_ text: String) {
    let seconds = Double(monotonicNanoseconds() - start) / 1e9
    Terminal.write(HostString.visible("\(Self.text(seconds))  \(text)", keeping: []) + "\n")
  }

  private static func text(_ seconds: Double) -> String {
    let thousandths = Int((seconds * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  var phases: [Phase] {
    ended.withLock { ended in
      zip(ended, [0] + ended.map(\.seconds)).map {
        Phase(name: $0.name, seconds: $0.seconds - $1)
      }
    }
  }

  var total: Double { ended.withLock { $0.last?.seconds ?? 0 } }

  /// So far, user and system time.
  private static var used: Double {
    [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { sum, who in
      var usage = rusage()
      getrusage(who, &usage)
      return [usage.ru_utime, usage.ru_stime].reduce(sum) {
        $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
      }
    }
  }

  /// Of this process and its children.
  static var peakMemory: Int {
    [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { most, who in
      var usage = rusage()
      getrusage(who, &usage)
      return max(most, usage.ru_maxrss)
    }
  }
}
