import Foundation
import TestSupport
import Testing
import Wasm

/// Modules by binaryen's fuzzer on every tier and under wasmtime.
@Suite struct DifferentialTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

  /// Committed modules, each beside what PyPI's wasmtime makes of it (Tests/Differential/wasmtime_transcript.py).
  private static func modules() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.appending(path: "Modules"), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "wasm" }.sorted { $0.path < $1.path }
  }

  @Test func committedModules() throws {
    var deopts: UInt64 = 0
    let modules = try Self.modules()
    #expect(modules.count >= 8)
    for file in modules {
      let expected = try String(
        contentsOf: file.deletingPathExtension().appendingPathExtension("txt"), encoding: .utf8)
      let tiers = try TierTranscripts(Module(validating: Array(Data(contentsOf: file))))
      #expect(
        tiers.baseline.lines == expected.split(separator: "\n").map(String.init),
        "\(file.lastPathComponent)")
      for (tier, _) in tiers.divergences { Issue.record("\(file.lastPathComponent): \(tier)") }
      deopts += tiers.deopts
    }
    #expect(deopts > 100)
  }

  /// A transcript that was cut off agrees with what goes on, up to its last line but one.
  @Test func transcriptsAreCompared() throws {
    var whole = Transcript()
    whole.lines = ["a", "b", "c"]
    var other = whole
    #expect(whole.agrees(with: other))
    other.lines[2] = "d"
    #expect(!whole.agrees(with: other))
    other = whole
    other.backtraces = ["1@2"]
    #expect(!whole.agrees(with: other))
  }

  private static let isWasmOptThere = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/wasm-opt")
    }
  private static let isWasmtimeThere = FileManager.default.fileExists(
    atPath: root.appending(path: "out/venv/bin/python").path)

  /// A share of the campaign, with fixed seeds.
  @Test(
    .enabled(if: isWasmOptThere, "no wasm-opt: scripts/setup.sh fuzz installs it"),
    .enabled(if: isWasmtimeThere, "no wasmtime in out/venv: scripts/setup.sh fuzz installs it"))
  func campaign() throws {
    let tool = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: "wasm-pgo-diff")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", Self.root.appending(path: "Tests/Differential/campaign.py").path,
      "--seeds", "21:32",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["WASM_PGO_DIFF": tool.path]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.contains("12 modules"), "\(text)")
  }
}
