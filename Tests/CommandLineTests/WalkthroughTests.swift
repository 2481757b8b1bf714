import Foundation
import TestSupport
import Testing

/// `toolchain-docs/deopt-walkthrough.md` does not show what is not so any more: its commands are run, and what they
/// print is in it.
@Suite struct WalkthroughTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL

  @Test func showsWhatIsPrinted() throws {
    let document = try String(
      contentsOf: Self.root.appending(path: "toolchain-docs/deopt-walkthrough.md"), encoding: .utf8)
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: Self.root.appending(path: "Samples/virtual/virtual.wasm"),
      to: folder.url("virtual.wasm"))
    // Indented lines: those of tables, without figures of the machine's.
    for (line, shown) in [
      ("record virtual.wasm --invoke sum -- 100000 -1", false),
      ("profile show virtual.wasmprof", false), ("compile virtual.wasm --cpu x86-64-v2", false),
      ("inspect --sites --guards virtual.so", true), ("inspect --frame-states virtual.so", true),
      ("run --stats --invoke sum virtual.so -- 1000 500", false),
    ] {
      #expect(document.contains("$ wasm-pgo \(line)\n"), "\(line)")
      let outcome = try folder.command(line)
      try #require(outcome.status == 0, "\(outcome.errors)")
      if !shown {
        for line in outcome.output.split(separator: "\n").prefix(9) {
          #expect(document.contains("\n\(line)\n"), "\(line)")
        }
        continue
      }
      let details = outcome.output.split(separator: "\n").filter { $0.hasPrefix(" ") }
      #expect(!details.isEmpty)
      for detail in details { #expect(document.contains("\n\(detail)\n"), "\(detail)") }
    }
    let words = try folder.command.shell("readelf -x .wpgo.deopt virtual.so").output
      .split(separator: "\n").filter { $0.hasPrefix("  0x") }
    #expect(!words.isEmpty)
    for line in words {
      let listed = line.replacing(#/\ +$/#, with: "")
      #expect(document.contains("\n\(listed)\n"), "\(line)")
    }
    let deopts = try folder.command("run --stats --invoke sum virtual.so -- 1000 500").errors
    #expect(deopts.contains("\ndeopts       1\n  1 at guard 0: f0 \"sum\" @138\n"), "\(deopts)")
    let symbols = try folder.command.shell("nm virtual.so").output
    #expect(symbols.contains("10a0 t sum.osr113"), "deopt.gdb knows where it is: \(symbols)")
  }
}
