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

  // MARK: Our own generator

  /// Modules of wasm-pgo-fuzz, with what it has as a host in them.
  @Test func generatedModules() throws {
    let folder = try TemporaryFolder()
    let made = try folder.command.run(
      ["standalone", "--seed", "1", "--count", "32", "--output", "."], program: .fuzzer)
    #expect(made.status == 0, "\(made.errors)")
    var deopts: UInt64 = 0
    var kinds: Set<String> = []
    let modules = try FileManager.default.contentsOfDirectory(
      at: folder.root, includingPropertiesForKeys: nil)
    // Some have what is left out: a library, references, exceptions, several memories.
    #expect(modules.count >= 4 && modules.count < 16)
    for file in modules {
      let module = try Module(validating: Array(Data(contentsOf: file)))
      #expect(module.imports.isEmpty)
      let tiers = try TierTranscripts(module)
      for (tier, _) in tiers.divergences { Issue.record("\(file.lastPathComponent): \(tier)") }
      deopts += tiers.deopts
      kinds.formUnion(tiers.baseline.lines.map { String($0.prefix { $0 != "(" && $0 != ":" }) })
    }
    #expect(deopts > 1000)
    // Each call of the program is one of an export.
    #expect(kinds.isSuperset(of: ["call0", "call11", "state"]), "\(kinds)")
  }

  // MARK: The campaign

  private static func isThere(_ tool: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
    }
  }

  private static let isBinaryenThere = isThere("wasm-opt") && isThere("wasm-reduce")
  private static let isWasmtimeThere = FileManager.default.fileExists(
    atPath: root.appending(path: "out/venv/bin/python").path)

  private static func campaign(
    _ arguments: String, in folder: TemporaryFolder, _ environment: [String: String?] = [:]
  ) throws -> Command.Outcome {
    var command = folder.command
    command.environment = [
      "WASM_PGO_DIFF": Command.Program.tiers.path, "WASM_PGO_FUZZ": Command.Program.fuzzer.path,
      "WASM_PGO_FAILURES": folder.root.path,
    ]
    for (name, value) in environment { command.environment[name] = value }
    // Each module is compiled ten times.
    command.patience = 600
    let script = root.appending(path: "Tests/Differential/campaign.py").path
    return try command.shell("exec python3 '\(script)' \(arguments)")
  }

  /// Shares of the campaign, with fixed seeds.
  @Test(
    .enabled(if: isBinaryenThere, "no wasm-opt: scripts/setup.sh fuzz installs it"),
    .enabled(if: isWasmtimeThere, "no wasmtime in out/venv: scripts/setup.sh fuzz installs it"),
    arguments: [("--seeds 21:32", 12), ("--simd --seeds 1:12", 12), ("--generator 21:33", 2)])
  func campaign(arguments: String, count: Int) throws {
    let outcome = try Self.campaign(arguments, in: TemporaryFolder())
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let modules = outcome.output.matches(of: /(\d+) modules/).last.flatMap { Int($0.1) }
    #expect((modules ?? 0) >= count, "\(outcome.output)")
    #expect(outcome.output.contains(", 0 refused, 0 failed"), "\(outcome.output)")
  }

  /// A program that stands in for the tiers says that modules which rotate differ.
  @Test(
    .enabled(if: isBinaryenThere, "no wasm-reduce: scripts/setup.sh fuzz installs it"),
    .enabled(if: isWasmtimeThere, "no wasmtime in out/venv: scripts/setup.sh fuzz installs it"))
  func failingModulesAreShrunk() throws {
    let folder = try TemporaryFolder()
    let tiers = folder.url("tiers")
    let text = """
      #!/bin/sh
      for module; do
        echo "== $module"
        echo "|..."
        wasm-dis "$module" -o - | grep -q i64.rotl && echo "!AOT"
        echo ".1"
      done
      """
    try Data(text.utf8).write(to: tiers)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tiers.path)
    let environment = ["WASM_PGO_DIFF": tiers.path, "V8_BROWSER": "none"]
    let outcome = try Self.campaign("--generator 57:57 --shrink 10", in: folder, environment)
    let said = "\(outcome.output)\(outcome.errors)"
    #expect(outcome.status == 1, "\(said)")
    let report = try String(contentsOf: folder.url("seed-57.txt"), encoding: .utf8)
    let expected = "seed-57.wasm:\nAOT: differs\nmade smaller: seed-57.small.wasm, "
    #expect(report.hasPrefix(expected), "\(said)")
    let (small, whole) = (try folder.bytes("seed-57.small.wasm"), try folder.bytes("seed-57.wasm"))
    #expect(small.count < whole.count)
    let check = try Self.campaign("--check seed-57.small.wasm", in: folder, environment)
    #expect(check.status == 1)
    #expect(check.output == "AOT\n", "\(check.errors)")
  }
}
