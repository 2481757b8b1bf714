import Wasm

/// Which function of a module is which of a profile.
struct FunctionMatching {
  /// How a function was recognized; the better ways first.
  enum Way: Sendable {
    /// Equal bodies.
    case exact
    /// Equal opcodes: all sites are at their places.
    case similar
    /// An equal name.
    case named
    /// Called at the same places.
    case neighbour
  }

  /// By function of the module.
  private(set) var sources: [Int: (key: FunctionKey, way: Way)] = [:]
  /// The other way round.
  private(set) var functions: [FunctionKey: Int] = [:]
  /// By function of the module that was recognized by its name or as a neighbour: which of its anchors are those of the profile.
  private(set) var alignments: [Int: AnchorAlignment] = [:]

  private let file: ProfileFile
  private let module: Module
  private let identity: ModuleIdentity
  private let reader: AnchorReader

  init(_ file: ProfileFile, _ module: Module) {
    self.file = file
    self.module = module
    identity = ModuleIdentity(module)
    reader = AnchorReader(module, identity)
    matchBodies()
    guard sources.count < identity.keys.count else { return }
    matchNames()
    matchNeighbours()
  }

  /// Functions that were recognized so.
  func count(_ way: Way) -> Int { sources.values.count { $0.way == way } }

  private var imported: Int { module.importedFunctionCount }

  private func name(_ function: Int) -> String { module.functionName(function) ?? "" }

  private mutating func match(_ function: Int, _ key: FunctionKey, _ way: Way) {
    sources[function] = (key, way)
    functions[key] = function
  }

  // MARK: By body and name

  private struct NamedBody: Hashable {
    var hash: UInt64
    var name: String

    init(_ hash: UInt64, _ name: String) {
      self.hash = hash
      self.name = name
    }
  }

  private mutating func matchBodies() {
    if !file.moduleHashes.contains(module.hash) {
      // Functions with equal bodies are told apart by their names before their order.
      pair(
        file.functions.map { (NamedBody($0.key.hash, $0.value.name), $0.key) },
        identity.keys.indices.map {
          (NamedBody(identity.keys[$0].hash, name(imported + $0)), imported + $0)
        }, .exact)
    }
    for (position, key) in identity.keys.enumerated()
    where sources[imported + position] == nil && functions[key] == nil && file.functions[key] != nil
    {
      match(imported + position, key, .exact)
    }
    guard sources.count < identity.keys.count else { return }
    pair(
      lost.map { (NamedBody($0.value.shape, $0.value.name), $0.key) },
      open.map { (NamedBody(identity.shapes[$0 - imported], name($0)), $0) }, .similar)
  }

  private mutating func matchNames() {
    let before = Set(sources.keys)
    pair(
      lost.filter { !$0.value.name.isEmpty }.map { ($0.value.name, $0.key) },
      open.filter { !name($0).isEmpty }.map { (name($0), $0) }, .named)
    for (function, source) in sources where !before.contains(function) {
      align(function, source.key)
    }
    // Names may have changed as well, as those of Rust do, which end with a hash.
    pair(
      lost.map { ($0.value.shape, $0.key) },
      open.map { (identity.shapes[$0 - imported], $0) }, .similar)
  }

  private mutating func align(_ function: Int, _ key: FunctionKey) {
    guard let anchors = file.functions[key]?.anchors, !anchors.isEmpty else { return }
    alignments[function] = AnchorAlignment(anchors, reader.anchors(ofFunction: function))
  }

  /// Functions of the profile without one of the module.
  private var lost: [FunctionKey: ProfileFile.Function] {
    file.functions.filter { functions[$0.key] == nil }
  }

  /// Functions of the module without one of the profile.
  private var open: [Int] {
    (imported..<imported + identity.keys.count).filter { sources[$0] == nil }
  }

  /// Matches what has a property that is unique on both sides.
  private mutating func pair<Property: Hashable>(
    _ known: [(Property, FunctionKey)], _ open: [(Property, Int)], _ way: Way
  ) {
    let keys = Dictionary(known.map { ($0, [$1]) }, uniquingKeysWith: +)
    let indices = Dictionary(open.map { ($0, [$1]) }, uniquingKeysWith: +)
    for (property, found) in indices where found.count == 1 {
      guard let key = keys[property], key.count == 1 else { continue }
      match(found[0], key[0], way)
    }
  }

  // MARK: By neighbourhood

  /// At least so alike must the anchors of two functions be that are called at the same places.
  static let minimumSimilarity = 0.4

  /// Anchors that may be looked at to tell neighbours, in all: a hundred for each of 300,000 functions.
  static let maximumWork = 1 << 25

  private struct Candidate: Hashable {
    var key: FunctionKey
    var function: Int
  }

  /// A function that was called at some places is the one that is called at the same places now, if it looks like it. What is found leads
  /// to more.
  private mutating func matchNeighbours() {
    var unmatched: [UInt32: [FunctionKey]] = [:]
    for (key, function) in lost where function.weight > 0 {
      unmatched[SiteAnchor.calleeHash(name: function.name, body: key.hash), default: []].append(key)
    }
    guard !unmatched.isEmpty else { return }
    var open = Set(self.open)
    var callers = sources.keys.sorted()
    var votes: [Candidate: Int] = [:]
    var work = 0
    while !callers.isEmpty, !open.isEmpty, work < Self.maximumWork {
      for caller in callers { addVotes(of: caller, unmatched, open, &votes) }
      callers = []
      let order = votes.sorted {
        ($1.value, $0.key.function, $0.key.key) < ($0.value, $1.key.function, $1.key.key)
      }
      for (candidate, _) in order where open.contains(candidate.function) {
        guard work < Self.maximumWork, functions[candidate.key] == nil,
          let old = file.functions[candidate.key]?.anchors
        else { continue }
        let new = reader.anchors(ofFunction: candidate.function)
        work += new.count
        guard AnchorAlignment.maximumSimilarity(old.count, new.count) >= Self.minimumSimilarity
        else { continue }
        let alignment = AnchorAlignment(old, new)
        work += alignment.work
        guard alignment.similarity >= Self.minimumSimilarity else { continue }
        match(candidate.function, candidate.key, .neighbour)
        alignments[candidate.function] = alignment
        open.remove(candidate.function)
        callers.append(candidate.function)
      }
      votes = [:]
    }
  }

  private func addVotes(
    of caller: Int, _ unmatched: [UInt32: [FunctionKey]], _ open: Set<Int>,
    _ votes: inout [Candidate: Int]
  ) {
    guard let source = sources[caller], let anchors = file.functions[source.key]?.anchors,
      anchors.contains(where: { $0.kind == .call && unmatched[$0.hash] != nil })
    else { return }
    let callees = directCallees(caller)
    let alignment = alignments[caller]
    for (position, callee) in callees.enumerated() {
      guard let callee, open.contains(callee) else { continue }
      // With equal opcodes, anchors are at the same positions.
      let old = alignment.map { $0.matches[position] } ?? position
      guard anchors.indices.contains(old), anchors[old].kind == .call,
        let keys = unmatched[anchors[old].hash], keys.count == 1
      else { continue }
      votes[Candidate(key: keys[0], function: callee), default: 0] += 1
    }
  }

  /// By anchor of a function: the function that it calls directly.
  private func directCallees(_ function: Int) -> [Int?] {
    var result: [Int?] = []
    var walker = BodyWalker(module, function: function)
    while (try? walker.next()) == true {
      guard SiteAnchor.Kind(walker.instruction) != nil else { continue }
      if case .function(let callee) = walker.instruction.callee {
        result.append(callee)
      } else {
        result.append(nil)
      }
    }
    return result
  }
}
