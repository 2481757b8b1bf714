import Feedback
import Foundation
import TestSupport
import Testing

/// Profiles for pprof, and of it.
@Suite struct PprofTests {
  private func folder() throws -> TemporaryFolder {
    try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
  }

  private static let go = "/usr/bin/go"

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: go),
      "skipped: no go, whose pprof opens the file"))
  func pprofOpensIt() throws {
    let folder = try folder()
    var command = folder.command
    command.environment = [
      "HOME": folder.root.path, "GOCACHE": folder.root.path, "GOTOOLCHAIN": "local",
    ]
    let stats = try command("run sample.so --stats=json --invoke run -- 3000 1000")
    try folder.write(Array(stats.errors.utf8), "stats.json")
    try #require(
      try command("profile to-pprof sample.wasm sample.wasmprof --stats stats.json -o p.pb.gz")
        .status
        == 0)
    let events = try command.shell("go tool pprof -top p.pb.gz")
    #expect(events.status == 0, "\(events.errors)")
    // 2000 iterations and calls of `run`; 2000 entries and calls of `apply`; 2000 entries of `add`.
    #expect(events.output.contains(/Type: events/), "\(events.output)")
    #expect(
      events.output.contains(/\n +4000 +40.00% +\S+ +4000 +40.00%  run\n/), "\(events.output)")
    #expect(
      events.output.contains(/\n +2000 +20.00% +\S+ +2000 +20.00%  add\n/), "\(events.output)")
    let calls = try command.shell("go tool pprof -sample_index=calls -top p.pb.gz")
    #expect(calls.output.contains(/\n +2000 +50.00% +\S+ +4000 +100% +apply\n/), "\(calls.output)")
    let deopts = try command.shell("go tool pprof -sample_index=deopts -top p.pb.gz")
    #expect(deopts.output.contains(/\n +1 +100% +100% +1 +100% +apply\n/), "\(deopts.output)")
    let dot = try command.shell("go tool pprof -dot p.pb.gz")
    #expect(dot.status == 0 && dot.output.contains("digraph"))
  }

  @Test func writesTheSameBytes() throws {
    let folder = try folder()
    let command = folder.command
    for name in ["1", "2"] {
      try #require(
        try command("profile to-pprof sample.wasm sample.wasmprof -o \(name)").status == 0)
    }
    #expect(try folder.bytes("1") == folder.bytes("2"))
    #expect(try folder.bytes("1").starts(with: [0x1F, 0x8B]))
    #expect(
      try command("profile to-pprof sample.wasm sample.wasmprof -o sample.wasm").status == 64)
  }

  @Test func becomesHeat() throws {
    let folder = try folder()
    let command = folder.command
    try #require(try command("profile to-pprof sample.wasm sample.wasmprof -o p.pb.gz").status == 0)
    // Its events are the heat: names are those of the module.
    let outcome = try command("profile from-pprof sample.wasm p.pb.gz -o heat")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let heat = try ProfileFile(decoding: folder.bytes("heat"))
    let recorded = try ProfileFile(decoding: folder.bytes("sample.wasmprof"))
    #expect(heat.functionsByWeight.map(heat.name) == recorded.functionsByWeight.map(recorded.name))
    let run = try #require(heat.functions(named: "run").first)
    #expect(abs(Double(heat.functions[run]?.entryCount ?? 0) / 0x1p40 - 0.4) < 0.001)
    // Unpacked, too; and it compiles.
    try #require(try command.shell("gzip -dc p.pb.gz > p.pb").status == 0)
    try #require(try command("profile from-pprof sample.wasm p.pb -o again").status == 0)
    #expect(try folder.bytes("again") == folder.bytes("heat"))
    #expect(try command("compile sample.wasm --profile heat -o hot.so").status == 0)
  }

  @Test func symbolsOfArtefacts() throws {
    let folder = try folder()
    // types: (cpu, nanoseconds); samples of two locations; functions wasm_f9_loop_200 and add.spec.
    var bytes: [UInt8] = [0x0A, 4, 0x08, 1, 0x10, 2]
    bytes += [0x12, 4, 0x08, 1, 0x10, 30, 0x12, 6, 0x0A, 2, 2, 1, 0x10, 10]
    bytes += [0x22, 6, 0x08, 1, 0x22, 2, 0x08, 1, 0x22, 6, 0x08, 2, 0x22, 2, 0x08, 2]
    bytes += [0x2A, 4, 0x08, 1, 0x10, 3, 0x2A, 4, 0x08, 2, 0x10, 4]
    for string in ["", "cpu", "nanoseconds", "wasm_f10_loop_200", "add.spec"] {
      bytes += [0x32, UInt8(string.utf8.count)] + Array(string.utf8)
    }
    try folder.write(bytes, "cpu.pb")
    let outcome = try folder.command("profile from-pprof sample.wasm cpu.pb -o heat")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let heat = try ProfileFile(decoding: folder.bytes("heat"))
    #expect(heat.functionsByWeight.count == 2)
    let add = try #require(heat.functions(named: "add").first)
    #expect(heat.functions[add]?.entryCount == 1 << 38)
  }

  @Test func damagedFiles() throws {
    let folder = try folder()
    let command = folder.command
    try #require(try command("profile to-pprof sample.wasm sample.wasmprof -o p.pb.gz").status == 0)
    let packed = try folder.bytes("p.pb.gz")
    try folder.write(Array(packed.dropLast(9)), "cut")
    try folder.write([], "empty")
    try folder.write(Array(repeating: 0xFF, count: 100), "noise")
    for name in ["cut", "empty", "noise", "sample.wasm", "sample.wasmprof"] {
      let outcome = try command("profile from-pprof sample.wasm \(name) -o heat")
      #expect(outcome.status == 65 || outcome.status == 64, "\(name): \(outcome)")
    }
    #expect(try !folder.names.contains("heat"))
  }
}
