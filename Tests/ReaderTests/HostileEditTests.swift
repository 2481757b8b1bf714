import TestSupport
import Testing

/// An artefact is data until it is checked: with right checksums and wrong contents it is refused, traps or runs, but nothing in it
/// makes the process crash.
@Suite struct HostileEditTests {
  /// A share of what `wasm-pgo-fuzz-readers edits 1` tries. A prime, so that each column of each table has its turn.
  private static let step = 7

  @Test func nothingCrashes() throws {
    var command = try TemporaryFolder().command
    // A report of a crash takes seconds, and the crash is the finding.
    command.environment["SWIFT_BACKTRACE"] = "enable=no"
    command.patience = 600
    let outcome = try command.run(["edits", "\(Self.step)"], program: .readers)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("0 crashed"))
  }
}
