import Contract
import Runtime
import Verification
import Wasm

/// What `verify` prints.
struct VerificationPrinter {
  let result: Verification
  let inputCount: Int
  /// The last one: that of a divergence.
  let input: VerificationInput

  private var artefact: Artefact { result.artefact }
  private var printer: ArtefactPrinter { ArtefactPrinter(artefact: artefact) }

  var text: String {
    var text = inputCount > 1 ? "inputs        \(inputCount)\n" : ""
    text += """
      runs          \(result.runs), \(result.deopts) deopts in all
      deopt points  \(result.forcedPointCount) forced, \(result.reachedPointCount) reached, \
      \(result.pointCount) emitted

      """
    if (try? artefact.module.features().contains(.relaxedSIMD)) ?? false {
      text += "relaxed SIMD  \(artefact.manifest.relaxed)\n"
    }
    for kind in [true, false] {
      let guards = result.unforcedGuards.filter { $0.isReached == kind }
      if guards.isEmpty { continue }
      let inputs = inputCount > 1 ? "inputs" : "arguments"
      text += kind ? "reached, not forced\n" : "not reached by these \(inputs)\n"
      for row in guards {
        let site = artefact.deopts.guards[row.number]
        text += "  guard \(row.number)  \(printer.chain(site.node)) @\(site.byteOffset)\n"
      }
    }
    guard let divergence = result.divergence else { return text + "equal to the baseline\n" }
    return text + describe(divergence)
  }

  private func describe(_ divergence: Divergence) -> String {
    var text = "DIFFERENT from the baseline (\(divergence.setting))\n"
    if let name = input.name { text += "  with \(name)\n" }
    for difference in divergence.differences { text += "  \(difference)\n" }
    guard let deopt = divergence.deopt else { return text }
    let point = artefact.deopts.points[deopt.point]
    let site = artefact.deopts.guards[Int(point.guardNumber)]
    text += divergence.isAlone ? "with one forced deopt" : "since the last of its forced deopts"
    text += ", of guard \(point.guardNumber) at code+\(point.codeOffset):\n"
    text += "  \(printer.chain(site.node)) @\(site.byteOffset)\n"
    text += "  baseline frames it built:\n"
    return text + printer.frames(of: point, values: deopt.values)
  }
}
