import CommandLineSupport
import Glibc
import Speculation
import Synchronization
import Wasm

/// What a compilation did, for the line at its end and `--stats`.
struct CompileSummary {
  var plan: CompilationPlan
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
      + (speculative > 0 ? "; \(speculative) with deopts" : "")
      + "; \(Self.format(record.total)) s of CPU time: \(phases); \(artefactSize) bytes"
  }

  /// A row for each figure.
  var text: String {
    let rows =
      [("functions", "\(plan.functions.count)")] + tiers.map { ($0.name, "\($0.count)") }
      + [
        ("speculative", "\(speculative)"), ("module bytes", "\(moduleSize)"),
        ("artefact bytes", "\(artefactSize)"),
      ] + record.phases.map { ("\($0.name) s", Self.format($0.seconds)) }
      + [
        ("CPU s", Self.format(record.total)), ("peak memory MiB", "\(peakMemory / 1024)"),
      ]
    return rows.map { name, value in
      name + String(repeating: " ", count: max(1, 17 - name.utf8.count)) + value + "\n"
    }.joined()
  }

  /// One object in one line.
  var json: String {
    let numbers =
      [("functions", "\(plan.functions.count)")]
      + Tier.allCases.map { ("\($0)_functions", "\(count($0))") }
      + [
        ("speculative_functions", "\(speculative)"), ("module_bytes", "\(moduleSize)"),
        ("artefact_bytes", "\(artefactSize)"),
      ] + record.phases.map { ("\($0.name)_s", Self.format($0.seconds)) }
      + [("cpu_s", Self.format(record.total)), ("peak_memory_kib", "\(peakMemory)")]
    return "{" + numbers.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}\n"
  }

  /// Two decimal places.
  private static func format(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}

/// What is noted while a module is compiled: the CPU time of this process and its children by phase (in processes that run
/// side by side, the sum), and the functions that fell back to baseline code.
final class CompileRecord: Sendable {
  struct Phase {
    var name: String
    var seconds: Double
  }

  private let ended: Mutex<[Phase]> = Mutex([])
  private let fallen: Mutex<[Int]> = Mutex([])

  /// Notes a function that fell back to baseline code.
  func fallBack(_ function: Int) { fallen.withLock { $0.append(function) } }

  var fallenBack: [Int] { fallen.withLock { $0 } }

  /// Ends a phase, which began where the one before ended.
  func end(_ name: String) {
    ended.withLock { $0.append(Phase(name: name, seconds: Self.used)) }
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
