import Foundation
import TestSupport
import Testing

/// The committed programs that use tail calls, a memory of 64 bits, and C++ exceptions in both forms, on every tier. The outputs of those that
/// can be built natively are what native builds print.
@Suite struct SampleProgramTests {
  struct Program: Sendable, CustomStringConvertible {
    /// In `Samples`, without the suffix.
    var module: String
    /// Options of the guest: which function is called.
    var options = ""
    /// Arguments of the run that is compared, which turns to other callees half-way.
    var arguments: String
    /// Of the run whose profile is used, which does not.
    var training: String
    /// Of a run that mostly calls others.
    var other: String
    var output: String
    var description: String { module }
  }

  private static let exceptions = "checksum 76a043e0bbef4355\ncaught in main\n"
  static let programs: [Program] = [
    Program(
      module: "exceptions/exceptions", arguments: "60 7 --change", training: "40 7",
      other: "3 1 --change", output: exceptions),
    Program(
      module: "exceptions/exceptions-legacy", arguments: "60 7 --change", training: "40 7",
      other: "3 1 --change", output: exceptions),
    Program(
      module: "tail-calls/states", arguments: "6 3 --change", training: "6 3",
      other: "1 9 --change",
      output: "5897 numbers, 34175 names, 6196 comments, 3117 others, checksum 535af2edafb09d22\n"),
    Program(
      module: "memory64/far", options: "--invoke walk", arguments: "-2147483618 3",
      training: "20 3", other: "1 1", output: "5990112266652767077\n"),
  ]

  @Test(arguments: programs) func everyTier(program: Program) throws {
    let folder = try TemporaryFolder()
    let module = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
      path: "../../Samples/\(program.module).wasm"
    ).standardizedFileURL.path
    func command(_ line: String) throws -> String {
      let outcome = try folder.command(line)
      #expect(outcome.status == 0, "\(line): \(outcome.errors)")
      return outcome.output
    }
    func run(_ verb: String, _ file: String, _ arguments: String) throws -> String {
      try command("\(verb) \(program.options) \(file) -- \(arguments)")
    }
    #expect(try run("run", module, program.arguments) == program.output)
    _ = try run("record -o right.wasmprof", module, program.training)
    _ = try run("record -o wrong.wasmprof", module, program.other)
    for profile in ["off", "right.wasmprof", "wrong.wasmprof"] {
      _ = try command("compile \(module) --profile \(profile) -o program.so")
      for options in ["", "--deopt-once"] {
        let output = try run("run \(options)", "program.so", program.arguments)
        #expect(output == program.output, "\(profile) \(options)")
      }
    }
    let verified = try run(
      "verify --runs 12 --profile right.wasmprof", module, program.arguments)
    #expect(verified.hasSuffix("equal to the baseline\n"))
  }
}
