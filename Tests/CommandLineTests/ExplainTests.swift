import TestSupport
import Testing

/// `wasm-pgo explain`: what was decided at a call site, and why.
@Suite struct ExplainTests {
  @Test func explainsAnInlinedTarget() throws {
    let folder = try Sample.shared.get().folder("sample.so")
    let command = folder.command
    let overview = try command("explain sample.so")
    #expect(overview.status == 0 && overview.errors == "")
    #expect(
      overview.output.contains(
        /20\.0 %  f10 "apply" @\d+, indirect call, 2000: speculated on 1 target, inlined; any other is a deopt\n/
      ), "\(overview.output)")
    let apply = try command("explain sample.so --function apply").output
    #expect(apply.hasPrefix("f10 \"apply\": 2000 calls, 40.0 % of all events\n"), "\(apply)")
    for row in [
      "  target    100.0 %  2000  f7 \"add\"  inlined, 6 bytes of wasm\n",
      "  decision  speculated on 1 target, inlined; any other is a deopt\n",
      "  why       1 target, the largest 100.0 %: monomorphic\n",
      "  guard     compares the index; the table never changes\n",
      "  estimate  saves about 0.0016 ms in runs like those of the profile\n",
    ] {
      #expect(apply.contains(row), "\(apply)")
    }
    #expect(apply.contains("  copy      f11 \"run\" > f10 \"apply\" @"), "\(apply)")
    #expect(apply.contains(" (without deopts)\n"), "\(apply)")
  }

  @Test func countsMisses() throws {
    let folder = try Sample.shared.get().folder("sample.so")
    let command = folder.command
    let stats = try command("run --stats=json sample.so --invoke run -- 2000 1500")
    try folder.write(Array(stats.errors.utf8), "stats.json")
    let apply = try command("explain sample.so --function apply --stats stats.json").output
    #expect(apply.contains("  misses    1 in the run of the statistics\n"), "\(apply)")
    let json = try command("explain sample.so --function apply --stats stats.json --json").output
    #expect(json.contains(#""misses": 1, "saved_ms": 0.0016, "#), "\(json)")
    #expect(json.contains(#""targets": [{"function": 7, "name": "add", "count": 2000, "#))
    try folder.write(Array("load 1 ms".utf8), "text")
    let wrong = try command("explain sample.so --stats text")
    #expect(wrong.status == 65 && wrong.errors.contains("at: text, byte 0"), "\(wrong.errors)")
    try folder.write(Array("{}".utf8), "empty")
    #expect(try command("explain sample.so --stats empty").status == 65)
    #expect(try command("explain sample.so --stats missing").status == 66)
  }

  /// With its profile's targets, although nothing is done about them.
  @Test func explainsWhatIsNotSpeculated() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let command = folder.command
    for (number, arguments) in ["run -o a -- 2000 5000", "run -o b -- 2000 0", "crash -o c -- 5"]
      .enumerated()
    {
      try #require(try command("record sample.wasm --invoke \(arguments)").status == 0, "\(number)")
    }
    try #require(
      try command("compile sample.wasm --profile a --profile b --profile c -o x.so").status == 0)
    let apply = try command("explain x.so --function apply").output
    #expect(apply.contains("  50.0 %  2000  f7 \"add\"  "), "\(apply)")
    #expect(apply.contains("3 targets, the largest 50.0 %: polymorphic"), "\(apply)")
    try #require(try command("compile sample.wasm --profile a -O0 -o y.so").status == 0)
    let cold = try command("explain y.so --function apply").output
    #expect(cold.contains("\n  baseline code: "), "\(cold)")
    #expect(try command("explain y.so").output == "no indirect calls in optimized code\n")
  }

  @Test func refusesWhatIsNotThere() throws {
    let folder = try Sample.shared.get().folder("sample.so", "sample.wasm")
    let command = folder.command
    for (line, what) in [
      ("--site 3", "no call at byte 3"), ("--function nobody", "no function nobody"),
      ("--function 99", "no function 99"), ("--top 0", "--top"),
    ] {
      let outcome = try command("explain sample.so \(line)")
      #expect(outcome.status == 64 && outcome.errors.contains(what), "\(outcome.errors)")
    }
    #expect(try command("explain sample.wasm").status == 65)
  }

  @Test func inspectsAsJSON() throws {
    let folder = try Sample.shared.get().folder("sample.so")
    let all = try folder.command("inspect --all --json sample.so")
    #expect(all.status == 0, "\(all.errors)")
    for part in [
      #"{"compiler": "wasm-pgo "#, #""sections": [{"name": ""#,
      #""functions": [{"function": 10, "name": "apply", "calls": 2000, "weight": 4000, "#,
      #""sites": [{"path": "#, #""guards": [{"guard": 0, "path": "#,
    ] {
      #expect(all.output.contains(part), "\(part) in \(all.output)")
    }
    #expect(try folder.command("inspect --frame-states --json sample.so").status == 64)
  }
}
