import Foundation
import TestSupport
import Testing
import WasmText

/// `compile` goes on where LLVM fails on a function, and says so.
@Suite struct BaselineFunctionTests {
  /// By how the process that compiles the function ends: the reason that is shown.
  private static let reasons = [
    ("abort", "LLVM failed: it was ended by signal 6 (Aborted)"),
    ("fault", "LLVM failed: it was ended by signal 11 (Segmentation fault)"),
    ("fatalError", "LLVM failed: planted [2J"),
    ("endless", "LLVM exceeded 1 s of processor time"),
    ("memory", "LLVM exceeded 64 MiB of memory"),
  ]

  private func failing(
    _ folder: TemporaryFolder, _ failure: String, _ functions: String, _ output: String,
    _ more: String = ""
  ) throws -> Command.Outcome {
    let line =
      "compile-failing sample.wasm --profile sample.wasmprof --failure \(failure) \(more) "
      + "--output \(output) --functions \(functions)"
    return try folder.command.run(line.split(separator: " ").map(String.init), program: .fuzzer)
  }

  /// f9 is `divide`, f10 `apply`, f11 `run`: cold and hot ones.
  @Test(arguments: reasons) func failuresBecomeBaselineCode(failure: String, reason: String) throws
  {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    let compiled = try failing(folder, failure, "9 11", "x.so")
    #expect(compiled.status == 0, "\(compiled.errors)")
    #expect(compiled.output == "f9: \(reason)\nf11: \(reason)\n")
    #expect(compiled.errors == "")
    let command = folder.command
    let expected = try command("run sample.wasm --invoke run -- 100 50")
    let run = try command("run --stats=json x.so --invoke run -- 100 50")
    #expect(run.status == 0 && run.output == expected.output, "\(run.errors)")
    #expect(try command("verify x.so --invoke run -- 100 50").status == 0)
    let inspected = try command("inspect --functions x.so")
    #expect(inspected.output.contains("f9 \"divide\" is baseline code: \(reason)\n"))
    #expect(inspected.output.contains("  f11 \"run\"  baseline: \(reason)  "))
    #expect(inspected.output.contains("f10 \"apply\"  speculative"), "\(inspected.output)")
    // The same failures, the same bytes, however many processes there are.
    try #require(failing(folder, failure, "9 11", "y.so", "--jobs 1").status == 0)
    #expect(try folder.bytes("y.so") == folder.bytes("x.so"))
    // And the same if each partition is compiled by itself.
    let steps = try failing(folder, failure, "9 11", "z.so", "--steps")
    #expect(steps.output == compiled.output)
    #expect(try folder.bytes("z.so") == folder.bytes("x.so"))
  }

  /// Parts that were compiled are kept, failures are not.
  @Test func failuresAreNotCached() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    _ = try failing(folder, "abort", "9 11", "x.so", "--cache cache")
    let again = try failing(folder, "abort", "9 11", "y.so", "--cache cache")
    #expect(try folder.bytes("y.so") == folder.bytes("x.so"))
    #expect(again.output.contains("f9: ") && again.output.contains("f11: "))
    let mended = try failing(folder, "abort", "99", "z.so", "--cache cache")
    #expect(!mended.output.contains("f9: ") && !mended.output.contains("f11: "))
    try #require(failing(folder, "abort", "99", "whole.so").status == 0)
    #expect(try folder.bytes("z.so") == folder.bytes("whole.so"))
  }

  /// Limits that LLVM itself exceeds, on a function that is too large for them.
  @Test(arguments: [
    ("--function-time-limit 0.5", "LLVM exceeded 0.5 s of processor time"),
    ("--memory-limit 40", "LLVM exceeded 40 MiB of memory"),
  ]) func limitsAreOptions(option: String, reason: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(try large(), "large.wasm")
    let command = folder.command
    let outcome = try command("compile large.wasm \(option) -o x.so")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "warning: f0 \"large\" is baseline code: \(reason)\n2 functions: 1 light, 1 baseline; "),
      "\(outcome.errors)")
    let run = try command("run x.so --invoke small -- 7")
    #expect(try run.output == command("run large.wasm --invoke small -- 7").output)
    #expect(run.status == 0, "\(run.errors)")
    let without = try command("compile large.wasm -O1 \(option.split(separator: " ")[0]) 0 -o y.so")
    #expect(without.status == 0 && !without.errors.contains("warning"), "\(without.errors)")
  }

  /// A few seconds and some hundred MiB at the highest level, beside a function of a few milliseconds.
  private func large() throws -> [UInt8] {
    let statements = (0..<5000).map { number in
      """
      (if (i32.lt_u (local.get 0) (i32.const \(7 * number + 3)))
        (then (local.set 1 (i32.mul (local.get 1) (i32.load offset=\(4 * number) (local.get 0)))))
        (else (i32.store offset=\(4 * number) (local.get 1) (local.get 0))))
      """
    }
    return try assemble(
      """
      (module (memory 2)
        (func (export "large") (param i32) (result i32) (local i32)
          \(statements.joined(separator: "\n"))
          (local.get 1))
        (func (export "small") (param i32) (result i32)
          (i32.add (local.get 0) (i32.const 1))))
      """)
  }

  @Test func limitsAreNumbers() throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    for option in ["--function-time-limit -1", "--memory-limit x"] {
      #expect(try folder.command("compile sample.wasm \(option)").status == 64, "\(option)")
    }
  }
}
