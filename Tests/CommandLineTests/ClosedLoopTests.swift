import Feedback
import Foundation
import TestSupport
import Testing

/// What a run of an artefact missed goes into the next compilation.
@Suite struct ClosedLoopTests {
  /// `sample.wasm`, whose site only called `add` when it was recorded, and its artefact.
  private func folder() throws -> TemporaryFolder {
    try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
  }

  @Test func learnsTheNewTarget() throws {
    let folder = try folder()
    let command = folder.command
    // Production: all calls go to `mix`.
    let run = try command("run sample.so --misses delta --invoke run -- 100000 0")
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    let plain = try command("run sample.so --invoke run -- 100000 0")
    #expect(run.output == plain.output)
    let delta = try ProfileFile(decoding: folder.bytes("delta"))
    #expect(delta.runCount == 0)
    let mix = try #require(delta.functions(named: "mix").first)
    let apply = try #require(delta.functions(named: "apply").first)
    // Each call but those of the first iteration's deopt, which baseline code goes on with to the loop's end.
    let sites = try #require(delta.functions[apply]?.sites.values.first)
    #expect(delta.functions[apply]?.sites.count == 1 && sites.targets.count == 1)
    let count = try #require(sites.targets[mix])
    #expect(count >= 99_990 && count <= 100_000)
    #expect(sites.otherCount == 0 && sites.foreignCount == 0)
    #expect(delta.functions[mix]?.entryCount == count)
    #expect(delta.functions.values.count { $0.weight > 0 } == 2)

    // The same module, so its sites are found again; the sum knows both targets.
    try #require(try command("profile merge sample.wasmprof delta -o next").status == 0)
    try #require(try command("compile sample.wasm --profile next -o next.so").status == 0)
    let explained = try command("explain next.so --function apply").output
    #expect(
      explained.contains(/target +98.0 %  \d+  f8 "mix"  inlined/)
        && explained.contains(/target +2.0 %  2000  f7 "add"  inlined/)
        && explained.contains("speculated on 2 targets, inlined; any other is a deopt"),
      "\(explained)")
    let again = try command("run next.so --misses none --stats --invoke run -- 100000 0")
    #expect(again.output == plain.output && again.errors.contains("deopts       0\n"))
    #expect(
      try ProfileFile(decoding: folder.bytes("none")).functions.values.allSatisfy { $0.weight == 0 }
    )
  }

  /// Instructions executed. Callgrind cannot read the debug information of Swift's programs.
  private func instructions(_ artefact: String, _ command: Command) throws -> Int {
    let outcome = try command.shell(
      """
      test -e stripped || strip -o stripped "$pgo"
      valgrind --tool=callgrind --callgrind-out-file=/dev/null ./stripped run \(artefact) --invoke run -- 2000000 0
      """)
    let match = outcome.errors.firstMatch(of: /Collected : (\d+)/)
    return try #require(match.flatMap { Int($0.1) }, "\(outcome)")
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/valgrind"),
      "skipped: no valgrind, which counts instructions"))
  func isAsFastAsWithTheRightProfile() throws {
    let folder = try folder()
    let command = folder.command
    for line in [
      "run sample.so --misses delta --invoke run -- 100000 0",
      "profile merge sample.wasmprof delta -o next",
      "record sample.wasm --invoke run -o right -- 100000 0",
      "compile sample.wasm --profile next -o next.so --cpu x86-64-v2",
      "compile sample.wasm --profile right -o right.so --cpu x86-64-v2",
      "compile sample.wasm --profile sample.wasmprof -o stale.so --cpu x86-64-v2",
    ] {
      let outcome = try command(line)
      try #require(outcome.status == 0, "\(line): \(outcome.errors)")
    }
    // What loading and an empty run cost is the same for all.
    let (next, right, stale) = (
      try instructions("next.so", command), try instructions("right.so", command),
      try instructions("stale.so", command)
    )
    print("closed loop, instructions: \(next) after one, \(right) right profile, \(stale) before")
    #expect(Double(next) <= 1.03 * Double(right))
    #expect(Double(stale) > 1.1 * Double(right))
  }

  @Test func samples() throws {
    let folder = try folder()
    let command = folder.command
    for file in ["sample.so", "sample.wasm"] {
      let always = try command(
        "run \(file) --sample 1/1 --sample-output p%% --invoke run -- 2000 5000")
      #expect(always.status == 0 && always.errors == "", "\(always.errors)")
      #expect(
        try ProfileFile(decoding: folder.bytes("p%"))
          == ProfileFile(decoding: folder.bytes("sample.wasmprof")))
      try FileManager.default.removeItem(at: folder.url("p%"))
    }
    let never = try command(
      "run sample.so --sample 1/1000000000000 --sample-output q --invoke run -- 2000 5000")
    #expect(never.status == 0)
    #expect(try !folder.names.contains("q"))
    try #require(try command("run sample.so --sample 1/1 --invoke run -- 10 20").status == 0)
    #expect(try folder.names.contains { $0.contains(/^sample\.so\.\d+\.\d+\.wasmprof$/) })
    for line in [
      "--sample 2/3", "--sample 1/0", "--sample-output q", "--sample 1/2 --stats",
      "--sample 1/1 --sample-output sample.so", "--misses sample.so", "--misses %x",
    ] {
      #expect(try command("run \(line) sample.so").status == 64, "\(line)")
    }
    #expect(try command("run sample.wasm --misses q --invoke run -- 1 2").status == 64)
  }
}
