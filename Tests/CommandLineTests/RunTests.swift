import Foundation
import TestSupport
import Testing

/// `run`, of a module and of both kinds of artefacts: what comes out, and how it ends.
@Suite struct RunTests {
  static let files = ["sample.wasm", "sample.so", "sample.o", "off.so"]

  private func command() throws -> Command { Command(directory: try Sample.shared.get().root) }

  @Test(arguments: files) func passesOnTheGuestsExitCode(file: String) throws {
    for arguments in [[], ["a"], ["a", "--help", "c"]] {
      let outcome = try command().run(["run", file, "--"] + arguments)
      #expect(outcome.status == Int32(arguments.count))
      #expect(outcome.output == "started\n")
      #expect(outcome.errors == "")
    }
    #expect(try command()("run \(file) --invoke exit -- 42").status == 42)
    #expect(try command()("run \(file) --invoke exit -- 255").status == 255)
  }

  @Test(arguments: files) func callsExports(file: String) throws {
    let outcome = try command()("run \(file) --invoke run -- 2000 700")
    let expected = (0..<2000).reduce(0 as Int64) { sum, turn in
      (turn >= 700 ? sum &* 31 : sum &+ 3) ^ 1
    }
    #expect(outcome.output == "\(expected)\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
    #expect(try command()("run \(file) --invoke crash -- -0x8").output == "-133\n")
  }

  @Test(arguments: files) func grantsVariables(file: String) throws {
    var command = try command()
    command.environment = ["FROM_HOST": "here", "SECRET": "no"]
    let outcome = try command(
      "run \(file) --invoke environment --env A=1 --env B=x=y --env A=2 --env FROM_HOST --env ABSENT"
    )
    #expect(outcome.output == "B=x=y\0A=2\0FROM_HOST=here\0")
    #expect(try command("run \(file) --invoke environment").output == "")
    #expect(
      try command("run \(file) --invoke environment --inherit-env").output.contains("SECRET=no\0"))
  }

  @Test(arguments: files) func grantsFolders(file: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("written by the host".utf8), "note.txt")
    let outcome = try command()("run \(file) --invoke note --dir \(folder.root.path)::/data")
    #expect(outcome.output == "written by the host")
    #expect(try command()("run \(file) --invoke note").status == 9)
  }

  // MARK: Traps

  /// The frames of a backtrace as (name, place, tier).
  private func frames(_ errors: String) -> [[Substring]] {
    var result: [[Substring]] = []
    for line in errors.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 5, words[0].hasSuffix(":"), words[2] == "at" else { continue }
      result.append([words[1], words[3], words[4...].joined(separator: " ")[...]])
    }
    return result
  }

  /// Names and places go through inlined frames, and are those of the baseline.
  @Test func trapsTellWhere() throws {
    let compiled = try command()("run crash.so --invoke crash -- 0")
    let baseline = try command()("run sample.wasm --invoke crash -- 0")
    for outcome in [compiled, baseline] {
      #expect(outcome.status == 134)
      #expect(outcome.output == "")
      #expect(outcome.errors.hasPrefix("error: trap: integer divide by zero\n"))
      #expect(frames(outcome.errors).map { $0[0] } == ["divide", "apply", "crash"])
    }
    #expect(frames(compiled.errors).map { $0[1] } == frames(baseline.errors).map { $0[1] })
    #expect(
      frames(compiled.errors).map { $0[2] }
        == ["(optimized, inlined)", "(optimized, inlined)", "(optimized)"])
    #expect(frames(baseline.errors).map { $0[2] } == ["(baseline)", "(baseline)", "(baseline)"])
  }

  /// The function that ran when the time was over is in the backtrace, wherever it was interrupted.
  @Test(arguments: files) func timeoutsTellWhere(file: String) throws {
    var seen = 0
    for round in 0..<100 where seen < 12 {
      let outcome = try command()("run \(file) --invoke spin --timeout \(50 + 10 * round)ms")
      #expect(outcome.status == 124)
      let names = frames(outcome.errors).map { $0[0] }
      // On a busy machine the time may be over before the guest begins.
      if names.isEmpty { continue }
      seen += 1
      // From the outermost inwards, whichever of them ran.
      let chain = ["spin", "run", "apply", "add"].map { $0[...] }
      #expect(chain.starts(with: names.reversed()), "\(outcome.errors)")
    }
    #expect(seen == 12)
  }

  // MARK: Statistics

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: ["sample.so", "sample.o"]) func statisticsTellOfDeopts(file: String) throws {
    let outcome = try command()("run \(file) --stats=json --invoke run -- 2000 700")
    let statistics = try json(outcome.errors)
    #expect(statistics["deopts"] as? Int == 1)
    #expect(statistics["baseline_functions"] as? Int == 0)
    let guards = try #require(statistics["guards"] as? [[String: Any]])
    let path = try #require(guards.first?["path"] as? [[String: Any]])
    #expect(path.map { $0["name"] as? String } == ["apply", "run"])
    let functions = try #require(statistics["functions"] as? [[String: Any]])
    #expect(functions.map { $0["name"] as? String } == ["run"])
    for key in ["load_ms", "instantiate_ms", "run_ms"] {
      #expect((statistics[key] as? Double).map { $0 > 0 } ?? false, "\(key)")
    }
    let text = try command()("run \(file) --stats --invoke run -- 2000 700")
    #expect(text.output == outcome.output)
    #expect(text.errors.contains("deopts       1\n"))
  }

  /// The format may stand by itself, as the help says.
  @Test func statisticsHaveAFormat() throws {
    let command = try command()
    for line in ["--stats json sample.so", "sample.so --stats json", "--stats=json sample.so"] {
      let outcome = try command("run \(line) --invoke run -- 20 10")
      #expect(try json(outcome.errors)["deopts"] as? Int == 1, "\(line): \(outcome.errors)")
    }
    for line in ["--stats text sample.so", "--stats sample.so", "sample.so --stats"] {
      let outcome = try command("run \(line) --invoke run -- 20 10")
      #expect(outcome.errors.contains("deopts       1\n"), "\(line): \(outcome.errors)")
    }
    let folder = try TemporaryFolder()
    try folder.write(Sample.shared.get().bytes("sample.so"), "json")
    #expect(try folder.command("run --stats ./json").errors.contains("deopts       0\n"))
  }

  @Test func statisticsComeWithTrapsAndExitCodes() throws {
    let trap = try command()("run sample.so --stats=json --invoke crash -- 0")
    #expect(trap.status == 134)
    let lines = trap.errors.split(separator: "\n")
    #expect(try json(String(lines[0]))["deopts"] != nil)
    #expect(lines[1].hasPrefix("error: trap"))
    let exit = try command()("run sample.so --stats=json --invoke exit -- 3")
    #expect(exit.status == 3)
    // `run`, and what its call may reach once its guard has failed.
    #expect(try json(exit.errors)["optimized_functions"] as? Int == 3)
    // Behind --, it is the guest's.
    #expect(try command()("run sample.so -- --stats").status == 1)
  }

  // MARK: Terminals

  /// Colour is for terminals, and not for those who said no.
  @Test func coloursTerminalsOnly() throws {
    var command = try command()
    command.environment = ["TERM": "xterm-256color", "NO_COLOR": nil]
    let escape = "\u{1B}"
    #expect(try !command("run missing").errors.contains(escape))
    let script = "script -qec '\"$pgo\" run missing' /dev/null"
    let terminal = try command.shell(script)
    #expect(terminal.output.contains(escape + "[1;31merror:"))
    command.environment["NO_COLOR"] = "1"
    let plain = try command.shell(script)
    #expect(plain.output.contains("error:") && !plain.output.contains(escape))
    command.environment = ["TERM": "dumb", "NO_COLOR": nil]
    #expect(try !command.shell(script).output.contains(escape))
  }
}
