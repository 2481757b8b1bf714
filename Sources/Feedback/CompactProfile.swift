import Wasm

/// The contents of a compact profile in flat arrays, in the order of the file: what many profiles are merged in, without a dictionary for
/// each function. ``ProfileFile`` is the form for lookups.
struct CompactProfile: Sendable, Equatable {
  /// What a site counts. In a file, the sites of a function are in this order, and among equals by ordinal.
  enum Kind: UInt64, CaseIterable {
    /// One value: back-edges.
    case loop = 0
    /// Two values: taken, not taken.
    case branch
    /// A value for each label, the default last.
    case branchTable
    /// One value: calls.
    case call
    /// Others, foreign, then pairs of a target's number in ``CompactProfile/functions`` and its calls, ascending.
    case targets
  }

  /// An instruction that counts, of one function.
  struct Site: Sendable, Equatable {
    /// The kind, then the instruction's ordinal: what a function's sites are sorted by.
    var key: UInt64
    /// Its values in ``CompactProfile/values``.
    var firstValue: Int
    /// See ``firstValue``.
    var valueCount: Int

    init(_ kind: Kind, ordinal: Int, firstValue: Int, valueCount: Int) {
      key = kind.rawValue << 32 | UInt64(ordinal)
      self.firstValue = firstValue
      self.valueCount = valueCount
    }

    var kind: Kind { Kind(rawValue: key >> 32) ?? .loop }
    var ordinal: Int { Int(key & 0xFFFF_FFFF) }
    var values: Range<Int> { firstValue..<firstValue + valueCount }
  }

  /// A function; its name is in ``CompactProfile/names``.
  struct Function: Sendable, Equatable {
    var key: FunctionKey
    var shape: UInt64
    var name: Range<Int>
    var entryCount: UInt64
    /// In ``CompactProfile/sites``.
    var sites: Range<Int>
    /// In ``CompactProfile/anchors``.
    var anchors: Range<Int>

    var isCold: Bool { entryCount == 0 && sites.isEmpty }
  }

  /// See ``ProfileFile/moduleHashes``.
  var moduleHashes: [UInt64] = []
  /// See ``ProfileFile/runCount``.
  var runCount: UInt64 = 0
  /// In ascending order of their keys.
  var functions: [Function] = []
  /// UTF-8.
  var names: [UInt8] = []
  /// Those of one function together.
  var sites: [Site] = []
  /// Of all sites.
  var values: [UInt64] = []
  /// Those of one function together, ascending by ordinal.
  var anchors: [SiteAnchor] = []

  /// The sum of no recordings.
  init() {}

  /// Empties it, but keeps its memory.
  mutating func removeAll() {
    moduleHashes.removeAll(keepingCapacity: true)
    runCount = 0
    functions.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    sites.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    anchors.removeAll(keepingCapacity: true)
  }

  // MARK: Building

  /// Appends a function without sites; its key is above all before.
  mutating func appendFunction(
    _ key: FunctionKey, shape: UInt64, name: some Collection<UInt8>, entryCount: UInt64
  ) {
    let start = names.count
    names.append(contentsOf: name)
    functions.append(
      Function(
        key: key, shape: shape, name: start..<names.count, entryCount: entryCount,
        sites: sites.count..<sites.count, anchors: anchors.count..<anchors.count))
  }

  /// Gives the last function its anchors.
  mutating func appendAnchors(_ anchors: some Collection<SiteAnchor>) {
    let start = self.anchors.count
    self.anchors.append(contentsOf: anchors)
    functions[functions.count - 1].anchors = start..<self.anchors.count
  }

  /// Appends a site to the last function; its values are those behind `firstValue`.
  mutating func appendSite(_ kind: Kind, ordinal: Int, firstValue: Int) {
    sites.append(
      Site(
        kind, ordinal: ordinal, firstValue: firstValue, valueCount: values.count - firstValue))
    let last = functions.count - 1
    functions[last].sites = functions[last].sites.lowerBound..<sites.count
  }
}

extension CompactProfile {
  /// Targets that are no functions of the profile count as others.
  init(_ file: ProfileFile) {
    moduleHashes = file.moduleHashes
    runCount = file.runCount
    let keys = file.functions.keys.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, UInt64($0)) })
    for key in keys {
      guard let function = file.functions[key] else { continue }
      appendFunction(
        key, shape: function.shape, name: Array(function.name.utf8), entryCount: function.entryCount
      )
      appendAnchors(function.anchors)
      append(function.loops, .loop) { [$0] }
      append(function.branches, .branch) { [$0.taken, $0.notTaken] }
      append(function.branchTables, .branchTable) { $0 }
      append(function.calls, .call) { [$0] }
      append(function.sites, .targets) { site in
        var other = site.otherCount
        var targets: [(UInt64, UInt64)] = []
        for (key, count) in site.targets {
          if let number = numbers[key] {
            targets.append((number, count))
          } else {
            other = saturatingSum(other, count)
          }
        }
        targets.sort { $0.0 < $1.0 }
        return [other, site.foreignCount] + targets.flatMap { [$0.0, $0.1] }
      }
    }
  }

  private mutating func append<Value>(
    _ counts: [Int: Value], _ kind: Kind, _ values: (Value) -> [UInt64]
  ) {
    for (ordinal, value) in counts.sorted(by: { $0.key < $1.key }) {
      let first = self.values.count
      self.values += values(value)
      appendSite(kind, ordinal: ordinal, firstValue: first)
    }
  }
}

extension ProfileFile {
  init(_ profile: CompactProfile) {
    moduleHashes = profile.moduleHashes
    runCount = profile.runCount
    functions.reserveCapacity(profile.functions.count)
    for row in profile.functions {
      var function = Function(
        shape: row.shape, name: String(decoding: profile.names[row.name], as: UTF8.self))
      function.entryCount = row.entryCount
      function.anchors = Array(profile.anchors[row.anchors])
      for site in profile.sites[row.sites] {
        function.add(site, profile.values[site.values], profile.functions)
      }
      functions[row.key] = function
    }
  }
}

extension ProfileFile.Function {
  fileprivate mutating func add(
    _ site: CompactProfile.Site, _ values: ArraySlice<UInt64>,
    _ functions: [CompactProfile.Function]
  ) {
    let (ordinal, first) = (site.ordinal, values.startIndex)
    switch site.kind {
    case .loop: loops[ordinal] = values[first]
    case .branch: branches[ordinal] = .init(taken: values[first], notTaken: values[first + 1])
    case .branchTable: branchTables[ordinal] = Array(values)
    case .call: calls[ordinal] = values[first]
    case .targets:
      var counts = ProfileFile.Site()
      counts.otherCount = values[first]
      counts.foreignCount = values[first + 1]
      for pair in stride(from: first + 2, to: values.endIndex, by: 2) {
        counts.targets[functions[Int(values[pair])].key] = values[pair + 1]
      }
      sites[ordinal] = counts
    }
  }
}
