import Foundation
import TestSupport
import Testing

/// The executable on artefacts that were edited without it: `scripts/replay-crafted.py`, with the script of whoever found that such
/// files crash it. FINDINGS names the folder that holds `crafted-artefacts/craft.py`.
@Suite struct CraftedArtefactTests {
  private static let findings = ProcessInfo.processInfo.environment["FINDINGS"]

  @Test(.enabled(if: findings != nil, "FINDINGS names no folder"))
  func editedTablesAreHarmless() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
      .standardizedFileURL
    var command = try TemporaryFolder().command
    command.patience = 600
    command.environment["PGO"] = Command.Program.main.path
    let outcome = try command.shell(
      "python3 \(root.path)/scripts/replay-crafted.py \(Self.findings ?? "")/crafted-artefacts 20")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
