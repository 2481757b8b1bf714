import Foundation
import TestSupport
import Testing

/// What debuggers and profilers find in artefacts, read by tools that are not ours (binutils).
@Suite struct DebugInfoTests {
  /// `lines.wasm`, recorded.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardizedFileURL
    try FileManager.default.copyItem(
      at: root.appending(path: "Samples/lines/lines.wasm"), to: folder.url("lines.wasm"))
    try expectSuccess(folder.command("record lines.wasm --invoke sum -- 1024 10000 0"))
    return folder
  }

  private func expectSuccess(_ outcome: Command.Outcome) throws {
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// Address and size of each function's symbol.
  private func symbols(
    _ folder: TemporaryFolder, _ file: String
  ) throws -> [String: (start: Int, size: Int)] {
    var result: [String: (start: Int, size: Int)] = [:]
    let outcome = try folder.command.shell("nm -S \(file)")
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3)
      guard words.count == 4, words[2].lowercased() == "t", let start = Int(words[0], radix: 16),
        let size = Int(words[1], radix: 16)
      else { continue }
      result[String(words[3])] = (start, size)
    }
    return result
  }

  @Test func inlinedFunctionsHaveLines() throws {
    let folder = try folder()
    try expectSuccess(folder.command("compile -g lines.wasm --cpu x86-64-v2"))
    let symbols = try symbols(folder, "lines.so")
    let code = try #require(symbols["sum.spec"], "\(symbols)")
    let addresses = (code.start..<code.start + code.size).map { String($0, radix: 16) }
      .joined(separator: " ")
    let lines = try folder.command.shell("addr2line -i -f -p -a -e lines.so \(addresses)").output
      .replacing("./", with: "")
    // The load, in a function that clang inlined, in one that we inlined, in the loop.
    let chain = ["element at lines.c:4", "twice at lines.c:8", "sum at lines.c:20"]
    #expect(lines.contains(chain.joined(separator: "\n (inlined by) ")), "\(lines)")
    let base = try #require(symbols["sum.base"])
    let addressesOfBase = (base.start..<base.start + base.size).map { String($0, radix: 16) }
      .joined(separator: " ")
    let baseline = try folder.command.shell("addr2line -f -p -e lines.so \(addressesOfBase)")
    #expect(baseline.output.contains(#/sum at .*lines.c:20/#), "\(baseline.output)")
  }

  @Test func theCodeIsTheSame() throws {
    let folder = try folder()
    for line in [
      "compile -g lines.wasm -o with.so", "compile lines.wasm -o without.so",
    ] { try expectSuccess(folder.command(line)) }
    for name in ["with", "without"] {
      let copy = "objcopy -O binary --only-section=.text \(name).so \(name).text"
      try expectSuccess(folder.command.shell(copy))
    }
    let (with, without) = (try folder.bytes("with.text"), try folder.bytes("without.text"))
    // The seal at the end holds hashes of tables.
    #expect(!with.isEmpty && with == without)
  }

  /// Without DWARF in the module, lines are byte offsets of it.
  @Test func offsetsStandInForLines() throws {
    let folder = try folder()
    var bytes = try folder.bytes("lines.wasm")
    // The name of the section with the units: it is none of DWARF's then.
    let name = Array(".debug_info".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
    bytes[place + 1] = UInt8(ascii: "x")
    try folder.write(bytes, "plain.wasm")
    try expectSuccess(folder.command("compile -g plain.wasm --profile lines.wasmprof"))
    let code = try #require(try symbols(folder, "plain.so").first { $0.key.hasPrefix("sum") }).value
    let line = try folder.command.shell(
      "addr2line -f -p -e plain.so \(String(code.start, radix: 16))")
    #expect(line.output.contains(#/module.wasm:[0-9]+/#), "\(line.output)")
  }

  /// Damaged DWARF costs the lines at most.
  @Test func damagedDWARFDoesNoHarm() throws {
    let folder = try folder()
    let bytes = try folder.bytes("lines.wasm")
    let name = Array(".debug_info".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) }) + name.count
    var random = SystemRandomNumberGenerator()
    for round in 0..<6 {
      var damaged = bytes
      for _ in 0..<(1 << round) {
        damaged[.random(in: place..<bytes.count, using: &random)] = .random(in: 0...255)
      }
      try folder.write(damaged, "damaged.wasm")
      let outcome = try folder.command("compile -g damaged.wasm --profile off -O1")
      // What was hit may also be the frame of a section.
      #expect([0, 65].contains(outcome.status), "\(outcome.errors)")
    }
  }

  /// Each function has an entry for unwinding that covers its code.
  @Test func allCodeCanBeUnwound() throws {
    let folder = try folder()
    try expectSuccess(folder.command("compile lines.wasm"))
    let frames = try folder.command.shell("readelf --debug-dump=frames-interp lines.so").output
    var covered: [Int: Int] = [:]
    for match in frames.matches(of: #/pc=([0-9a-f]+)\.\.([0-9a-f]+)/#) {
      guard let start = Int(match.1, radix: 16), let end = Int(match.2, radix: 16) else { continue }
      covered[start] = end - start
    }
    let symbols = try symbols(folder, "lines.so")
    #expect(symbols["sum.base"] != nil && symbols.count > 4)
    for (name, code) in symbols { #expect(covered[code.start] == code.size, "\(name)") }
    // Baseline code: after `push rbp`, `mov rbp, rsp`, `push rbx` and `push r12`.
    let base = try #require(symbols["sum.base"]).start
    for (offset, rule) in [
      (0, "rsp+8"), (1, "rsp+16"), (4, "rbp+16"), (5, "rbp+16"), (7, "rbp+16"),
    ] {
      let row = String(base + offset, radix: 16)
      #expect(frames.contains(try Regex("(?m)^0*\(row) \(rule.replacing("+", with: "\\+")) ")))
    }
  }

  // MARK: Code made at run time

  @Test func jitDumpHasCode() throws {
    let folder = try folder()
    try expectSuccess(
      folder.command(
        "run --code-names jitdump --code-names gdb --invoke sum lines.wasm -- 1024 5 0"))
    let name = try #require(
      try folder.names.first { $0.hasPrefix("jit-") && $0.hasSuffix(".dump") })
    let bytes = try folder.bytes(name)
    #expect(bytes.starts(with: [0x44, 0x54, 0x69, 0x4A, 1, 0, 0, 0, 40]))
    // Records to the end: of lines (2) and of code (0), in turns.
    var kinds: [UInt8] = []
    var place = 40
    while place < bytes.count {
      kinds.append(bytes[place])
      let size = (0..<4).reduce(0) { $0 | Int(bytes[place + 4 + $1]) << (8 * $1) }
      try #require(size >= 16)
      place += size
    }
    #expect(place == bytes.count && kinds == [2, 0, 2, 0])
  }

  @Test func unknownFormatsAreRefused() throws {
    let outcome = try folder().command("run --code-names elf lines.wasm")
    #expect(outcome.status == 64 && outcome.errors.contains("jitdump"), "\(outcome.errors)")
  }
}
