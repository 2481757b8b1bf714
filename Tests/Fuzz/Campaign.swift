import ArgumentParser
import CommandLineSupport
import Files
import Glibc

/// Checks a range of seeds. The last line on standard output is a summary in JSON.
struct Campaign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Check the modules of a range of seeds; exit code 1 if anything differs.")

  @Option(help: "First seed.")
  var seed: UInt64 = 1

  @Option(help: "Maximum number of seeds.")
  var count: Int = 100

  @Option(help: "Seconds after which no new seed is started.")
  var seconds: UInt64?

  @OptionGroup var analysis: Analysis

  func run() throws {
    let start = monotonicNanoseconds()
    var total = FuzzTotal()
    let worker = FuzzWorker { try FuzzCase(FuzzProgram(seed: seed &+ UInt64($0))) }
    worker.run(0..<count) { number, result in
      total.add(result)
      if FuzzProgram.hasEdges(seed: seed &+ UInt64(number)) { total.edges += 1 }
      if let finding = result.finding {
        analysis.report(FuzzProgram(seed: seed &+ UInt64(number)), finding)
      }
      return seconds.map { monotonicNanoseconds() - start < $0 * 1_000_000_000 } ?? true
    }
    total.seconds = Double(monotonicNanoseconds() - start) / 1e9
    try printOutput(total.json(seed) + "\n")
    guard total.findings == 0 else { throw ExitCode(1) }
  }
}

/// Checks one case from a file, as findings leave them.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the case in a file; exit code 1 if anything differs.")

  @Argument(help: "File of modules and calls, as printed by show.") var file: HostString
  @OptionGroup var analysis: Analysis

  func run() throws {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readFile(file) } catch { throw Diagnostic(reading: error) }
    guard let program = FuzzProgram(file: String(decoding: bytes, as: UTF8.self)) else {
      throw Diagnostic("not a case of the fuzzer", at: "\(file)", status: .badInput)
    }
    let result = FuzzWorker { _ in try FuzzCase(program) }.check()
    if let finding = result.finding { analysis.report(program, finding) }
    try printOutput("\(result.deopts) deopts, \(result.finding == nil ? "equal" : "different")\n")
    guard result.finding == nil else { throw ExitCode(1) }
  }
}

/// What is done with a finding.
struct Analysis: ParsableArguments {
  @Option(help: "Folder for findings.")
  var output = "out/fuzz/findings"

  @Flag(help: "Do not shrink or bisect findings.")
  var fast = false

  func report(_ program: FuzzProgram, _ finding: FuzzFinding) {
    let name = "seed-\(program.seed)"
    let text = "\(name): \(finding.kind.rawValue), setting \(finding.setting): \(finding.text)\n"
    emit("FOUND " + text)
    // With the folders that it lies in.
    for end in output.indices where output[end] == "/" { mkdir(String(output[..<end]), 0o777) }
    mkdir(output, 0o777)
    write(program, text, name + ".wat")
    guard !fast else { return }
    var shrinker = Shrinker(
      FuzzFailure(program: program, known: finding))
    guard let first = shrinker.failure.finding() else { return emit("not seen again\n") }
    let small = shrinker.run()
    let last = shrinker.failure.finding() ?? first
    let bisection = (try? Bisection(failure: shrinker.failure).run().description) ?? ""
    emit("\(shrinker.attempts) smaller programs tried\n\(last.text)\n\(bisection)")
    write(small, text + last.text + "\n" + bisection, name + ".small.wat")
  }

  private func write(_ program: FuzzProgram, _ comment: String, _ name: String) {
    let lines = comment.split(separator: "\n").map { ";; ; \($0)\n" }.joined()
    do {
      try writeFile(Array((lines + program.file).utf8), to: HostString("\(output)/\(name)"))
    } catch {
      Terminal.warn("\(error)")
    }
  }

  /// What was found must be seen even if this process ends early.
  private func emit(_ text: String) { try? printOutput(text) }
}

/// What many cases came to.
struct FuzzTotal {
  var seeds = 0
  /// Cases that deoptimized at least once; the others are thrown away.
  var cases = 0
  /// Of those cases: some have two.
  var modules = 0
  var deopts: UInt64 = 0
  var forced: UInt64 = 0
  var points = 0
  /// Cases with loops at the end of memory.
  var edges = 0
  /// Cases of which a call trapped.
  var trapped = 0
  /// Those calls, of all runs, and deopts in them.
  var traps: UInt64 = 0
  var deoptsBeforeTraps: UInt64 = 0
  var findings = 0
  var seconds = 0.0

  mutating func add(_ result: FuzzCase.Result) {
    seeds += 1
    if result.deopts > 0 {
      cases += 1
      modules += result.modules
    }
    deopts += result.deopts
    forced += result.forced
    points += result.points
    trapped += result.traps > 0 ? 1 : 0
    traps += result.traps
    deoptsBeforeTraps += result.deoptsBeforeTraps
    findings += result.finding == nil ? 0 : 1
  }

  func json(_ first: UInt64) -> String {
    """
    {"first": \(first), "seeds": \(seeds), "cases": \(cases), "modules": \(modules), \
    "deopts": \(deopts), "forced": \(forced), "points": \(points), "edges": \(edges), \
    "trapped": \(trapped), "traps": \(traps), "deoptsBeforeTraps": \(deoptsBeforeTraps), \
    "findings": \(findings), "seconds": \(Int(seconds))}
    """
  }
}

/// Prints the modules and calls of a seed.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the modules and calls of a seed, as `check` reads them.")

  @Argument var seed: UInt64

  func run() throws { try printOutput(FuzzProgram(seed: seed).file) }
}
