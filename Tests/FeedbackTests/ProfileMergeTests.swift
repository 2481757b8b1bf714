import Feedback
import TestSupport
import Testing

/// Merging many profiles: the sum is that of a plain model, and the same bytes in whatever order.
@Suite struct ProfileMergeTests {
  /// Random profiles of a few functions, whose keys, sites and targets overlap in part.
  private struct Generator {
    var random = TestRandom(seed: 17)

    mutating func profile() -> ProfileFile {
      var file = ProfileFile()
      file.moduleHashes = [UInt64.random(in: 1...3, using: &random)]
      file.runCount = 1
      let keys = (1...12).map { FunctionKey(hash: $0 / 2, ordinal: UInt32($0 % 2)) }
        .filter { _ in Bool.random(using: &random) }
      for key in keys {
        var function = ProfileFile.Function(
          shape: .random(in: 1...2, using: &random),
          name: ["", "a", "b", "é"].randomElement(using: &random)!)
        function.entryCount = count()
        function.loops = counts { $0.count() + 1 }
        function.branches = counts { .init(taken: $0.count() + 1, notTaken: $0.count()) }
        function.branchTables = counts { generator in
          (0...Int.random(in: 0...3, using: &generator.random)).map { _ in generator.count() + 1 }
        }
        function.calls = counts { $0.count() + 1 }
        function.sites = counts { generator in
          var site = ProfileFile.Site()
          for key in keys where Bool.random(using: &generator.random) {
            site.targets[key] = generator.count() + 1
          }
          site.otherCount = generator.count()
          site.foreignCount = generator.count() + 1
          return site
        }
        file.functions[key] = function
      }
      return file
    }

    mutating func count() -> UInt64 {
      [0, 1, 2, 1000, 1 << 40, UInt64.max - 2].randomElement(using: &random)!
    }

    private mutating func counts<Value>(_ make: (inout Self) -> Value) -> [Int: Value] {
      var result: [Int: Value] = [:]
      for ordinal in 0..<4 where Bool.random(using: &random) { result[ordinal] = make(&self) }
      return result
    }
  }

  // MARK: The model

  private func plus(_ a: UInt64, _ b: UInt64) -> UInt64 {
    a.addingReportingOverflow(b).overflow ? .max : a + b
  }

  private func sum(_ a: ProfileFile.Function, _ b: ProfileFile.Function) -> ProfileFile.Function {
    let names = [a.name, b.name].filter { !$0.isEmpty }.sorted {
      Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
    }
    var result = ProfileFile.Function(shape: min(a.shape, b.shape), name: names.first ?? "")
    result.entryCount = plus(a.entryCount, b.entryCount)
    result.loops = a.loops.merging(b.loops, uniquingKeysWith: plus)
    result.branches = a.branches.merging(b.branches) {
      .init(taken: plus($0.taken, $1.taken), notTaken: plus($0.notTaken, $1.notTaken))
    }
    result.branchTables = a.branchTables.merging(b.branchTables) { x, y in
      (0..<max(x.count, y.count)).map {
        plus($0 < x.count ? x[$0] : 0, $0 < y.count ? y[$0] : 0)
      }
    }
    result.calls = a.calls.merging(b.calls, uniquingKeysWith: plus)
    result.sites = a.sites.merging(b.sites) { x, y in
      var site = x
      site.targets.merge(y.targets, uniquingKeysWith: plus)
      site.otherCount = plus(x.otherCount, y.otherCount)
      site.foreignCount = plus(x.foreignCount, y.foreignCount)
      return site
    }
    return result
  }

  private func sum(_ files: [ProfileFile]) -> ProfileFile {
    var result = ProfileFile()
    for file in files {
      result.moduleHashes = Set(result.moduleHashes + file.moduleHashes).sorted()
      result.runCount = plus(result.runCount, file.runCount)
      result.functions.merge(file.functions) { sum($0, $1) }
    }
    return result
  }

  // MARK: Tests

  @Test func sumsAreThoseOfTheModel() throws {
    var generator = Generator()
    for _ in 0..<200 {
      let files = (0..<5).map { _ in generator.profile() }
      var added = ProfileSum()
      for file in files { try added.add(file.encode()) }
      #expect(added.count == 5)
      let expected = sum(files)
      #expect(try ProfileFile(decoding: added.encode()) == expected)
      #expect(files.reduce(ProfileFile()) { $0.merged(with: $1) } == expected)
      // Backwards, and in two halves.
      var (left, right) = (ProfileSum(), ProfileSum())
      for file in files[..<2].reversed() { try left.add(file.encode()) }
      for file in files[2...].reversed() { try right.add(file.encode()) }
      right.add(left)
      #expect(right.encode() == added.encode())
    }
  }

  @Test func weightsCountAsRepetition() throws {
    var generator = Generator()
    for _ in 0..<50 {
      let (a, b) = (generator.profile(), generator.profile())
      var (weighted, repeated) = (ProfileSum(), ProfileSum())
      try weighted.add(a.encode(), weight: 3)
      try weighted.add(b.encode())
      for file in [a, b, a, a] { try repeated.add(file.encode()) }
      #expect(weighted.encode() == repeated.encode())
    }
  }

  @Test func aBadProfileLeavesTheSumAlone() throws {
    var generator = Generator()
    let file = generator.profile().encode()
    var sum = ProfileSum()
    try sum.add(file)
    let before = sum.encode()
    #expect(throws: ProfileError.self) { try sum.add(Array(file.dropLast())) }
    #expect(throws: ProfileError.self) { try sum.add([]) }
    #expect(sum.encode() == before && sum.count == 1)
  }

  @Test func sparseSumsKeepWhatCounts() throws {
    let counters = try recordedSample()
    var sum = ProfileSum()
    try sum.add(counters.profile().encode())
    let file = try ProfileFile(decoding: sum.encode(isSparse: true))
    let whole = try counters.profile()
    #expect(file.functions.count == 4 && whole.functions.count == 5)
    for (key, function) in file.functions { #expect(whole.functions[key] == function) }
    // `never` is known not to have run, as before.
    let matched = file.match(counters.module)
    #expect(matched.unknownFunctions.isEmpty)
    #expect(matched.functions == whole.match(counters.module).functions)
  }

  @Test func trimsTheLightest() throws {
    let whole = try recordedSample().profile()
    // `run` has two thirds of the counts.
    let file = whole.trimmed(to: 60, isSparse: false)
    #expect(file.functions.count == 5)
    #expect(file.functions.values.count { $0.entryCount > 0 } == 1)
    #expect(file.functionsByWeight.map(file.name) == ["run"])
    // Its targets stay, without their counts.
    #expect(whole.trimmed(to: 60, isSparse: true).functions.count == 4)
    #expect(whole.trimmed(to: 100, isSparse: false) == whole)
    #expect(whole.trimmed(to: 0, isSparse: true).functions.isEmpty)
  }

  /// A weight that vanishes beside the sum of all is still a count.
  @Test func trimsNothingThatIsToBeKept() throws {
    var file = ProfileFile()
    for hash in 1...40 as ClosedRange<UInt64> {
      var function = ProfileFile.Function(shape: hash, name: "")
      function.entryCount = hash == 1 ? 1 << 62 : 3
      file.functions[FunctionKey(hash: hash, ordinal: 0)] = function
    }
    #expect(file.trimmed(to: 100, isSparse: false) == file)
    #expect(file.trimmed(to: 99, isSparse: true).functions.count == 1)
  }

  /// Counts that stick at their greatest value make no more than 100 %.
  @Test func sharesOfSaturatedCounts() {
    #expect(share(.max, of: 1) == "100.0 %" && share(1, of: .max) == "0.0 %")
    var files: [ProfileFile] = []
    for side in 0..<2 {
      var file = ProfileFile()
      for hash in 1...9 as ClosedRange<UInt64> {
        file.functions[FunctionKey(hash: hash, ordinal: 0)] = .init(shape: 0, name: "")
      }
      var site = ProfileFile.Site()
      for hash in 0..<4 {
        site.targets[FunctionKey(hash: UInt64(2 + 4 * side + hash), ordinal: 0)] = .max
      }
      file.functions[FunctionKey(hash: 1, ordinal: 0)]?.sites[3] = site
      files.append(file)
    }
    let comparison = ProfileComparison(files[0], files[1])
    #expect(comparison.overlap == 0 && comparison.sites.map(\.moved) == [1])
    #expect(comparison.sites.map(\.heat) == [1])
  }

  /// Anchors of a function that never ran would be merged or not, depending on the order.
  @Test func coldFunctionsHaveNoAnchors() {
    var file = ProfileFile()
    var function = ProfileFile.Function(shape: 0, name: "f")
    function.anchors = [SiteAnchor(ordinal: 1, kind: .loop, depth: 0, hash: 7)]
    file.functions[FunctionKey(hash: 1, ordinal: 0)] = function
    #expect(throws: ProfileError.self) { try ProfileFile(decoding: file.encode()) }
    function.entryCount = 1
    file.functions[FunctionKey(hash: 1, ordinal: 0)] = function
    #expect(throws: Never.self) { try ProfileFile(decoding: file.encode()) }
  }

  @Test func overlapsAndMoves() throws {
    let a = try recordedSample().profile()
    let same = ProfileComparison(a, a)
    #expect(abs(same.overlap - 1) < 1e-9 && same.sites.isEmpty && same.functions.isEmpty)
    var doubled = a
    doubled.merge(a)
    #expect(abs(ProfileComparison(a, doubled).overlap - 1) < 1e-9)
    #expect(ProfileComparison(a, ProfileFile()).overlap == 0)
    var b = a
    let run = try #require(a.functionsByWeight.first)
    let ordinal = try #require(a.functions[run]?.sites.keys.first)
    let targets = try #require(a.functions[run]?.sites[ordinal]?.targets)
    let heaviest = try #require(targets.max { $0.value < $1.value })
    b.functions[run]?.sites[ordinal]?.targets[heaviest.key] = nil
    b.functions[run]?.sites[ordinal]?.otherCount = heaviest.value
    let comparison = ProfileComparison(a, b)
    // Ten of the 92 events went elsewhere, a third of the site's.
    #expect(abs(comparison.overlap - 82.0 / 92) < 1e-9)
    let site = try #require(comparison.sites.first)
    #expect(site.function == run && site.ordinal == ordinal && comparison.sites.count == 1)
    #expect(abs(site.moved - 1.0 / 3) < 1e-9 && abs(site.heat - 30.0 / 92) < 1e-9)
  }
}
