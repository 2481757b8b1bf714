import TestSupport
import Testing

/// What is wrong on the command line itself, or with the files that it names.
@Suite struct UsageTests {
  /// An error is written as three lines, says what is wrong, and nothing goes to standard output.
  private func expectError(
    _ outcome: Command.Outcome, _ status: Int32, _ what: String, at place: String? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.output == "", sourceLocation: location)
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.first.map { $0.hasPrefix("error: ") && (what.isEmpty || $0.contains(what)) } ?? false,
      "\(outcome.errors)", sourceLocation: location)
    if let place {
      #expect(
        lines.contains { $0 == "  at: \(place)" }, "\(outcome.errors)", sourceLocation: location)
    }
  }

  @Test(arguments: [
    ("rnu sample.wasm", "unknown command 'rnu'"), ("run", "<file>"), ("compile", "<module>"),
    ("run --enf A=1 sample.wasm", "'--enf'. Did you mean '--env'?"),
    ("record --ouput x sample.wasm", "--ouput"), ("run sample.wasm --env", "--env"),
    ("run sample.wasm --stats=yaml", "yaml"), ("run sample.wasm --max-memory 1x", "'1x'"),
    ("run sample.wasm --stack-size 1", "--stack-size"),
    ("compile sample.wasm --cpu 8086", "'8086'"), ("compile sample.wasm -O 4", "-O"),
    ("compile sample.wasm --profile off --profile sample.wasmprof", "cannot be combined"),
    ("compile sample.wasm -O9", "-O"), ("compile sample.wasm --jobs 0", "--jobs"),
    ("compile sample.wasm --dump everything", "'everything'"),
    ("compile sample.wasm --optimize-only 9", "'9'"),
    ("compile sample.wasm --optimize-only 9-2", "'9-2'"),
    ("compile sample.wasm --symbol app", "-o NAME.o"),
    ("compile sample.wasm -o app.o --symbol 1a", "'1a'"),
    ("compile sample.wasm --step plan", "--ninja"),
    ("compile sample.wasm --ninja . --step partition-x --cpu x86-64-v2", "'partition-x'"),
    ("compile sample.wasm --ninja .", "--cpu"),
    ("compile sample.wasm --ninja . --cpu x86-64-v2 --profile auto", "--profile"),
    ("compile sample.wasm --ninja . --cpu x86-64-v2 --stats", "--stats"),
    ("inspect --site sample.so", "--site"),
    ("profile shwo sample.wasmprof", "'shwo'"),
    ("profile show --top 0 sample.wasmprof", "--top"),
    ("run sample.wasm --dir missing", "'missing'"),
    ("run sample.wasm --invoke nothing", "'nothing'"),
    ("run sample.wasm --invoke exit", "1 argument"), ("run sample.wasm --invoke exit -- x", "'x'"),
  ]) func typos(line: String, what: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.so", "sample.wasmprof")
    let before = try folder.names
    expectError(try folder.command(line), 64, what)
    #expect(try folder.names == before)
  }

  @Test(arguments: [
    ("rnu sample.wasm", 64, "help: did you mean run? "),
    ("profile shwo", 64, "help: did you mean wasm-pgo profile show? "),
    ("inspect smaple.so", 66, "help: did you mean sample.so?"),
    ("compile ./sampel.wasm", 66, "help: did you mean ./sample.wasm?"),
  ]) func suggestions(line: String, status: Int32, help: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.so", "sample.wasmprof")
    let outcome = try folder.command(line)
    #expect(outcome.status == status)
    #expect(outcome.errors.contains("\n\(help)"), "\(outcome.errors)")
  }

  /// Whoever leaves out the `--` is told of it.
  @Test(arguments: ["run sample.so -x", "record sample.wasm a --fast", "verify sample.so -x"])
  func optionsOfTheGuest(line: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.so")
    let outcome = try folder.command(line)
    expectError(outcome, 64, "Unknown option")
    #expect(outcome.errors.contains("options for the guest go after --"), "\(outcome.errors)")
    #expect(outcome.errors.contains(" FILE -- ARGUMENTS"))
    let own = try folder.command("compile sample.wasm -x")
    #expect(own.status == 64 && !own.errors.contains("guest"))
  }

  @Test(arguments: [
    "run missing", "record missing", "compile missing", "inspect missing", "profile show missing",
    "compile sample.wasm --profile missing",
  ]) func missingFiles(line: String) throws {
    let folder = try Sample.shared.get().folder("sample.wasm")
    expectError(try folder.command(line), 66, "No such file", at: "missing")
    #expect(try folder.names == ["sample.wasm"])
  }

  @Test(arguments: ["run .", "record .", "compile .", "profile show .", "inspect ."])
  func directories(line: String) throws {
    let outcome = try TemporaryFolder().command(line)
    #expect(outcome.status == 66, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: "))
  }

  @Test func badFilesSayAtWhichByte() throws {
    let folder = try Sample.shared.get().folder("sample.wasm", "sample.wasmprof", "sample.so")
    try folder.write([0, 0x61, 0x73, 0x6D, 2, 0, 0, 0], "version.wasm")
    // A function section that announces a function of a type that is not there.
    try folder.write([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 11], "bad.wasm")
    try folder.write(Array("hello".utf8), "text")
    try folder.write(Array(folder.bytes("sample.wasmprof").dropLast()), "cut.wasmprof")
    try folder.write(Array(folder.bytes("sample.so").dropLast()), "cut.so")
    for command in ["run", "record", "compile"] {
      expectError(try folder.command("\(command) version.wasm"), 65, "", at: "version.wasm, byte 4")
      expectError(try folder.command("\(command) text"), 65, "magic", at: "text, byte 0")
      expectError(try folder.command("\(command) bad.wasm"), 65, "unknown type")
    }
    for line in ["profile show cut.wasmprof", "compile sample.wasm --profile cut.wasmprof"] {
      let outcome = try folder.command(line)
      expectError(outcome, 65, "")
      #expect(outcome.errors.contains("at: cut.wasmprof, byte "))
    }
    expectError(try folder.command("profile show text"), 65, "not a profile", at: "text, byte 0")
    for line in ["run cut.so", "inspect cut.so", "inspect text"] {
      let outcome = try folder.command(line)
      expectError(outcome, 65, "at byte ")
    }
  }

  /// A file of another kind than what a command takes is called what it is.
  @Test(arguments: [
    ("run p", "a profile, not a module", "profile show"), ("record so", "an ELF file", "run"),
    ("compile so", "an ELF file, not a module", "artefacts"),
    ("compile wat", "text, not a module", "wat2wasm"), ("verify p", "a profile", "--profile"),
    ("compile wasm --profile wasm", "a module, not a profile", "record wasm"),
    ("profile show so", "an ELF file, not a profile", "wasm-pgo"),
    ("inspect wasm", "a module, not an artefact", "wasm-pgo compile wasm"),
    ("inspect p", "a profile, not an artefact", "profile show"),
  ]) func filesOfAnotherKind(line: String, what: String, help: String) throws {
    let sample = try Sample.shared.get()
    let folder = try TemporaryFolder()
    for (name, file) in [
      ("wasm", "sample.wasm"), ("so", "sample.so"), ("p", "sample.wasmprof"),
    ] { try folder.write(sample.bytes(file), name) }
    try folder.write(Array("(module)".utf8), "wat")
    let outcome = try folder.command(line)
    expectError(outcome, 65, "this is \(what)")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.last.map { $0.hasPrefix("help: ") && $0.contains(help) } ?? false, "\(lines)")
  }

  @Test(arguments: ["run", "record", "compile", "inspect", "verify", "profile show"])
  func directories(command: String) throws {
    let outcome = try TemporaryFolder().command("\(command) .")
    expectError(outcome, 66, "cannot read the file: Is a directory", at: ".")
    #expect(!outcome.errors.contains("help:"))
  }

  /// What a module needs that is not supported is named, with its place.
  @Test func unsupportedFeatures() throws {
    let folder = try TemporaryFolder()
    // (module (type (struct)))
    try folder.write([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 3, 1, 0x5F, 0], "structure.wasm")
    let outcome = try folder.command("run structure.wasm")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("gc"), "\(outcome.errors)")
    #expect(outcome.errors.contains("byte 11"), "\(outcome.errors)")
  }

  /// Components and proposals are called by their names; see `RefusalTests` for all of them.
  @Test(
    arguments: [
      ([0x0D, 0, 1, 0], "a component needs component-model", 4, "wasm32-wasip1"),
      ([1, 0, 0, 0, 5, 4, 1, 3, 1, 1], "a shared memory needs threads", 11, "without threads"),
      ([1, 0, 0, 0, 1, 3, 1, 0x5D, 0], "stack-switching", 11, "without stack-switching"),
    ] as [([UInt8], String, Int, String)])
  func otherProposals(bytes: [UInt8], what: String, byte: Int, help: String) throws {
    let folder = try TemporaryFolder()
    try folder.write([0, 0x61, 0x73, 0x6D] + bytes, "m.wasm")
    for command in ["run", "record", "compile", "verify"] {
      let outcome = try folder.command("\(command) m.wasm")
      expectError(outcome, 65, what, at: "m.wasm, byte \(byte)")
      #expect(outcome.errors.contains(help), "\(outcome.errors)")
    }
  }

  @Test func foreignImports() throws {
    let folder = try TemporaryFolder()
    // (module (import "a" "b" (func)) (type (func)))
    try folder.write(
      [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x61, 1, 0x62, 0, 0],
      "import.wasm")
    expectError(try folder.command("run import.wasm"), 65, "a.b", at: "import.wasm")
  }
}
