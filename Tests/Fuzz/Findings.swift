import ArgumentParser
import CommandLineSupport
import Files
import Foundation
import TestSupport
import Wasm
import WasmText

/// Runs what was once found: folders with a module, calls, and what each call must come to.
///
///     module.wat      calls.txt: EXPORT ARGUMENTS…      train.txt: the same, for the profile
///     expected.txt:   EXPORT ARGUMENTS… = RESULTS       or  = trap MESSAGE
///                       m 65536 d7978eeb, g i32:0       the state behind it: that is compared among tiers instead
struct Findings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Run folders of findings on all tiers; exit code 1 unless each gives its expected results.")

  @Argument(help: "Folder of the findings.") var folder: String

  func run() throws {
    var failures = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      guard FileManager.default.fileExists(atPath: "\(folder)/\(name)/calls.txt") else {
        try printOutput("\(name): not run, it has no calls\n")
        continue
      }
      let complaints = try check("\(folder)/\(name)")
      failures += complaints.isEmpty ? 0 : 1
      try printOutput("\(name): \(complaints.isEmpty ? "right" : "WRONG")\n")
      for complaint in complaints { try printOutput("  \(complaint)\n") }
    }
    guard failures == 0 else { throw ExitCode(1) }
  }

  /// - Returns: what is wrong: on the baseline, or what other tiers do differently.
  private func check(_ folder: String) throws -> [String] {
    let text = try read(folder + "/module.wat")
    let module = try Module(validating: assemble(text))
    let calls = try self.calls(folder + "/calls.txt", module)
    let hasTraining = FileManager.default.fileExists(atPath: folder + "/train.txt")
    let training = hasTraining ? try self.calls(folder + "/train.txt", module) : calls
    var program = TrapProgram(
      text, training: training, cases: [.init("all", calls)] + calls.map { .init("\($0)", [$0]) })
    program.fillsMemory = false
    var comparison = try TrapComparison(program)
    let outcomes = comparison.steps[0].map(\.outcome)
    let expected = try read(folder + "/expected.txt").split(separator: "\n").filter {
      !$0.hasPrefix(" ")
    }
    guard expected.count == calls.count else { return ["calls.txt and expected.txt do not match"] }
    var complaints: [String] = []
    for (line, outcome) in zip(expected, outcomes) {
      let parts = line.split(separator: " = ", omittingEmptySubsequences: false)
      let right = parts.count < 2 ? "" : String(parts[1])
      if !Self.agrees(outcome, right) {
        complaints.append("\(line) expected, on the baseline \(outcome)")
      }
    }
    try comparison.run()
    return complaints + comparison.differences.map(\.description)
  }

  /// - Parameter right: as expected.txt has it.
  private static func agrees(_ outcome: String, _ right: String) -> Bool {
    if right.hasPrefix("trap ") {
      // The specification's name for an index beyond the table; the findings have wasmtime's.
      let message = right.dropFirst(5)
      let name = message == "out of bounds table access" ? "undefined element" : message
      return outcome.hasPrefix("trap: " + message) || outcome.hasPrefix("trap: " + name)
    }
    // [Value.i32(5)]; floats are written as the bits they are.
    let values = outcome.matches(of: /\.([if](?:32|64))\((-?[0-9]+)\)/).map { "\($0.1):\($0.2)" }
    return values.count == right.split(separator: " ").count
      && zip(values, right.split(separator: " ")).allSatisfy { value, right in
        value == right || right.hasPrefix("f")
      }
  }

  private func read(_ path: String) throws -> String {
    do throws(FileError) {
      return String(decoding: try readFile(HostString(path)), as: UTF8.self)
    } catch { throw Diagnostic(reading: error) }
  }

  private func calls(_ path: String, _ module: Module) throws -> [TrapProgram.Call] {
    try read(path).split(separator: "\n").map { line in
      let words = line.split(separator: " ").map(String.init)
      let function = words.first.flatMap { module.function(exported: $0) }
      guard let function,
        case let type = module.type(ofFunction: function),
        type.parameters.count == words.count - 1
      else { throw Diagnostic("no call of an export: \(line)", at: path, status: .badInput) }
      let arguments = zip(type.parameters, words.dropFirst()).compactMap(Self.argument)
      guard arguments.count == words.count - 1 else {
        throw Diagnostic("no arguments of this type: \(line)", at: path, status: .badInput)
      }
      return TrapProgram.Call(words[0], arguments)
    }
  }

  /// Integers, and of floats the bits in hexadecimal.
  private static func argument(_ type: ValueType, _ word: String) -> TrapProgram.Argument? {
    let bits =
      word.hasPrefix("0x")
      ? UInt64(word.dropFirst(2), radix: 16).map(Int64.init(bitPattern:)) : Int64(word)
    guard let bits else { return nil }
    return switch type {
    case .i32: .i32(Int32(truncatingIfNeeded: bits))
    case .i64: .i64(bits)
    case .f32: .f32(UInt32(truncatingIfNeeded: bits))
    case .f64: .f64(UInt64(bitPattern: bits))
    default: nil
    }
  }
}
