import TestSupport
import Testing

/// `wasm-pgo doctor`, on a machine that compiles and runs the other tests.
@Suite struct DoctorTests {
  @Test func findsWhatTheTestsNeed() throws {
    let command = try TemporaryFolder().command
    let outcome = try command("doctor")
    #expect(outcome.status == 0 && outcome.errors == "")
    for name in ["compiler", "linker", "executable memory", "processor"] {
      #expect(outcome.output.contains("ok  \(name) "), "\(outcome.output)")
    }
    #expect(outcome.output.split(separator: "\n").count == 7)
    let json = try command("doctor --json").output
    #expect(json.contains(#""compiler": {"ok": true, "found": "wasm-pgo-compile"}"#), "\(json)")
  }

  @Test func saysWhatIsMissing() throws {
    var command = try TemporaryFolder().command
    command.environment["PATH"] = "/nowhere"
    let outcome = try command("doctor")
    #expect(outcome.status == 0)
    #expect(
      outcome.output.contains("--  linker             no ld on the PATH: compile does not work; "),
      "\(outcome.output)")
  }
}
