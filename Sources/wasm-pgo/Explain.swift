import ArgumentParser
import CommandLineSupport
import Contract
import Feedback
import Files
import Runtime
import Speculation
import Wasm

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", _superCommandName: WasmPGO.name,
    abstract: "Say what was decided at the call sites of an artefact, and why.",
    discussion: """
      Without options: the indirect calls that were made most often, in a line each. --function and --site say more of some: targets and their \
      counts, the decision and its reason, the guard, sizes of what was inlined, and what speculating saves or would save.

      EXAMPLES:
        wasm-pgo explain app.so
        wasm-pgo run --stats=json app.so 2> stats.json
        wasm-pgo explain app.so --function apply --stats stats.json

      \(ExitStatus.table("0 success"))
      """)

  @Argument(help: "The artefact.", completion: .file(extensions: ["so", "o"]))
  var artefact: HostString

  @Option(
    help: ArgumentHelp(
      "Only calls in this function: its index, or its name.", valueName: "function"))
  var function: String?

  @Option(
    help: ArgumentHelp(
      "Only the call at this byte offset of the module, which stands behind @.", valueName: "offset"
    ))
  var site: Int?

  @Option(
    help: ArgumentHelp("Number of calls to list without --function and --site.", valueName: "count")
  )
  var top = 20

  @Option(
    help: ArgumentHelp("What run --stats=json printed: adds the guards' misses.", valueName: "file")
  )
  var stats: HostString?

  @Flag(help: "Also list direct calls.")
  var all = false

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1") }
  }

  func run() throws {
    let artefact = try ProgramFile(self.artefact).artefactForReading()
    guard let report = try withArtefactErrors(at: self.artefact, { try artefact.siteReport() })
    else {
      throw Diagnostic(
        "the artefact does not say what was decided", at: "\(self.artefact)",
        help: "compile the module again", status: .badInput)
    }
    var list = ExplainedSite.List(report, of: artefact)
    let function = try function.map { try index(of: $0, artefact.module) }
    if let function { list.sites.removeAll { $0.function != function } }
    if let site {
      list.sites.removeAll { $0.byteOffset != site }
      if list.sites.isEmpty {
        throw Diagnostic(
          "no call at byte \(site) is in optimized code", at: "\(self.artefact)",
          help: "list the calls: wasm-pgo explain \(self.artefact)", status: .usage)
      }
    }
    let isList = function == nil && site == nil
    if isList && !all { list.sites.removeAll { !$0.isIndirect } }
    let printer = ExplanationPrinter(
      artefact: ArtefactPrinter(artefact: artefact), list: list,
      misses: try stats.map { try GuardMisses($0) })
    if json {
      try printOutput(printer.json(limit: isList ? top : .max).document)
    } else if isList {
      try printReport(printer.overview(limit: top))
    } else {
      try printReport(printer.details(of: function))
    }
  }

  private func index(of text: String, _ module: Module) throws -> Int {
    let index = Int(text) ?? module.functions.indices.first { module.functionName($0) == text }
    guard let index, module.functions.indices.contains(index) else {
      throw Diagnostic(
        "the module has no function \(text)", at: "\(artefact)",
        help: "list them: wasm-pgo inspect --functions \(artefact)", status: .usage)
    }
    return index
  }
}

/// What guards missed in a run, from the file that `run --stats=json` wrote.
struct GuardMisses {
  /// By byte offset of the guarded call: in all its copies.
  private(set) var byOffset: [Int: UInt64] = [:]
  /// Each guard's calls, innermost first, with its deopts.
  private(set) var paths: [(path: [(function: Int, offset: Int)], count: UInt64)] = []

  init(_ path: HostString) throws(Diagnostic) {
    let bytes = try readInput(path)
    let json: JSON
    do throws(JSON.ParseError) { json = try JSON(parsing: bytes) } catch {
      throw Diagnostic(
        "not what run --stats=json prints: \(error.message)", at: "\(path), byte \(error.offset)",
        help: "wasm-pgo run --stats=json APP.so 2> \(path)", status: .badInput)
    }
    guard let guards = json["guards"] else {
      throw Diagnostic(
        "not what run --stats=json prints: it has no guards", at: "\(path)",
        help: "wasm-pgo run --stats=json APP.so 2> \(path)", status: .badInput)
    }
    for row in guards.items {
      guard let offset = row["path"]?.items.first?["offset"]?.count,
        let deopts = row["deopts"]?.count
      else { continue }
      byOffset[Int(clamping: offset), default: 0] = saturatingSum(
        byOffset[Int(clamping: offset), default: 0], deopts)
      let path = row["path"]?.items ?? []
      paths.append(
        (
          path.map {
            (Int(clamping: $0["function"]?.count ?? 0), Int(clamping: $0["offset"]?.count ?? 0))
          },
          deopts
        ))
    }
  }
}
