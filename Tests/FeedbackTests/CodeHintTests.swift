import Feedback
import Testing
import Wasm
import WasmText

/// Profiles as the hints that other engines read, and back.
@Suite struct CodeHintTests {
  private func recorded() throws -> (module: Module, profile: ModuleProfile) {
    let counters = try recordedSample()
    return (counters.module, try counters.profile().match(counters.module))
  }

  private func offset(_ module: Module, _ function: Int, _ opcode: Opcode) throws -> Int {
    var reader = InstructionReader(module, function: function)
    while let instruction = try reader.next() {
      if instruction.opcode == opcode { return instruction.offset }
    }
    throw ProfileError(.malformed, "no \(opcode)")
  }

  @Test func saysWhatTheProfileSays() throws {
    let (module, profile) = try recorded()
    let hints = CodeHints(profile, of: module)
    let call = try offset(module, 4, .callIndirect)
    // 10, 9, 8 and 3 foreign calls of 30, in one execution of the function.
    #expect(hints.targets[call]?.map(\.function) == [1, 2, 3])
    #expect(hints.targets[call]?.map(\.percent) == [33, 30, 26])
    #expect(hints.frequencies[call] == 36)
    #expect(hints.branches[try offset(module, 4, .brIf)] == false)
    #expect(hints.branches[try offset(module, 4, .if)] == false)
    #expect(hints.priorities[4] == .init(compilation: 0, optimization: 0))
    #expect(hints.priorities[1] == .init(compilation: 2, optimization: 2))
    #expect(hints.priorities[5] == nil)
  }

  @Test func roundTrip() throws {
    let (module, profile) = try recorded()
    let hints = CodeHints(profile, of: module)
    let annotated = try Module(validating: hints.annotated(module))
    #expect(
      annotated.customSections.map(\.name).filter { $0.hasPrefix("metadata.code.") }.count == 4)
    let read = try CodeHints(reading: annotated)
    // The code moved behind the sections.
    let shift =
      annotated.functions[4].code.lowerBound - module.functions[4].code.lowerBound
    var moved = hints
    moved.branches = Dictionary(uniqueKeysWithValues: hints.branches.map { ($0 + shift, $1) })
    moved.frequencies = Dictionary(uniqueKeysWithValues: hints.frequencies.map { ($0 + shift, $1) })
    moved.targets = Dictionary(uniqueKeysWithValues: hints.targets.map { ($0 + shift, $1) })
    #expect(shift > 0 && read == moved)
    // Annotating again replaces them.
    #expect(read.annotated(annotated) == annotated.bytes)
    let without = try Module(validating: CodeHints().annotated(annotated))
    #expect(without.bytes == module.bytes)
  }

  @Test func becomeAProfile() throws {
    let (module, profile) = try recorded()
    let hints = CodeHints(profile, of: module)
    let file = ProfileFile(hints, of: module)
    #expect(try ProfileFile(decoding: file.encode()) == file)
    let matched = file.match(module)
    let call = try offset(module, 4, .callIndirect)
    let site = try #require(matched.functions[4]?.callSites[call])
    #expect(site.targets.map(\.function) == [1, 2, 3])
    #expect(matched.functions[4]?.entryCount == 1 << 40)
    #expect(matched.functions[1]?.entryCount == 1 << 38)
    // 2^4 calls for each entry, of which 33 % go to the first.
    #expect(site.targets.first?.count == UInt64(Double(1 << 44) * 0.33))
    let branch = try #require(matched.functions[4]?.branches[try offset(module, 4, .brIf)])
    #expect(branch.notTaken == 1 << 40 && branch.taken == (1 << 40) / 100)
    #expect(matched.functions[5] == nil)
  }

  /// As V8 writes them: no optimization priority for what it did not optimize, call frequencies of calls that never ran.
  @Test func frequenciesAlone() throws {
    let (module, _) = try recorded()
    var hints = CodeHints()
    let call = try offset(module, 4, .callIndirect)
    hints.frequencies[call] = 40
    hints.targets[call] = [.init(function: 2, percent: 95)]
    hints.priorities[1] = .init(compilation: 0)
    let matched = ProfileFile(hints, of: module).match(module)
    #expect(matched.functions[4]?.entryCount == 1024 && matched.functions[1]?.entryCount == 1024)
    #expect(
      matched.functions[4]?.callSites[call]?.targets
        == [.init(function: 2, count: UInt64(262_144 * 0.95))])
    #expect(matched.functions[2]?.entryCount == UInt64(262_144 * 0.95))
  }

  /// Whatever is in a section, reading it ends, with an error in it or hints that can be used.
  @Test func damagedSections() throws {
    let (module, profile) = try recorded()
    let bytes = CodeHints(profile, of: module).annotated(module)
    let annotated = try Module(validating: bytes)
    let sections = annotated.customSections.filter { $0.name.hasPrefix("metadata.code.") }
    for place in sections.flatMap({ Array($0.bytes) }) {
      for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
        var damaged = bytes
        damaged[place] = value
        let module = try Module(validating: damaged)
        do throws(ProfileError) {
          let hints = try CodeHints(reading: module)
          let file = ProfileFile(hints, of: module)
          #expect((try? ProfileFile(decoding: file.encode())) == file)
        } catch {
          #expect(
            sections.contains { $0.bytes.lowerBound...$0.bytes.upperBound ~= error.offset ?? 0 })
        }
      }
    }
  }
}
