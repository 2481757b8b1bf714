import Foundation
import Glibc
import TestSupport
import Wasm

/// Writes for each module file named on the command line what it does on the baseline, and what other tiers do differently:
///
///     == PATH
///     -- TIER                       about to run, for whoever sees this process die
///     |LINE                         of the baseline's transcript
///     !TIER                         differs; the first lines of both transcripts that do:
///     !!BASELINE'S LINE
///     !!THE TIER'S LINE
///     .DEOPTS                       the end
///
/// With `--keep FOLDER` in front, the profile and the artefacts are left in that folder. With `--indirect` in front, nothing is run:
/// the direct calls of each module are made indirect (``Indirection``).
func write(_ text: String) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    // The slice outlives the call.
    let count = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    guard count > 0 else { exit(74) }
    bytes = bytes.dropFirst(count)
  }
}

func run(_ path: String, keeping folder: URL?) throws {
  let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  let module: Module
  do throws(WasmError) {
    module = try Module(validating: bytes)
  } catch {
    return write("|refused: \(error)\n.0\n")
  }
  let tiers = try TierTranscripts(module) {
    write("-- \($0)\n")
  } keep: { name, bytes in
    if let folder { try Data(bytes).write(to: folder.appending(path: name)) }
  }
  write(tiers.baseline.lines.map { "|\($0)\n" }.joined())
  if tiers.baseline.isCutOff { write("|...\n") }
  for (tier, transcript) in tiers.divergences {
    let ours = tiers.baseline.lines + tiers.baseline.backtraces + ["the end"]
    let theirs = transcript.lines + transcript.backtraces + ["the end"]
    let (a, b) = zip(ours, theirs).first { $0 != $1 } ?? ("the end", "the end")
    write("!\(tier)\n!!baseline: \(a)\n!!there:    \(b)\n")
  }
  write(".\(tiers.deopts)\n")
}

var paths = CommandLine.arguments.dropFirst()
var folder: URL?
if paths.first == "--keep" {
  folder = URL(fileURLWithPath: paths.dropFirst().first ?? "")
  paths = paths.dropFirst(2)
}
if paths.first == "--indirect" {
  for path in paths.dropFirst() {
    let file = URL(fileURLWithPath: path)
    let module = try Module(validating: Array(Data(contentsOf: file)))
    var indirection = Indirection(module)
    if let bytes = try indirection?.apply() { try Data(bytes).write(to: file) }
  }
  exit(0)
}
for path in paths {
  write("== \(path)\n")
  do { try run(path, keeping: folder) } catch { write("!failed\n!!\(error)\n.0\n") }
}
