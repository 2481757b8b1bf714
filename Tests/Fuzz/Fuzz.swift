import ArgumentParser
import CommandLineSupport
import Contract
import Glibc
import Runtime
import TestSupport

@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wasm-pgo-fuzz",
    abstract: "Random modules on the baseline and compiled, with guards forced: nothing may differ.",
    subcommands: [Campaign.self, Show.self, SelfCheck.self, Survey.self], defaultSubcommand: Campaign.self)
}

/// A range of seeds. The last line on standard output is a summary in JSON.
struct Campaign: ParsableCommand {
  @Option(help: "First seed.")
  var first: UInt64 = 1

  @Option(help: "Seeds at most.")
  var count: UInt64 = 100

  @Option(help: "Seconds after which no further seed is started.")
  var seconds: Int = .max

  func run() throws {
    let start = now()
    var total = FuzzCase.Result()
    var done: UInt64 = 0
    var findings = 0
    for seed in first..<(first + count) where now() - start < seconds {
      // Should the process die, the last line names the seed.
      Terminal.write("seed \(seed)\n")
      do {
        let result = try FuzzCase(seed: seed).check()
        total.compilations += result.compilations
        total.deopts += result.deopts
        total.forced += result.forced
        total.points += result.points
        if let finding = result.finding {
          findings += 1
          print("DIFFERENT: \(finding)")
        }
      } catch {
        findings += 1
        print("FAILED: seed \(seed): \(error)")
      }
      done += 1
    }
    print(
      """
      {"first": \(first), "seeds": \(done), "modules": \(total.compilations), \
      "deopts": \(total.deopts), "forced": \(total.forced), "points": \(total.points), \
      "divergences": \(findings), "seconds": \(now() - start)}
      """)
    guard findings == 0 else { throw ExitCode(1) }
  }

  private func now() -> Int { time(nil) }
}

/// Prints the modules of a seed.
struct Show: ParsableCommand {
  @Argument var seed: UInt64

  func run() {
    let program = FuzzProgram(seed: seed)
    print(program.text)
    if let library = program.library { print(";; lib\n" + library) }
    for call in program.calls { print(";; \(call)") }
  }
}

/// What the artefacts of some seeds hold.
struct Survey: ParsableCommand {
  @Option var first: UInt64 = 1
  @Option var count: UInt64 = 10

  func run() throws {
    for seed in first..<first + count {
      let program = try FuzzCase(seed: seed)
      let artefact = try Artefact(bytes: program.compile(.init(growth: 4, level: 2)).main)
      let frames = artefact.deopts.states.map { Int($0.frameCount) }
      let registers = artefact.deopts.locations.count { $0.kind == 1 }
      print(
        "seed \(seed): \(program.module.bytes.count) bytes, code \(artefact.textSize), "
          + "guards \(artefact.deopts.guards.count), points \(artefact.deopts.points.count), "
          + "frames \(frames), locations \(artefact.deopts.locations.count), in registers \(registers)")
    }
  }
}
