/// Random modules made for deoptimization, and the calls to make of them.
///
/// Functions have locals of all types and call each other indirectly, through a table that nothing changes and an exported one that changes,
/// with two to eight functions of each type in it. A call's index comes from `$pick`, or from memory at an address of its own; the host
/// decides by `set` and by the mode of `run` which function is called: the usual one, another, alternating ones. Fuel and
/// depth are bounded, so every call ends. No NaN is ever made, since its bits may differ between tiers.
public struct FuzzProgram: Sendable {
  public enum Call: Sendable {
    /// `run(mode, n, seed)`
    case run(mode: Int32, count: Int32, seed: Int32)
    /// `set(site, target)`: the function that a call takes whose index is in memory.
    case set(site: Int32, target: Int32)

    public var export: String {
      switch self {
      case .run: "run"
      case .set: "set"
      }
    }
  }

  public let text: String
  /// A second module, of which the first imports `lib.eN`; nil for none.
  public let library: String?
  /// What a profile is recorded of.
  public let training: [Call]
  /// What is compared.
  public let calls: [Call]

  public init(seed: UInt64) {
    var random = TestRandom(seed: seed)
    var generator = FuzzGenerator(seed: random.next())
    let usesLibrary = Int.random(in: 0...3, using: &random) == 0
    library = usesLibrary ? generator.library() : nil
    text = generator.module(importsLibrary: usesLibrary)
    let usual = [0, 0, 0, 2, 4].randomElement(using: &random)!
    func run(_ mode: Int, _ count: Int) -> Call {
      .run(
        mode: Int32(mode), count: Int32(count), seed: Int32.random(in: 0...1000, using: &random))
    }
    training = [run(usual, 40), run(usual, 10)]
    var calls = [run(usual, 3), run(usual, 20)]
    for _ in 0..<3 {
      calls.append(
        .set(
          site: Int32.random(in: 0..<FuzzGenerator.maximumSites, using: &random),
          target: Int32.random(in: 0...7, using: &random)))
      calls.append(run([0, 1, 2, 3, 4, 5].randomElement(using: &random)!, 12))
    }
    calls += [run(1, 15), run(2, 15), run(3, 15), run(usual, 4)]
    self.calls = calls
  }
}

/// Value types as the text format names them.
enum FuzzKind: String, CaseIterable {
  case i32, i64, f32, f64, funcref, externref

  static let numbers: [FuzzKind] = [.i32, .i64, .f32, .f64]
  var isFloat: Bool { self == .f32 || self == .f64 }
  var isInteger: Bool { self == .i32 || self == .i64 }
}

struct FuzzSignature: Equatable {
  var parameters: [FuzzKind]
  var results: [FuzzKind]

  var text: String {
    func list(_ name: String, _ kinds: [FuzzKind]) -> String {
      kinds.isEmpty ? "" : " (\(name) \(kinds.map(\.rawValue).joined(separator: " ")))"
    }
    return "(func\(list("param", parameters))\(list("result", results)))"
  }
}

/// Functions and tables; statements and expressions are in FuzzStatements.swift.
struct FuzzGenerator {
  /// Addresses of indices: 4 bytes each, from ``siteBase`` on.
  static let maximumSites: Int32 = 64
  static let siteBase = 64 << 10 - 512
  static let tables = ["$fixed", "$open"]

  var random: TestRandom
  private(set) var signatures: [FuzzSignature] = []
  /// By signature: names of the functions in both tables, in order.
  private(set) var members: [[String]] = []
  /// Of the function being made.
  var locals: [FuzzKind] = []
  var loopDepth = 0
  var counters = 0
  var sites = 0
  /// Statements that may still be made in this function.
  var size = 0
  private(set) var isLibrary = false

  init(seed: UInt64) {
    random = TestRandom(seed: seed)
    let count = number(1...3)
    for _ in 0..<count {
      signatures.append(FuzzSignature(parameters: parameters(), results: kinds(0...3)))
    }
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
  mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }
  mutating func kinds(_ range: ClosedRange<Int>) -> [FuzzKind] {
    (0..<number(range)).map { _ in FuzzKind.numbers[number(0...3)] }
  }

  private mutating func parameters() -> [FuzzKind] {
    // Now and then more than there are registers for.
    var result = kinds(chance(10) ? 7...18 : 0...5)
    if chance(15) { result.append(.externref) }
    if chance(15) { result.append(.funcref) }
    return result
  }

  /// Start of a signature's functions in both tables; one empty place between any two.
  func base(_ signature: Int) -> Int {
    members[..<signature].reduce(0) { $0 + $1.count + 1 }
  }

  // MARK: Modules

  mutating func library() -> String {
    isLibrary = true
    defer { isLibrary = false }
    return module(importsLibrary: false)
  }

  mutating func module(importsLibrary: Bool) -> String {
    sites = 0
    var imports = """
      (import "host" "note" (func $note (param i32) (result i32)))

      """
    members = signatures.indices.map { signature in
      (0..<number(2...(chance(20) ? 8 : 3))).map { "$f\(signature)_\($0)" }
    }
    if importsLibrary {
      for signature in signatures.indices where chance(60) {
        imports += "(import \"lib\" \"e\(signature)\" (func $lib\(signature) (type $t\(signature))))\n"
        members[signature].append("$lib\(signature)")
      }
    }
    var functions = ""
    for signature in signatures.indices {
      for name in members[signature] where name.hasPrefix("$f") {
        functions += function(name, signature)
      }
    }
    let types = signatures.enumerated().map { "(type $t\($0) \($1.text))" }
    let elements = members.map { $0.joined(separator: " ") }
    let size = base(signatures.count)
    let segments = elements.indices.flatMap { signature in
      Self.tables.map {
        "(elem (table \($0)) (i32.const \(base(signature))) func \(elements[signature]))"
      }
    }
    let exports = signatures.indices.map {
      "(export \"e\($0)\" (func \(members[$0].first { $0.hasPrefix("$f") } ?? "$pick")))"
    }
    return """
      (module
        \(types.joined(separator: "\n"))
        \(imports)
        (memory (export "memory") 1 3)
        (global $mode (mut i32) (i32.const 0)) (global $tick (export "tick") (mut i32) (i32.const 0))
        (global $fuel (mut i32) (i32.const 0)) (global $depth (mut i32) (i32.const 0))
        (global $hash (export "hash") (mut i64) (i64.const 1))
        (global $gi32 (mut i32) (i32.const 3)) (global $gi64 (mut i64) (i64.const 5))
        (global $gf32 (mut f32) (f32.const 0.5)) (global $gf64 (mut f64) (f64.const 1.5))
        (table $fixed \(size) \(size) funcref)
        (table $open (export "open") \(size) \(size + 6) funcref)
        \(segments.joined(separator: "\n"))
        \(exports.joined(separator: "\n"))
        \(Self.pick)
        \(functions)
        \(driver()))
      """
  }

  /// The function to call: `pick(site, count)`, less than count in all modes but 5.
  private static let pick = """
    (func $pick (param $site i32) (param $count i32) (result i32)
      (global.set $tick (i32.add (global.get $tick) (i32.const 1)))
      (block $usual (block $other (block $both (block $any (block $rare (block $bad
        (br_table $usual $other $both $any $rare $bad (global.get $mode)))
        (if (i32.and (global.get $tick) (i32.const 31)) (then (br $usual)))
        (return (i32.add (local.get $count) (i32.and (i32.shr_u (global.get $tick) (i32.const 5)) (i32.const 3)))))
        (br_if $usual (i32.rem_u (global.get $tick) (i32.const 11)))
        (br $other))
        (return (i32.rem_u (i32.shr_u (i32.mul (global.get $tick) (i32.const 0x9E3779B1)) (i32.const 13))
          (local.get $count))))
        (return (i32.rem_u (i32.add (local.get $site) (i32.and (global.get $tick) (i32.const 1)))
          (local.get $count))))
        (return (i32.rem_u (i32.add (local.get $site) (i32.const 1)) (local.get $count))))
      (i32.rem_u (local.get $site) (local.get $count)))
    """

  private mutating func driver() -> String {
    var body = ""
    locals = [.i32, .i32, .i32]
    loopDepth = 3
    for _ in 0..<number(1...2) { body += callStatement() }
    return """
      (func (export "set") (param i32 i32)
        (i32.store (i32.add (i32.const \(Self.siteBase)) (i32.shl (local.get 0) (i32.const 2))) (local.get 1)))
      (func (export "run") (param i32 i32 i32) (result i64)
        (global.set $mode (local.get 0))
        (global.set $fuel (i32.const 1500))
        (global.set $depth (i32.const 0))
        (global.set $tick (local.get 2))
        (loop $again
          \(body)
          (br_if $again (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
        (global.get $hash))
      """
  }

  private mutating func function(_ name: String, _ signature: Int) -> String {
    let type = signatures[signature]
    var declared = kinds(1...8)
    if chance(20) { declared.append(.funcref) }
    locals = type.parameters + declared
    loopDepth = 0
    counters = 0
    size = number(2...6)
    var text = ""
    while size > 0 { text += statement() }
    let results = type.results.map { clamped($0, 2) }.joined(separator: "\n")
    let zeros = type.results.map { "(\($0.rawValue).const 0)" }.joined(separator: " ")
    let names = (0..<counters).map { "(local $c\($0) i32)" }.joined(separator: " ")
    return """
      (func \(name) (type $t\(signature))
        (local \(declared.map(\.rawValue).joined(separator: " "))) \(names)
        (if (i32.or (i32.le_s (global.get $fuel) (i32.const 0)) (i32.gt_u (global.get $depth) (i32.const 6)))
          (then (return \(zeros))))
        (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
        (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
        \(text)
        (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
        \(results))

      """
  }
}
