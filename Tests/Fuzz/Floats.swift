import AOT
import ArgumentParser
import CommandLineSupport
import Files
import Glibc
import WasmText

/// Random float expressions. The last line on standard output is a summary in JSON.
struct Floats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the float expressions of a range of seeds; exit code 1 if any differs.")

  @Option(help: "First seed.") var seed: UInt64 = 1
  @Option(help: "Number of seeds; each is a module of 40 functions.") var count = 10
  @Option(help: "Folder for modules that differ.") var output =
    "out/fuzz/findings"
  @Option(help: "Leave out one of our passes, to see what it prevents.") var leaveOut: String?
  @Flag(help: "Only write the modules as float-N.wasm, for other engines.") var write = false

  func run() throws {
    if write { return try writeModules() }
    let start = monotonicNanoseconds()
    var (expressions, findings) = (0, 0)
    let leftOut = Set(leaveOut.flatMap(OwnPass.init(rawValue:)).map { [$0] } ?? [])
    var worker = FuzzWorker {
      var one = try FloatCase(FloatProgram(seed: seed &+ UInt64($0)))
      one.leftOut = leftOut
      return one
    }
    worker.batch = 100
    worker.run(0..<count) { number, result in
      let program = FloatProgram(seed: seed &+ UInt64(number))
      expressions += program.results.count
      if let finding = result.finding {
        findings += 1
        report(program, finding)
      }
      return true
    }
    let seconds = Double(monotonicNanoseconds() - start) / 1e9
    try printOutput(
      """
      {"first": \(seed), "seeds": \(count), "expressions": \(expressions), "findings": \(findings), \
      "seconds": \(Int(seconds))}

      """)
    guard findings == 0 else { throw ExitCode(1) }
  }

  private func report(_ program: FloatProgram, _ finding: FuzzFinding) {
    let text = "floats \(program.seed): \(finding.kind.rawValue): \(finding.text)\n"
    try? printOutput("FOUND " + text)
    mkdir(output, 0o777)
    let file = Array(";; \(text)\(program.text)\n".utf8)
    do { try writeFile(file, to: "\(output)/floats-\(program.seed).wat") } catch {
      Terminal.warn("\(error)")
    }
  }

  private func writeModules() throws {
    mkdir(output, 0o777)
    for seed in seed..<seed &+ UInt64(count) {
      let bytes = try assemble(FloatProgram(seed: seed, isMasked: true).text)
      do throws(FileError) { try writeFile(bytes, to: "\(output)/float-\(seed).wasm") } catch {
        throw Diagnostic(writing: error)
      }
    }
  }
}
