import ArgumentParser
import CommandLineSupport
import Files
import Glibc
import Runtime
import TestSupport

/// A range of seeds. The last line on standard output is a summary in JSON.
struct Campaign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Check the modules of a range of seeds; exit code 1 if anything differs.")

  @Option(help: "First seed.")
  var seed: UInt64 = 1

  @Option(help: "Seeds at most.")
  var count: Int = 100

  @Option(help: "Seconds after which no further seed is started.")
  var seconds: UInt64?

  func run() throws {
    let start = monotonicNanoseconds()
    var total = FuzzTotal()
    let worker = FuzzWorker { try FuzzCase(FuzzProgram(seed: seed &+ UInt64($0))) }
    worker.run(0..<count) { number, result in
      total.add(result)
      if let finding = result.finding {
        print("FOUND: seed \(seed &+ UInt64(number)), \(finding.kind.rawValue), setting \(finding.setting): \(finding.text)")
        fflush(nil)
      }
      return seconds.map { monotonicNanoseconds() - start < $0 * 1_000_000_000 } ?? true
    }
    total.seconds = Double(monotonicNanoseconds() - start) / 1e9
    print(total.json(seed))
    guard total.findings == 0 else { throw ExitCode(1) }
  }
}

/// What many cases came to.
struct FuzzTotal {
  var seeds = 0
  /// Cases that deoptimized at least once; the others are thrown away.
  var modules = 0
  var deopts: UInt64 = 0
  var forced: UInt64 = 0
  var points = 0
  var findings = 0
  var seconds = 0.0

  mutating func add(_ result: FuzzCase.Result) {
    seeds += 1
    modules += result.deopts > 0 ? 1 : 0
    deopts += result.deopts
    forced += result.forced
    points += result.points
    findings += result.finding == nil ? 0 : 1
  }

  func json(_ first: UInt64) -> String {
    """
    {"first": \(first), "seeds": \(seeds), "modules": \(modules), "deopts": \(deopts), \
    "forced": \(forced), "points": \(points), "findings": \(findings), "seconds": \(seconds)}
    """
  }
}

/// Prints the modules of a seed, as files of cases have them.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the modules and calls of a seed.")

  @Argument var seed: UInt64

  func run() throws { try printOutput(FuzzProgram(seed: seed).file) }
}
