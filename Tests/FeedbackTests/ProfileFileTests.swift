import Feedback
import Testing
import Wasm
import WasmText

@Suite struct ProfileFileTests {
  @Test func roundTrip() throws {
    let profile = try recordedSample().profile()
    let bytes = profile.encode()
    #expect(try ProfileFile(decoding: bytes) == profile)
    #expect(try ProfileFile(decoding: bytes).encode() == bytes)
    #expect(try ProfileFile(reading: bytes) == profile)
    #expect(try ProfileFile(decoding: ProfileFile().encode()) == ProfileFile())
  }

  @Test func matchesItsOwnModule() throws {
    let counters = try recordedSample()
    var statistics = MatchStatistics()
    let profile = try counters.profile().match(counters.module, statistics: &statistics)
    let records = try counters.records(4)
    func offset(_ opcode: Opcode) -> Int {
      records.first { $0.instruction.opcode == opcode }!.instruction.offset
    }
    #expect(profile.unknownFunctions.isEmpty)
    #expect(profile.hash == (try counters.profile().hash))
    #expect(profile.functions.keys.sorted() == [1, 2, 3, 4])
    let run = try #require(profile.functions[4])
    #expect(run.entryCount == 1)
    #expect(run.loops == [offset(.loop): 30])
    #expect(run.branches[offset(.brIf)] == .init(taken: 1, notTaken: 30))
    #expect(run.branches[offset(.if)] == .init(taken: 1, notTaken: 29))
    #expect(run.branchTables == [offset(.brTable): [1, 1, 28]])
    #expect(run.callSites[offset(.call)]?.targets == [.init(function: 0, count: 1)])
    let site = try #require(run.callSites[offset(.callIndirect)])
    #expect(
      site.targets == [
        .init(function: 1, count: 10), .init(function: 2, count: 9), .init(function: 3, count: 8),
      ])
    #expect(site.foreignCount == 3)
    #expect(!site.isMegamorphic)
    #expect(statistics.isSameModule)
    #expect(statistics.matchedFunctions == 5)
    #expect(statistics.matchedSites == 6)
    #expect(statistics.lostSites == 0)
    #expect(statistics.lost == MatchStatistics.Group())
    #expect(statistics.exact.functions == 4 && statistics.matchedPercent == 100)
  }

  @Test func survivesEditsElsewhere() throws {
    let counters = try recordedSample()
    // A new import, type, global and function in front shift all indices; `negate` gets another body.
    let edited = try decode(
      sampleText
        .replacing("(import", with: "(type $new (func)) (import \"host\" \"now\" (func)) (import")
        .replacing(
          "(func $double", with: "(global i32 (i32.const 5)) (func $fresh (nop)) (func $double"
        )
        .replacing(
          "(i32.sub (i32.const 0) (local.get 0))", with: "(i32.xor (i32.const -1) (local.get 0))"))
    var statistics = MatchStatistics()
    let profile = try counters.profile().match(edited, statistics: &statistics)
    #expect(!statistics.isSameModule)
    // Imports are log and now, then fresh, double, square, negate, run, never.
    #expect(profile.unknownFunctions == [2])
    #expect(profile.functions.keys.sorted() == [3, 4, 5, 6])
    #expect(profile.functions[5]?.entryCount == 10)
    let site = try #require(profile.functions[6]?.callSites.values.first { $0.targets.count == 3 })
    #expect(site.targets.map(\.function) == [3, 4, 5])
    #expect(statistics.matchedFunctions == 4)
    #expect(statistics.renamedBodies == 1)
    #expect(statistics.unknownFunctions == 1)
    #expect(statistics.lostSites == 0)
    #expect(statistics.exact.functions == 3)
    #expect(statistics.stale == .init(functions: 1, weight: 10))
    #expect(statistics.matchedPercent == 100)
  }

  @Test func changedConstantsKeepSites() throws {
    let counters = try recordedSample()
    let edited = try decode(sampleText.replacing("(i32.const 7)", with: "(i32.const 70000)"))
    var statistics = MatchStatistics()
    let profile = try counters.profile().match(edited, statistics: &statistics)
    #expect(statistics.similarFunctions == 1)
    #expect(profile.functions[4]?.callSites.count == 2)
  }

  @Test func lostTargetsMakeASiteMegamorphic() throws {
    let counters = try recordedSample()
    let edited = try decode(
      sampleText.replacing("$negate", with: "$other").replacing(
        "(i32.sub (i32.const 0) (local.get 0))", with: "(i32.xor (i32.const -1) (local.get 0))"))
    let profile = try counters.profile().match(edited)
    let site = try #require(profile.functions[4]?.callSites.values.first { $0.targets.count > 1 })
    #expect(site.targets.map(\.function) == [1, 2])
    #expect(site.otherCount == 8)
    #expect(site.isMegamorphic)
  }

  @Test func equalBodiesAreToldApartByOrder() throws {
    let text = """
      (module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $a $b)
        (func $a) (func $b) (func $c (call_indirect (type $t) (i32.const 0))))
      """
    var counters = Counters(try decode(text))
    let site = try counters.place(2, .callIndirect)
    counters.set(site + TargetRecord.key(0), TargetRecord.key(function: 1))
    counters.set(counters.layout.cursor(function: 2).entry, 7)
    let profile = try counters.profile()
    #expect(Set(profile.functions.keys.map(\.ordinal)) == [0, 1])
    let targets = profile.match(counters.module).functions[2]?.callSites.values.first?.targets
    #expect(targets == [.init(function: 1, count: 7)])
    // In another build $b comes first: its name tells.
    let swapped = try decode(text.replacing("(func $a) (func $b)", with: "(func $b) (func $a)"))
    let other = profile.match(swapped).functions[2]?.callSites.values.first?.targets
    #expect(other == [.init(function: 0, count: 7)])
  }

  @Test func mergeIsAssociativeAndCommutative() throws {
    var generator = SystemRandomNumberGenerator()
    let base = try recordedSample()
    func random() throws -> ProfileFile {
      var counters = base
      for function in 1...5 {
        counters.set(
          counters.layout.cursor(function: function).entry, .random(in: 0...9, using: &generator))
      }
      let site = try counters.place(4, .callIndirect)
      for (slot, function) in [1, 2, 3, 5].shuffled().enumerated() {
        counters.set(site + TargetRecord.key(slot), TargetRecord.key(function: function))
        counters.set(
          site + TargetRecord.count(slot), [0, 1, 1000, .max - 1].randomElement()!)
      }
      var profile = try counters.profile()
      profile.moduleHashes = [UInt64.random(in: 1...3)]
      return profile
    }
    for _ in 0..<50 {
      let (a, b, c) = (try random(), try random(), try random())
      #expect(a.merged(with: b) == b.merged(with: a))
      #expect(a.merged(with: b).merged(with: c) == a.merged(with: b.merged(with: c)))
      #expect(a.merged(with: b).encode() == b.merged(with: a).encode())
      #expect(a.merged(with: ProfileFile()) == a)
      let merged = a.merged(with: b)
      #expect(try ProfileFile(decoding: merged.encode()) == merged)
    }
  }

  @Test func mergedSitesKeepMoreTargetsThanOneRun() throws {
    let names = (0..<10).map { "$f\($0)" }
    let text = """
      (module (type $t (func)) (table 10 funcref) (elem (i32.const 0) \(names.joined(separator: " ")))
        \(names.enumerated().map { "(func \($1) (drop (i32.const \($0))))" }.joined())
        (func (call_indirect (type $t) (i32.const 0))))
      """
    let module = try decode(text)
    var merged = ProfileFile()
    for target in 0..<10 {
      var counters = Counters(module)
      let site = try counters.place(10, .callIndirect)
      counters.set(site + TargetRecord.key(0), TargetRecord.key(function: target))
      counters.set(counters.layout.cursor(function: 10).entry, UInt64(1 + target))
      merged.merge(try counters.profile())
    }
    let site = try #require(merged.match(module).functions[10]?.callSites.values.first)
    #expect(site.targets.map(\.function) == [9, 8, 7, 6, 5, 4, 3, 2])
    #expect(site.otherCount == 3)
    #expect(site.totalCount == 55)
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try recordedSample().profile().encode()
    for length in 0..<bytes.count {
      #expect(throws: ProfileError.self) { try ProfileFile(reading: Array(bytes[..<length])) }
    }
    #expect(throws: ProfileError.self) { try ProfileFile(reading: bytes + [0]) }
  }

  @Test func everyFlipIsRefused() throws {
    let bytes = try recordedSample().profile().encode()
    for bit in 0..<8 * bytes.count {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: ProfileError.self) { try ProfileFile(reading: flipped) }
    }
  }

  /// As above, behind a checksum that fits: what is decoded must not crash, and must encode.
  @Test func contentsAreNotTrusted() throws {
    let bytes = try recordedSample().profile().encode()
    var accepted = 0
    for _ in 0..<5000 {
      var contents = Array(bytes[32...])
      for _ in 0..<Int.random(in: 1...4) {
        contents[Int.random(in: 0..<contents.count)] = [0, 1, 0x7F, 0xFF, .random(in: 0...255)]
          .randomElement()!
      }
      if Bool.random() { contents.removeLast(Int.random(in: 0..<contents.count)) }
      let sealed = seal(contents)
      guard let profile = try? ProfileFile(decoding: sealed) else { continue }
      accepted += 1
      #expect(try ProfileFile(decoding: profile.encode()) == profile)
      _ = profile.describe()
      _ = profile.match(try sample.get())
    }
    #expect(accepted > 0)
  }

  private let sample = Result { try decode(sampleText) }

  private func seal(_ contents: [UInt8]) -> [UInt8] {
    func little(_ value: UInt64) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    return Array("PGOPROF1".utf8) + [2, 0, 0, 0, 0, 0, 0, 0] + little(UInt64(contents.count))
      + little(StableHash.of(contents)) + contents
  }

  @Test func otherVersionsAreNamed() throws {
    var bytes = ProfileFile().encode()
    bytes[8] = 9
    #expect(throws: ProfileError(.version, "profile has version 9, expected 2", offset: 8)) {
      try ProfileFile(reading: bytes)
    }
    #expect(throws: ProfileError(.malformed, "not a profile", offset: 0)) {
      try ProfileFile(reading: Array("plainly not".utf8))
    }
  }
}
