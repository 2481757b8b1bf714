import TestSupport

/// A module, perhaps a second one that it imports from, and the calls to make of it.
struct FuzzProgram: Sendable, Equatable {
  enum Call: Sendable, Equatable {
    /// `run(mode, n, seed)`
    case run(mode: Int32, count: Int32, seed: Int32)
    /// `set(site, target)`: the function that a call takes whose index is in memory.
    case set(site: Int32, target: Int32)
    /// `edge(which, n, o, c)`: a loop at the end of memory.
    case edge(which: Int32, count: Int32, address: Int32, condition: Int32)

    var export: String {
      switch self {
      case .run: "run"
      case .set: "set"
      case .edge: "edge"
      }
    }

    var arguments: [Int32] {
      switch self {
      case .run(let mode, let count, let seed): [mode, count, seed]
      case .set(let site, let target): [site, target]
      case .edge(let which, let count, let address, let condition):
        [which, count, address, condition]
      }
    }

    init?(_ export: String, _ arguments: [Int32]) {
      switch (export, arguments.count) {
      case ("run", 3): self = .run(mode: arguments[0], count: arguments[1], seed: arguments[2])
      case ("set", 2): self = .set(site: arguments[0], target: arguments[1])
      case ("edge", 4):
        self = .edge(
          which: arguments[0], count: arguments[1], address: arguments[2], condition: arguments[3])
      default: return nil
      }
    }
  }

  /// Decides how the module is compiled and which guards are forced.
  var seed: UInt64
  var text: String
  /// A second module, of which the first imports from `lib`; nil for none.
  var library: String?
  /// What a profile is recorded of.
  var training: [Call]
  /// What is compared.
  var calls: [Call]

  init(
    seed: UInt64, text: String, library: String?, training: [Call], calls: [Call]
  ) {
    self.seed = seed
    self.text = text
    self.library = library
    self.training = training
    self.calls = calls
  }

  /// A random one; the same for the same seed.
  init(seed: UInt64) {
    var random = TestRandom(seed: seed)
    let hasEdges = Self.hasEdges(seed: seed)
    var generator = FuzzGenerator(
      seed: random.next(), hasEdges: hasEdges, hasVectors: Self.hasVectors(seed: seed),
      hasTailCalls: Self.hasTailCalls(seed: seed),
      hasReferences: Self.hasReferences(seed: seed),
      hasSubtypes: Self.hasSubtypes(seed: seed),
      hasExceptions: Self.hasExceptions(seed: seed))
    let usesLibrary = Int.random(in: 0...3, using: &random) == 0
    self.seed = seed
    library = usesLibrary ? generator.library() : nil
    text = generator.module(importsLibrary: usesLibrary)
    let usual = [0, 0, 0, 2, 4].randomElement(using: &random)!
    func run(_ mode: Int, _ count: Int) -> Call {
      .run(
        mode: Int32(mode), count: Int32(count), seed: Int32.random(in: 0...1000, using: &random))
    }
    training = [run(usual, 40), run(usual, 10)]
    // The profile is right, then wrong, then alternating, then right again.
    calls = [run(usual, 3), run(usual, 20)]
    for _ in 0..<3 {
      calls.append(
        .set(
          site: Int32.random(in: 0..<FuzzGenerator.maximumSites, using: &random),
          target: Int32.random(in: 0...7, using: &random)))
      calls.append(run([0, 1, 2, 3, 4, 5].randomElement(using: &random)!, 12))
    }
    calls += [run(1, 15), run(2, 15), run(3, 15), run(usual, 4)]
    guard hasEdges else { return }
    training += generator.edgeTraining()
    // Before the calls that change what loops meet, and behind them.
    calls = generator.edgeTraining() + generator.edgeCalls() + calls + generator.edgeCalls()
  }

  /// Whether a seed's main module has loops at the end of memory: two fifths of them.
  static func hasEdges(seed: UInt64) -> Bool { seed % 5 == 1 || seed % 5 == 3 }

  /// Whether a seed's modules have vectors: half of them.
  static func hasVectors(seed: UInt64) -> Bool { seed / 5 % 2 == 1 }

  /// Whether a seed's modules throw: a third of them.
  static func hasExceptions(seed: UInt64) -> Bool { seed % 3 == 2 }

  /// Whether a seed's modules have tail calls: a third of them.
  static func hasTailCalls(seed: UInt64) -> Bool { seed / 10 % 3 == 1 }

  /// Whether a seed's modules call by reference: a quarter of them.
  static func hasReferences(seed: UInt64) -> Bool { seed % 4 == 0 }

  /// Whether functions of a seed's modules have subtypes of the types that they are called by: half of those with references.
  static func hasSubtypes(seed: UInt64) -> Bool { seed % 8 == 4 }

  var hasEdges: Bool {
    calls.contains { if case .edge = $0 { true } else { false } }
  }
}

// MARK: As a file

extension FuzzProgram {
  private static let separator = ";; lib\n"

  /// The modules' text with the calls in comments; ``init(file:)`` reads it.
  var file: String {
    func lines(_ name: String, _ calls: [Call]) -> String {
      calls.map { call in
        ";; \(name) \(call.export) \(call.arguments.map { "\($0)" }.joined(separator: " "))\n"
      }.joined()
    }
    return ";; seed \(seed)\n" + lines("training", training) + lines("call", calls)
      + text.trimmingSpaces + "\n"
      + (library.map { Self.separator + $0.trimmingSpaces + "\n" } ?? "")
  }

  /// - Returns: nil if a line of the head is none.
  init?(file: String) {
    var program = FuzzProgram(seed: 0, text: "", library: nil, training: [], calls: [])
    var isLibrary = false
    for line in file.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix(";; ") else {
        if isLibrary {
          program.library = (program.library ?? "") + line + "\n"
        } else {
          program.text += line + "\n"
        }
        continue
      }
      let words = line.dropFirst(3).split(separator: " ")
      switch words.first {
      case "seed":
        guard words.count == 2, let seed = UInt64(words[1]) else { return nil }
        program.seed = seed
      case "training", "call":
        guard words.count > 1,
          let call = Call(String(words[1]), words.dropFirst(2).compactMap { Int32($0) })
        else { return nil }
        if words[0] == "training" {
          program.training.append(call)
        } else {
          program.calls.append(call)
        }
      case "lib": isLibrary = true
      default: continue
      }
    }
    self = program
  }
}

extension String {
  /// Without spaces and empty lines at both ends.
  var trimmingSpaces: String {
    let rest = drop(while: \.isWhitespace)
    return String(
      rest[..<(rest.lastIndex { !$0.isWhitespace }.map(rest.index(after:)) ?? rest.endIndex)])
  }
}
