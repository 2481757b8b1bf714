import ArgumentParser
import CommandLineSupport
import Runtime

extension CodeReporter.Format: ExpressibleByArgument {}

/// Who is told of code made at run time.
struct CodeReportOptions: ParsableArguments {
  @Option(
    name: .customLong("code-names"),
    help: ArgumentHelp(
      """
      Tells of baseline code that this process compiles: jitdump writes jit-PID.dump in this directory, for perf record -k mono and \
      perf inject --jit; gdb uses its JIT interface. May be given several times. Code of artefacts needs nothing of it: \
      toolchain-docs/profiling.md.
      """, valueName: "jitdump|gdb"))
  var formats: [CodeReporter.Format] = []

  func start() throws(Diagnostic) {
    for format in formats {
      do throws(ResourceError) { try CodeReporter.start(format) } catch {
        throw Diagnostic(
          "--code-names \(format.rawValue): \(error.message)", at: "this process",
          status: .cannotCreate)
      }
    }
  }
}
