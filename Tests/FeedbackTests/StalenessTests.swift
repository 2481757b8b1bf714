import TestSupport
import Testing
import Wasm

@testable import Feedback

/// What is left of a profile after the program was edited.
@Suite struct StalenessTests {
  // MARK: Alignment

  private func anchors(_ hashes: [UInt32]) -> [SiteAnchor] {
    hashes.enumerated().map {
      SiteAnchor(ordinal: UInt32($0), kind: .call, depth: 0, hash: $1)
    }
  }

  @Test func alignsWhatIsEqual() {
    let all = anchors([1, 2, 3, 2, 5])
    let same = AnchorAlignment(all, all)
    #expect(same.matches == [0, 1, 2, 3, 4] && same.similarity == 1)
    // One is new, one is gone; in their gaps nothing is of their kind.
    let edited = AnchorAlignment(anchors([1, 2, 3, 4]), anchors([9, 1, 2, 4]))
    #expect(edited.matches == [-1, 0, 1, 3] && edited.strongCount == 3)
    // Another callee in the same place.
    let renamed = AnchorAlignment(anchors([1, 2, 3]), anchors([1, 7, 3]))
    #expect(renamed.matches == [0, 1, 2] && renamed.strongCount == 2)
    #expect(renamed.isStrong == [true, false, true])
    #expect(AnchorAlignment([], all).matches == [-1, -1, -1, -1, -1])
    #expect(AnchorAlignment([], []).similarity == 1)
  }

  @Test func prefersTheSameLoopDepth() {
    func branch(_ ordinal: UInt32, depth: UInt8, hash: UInt32) -> SiteAnchor {
      SiteAnchor(ordinal: ordinal, kind: .branch, depth: depth, hash: hash)
    }
    let old = [branch(0, depth: 1, hash: 1), branch(1, depth: 0, hash: 2)]
    let new = [
      branch(0, depth: 0, hash: 3), branch(1, depth: 1, hash: 4), branch(2, depth: 0, hash: 5),
    ]
    #expect(AnchorAlignment(old, new).matches == [-1, 0, 1])
  }

  @Test func edits() {
    var random = TestRandom(seed: 4)
    for _ in 0..<200 {
      let old = anchors((0..<60).map { _ in UInt32.random(in: 0..<30, using: &random) })
      var new = old
      var edits = 0
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let place = Int.random(in: 0..<new.count, using: &random)
        if Bool.random(using: &random) {
          new.remove(at: place)
        } else {
          new.insert(anchors([UInt32.random(in: 100..<200, using: &random)])[0], at: place)
        }
        edits += 1
      }
      let alignment = AnchorAlignment(old, new)
      let pairs = alignment.matches.enumerated().filter { $0.element >= 0 }
      // In order, and nearly all of what is still there.
      #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.element < $1.element })
      #expect(alignment.strongCount >= old.count - 4 * edits)
    }
  }

  /// Long lists that have nothing in common take no time that grows with the square.
  @Test func isBounded() {
    let old = anchors((0..<60_000).map { $0 % 2 })
    let new = anchors((0..<60_000).map { 2 + $0 % 2 })
    #expect(AnchorAlignment(old, new).matches.allSatisfy { $0 < 0 })
  }

  /// Lists in which each unique anchor makes just one more unique: a round for each would take time that grows with the square.
  @Test func roundsAreBounded() {
    func list(_ junk: UInt32) -> [SiteAnchor] {
      anchors((0..<20_000).flatMap { [$0 + 1, $0, junk + $0 % 2, junk + $0 % 3] })
    }
    let alignment = AnchorAlignment(list(1 << 20), list(1 << 21))
    #expect(alignment.work <= 2 * 80_000 * AnchorAlignment.maximumRounds)
    #expect(alignment.strongCount > 0)
  }

  @Test func similarityIsBoundedByLengths() {
    #expect(AnchorAlignment.maximumSimilarity(0, 0) == 1)
    #expect(AnchorAlignment.maximumSimilarity(1, 3) == 0.5)
    let all = anchors([1, 2, 3])
    #expect(AnchorAlignment(Array(all.prefix(1)), all).similarity == 0.5)
  }

  // MARK: Functions

  private func match(
    _ edit: (String) -> String
  ) throws -> (module: Module, profile: ModuleProfile, statistics: MatchStatistics) {
    let module = try decode(edit(sampleText))
    var statistics = MatchStatistics()
    let profile = try recordedSample().profile().match(module, statistics: &statistics)
    return (module, profile, statistics)
  }

  /// New code in the hot loop: what was there keeps its counts, and the new call gets that of its loop.
  @Test func anEditedFunctionKeepsItsCounts() throws {
    let (module, profile, statistics) = try match {
      $0.replacing(
        "(local.set $sum (i32.add (local.get $sum)",
        with: """
          (if (i32.gt_s (local.get $sum) (i32.const 100000)) (then (local.set $sum (i32.const 0))))
          (local.set $sum (call $square (local.get $sum)))
          (local.set $sum (i32.add (local.get $sum)
          """)
    }
    #expect(statistics.renamedBodies == 1 && statistics.stale.functions == 1)
    #expect(statistics.matchedPercent == 100 && statistics.lost.functions == 0)
    let run = try #require(profile.functions[4])
    #expect(run.loops.values.elementsEqual([30]))
    #expect(run.branchTables.values.elementsEqual([[1, 1, 28]]))
    var walker = BodyWalker(module, function: 4)
    var counts: [UInt64] = []
    while try walker.next() {
      if let site = run.callSites[walker.instruction.offset] { counts.append(site.totalCount) }
      if walker.instruction.opcode == .brIf {
        #expect(run.branches[walker.instruction.offset] == .init(taken: 1, notTaken: 30))
      }
    }
    // The new call, the one through the table, that of `log`.
    #expect(counts == [30, 30, 1])
  }

  /// What is in front of a branch changed, so that it may be another one: no way of it is said to be cold.
  @Test func doubtfulBranchesHaveNoColdWay() throws {
    let text = """
      (module (func $f (export "f") (param i32) (if (i32.eqz (local.get 0)) (then (nop)))))
      """
    var counters = Counters(try decode(text))
    counters.set(counters.layout.cursor(function: 0).entry, 5000)
    let profile = try counters.profile()
    func branch(_ text: String) throws -> FunctionProfile.Branch? {
      profile.match(try decode(text)).functions[0]?.branches.values.first
    }
    #expect(try branch(text) == .init(taken: 0, notTaken: 5000))
    let later = text.replacing("(nop)", with: "(nop) (nop)")
    #expect(try branch(later) == .init(taken: 0, notTaken: 5000))
    let before = text.replacing(
      "(i32.eqz (local.get 0))", with: "(i32.lt_s (local.get 0) (i32.const 9))")
    #expect(try branch(before) == .init(taken: 1, notTaken: 5000))
  }

  /// Another name and another body, but it is called where the old one was.
  @Test func aRenamedFunctionIsFoundByItsCallers() throws {
    let text = """
      (module
        (func $leaf (export "leaf") (param i32) (result i32) (local.get 0))
        (func $worker (param $n i32) (result i32)
          (loop $again
            (drop (call $leaf (local.get $n)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (call $leaf (i32.const 9)))
        (func $main (export "main") (result i32) (call $leaf (call $worker (i32.const 50)))))
      """
    var counters = Counters(try decode(text))
    for (function, entries) in [(0, 52), (1, 1), (2, 1)] {
      counters.set(counters.layout.cursor(function: function).entry, UInt64(entries))
    }
    counters.set(try counters.place(1, .brIf), 49)
    let profile = try counters.profile()
    let edited = try decode(
      text.replacing("$worker", with: "$toiler").replacing(
        "(call $leaf (i32.const 9))", with: "(i32.add (call $leaf (i32.const 9)) (i32.const 1))"))
    var statistics = MatchStatistics()
    let matched = profile.match(edited, statistics: &statistics)
    #expect(statistics.neighbours == 1 && statistics.lost.functions == 0)
    #expect(statistics.matchedPercent == 100)
    #expect(matched.functions[1]?.loops.values.first == 49)
    #expect(matched.functions[1]?.callSites.values.map(\.totalCount).sorted() == [1, 50])
    // Something else is called there: it is not taken for it.
    let other = try decode(
      text.replacing("$worker", with: "$other").replacing(
        "(call $leaf (i32.const 9)))",
        with:
          "(drop (i32.const 1)) (if (local.get 0) (then (nop) (if (local.get 0) (then (nop))))) (i32.const 1))"
      ).replacing("(drop (call $leaf (local.get $n)))", with: "(if (local.get $n) (then))"))
    _ = profile.match(other, statistics: &statistics)
    #expect(statistics.neighbours == 0 && statistics.lost.functions == 1)
  }

  /// Profiles of the first version have no anchors, but still say what functions were called.
  @Test func readsTheFirstVersion() throws {
    // Of one function `f` with the hash 7, entered five times, with 9 back-edges of the loop at 2.
    let contents: [UInt8] =
      [0, 1, 1] + [7, 0, 0, 0, 0, 0, 0, 0] + [0] + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0x66, 5]
      + [1, 2, 9] + [0, 0, 0, 0]
    func little(_ value: UInt64) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    let bytes =
      Array("PGOPROF1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0] + little(UInt64(contents.count))
      + little(StableHash.of(contents)) + contents
    let file = try ProfileFile(decoding: bytes)
    #expect(file.functions.count == 1 && file.runCount == 1)
    #expect(file.functions.values.first?.loops == [2: 9])
    #expect(try ProfileFile(decoding: file.encode()) == file)
    let module = try decode("(module (func (export \"f\") (loop)))")
    var statistics = MatchStatistics()
    let matched = file.match(module, statistics: &statistics)
    #expect(matched.functions[0]?.entryCount == 5 && matched.functions[0]?.loops == [:])
    #expect(statistics.stale == .init(functions: 1, weight: 5) && statistics.lost.weight == 9)
  }
}
