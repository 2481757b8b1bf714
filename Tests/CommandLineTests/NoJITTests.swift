import Foundation
import TestSupport
import Testing

/// `run --no-jit`: artefacts run, and deoptimize, in a process that cannot make executable memory.
@Suite struct NoJITTests {
  private func command() throws -> Command { Command(directory: try Sample.shared.get().root) }

  private func statistics(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: ["sample.so", "sample.o"]) func deoptsNeedNoCode(file: String) throws {
    let command = try command()
    let expected = try command("run sample.wasm --invoke run -- 2000 700")
    let outcome = try command("run \(file) --no-jit --stats=json --invoke run -- 2000 700")
    #expect(outcome.status == 0 && outcome.output == expected.output, "\(outcome.errors)")
    let statistics = try statistics(outcome.errors)
    #expect(statistics["deopts"] as? Int == 1 && statistics["baseline_functions"] as? Int == 0)
  }

  /// The code that fails a guard on purpose is written while the artefact is loaded.
  @Test func guardsCanBeForced() throws {
    let command = try command()
    let expected = try command("run sample.wasm --invoke run -- 200 5000")
    let line = "--no-jit --stats=json --deopt-every 3 --deopt-limit 0 --invoke run -- 200 5000"
    let outcome = try command("run sample.so \(line)")
    #expect(outcome.status == 0 && outcome.output == expected.output, "\(outcome.errors)")
    #expect(try statistics(outcome.errors)["deopts"] as? Int ?? 0 > 0)
  }

  /// Traps, timeouts and exit codes are as ever.
  @Test func endsAreTheSame() throws {
    let command = try command()
    let trap = try command("run crash.so --no-jit --invoke crash -- 0")
    let other = try command("run crash.so --invoke crash -- 0")
    #expect(trap.status == 134 && trap.status == other.status && trap.errors == other.errors)
    #expect(try command("run sample.so --no-jit --invoke exit -- 3").status == 3)
    #expect(try command("run sample.so --no-jit --invoke spin --timeout 200ms").status == 124)
    #expect(try command("run sample.so --no-jit -- a b").status == 2)
  }

  @Test func whatNeedsCodeIsRefused() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
    let command = folder.command
    try #require(command("compile sample.wasm --lazy-baseline -o lazy.so").status == 0)
    for (line, message) in [
      ("sample.wasm", "--no-jit: a module is compiled while it runs"),
      ("lazy.so", "--no-jit: the artefact has no baseline code of f"),
      ("sample.so --osr-every 2", "--no-jit: --osr-every changes baseline code"),
    ] {
      let outcome = try command("run --no-jit --invoke run \(line) -- 20 10")
      #expect(outcome.status == 64 && outcome.output == "", "\(line)")
      #expect(
        outcome.errors.hasPrefix("error: ") && outcome.errors.contains(message), "\(outcome.errors)"
      )
    }
    // Without the option, the runtime compiles what is missing.
    let lazy = try command("run lazy.so --stats=json --invoke run -- 2000 700")
    let complete = try command("run sample.so --stats=json --invoke run -- 2000 700")
    #expect(lazy.status == 0 && lazy.output == complete.output)
    #expect(try statistics(lazy.errors)["baseline_functions"] as? Int ?? 0 > 0)
    #expect(try statistics(complete.errors)["baseline_functions"] as? Int == 0)
    #expect(try folder.bytes("lazy.so").count < folder.bytes("sample.so").count)
  }
}
