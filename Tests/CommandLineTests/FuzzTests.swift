import Foundation
import TestSupport
import Testing

/// The fuzzer's fixed share, and whether it finds what is planted.
@Suite(.serialized) struct FuzzTests {
  private func fuzz(_ folder: TemporaryFolder, _ arguments: String) throws -> Command.Outcome {
    var command = folder.command
    // A child of it checks all seeds, one after the other.
    command.patience = 600
    return try command.run(arguments.split(separator: " ").map(String.init), program: .fuzzer)
  }

  /// Fixed seeds, so that each run checks the same: less than a minute of processor time.
  @Test(arguments: [1, 201]) func fixedSeeds(first: Int) throws {
    let outcome = try fuzz(try TemporaryFolder(), "run --seed \(first) --count 200")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let match = try #require(
      outcome.output.firstMatch(
        of: /"seeds": 200, "cases": \d+, "modules": (\d+), "deopts": (\d+), "forced": (\d+)/),
      "\(outcome.output)")
    let counts = [match.1, match.2, match.3].compactMap { Int($0) }
    #expect(counts.count == 3)
    // Most programs deoptimize, many times, for reasons of their own and since they are made to.
    #expect(counts[0] > 130)
    #expect(counts[1] > 30_000)
    #expect(counts[2] > 20_000)
    #expect(counts[1] > counts[2] + 4_000)
    // More than a third have loops at the end of memory, most of which trap, some of them behind deopts.
    let traps = try #require(
      outcome.output.firstMatch(
        of: /"edges": (\d+), "trapped": (\d+), "traps": (\d+), "deoptsBeforeTraps": (\d+)/),
      "\(outcome.output)")
    #expect(try #require(Int(traps.1)) * 3 > 200)
    #expect(try #require(Int(traps.2)) > 80)
    #expect(try #require(Int(traps.3)) > 4000)
    #expect(try #require(Int(traps.4)) > 200)
  }

  /// Random float expressions: about ten seconds.
  @Test func floatExpressions() throws {
    let outcome = try fuzz(try TemporaryFolder(), "floats --seed 1 --count 32")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let match = try #require(
      outcome.output.firstMatch(of: /"seeds": 32, "expressions": (\d+), "findings": 0/),
      "\(outcome.output)")
    #expect(Int(match.1) ?? 0 > 4_000)
  }

  /// What it is good for shows when nothing holds LLVM's folds back.
  @Test func foldedFloatsAreFound() throws {
    let outcome = try fuzz(
      try TemporaryFolder(), "floats --seed 1 --count 4 --leave-out floatFolds")
    #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
    #expect(
      outcome.output.contains(/"seeds": 4, "expressions": \d+, "findings": [234]/),
      "\(outcome.output)")
  }

  /// Found by the fuzzer as well as by `verify`'s library, within a minute of processor time each.
  @Test(arguments: ["slot", "registers", "frame", "resume"])
  func plantedFaultsAreFound(fault: String) throws {
    let outcome = try fuzz(try TemporaryFolder(), "self-check --fault \(fault)")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    for finder in ["fuzzer", "verify"] {
      let line = try #require(
        outcome.output.split(separator: "\n").first { $0.hasPrefix("\(fault), \(finder), ") },
        "\(outcome.output)")
      let words = line.split(separator: " ")
      let seconds = try #require(Double(words[2]), "\(line)")
      #expect(seconds < 60, "\(line)")
    }
  }

  /// Faults that the compiler once had are found by the loops at the end of memory.
  @Test(arguments: ["offset", "speculation"]) func plantedMiscompilesAreFound(fault: String) throws
  {
    let outcome = try fuzz(
      try TemporaryFolder(), "self-check --fault \(fault) --count \(Self.seedsAMinute)")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasPrefix("\(fault), fuzzer, "), "\(outcome.output)")
    // By what a call does, or by the compiler's own check.
    #expect(
      outcome.output.contains(/time: seed \d+: (call \d+ edge|LLVM: after .* no check covers)/),
      "\(outcome.output)")
  }

  /// Checked in less than a minute of CPU time.
  private static let seedsAMinute = 1000

  @Test func findingsAreShrunkAndBisected() throws {
    let folder = try TemporaryFolder()
    // From this seed on the first case that shows the fault does so at each of LLVM's levels.
    let outcome = try fuzz(folder, "self-check --fault frame --shrinks --seed 5")
    let output = outcome.output
    #expect(outcome.status == 0, "\(output)\(outcome.errors)")
    // One function and one site are to blame, none of LLVM's passes; then the pass that is made to be.
    #expect(output.matches(of: /functions that must speculate: \d+\n/).count == 2, "\(output)")
    #expect(output.matches(of: /site that must deoptimize: byte \d+ in copy/).count == 2)
    #expect(output.contains("passes: fails without any optional pass of LLVM"), "\(output)")
    #expect(output.contains(/pass 20 of LLVM: \w+/), "\(output)")
    #expect(output.matches(of: /does not fail without our pass guardFolding\n/).count == 1)
    #expect(output.matches(of: /does not fail without our pass/).count == 1, "\(output)")
    let sizes = try #require(
      output.firstMatch(of: /shrunk from (\d+) bytes to (\d+) in \d+ runs:\n/), "\(output)")
    let (before, after) = (Int(sizes.1) ?? 0, Int(sizes.2) ?? .max)
    #expect(after < before / 2, "\(output)")
    // The compiler itself is sound, so the shrunk program is equal without the fault.
    let file = String(output[sizes.range.upperBound...])
    try file.write(to: folder.url("small.wat"), atomically: true, encoding: .utf8)
    let check = try fuzz(folder, "check small.wat")
    #expect(check.status == 0, "\(check.output)\(check.errors)")
  }

  /// The process that checks cases dies: the seed is reported, and the ones behind it are checked.
  @Test func crashesAreFindings() throws {
    let folder = try TemporaryFolder()
    var command = folder.command
    command.environment["fuzz"] = Command.Program.fuzzer.path
    let outcome = try command.shell(
      """
      "$fuzz" run --seed 1 --count 30 --fast > printed & parent=$!
      child=
      while [ -z "$child" ] && kill -0 $parent; do child=$(cat /proc/$parent/task/$parent/children); done
      kill -KILL $child
      wait $parent
      echo "status $?"
      """)
    let output = try String(contentsOf: folder.url("printed"), encoding: .utf8)
    #expect(outcome.output == "status 1\n", "\(outcome.errors)")
    let found = try #require(output.firstMatch(of: /^FOUND seed-(\d+): crashed, .*crashed: Killed/))
    #expect(output.contains("\"seeds\": 30,"), "\(output)")
    #expect(output.contains("\"findings\": 1,"), "\(output)")
    #expect(try folder.bytes("out/fuzz/findings/seed-\(found.1).wat").count > 0)
  }

  @Test func casesAreFiles() throws {
    let folder = try TemporaryFolder()
    let shown = try fuzz(folder, "show 15")
    try shown.output.write(to: folder.url("case.wat"), atomically: true, encoding: .utf8)
    let checked = try fuzz(folder, "check case.wat")
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    let deopts = try #require(checked.output.firstMatch(of: /^(\d+) deopts, equal\n/)?.1)
    let run = try fuzz(folder, "run --seed 15 --count 1")
    #expect(run.output.contains("\"deopts\": \(deopts),"), "\(run.output)")
    #expect(Int(deopts) ?? 0 > 0)

    for (text, place) in [(";; seed x\n(module)\n", "bad.wat"), (";; call jump 1\n", "bad.wat")] {
      try text.write(to: folder.url(place), atomically: true, encoding: .utf8)
      let refused = try fuzz(folder, "check \(place)")
      #expect(refused.status == 65, "\(refused.output)")
      #expect(refused.errors.hasPrefix("error: not a case of the fuzzer\n"), "\(refused.errors)")
    }
    #expect(try fuzz(folder, "check none.wat").status == 66)
  }
}
