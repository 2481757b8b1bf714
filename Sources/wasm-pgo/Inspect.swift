import ArgumentParser
import CommandLineSupport
import Contract
import Files
import Runtime
import Speculation
import Wasm

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", _superCommandName: WasmPGO.name,
    abstract:
      "Show the contents of an artefact: sections, code, call sites with their plan, frame states.",
    discussion: """
      Prints a summary, and what the options ask for. Functions and call sites come in the order of their counts in the profile. \
      Also reads artefacts for other processors.

      EXAMPLES:
        wasm-pgo inspect --functions --sites app.so
        wasm-pgo inspect --all --json app.so

      \(ExitStatus.table("0 success"))
      """
  )

  @Argument(help: "The artefact.", completion: .file(extensions: ["so", "o"]))
  var artefact: HostString

  @Flag(help: "Print sections and their sizes.")
  var sections = false

  @Flag(help: "Print functions, with the size of each version's code.")
  var functions = false

  @Flag(help: "Print call sites: the planner's decision and reason, targets and their counts.")
  var sites = false

  @Flag(help: "Print guards that can deopt, with their tests and deopt points in the machine code.")
  var guards = false

  @Flag(help: "Print frame states: where each local and operand is at each deopt point.")
  var frameStates = false

  @Flag(help: "Print all of these.")
  var all = false

  @Flag(help: "Print a JSON object, without frame states.")
  var json = false

  func validate() throws {
    guard !json || !frameStates else {
      throw ValidationError("--json cannot be combined with --frame-states")
    }
  }

  func run() throws {
    let file = try ProgramFile(artefact)
    let printer = ArtefactPrinter(artefact: try file.artefactForReading())
    if json {
      let object = try withArtefactErrors(at: artefact) {
        try ArtefactJSON(artefact: printer.artefact).object(
          sections: sections || all ? file.bytes() : nil, functions: functions || all,
          sites: sites || all, guards: guards || all)
      }
      return try printOutput(object.document)
    }
    var parts: [String] = [try printer.summary()]
    try withArtefactErrors(at: artefact) { try addParts(&parts, printer, file) }
    try printReport(parts.joined(separator: "\n"))
  }

  private func addParts(
    _ parts: inout [String], _ printer: ArtefactPrinter, _ file: ProgramFile
  ) throws {
    if sections || all { parts.append(try printer.sections(file.bytes())) }
    if functions || all { parts.append(try printer.functions()) }
    if sites || all { parts.append(try printer.sites()) }
    if guards || all { parts.append(try printer.guards()) }
    if frameStates || all { parts.append(printer.frameStates()) }
  }
}
