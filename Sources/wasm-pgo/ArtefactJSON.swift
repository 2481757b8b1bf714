import CommandLineSupport
import Contract
import Feedback
import Runtime
import Speculation
import Wasm

/// An artefact's contents as JSON: what ``ArtefactPrinter`` shows.
struct ArtefactJSON {
  let artefact: Artefact

  private var module: Module { artefact.module }

  /// - Parameter sections: the file's bytes; nil: without its sections.
  func object(sections: [UInt8]?, functions: Bool, sites: Bool, guards: Bool) throws -> JSON {
    let manifest = artefact.manifest
    func list(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
    var members: [(String, JSON)] = [
      ("compiler", .string(manifest.compiler)), ("options", .string(manifest.options)),
      ("contract", .integer(manifest.contract)),
      ("module_hash", .string(hexadecimal(manifest.moduleHash))),
      ("profile_hash", .string(hexadecimal(manifest.profileHash))), ("cpu", .string(manifest.cpu)),
      ("features", list(manifest.features)), ("missing_here", list(artefact.missingFeatures)),
      ("relaxed_simd", .string("\(manifest.relaxed)")),
      ("module_bytes", .integer(module.bytes.count)), ("code_bytes", .integer(artefact.textSize)),
      ("function_count", .integer(artefact.code.functions.count)),
      ("guard_count", .integer(artefact.deopts.guards.count)),
      ("deopt_points", .integer(artefact.deopts.points.count)),
    ]
    let report = try artefact.siteReport()
    if let sections { members.append(("sections", try self.sections(sections))) }
    if functions { members.append(("functions", .array(self.functions(ProfileCounts(report))))) }
    if sites, let report { members.append(("sites", .array(self.sites(report)))) }
    if guards { members.append(("guards", .array(try self.guards()))) }
    return .object(members)
  }

  private func identity(_ function: Int) -> [(String, JSON)] {
    [("function", .integer(function))]
      + (module.functionName(function).map { [("name", .string($0))] } ?? [])
  }

  private func sections(_ bytes: [UInt8]) throws -> JSON {
    try bytes.withUnsafeBytes { bytes in
      let elf = try ELFFile(ArtefactFile.open(bytes))
      return .array(
        elf.sections.filter { !$0.name.isEmpty }.map {
          .object([("name", .string($0.name)), ("bytes", .integer($0.size))])
        })
    }
  }

  private func functions(_ counts: ProfileCounts) -> [JSON] {
    let first = module.importedFunctionCount
    let order = artefact.code.functions.indices.sorted {
      (counts.weight(first + $1), $0) < (counts.weight(first + $0), $1)
    }
    return order.map { index in
      let (function, row) = (first + index, artefact.code.functions[index])
      let known = counts.functions[function]
      var members = identity(function)
      members += [
        ("calls", .integer(known?.entryCount ?? 0)), ("weight", .integer(known?.weight ?? 0)),
      ]
      if let reason = artefact.baselineReason(function: function) {
        members.append(("baseline", .string("\(reason)")))
      } else {
        members += [
          ("speculative", .bool(row.isSpeculative)), ("code_bytes", .integer(row.entrySize)),
          ("generic_bytes", .integer(row.genericSize)),
          (
            "loops",
            .array(
              artefact.loopRows(function: function).map {
                let loop = artefact.code.loops[$0]
                return .object([
                  ("offset", .integer(loop.byteOffset)), ("code_bytes", .integer(loop.entrySize)),
                ])
              })
          ),
        ]
      }
      return .object(members)
    }
  }

  private func sites(_ report: SiteReport) -> [JSON] {
    let printer = ArtefactPrinter(artefact: artefact)
    func name<Case: CaseIterable>(_: Case.Type, _ number: UInt8) -> JSON {
      let value: Case? = plannerCase(number)
      return .string(value.map { "\($0)" } ?? "?")
    }
    let order = report.sites.sorted {
      ($1.count, $0.node, $0.byteOffset) < ($0.count, $1.node, $1.byteOffset)
    }
    return order.map { site in
      .object([
        ("path", .string(printer.chain(site.node))), ("offset", .integer(site.byteOffset)),
        ("count", .integer(site.count)), ("reason", name(Reason.self, site.reason)),
        ("guard", name(SitePlan.Guard.self, site.guardKind)),
        ("miss", name(SitePlan.Miss.self, site.miss)), ("missed", .integer(site.missCount)),
        (
          "targets",
          .array(
            site.targets.map {
              .object(
                identity(Int($0.function)) + [
                  ("count", .integer($0.count)), ("inlined", .bool($0.node != InlineNode.root)),
                ])
            })
        ),
      ])
    }
  }

  private func guards() throws -> [JSON] {
    let printer = ArtefactPrinter(artefact: artefact)
    return artefact.deopts.guards.enumerated().map { number, site in
      .object([
        ("guard", .integer(number)), ("path", .string(printer.chain(site.node))),
        ("offset", .integer(site.byteOffset)),
      ])
    }
  }
}
