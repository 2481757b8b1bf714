import Foundation
import TestSupport
import Testing

/// Outputs that cannot be written, and commands that are ended half-way: nothing half-written stays behind.
@Suite struct OutputTests {
  @Test func outputsThatCannotBeMade() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    let before = try folder.names
    for line in [
      "compile sample.wasm -o missing/x.so", "compile sample.wasm -o .",
      "record sample.wasm -o missing/x", "record sample.wasm -o .",
      "record sample.wasm -o /dev/full",
    ] {
      let outcome = try folder.command(line)
      #expect(outcome.status == 73, "\(line): \(outcome.errors)")
      #expect(outcome.errors.hasPrefix("error: "), "\(line)")
      #expect(outcome.output == "", "\(line): the guest ran for nothing")
    }
    #expect(try folder.names == before)
    var status = stat()
    #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test(arguments: [
    "compile sample.wasm -o /dev/full", "profile show sample.wasmprof", "inspect sample.so",
    "run sample.so --invoke run -- 1 1", "--help", "compile --help", "--version",
  ]) func fullDisks(line: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
    var command = folder.command
    command.standardOutput = "/dev/full"
    let outcome = try command(line)
    #expect(outcome.status == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains("No space left on device"))
  }

  /// A limit on the size of files stands for a disk that fills up while an output is written.
  @Test(arguments: ["compile sample.wasm -o x.so", "record sample.wasm -o x.wasmprof"])
  func disksThatFillUp(line: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    try FileManager.default.createDirectory(
      at: folder.url("scratch"), withIntermediateDirectories: true)
    let outcome = try folder.command.shell(
      "trap '' XFSZ; ulimit -f 4; TMPDIR=scratch; export TMPDIR; exec \"$pgo\" \(line)")
    #expect([73, 74].contains(outcome.status), "\(outcome.errors)")
    #expect(outcome.errors.contains("File too large"), "\(outcome.errors)")
    #expect(try folder.names == ["sample.wasm", "scratch"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url("scratch").path) == [])
  }

  /// What was there before a command that fails is there after it.
  @Test func oldOutputsStay() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
    let before = try folder.bytes("sample.so")
    try folder.write([1, 2, 3], "broken")
    #expect(try folder.command("compile sample.wasm --profile broken").status == 65)
    #expect(try folder.command("compile broken -o sample.so").status == 65)
    #expect(try folder.bytes("sample.so") == before)
    let profile = try folder.bytes("sample.wasmprof")
    #expect(try folder.command("record broken -o sample.wasmprof").status == 65)
    #expect(try folder.bytes("sample.wasmprof") == profile)
  }

  /// A recording that does not come to run anything leaves the profile of the last one.
  @Test(arguments: [
    "--stdin missing", "--dir missing", "--invoke missing", "--invoke run", "--invoke exit -- x",
  ]) func oldProfilesStay(options: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof")
    let before = try folder.bytes("sample.wasmprof")
    let outcome = try folder.command("record sample.wasm \(options)")
    #expect(outcome.status >= 64, "\(outcome.errors)")
    #expect(try folder.bytes("sample.wasmprof") == before)
    #expect(try folder.names == ["sample.wasm", "sample.wasmprof"])
  }

  // MARK: Signals

  private func names(_ url: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
  }

  @Test(arguments: [SIGINT, SIGTERM]) func interruptedCompilations(signal: Int32) throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let scratch = folder.url("scratch")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    var command = folder.command
    command.environment["TMPDIR"] = scratch.path
    var interrupted = 0
    // More where a busy machine sends the signal too late.
    for round in 0..<60 {
      if round >= 6 && interrupted > 0 { break }
      let running = try command.start(["compile", "sample.wasm", "-o", "x.so"])
      // From the first intermediate file on, and a little later each time.
      #expect(waitUntil { !running.isRunning || !names(scratch).isEmpty })
      usleep(UInt32(round % 6) * 15_000)
      running.signal(signal)
      let outcome = try running.wait()
      #expect(!outcome.isTimeout)
      #expect(names(scratch) == [])
      if outcome.status == 128 + signal {
        interrupted += 1
        #expect(outcome.errors == "")
        // Whole if the signal came too late.
        if try folder.names.contains("x.so") {
          #expect(try folder.bytes("x.so") == Sample.shared.get().bytes("off.so"))
        }
      } else {
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      try? FileManager.default.removeItem(at: folder.url("x.so"))
      #expect(try folder.names == ["sample.wasm", "scratch"])
    }
    #expect(interrupted > 0)
  }

  /// `verify` compiles for itself, and cleans up whenever it is ended.
  @Test(arguments: [SIGINT, SIGTERM]) func interruptedVerifications(signal: Int32) throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let scratch = folder.url("scratch")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    var command = folder.command
    command.environment["TMPDIR"] = scratch.path
    for round in 0..<4 {
      let running = try command.start([
        "verify", "sample.wasm", "--invoke", "run", "--", "2000", "700",
      ])
      while running.isRunning && names(scratch).isEmpty { usleep(500) }
      usleep(UInt32(round) * 20_000)
      running.signal(signal)
      let outcome = try running.wait()
      #expect(!outcome.isTimeout)
      #expect(outcome.status == 128 + signal || outcome.status == 0, "\(outcome.errors)")
      #expect(names(scratch) == [])
      #expect(try folder.names == ["sample.wasm", "scratch"])
    }
  }

  /// A recording that is ended from outside leaves what it counted.
  @Test(arguments: [SIGKILL, SIGINT]) func interruptedRecordings(signal: Int32) throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    let command = folder.command
    let running = try command.start([
      "record", "sample.wasm", "--invoke", "spin", "-o", "spin.wasmprof",
    ])
    // Until it has counted a few calls.
    #expect(
      try waitUntil {
        try !running.isRunning
          || command("profile show spin.wasmprof").output.contains("indirect call")
      })
    running.signal(signal)
    #expect(try running.wait().status == 128 + signal)
    #expect(try folder.names == ["sample.wasm", "spin.wasmprof"])
    let shown = try command("profile show spin.wasmprof")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("monomorphic"))
    #expect(try command("compile sample.wasm --profile spin.wasmprof").status == 0)
    #expect(try command("inspect --guards sample.so").output.contains("\"apply\""))
    let outcome = try command("run sample.so --stats --invoke run -- 2000 700")
    #expect(outcome.errors.contains("deopts       1\n"))
  }
}
