import ArgumentParser
import CommandLineSupport
import TestSupport

/// Runs a part of the family of pairs of an effect and a trap (``TrapPair``).
struct Pairs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Check each effect with each trap, in each kind of loop, on all tiers; exit code 1 if anything differs.",
    discussion: "The last line on standard output is a summary in JSON.")

  @Option(help: "Number of the part, from 0.") var part = 0
  @Option(help: "Number of parts in the family.") var parts = 1
  @Option(help: "Number of members compiled together.") var batch = 48
  @Flag(help: "Print the module and the calls of the part instead.") var show = false

  func validate() throws {
    guard parts > 0, batch > 0, (0..<parts).contains(part) else {
      throw ValidationError("part must be below parts, and batch above 0")
    }
  }

  func run() throws {
    // Neighbours have much in common: a part gets some of everything.
    let pairs = TrapPair.share(first: part, stride: parts)
    var counts = TrapComparison.Counts()
    var differences = 0
    for start in stride(from: 0, to: pairs.count, by: batch) {
      let program = TrapProgram(Array(pairs[start..<min(start + batch, pairs.count)]))
      if show {
        try printOutput(program.listing)
        continue
      }
      var comparison = try TrapComparison(program)
      try comparison.run()
      counts += comparison.counts
      for difference in comparison.differences { try printOutput("DIFFERS \(difference)\n") }
      differences += comparison.differences.count
    }
    guard !show else { return }
    try printOutput(
      """
      {"part": \(part), "parts": \(parts), "pairs": \(pairs.count), "calls": \(counts.calls), \
      "traps": \(counts.traps), "deopts": \(counts.deoptsBeforeTraps), "differences": \(differences)}

      """)
    guard differences == 0 else { throw ExitCode(1) }
  }
}

extension TrapProgram {
  fileprivate var listing: String {
    text + "\n"
      + cases.flatMap { item in
        [";; \(item.name)\n"] + item.calls.map { ";; call \($0)\n" }
      }.joined()
  }
}
