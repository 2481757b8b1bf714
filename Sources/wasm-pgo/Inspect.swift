import ArgumentParser
import CommandLineSupport
import Contract
import Files
import Runtime
import Speculation
import Wasm

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    _superCommandName: WasmPGO.name,
    abstract: "Show what is in an artefact: sections, code, sites with their plan, frame states.",
    discussion:
      "Without options: a summary. Also of artefacts for other processors.\n\n\(ExitStatus.table("0 success"))"
  )

  @Argument(help: "The artefact.", completion: .file(extensions: ["so", "o"]))
  var artefact: HostString

  @Flag(help: "Sections and their sizes.")
  var sections = false

  @Flag(help: "Functions with the size of each version's code.")
  var functions = false

  @Flag(help: "Call sites: the planner's decision, its reason, targets with their counts.")
  var sites = false

  @Flag(help: "Guards that can deopt, with their tests and deopt points in the machine code.")
  var guards = false

  @Flag(help: "Frame states: where each local and operand is at each deopt point.")
  var frameStates = false

  @Flag(help: "All of it.")
  var all = false

  func run() throws {
    let file = try ProgramFile(artefact)
    let printer = ArtefactPrinter(artefact: try file.artefactForReading())
    var parts: [String] = [printer.summary()]
    try withArtefactErrors(at: artefact) { try addParts(&parts, printer, file) }
    try printReport(parts.joined(separator: "\n"))
  }

  private func addParts(
    _ parts: inout [String], _ printer: ArtefactPrinter, _ file: ProgramFile
  ) throws {
    if sections || all { parts.append(try printer.sections(file.bytes())) }
    if functions || all { parts.append(printer.functions()) }
    if sites || all { parts.append(try printer.sites()) }
    if guards || all { parts.append(try printer.guards()) }
    if frameStates || all { parts.append(printer.frameStates()) }
  }
}
