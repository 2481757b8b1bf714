import TestSupport

/// Value types as the text format names them.
enum FuzzKind: String, CaseIterable {
  case i32, i64, f32, f64, v128, funcref, externref

  static let numbers: [FuzzKind] = [.i32, .i64, .f32, .f64]
  var isFloat: Bool { self == .f32 || self == .f64 }
  var isInteger: Bool { self == .i32 || self == .i64 }

  /// Of a number or a vector.
  var zero: String { self == .v128 ? "(v128.const i64x2 0 0)" : "(\(rawValue).const 0)" }
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

/// Random modules made for deoptimization.
///
/// Functions have locals of all types and call each other indirectly, through a table that nothing changes and an exported one that
/// changes, with two to eight functions of each type in it. A call's index comes from the host's `pick`, or from memory at an address of its own: so
/// the host decides which function is called, the usual one, another, alternating ones. Fuel and
/// depth are bounded, so every call ends. NaNs are made only where nobody sees their bits, which may differ between tiers.
///
/// Functions and tables are here; statements and expressions in FuzzStatements.swift and FuzzExpressions.swift, those of vectors in
/// FuzzVectors.swift, calls by reference in FuzzReferences.swift, exceptions in FuzzExceptions.swift, loops at the end of memory in FuzzEdges.swift.
struct FuzzGenerator {
  /// How much there is of everything. Most are small: a campaign's time is LLVM's, and goes with the size of what is inlined.
  struct Scale {
    var signatures: ClosedRange<Int>
    var members: ClosedRange<Int>
    var statements: ClosedRange<Int>
    var locals: ClosedRange<Int>
    var depth: Int

    static let tiny = Scale(
      signatures: 1...1, members: 2...2, statements: 1...2, locals: 1...6, depth: 1)
    static let small = Scale(
      signatures: 1...2, members: 2...2, statements: 1...3, locals: 1...6, depth: 1)
    static let medium = Scale(
      signatures: 1...2, members: 2...3, statements: 2...4, locals: 1...8, depth: 2)
    static let large = Scale(
      signatures: 1...3, members: 2...3, statements: 2...6, locals: 1...8, depth: 3)
  }

  /// Addresses of indices: 4 bytes each, from ``siteBase`` on.
  static let maximumSites: Int32 = 64
  static let siteBase = 64 << 10 - 512
  static let tables = ["$fixed", "$open"]
  static let ownGlobals = ["gi32", "gi64", "gf32", "gf64"]

  var random: TestRandom
  private(set) var signatures: [FuzzSignature] = []
  /// By signature: names of the functions in both tables, in order.
  private(set) var members: [[String]] = []
  /// Of the function being made.
  var results: [FuzzKind] = []
  var locals: [FuzzKind] = []
  var loopDepth = 0
  var counters = 0
  var hasUnseenLocals = false
  /// Whether the function has those of ``referenceLocals()``.
  var hasReferenceLocals = false
  var sites = 0
  /// Statements that may still be made in this function.
  var size = 0
  let scale: Scale
  /// Start of each signature's functions in the library's tables; empty without one.
  private var libraryBases: [Int] = []
  private var libraryCounts: [Int] = []
  /// Whether the module imports the library's table `open` as `$shared`.
  private(set) var sharesTable = false
  /// Whether the module has loops at the end of memory, which are compiled with more effort: so the rest of it is small.
  private let hasEdges: Bool
  let hasTailCalls: Bool
  var edges: [Edge] = []
  /// What locals, globals, parameters and results are of, references aside.
  let valueKinds: [FuzzKind]
  var hasVectors: Bool { valueKinds.contains(.v128) }
  let hasExceptions: Bool
  /// By tag: what its exceptions hold.
  var tags: [[FuzzKind]] = []
  /// Blocks with handlers in the function being made.
  var tries = 0
  /// Whether there are calls by reference.
  let hasReferences: Bool
  /// Whether functions have subtypes of the types that they are called by.
  let hasSubtypes: Bool

  init(
    seed: UInt64, hasEdges: Bool, hasVectors: Bool, hasTailCalls: Bool, hasReferences: Bool,
    hasSubtypes: Bool, hasExceptions: Bool
  ) {
    self.hasReferences = hasReferences
    self.hasSubtypes = hasSubtypes
    random = TestRandom(seed: seed)
    self.hasEdges = hasEdges
    self.hasTailCalls = hasTailCalls
    self.hasExceptions = hasExceptions
    // Every second value is a vector.
    valueKinds = FuzzKind.numbers + Array(repeating: .v128, count: hasVectors ? 4 : 0)
    let percent = Int.random(in: 0...99, using: &random)
    scale =
      percent < 60 || hasEdges ? .tiny : percent < 85 ? .small : percent < 96 ? .medium : .large
    let count = number(scale.signatures)
    for _ in 0..<count {
      signatures.append(FuzzSignature(parameters: parameters(), results: kinds(0...3)))
    }
    if hasExceptions { makeTags() }
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
  mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }
  mutating func kinds(_ range: ClosedRange<Int>) -> [FuzzKind] {
    (0..<number(range)).map { _ in valueKind() }
  }
  mutating func valueKind() -> FuzzKind { valueKinds[number(0...valueKinds.count - 1)] }

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
    let text = module(importsLibrary: false, hasEdges: false)
    libraryBases = signatures.indices.map { base($0) }
    libraryCounts = members.map(\.count)
    return text
  }

  /// State that is one and the same in both modules: a library's functions take from the same fuel.
  private static let sharedGlobals = ["fuel", "depth"]

  mutating func module(importsLibrary: Bool) -> String {
    module(importsLibrary: importsLibrary, hasEdges: hasEdges)
  }

  private mutating func module(importsLibrary: Bool, hasEdges: Bool) -> String {
    sites = 0
    let imports = imports(importsLibrary) + (hasEdges ? Self.edgeMemories : "")
    var functions = ""
    for signature in signatures.indices {
      for (number, name) in members[signature].enumerated() where name.hasPrefix("$f") {
        functions += function(
          name, signature, type: typeName(signature, of: number),
          isExtra: number > scale.members.upperBound)
      }
    }
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
    let globals =
      importsLibrary
      ? ""
      : Self.sharedGlobals.map {
        "(global $\($0) (export \"\($0)\") (mut i32) (i32.const 0))"
      }.joined(separator: "\n")
    return """
      (module
        \(typeFields())
        \(imports)
        \(globals)
        (global $hash (export "hash") (mut i64) (i64.const 1))
        (global $gi32 (mut i32) (i32.const 3)) (global $gi64 (mut i64) (i64.const 5))
        (global $gf32 (mut f32) (f32.const 0.5)) (global $gf64 (mut f64) (f64.const 1.5))
        \(hasVectors ? "(global $gv128 (mut v128) (v128.const i64x2 7 -9))" : "")
        (table $fixed \(size) \(size) funcref)
        (table $open (export "open") \(size) \(size + 6) funcref)
        \(importsLibrary ? "" : tagFields(importsLibrary: false))
        \(otherTag)
        \(segments.joined(separator: "\n"))
        \(referenceFields())
        \(exports.joined(separator: "\n"))
        \(functions)
        \(hasEdges ? edgeFunctions() : "")
        \(driver()))
      """
  }

  /// Imports, and the memory, which is imported now and then. Decides ``members``.
  private mutating func imports(_ importsLibrary: Bool) -> String {
    members = signatures.indices.map { signature in
      let count = chance(15) ? number(2...8) : number(scale.members)
      return (0..<count).map { "$f\(signature)_\($0)" }
    }
    var text = """
      (import "host" "note" (func $note (param i32) (result i32)))
      (import "host" "pick" (func $pick (param i32 i32) (result i32)))

      """
    if importsLibrary { text += tagFields(importsLibrary: true) + "\n" }
    sharesTable = importsLibrary && chance(60)
    let memory = "(memory (export \"memory\") 1 3)\n"
    guard importsLibrary else { return text + memory }
    for signature in signatures.indices where chance(60) {
      text += "(import \"lib\" \"e\(signature)\" (func $lib\(signature) (type $t\(signature))))\n"
      members[signature].append("$lib\(signature)")
    }
    for name in Self.sharedGlobals {
      text += "(import \"lib\" \"\(name)\" (global $\(name) (mut i32)))\n"
    }
    if sharesTable {
      let size = (libraryBases.last ?? 0) + (libraryCounts.last ?? 0)
      text += "(import \"lib\" \"open\" (table $shared \(size) \(size + 7) funcref))\n"
    }
    return chance(30)
      ? text + "(import \"lib\" \"memory\" (memory 1 3))\n" : text + memory
  }

  /// Where a table has functions of a type.
  func range(_ table: String, _ signature: Int) -> (start: Int, count: Int) {
    table == "$shared"
      ? (libraryBases[signature], libraryCounts[signature])
      : (base(signature), members[signature].count)
  }

  private mutating func driver() -> String {
    var body = ""
    locals = [.i32, .i32, .i32]
    loopDepth = 3
    hasUnseenLocals = false
    hasReferenceLocals = false
    for _ in 0..<number(1...2) { body += callStatement() }
    body = guarded(body)
    return """
      (func (export "set") (param i32 i32)
        (i32.store (i32.add (i32.const \(Self.siteBase)) (i32.shl (local.get 0) (i32.const 2))) (local.get 1)))
      (func (export "run") (param i32 i32 i32) (result i64) \(vectorLocals)
        (global.set $fuel (i32.const 1500))
        (global.set $depth (i32.const 0))
        (loop $again
          \(body)
          (br_if $again (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
        (global.get $hash))
      """
  }

  /// - Parameter isExtra: one of many of its type; they are kept small.
  private mutating func function(
    _ name: String, _ signature: Int, type typeName: String, isExtra: Bool
  ) -> String {
    let type = signatures[signature]
    results = type.results
    var declared = kinds(scale.locals)
    if chance(20) { declared.append(.funcref) }
    locals = type.parameters + declared
    loopDepth = 0
    counters = 0
    tries = 0
    hasUnseenLocals = true
    hasReferenceLocals = hasReferences
    let references = referenceLocals()
    size = isExtra ? 1 : number(scale.statements)
    var text = ""
    while size > 0 { text += statement() }
    let end = hasTailCalls && chance(40) ? tailCall() : returning()
    let zeros = type.results.map(\.zero).joined(separator: " ")
    let unseen = Self.unseenKinds.map { "(local \(Self.unseenLocal($0)) \($0.rawValue))" }
    let names =
      ((0..<counters).map { "(local $c\($0) i32)" } + exceptionLocals + unseen
      + [vectorLocals, references.locals]).joined(separator: " ")
    return """
      (func \(name) (type \(typeName))
        (local \(declared.map(\.rawValue).joined(separator: " "))) \(names) \(references.start)
        (if (i32.or (i32.le_s (global.get $fuel) (i32.const 0)) (i32.gt_u (global.get $depth) (i32.const 6)))
          (then (return \(zeros))))
        (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
        (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
        \(text)
        \(end))

      """
  }

  /// Of ``results``, at a function's end.
  private mutating func returning() -> String {
    let values = results.map { clamped($0, 2) }
    return Self.leaving + values.joined(separator: "\n")
  }

  /// What a function does before it returns, or leaves for another by a tail call.
  static let leaving = "(global.set $depth (i32.sub (global.get $depth) (i32.const 1)))\n"
}
