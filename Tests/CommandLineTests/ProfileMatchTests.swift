import Feedback
import TestSupport
import Testing
import WasmText

/// What `compile` says of the profile it was given, and what it refuses.
@Suite struct ProfileMatchTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    try folder.write(
      assemble(#"(module (func (export "other") (param f64) nop nop))"#), "other.wasm")
    return folder
  }

  @Test func warnsOfProfilesOfOtherModules() throws {
    let folder = try folder()
    let outcome = try folder.command("compile other.wasm --profile sample.wasmprof")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.contains(
        "warning: sample.wasmprof: the profile is of another module: none of its functions match\n"),
      "\(outcome.errors)")
    #expect(
      outcome.errors.contains("; profile: 0 functions match, 0 by staleness, 3 not, 0.0 % of"))
    let json = try folder.command("compile other.wasm --profile sample.wasmprof --json")
    #expect(json.output.contains(#""matched_percent": 0.00"#), "\(json.output)")
    #expect(json.output.contains(#""warnings": ["sample.wasmprof: the profile is of another"#))
  }

  @Test func warnsOfEmptyAndShortProfiles() throws {
    let folder = try folder()
    let command = folder.command
    try #require(try command("record sample.wasm --invoke crash -o short -- 5").status == 0)
    let short = try command("compile sample.wasm --profile short")
    #expect(
      short.errors.contains(
        "warning: short: no function has 1000 recorded events, calls and iterations of loops: compiled as without a profile;"
      ),
      "\(short.errors)")
    let all = try command("compile sample.wasm --profile short --tier-threshold 100")
    #expect(!all.errors.contains("warning"), "\(all.errors)")
    try folder.write(ProfileFile().encode(), "empty")
    let empty = try command("compile sample.wasm --profile empty")
    #expect(
      empty.errors.contains("warning: empty: the profile is empty: nothing ran while"),
      "\(empty.errors)")
    let off = try command("compile sample.wasm --profile off")
    #expect(!off.errors.contains("warning") && off.errors.contains("; no profile; "))
  }

  @Test func requiresAMatch() throws {
    let folder = try folder()
    let command = folder.command
    let names = try folder.names
    let other = try command(
      "compile other.wasm --profile sample.wasmprof --require-profile-match 0.5")
    #expect(other.status == 79, "\(other.errors)")
    #expect(
      other.errors.contains(
        "error: 0.0 % of the profile's counts match the module, but --require-profile-match asks for 0.5 %"
      ), "\(other.errors)")
    let none = try command("compile sample.wasm --profile off --require-profile-match 0")
    #expect(none.status == 79 && none.errors.contains("there is no profile"), "\(none.errors)")
    let build = try command(
      "compile other.wasm --profile sample.wasmprof --require-profile-match 50 --ninja build --cpu x86-64-v2"
    )
    #expect(build.status == 79)
    #expect(try folder.names == names)
    #expect(try command("compile sample.wasm --require-profile-match 100").status == 0)
    #expect(try command("compile sample.wasm --require-profile-match 101").status == 64)
  }
}
