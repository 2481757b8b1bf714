/// What to compile, and how: the planner's output. The AOT compiler takes all decisions from it; a profile only adds weights
/// for LLVM.
public struct CompilationPlan: Sendable {
  /// One for each function that the module defines, in index order.
  public var functions: [FunctionPlan]
  /// The known facts about each table.
  public var tables: [TableFacts]
  /// (table, type) pairs for which the runtime builds an array of code pointers (`ContextLayout.dispatchTables`).
  public var dispatchTables: [DispatchTable]

  /// Creates a plan for a whole module.
  public init(functions: [FunctionPlan], tables: [TableFacts], dispatchTables: [DispatchTable]) {
    self.functions = functions
    self.tables = tables
    self.dispatchTables = dispatchTables
  }
}

extension CompilationPlan {
  /// By function: the byte offsets at which frames may resume after exits of branches.
  public var branchResumes: [Int: Set<Int>] {
    var result: [Int: Set<Int>] = [:]
    for node in functions.flatMap({ $0.speculative?.nodes ?? [] }) {
      for exit in node.exits.values.joined() {
        result[node.function, default: []].insert(exit.resume)
      }
    }
    return result
  }
}

/// How to compile one function.
public struct FunctionPlan: Sendable {
  /// Index in the module's function index space.
  public var function: Int
  /// Entries that the profile counted; 0 without a profile.
  public var entryCount: UInt64
  /// What compiles the version that calls enter.
  public var tier: Tier
  /// The version with deopts. Nil if no site speculates; the generic version is then the only one.
  public var speculative: InliningTree?
  /// The version without deopts.
  public var generic: InliningTree
  /// Whether a function with a speculative version also has optimized code of the generic one. Otherwise, baseline code
  /// replaces the speculative version once its deopt budget is exhausted. False without a speculative version.
  public var keepsGeneric: Bool
  /// Byte offsets of the `loop` instructions that get an OSR entry into generic code, ascending.
  public var osrEntries: [Int]
  /// The counts that the function's code is compiled for. Set only for plans of an earlier compilation; otherwise the current
  /// profile predicts them.
  public var counts: PredictedCounts?

  /// Creates a function's plan.
  public init(
    function: Int, entryCount: UInt64, tier: Tier, speculative: InliningTree?,
    generic: InliningTree, keepsGeneric: Bool, osrEntries: [Int]
  ) {
    self.function = function
    self.entryCount = entryCount
    self.tier = tier
    self.speculative = speculative
    self.generic = generic
    self.keepsGeneric = keepsGeneric
    self.osrEntries = osrEntries
  }

  /// Whether anything of the function is optimized: the version that calls enter, or an OSR entry.
  public var isOptimized: Bool { tier != .baseline || !osrEntries.isEmpty }
}

/// Copies of function bodies, parents before children. Node 0 is the function itself.
public struct InliningTree: Sendable {
  /// A copy of a function's body.
  public struct Node: Sendable {
    /// Index of the body's function.
    public var function: Int
    /// The node that this one is inlined into; nil for node 0.
    public var parent: Int?
    /// Byte offset of the call that it replaces.
    public var callOffset: Int
    /// How often the profile predicts this copy to be entered, relative to one entry of node 0.
    public var relativeFrequency: Double
    /// By byte offset of the call. Sites without an entry are plain calls.
    public var sites: [Int: SitePlan]
    /// By byte offset of an `if`, `br_if`, `br_on_…` or `br_table`: the ways that leave for baseline code, ascending.
    public var exits: [Int: [BranchExit]] = [:]

    /// Creates a copy without children.
    public init(
      function: Int, parent: Int?, callOffset: Int, relativeFrequency: Double,
      sites: [Int: SitePlan] = [:]
    ) {
      self.function = function
      self.parent = parent
      self.callOffset = callOffset
      self.relativeFrequency = relativeFrequency
      self.sites = sites
    }
  }

  /// Parents before children.
  public var nodes: [Node]

  /// Creates a tree of copies.
  public init(nodes: [Node]) { self.nodes = nodes }

  /// A call or a branch in one of the copies.
  public struct Site: Hashable, Sendable {
    /// Position in ``nodes``.
    public var node: Int
    /// Byte offset of the instruction.
    public var byteOffset: Int

    /// Identifies an instruction in a copy.
    public init(node: Int, byteOffset: Int) {
      self.node = node
      self.byteOffset = byteOffset
    }
  }

  /// The calls and branches that can deoptimize, by node, then byte offset. A guard's number in its function is its position
  /// here.
  public var guards: [Site] {
    nodes.enumerated().flatMap { number, node in
      (Array(node.sites.filter { $0.value.miss == .deopt }.keys) + node.exits.keys).sorted()
        .map { Site(node: number, byteOffset: $0) }
    }
  }
}

/// A way of a branch that leaves for baseline code, because it was never taken.
public struct BranchExit: Hashable, Sendable {
  /// `if`: 0 if the condition is zero, 1 if it is not. `br_if`, `br_on_…`: 0 if it goes on, 1 if it branches. `br_table`: the
  /// label's position, the default last.
  public var way: Int
  /// Byte offset of the instruction that follows on this way.
  public var resume: Int

  /// Creates an exit.
  public init(way: Int, resume: Int) {
    self.way = way
    self.resume = resume
  }
}

/// What happens at one call site of one node.
public struct SitePlan: Sendable {
  /// A function that a site calls.
  public struct Target: Sendable {
    /// Index in the module's function index space.
    public var function: Int
    /// All indices at which the table contains the function after instantiation, if known.
    public var tableIndices: [UInt32]
    /// Node of the inlined body; nil for a direct call.
    public var node: Int?
    /// Calls in the profile.
    public var count: UInt64

    /// Creates a target that is inlined as `node` or called.
    public init(function: Int, tableIndices: [UInt32], node: Int?, count: UInt64) {
      self.function = function
      self.tableIndices = tableIndices
      self.node = node
      self.count = count
    }
  }

  /// How an indirect call's target is recognized.
  public enum Guard: Sendable, Equatable, CaseIterable {
    /// A direct call: no test.
    case none
    /// The index equals one of `tableIndices`. The table never changes.
    case index
    /// The same, and the table is still pristine.
    case indexIfPristine
    /// The reference, or the table's entry, whose bounds are checked, is this instance's own to the function
    /// (`ContextLayout.funcRef`).
    case reference

    /// For `explain`.
    public var words: String {
      switch self {
      case .none: "none: nothing is tested"
      case .index: "compares the index; the table never changes"
      case .indexIfPristine: "compares the index, if nothing was written to the table"
      case .reference: "compares the reference with those of this instance's functions"
      }
    }
  }

  /// Whether the code counts what its guard misses, for the next compilation: where the version with deopts has one.
  public var countsMisses: Bool { miss == .call && reason == .genericVersion }

  /// What happens if no target matches.
  public enum Miss: Sendable, Equatable, CaseIterable {
    /// Deoptimize to baseline code.
    case deopt
    /// Make the generic call, and merge.
    case call
    /// The targets are the only possible ones. Anything else traps like the generic sequence.
    case trap

    /// For `explain`: what happens then.
    public var words: String {
      switch self {
      case .deopt: "any other is a deopt"
      case .call: "any other is called as usual"
      case .trap: "there is no other"
      }
    }
  }

  /// How targets are recognized.
  public var guardKind: Guard
  /// Tested in this order.
  public var targets: [Target]
  /// What happens if no target matches.
  public var miss: Miss
  /// Calls in the profile that hit none of `targets`.
  public var missCount: UInt64
  /// The reason for this decision.
  public var reason: Reason

  /// Creates the decision for one call site.
  public init(guardKind: Guard, targets: [Target], miss: Miss, missCount: UInt64, reason: Reason) {
    self.guardKind = guardKind
    self.targets = targets
    self.miss = miss
    self.missCount = missCount
    self.reason = reason
  }
}

/// The reason for a site's decision; shown by `inspect`.
public enum Reason: UInt8, Sendable, CaseIterable {
  case inlined = 0
  case noFeedback
  case cold
  case tooBig
  case budget
  case depth
  case recursive
  case megamorphic
  case imported
  case foreignTarget
  case typeMismatch
  case tableUnknown
  /// In the generic version: the same targets without a deopt.
  case genericVersion
  /// The callee spends its time in its own loops, so the cost of the call is negligible.
  case loops
  /// The callee needs a feature that the compiler does not translate.
  case notTranslatable

  /// For `explain`, as the end of a sentence.
  public var words: String {
    switch self {
    case .inlined: "it is called often enough for its size"
    case .noFeedback: "the profile has no calls of it"
    case .cold: "it is called too rarely"
    case .tooBig: "a target is larger than \(Tuning().maximumCalleeSize) bytes"
    case .budget: "the function's or the module's budget for inlined code is used up"
    case .depth: "calls are inlined \(Tuning().maximumDepth) deep already"
    case .recursive: "the target is already inlined around it"
    case .megamorphic: "more targets than a site records were called"
    case .imported: "the target is imported"
    case .foreignTarget: "functions of other instances or of the host were called"
    case .typeMismatch:
      "the profile has targets that this site cannot call: it is of something else"
    case .tableUnknown: "the table's contents are not known"
    case .genericVersion: "this is the version without deopts"
    case .loops: "the callee spends its time in its own loops, so the call costs nothing"
    case .notTranslatable: "the callee has instructions that only baseline code has"
    }
  }
}

/// What is known about a table from the module alone.
public struct TableFacts: Sendable, Equatable {
  /// The table is never imported, exported or written, so its entries never change after instantiation.
  public var isImmutable: Bool
  /// The function at each index after active segments are applied (inner nil: null). Known only if the module defines the table
  /// and all segment offsets are constants.
  public var contents: [Int?]?

  /// Creates the facts about one table.
  public init(isImmutable: Bool, contents: [Int?]?) {
    self.isImmutable = isImmutable
    self.contents = contents
  }
}

/// An array of code pointers for the functions of one type in a table.
public struct DispatchTable: Sendable, Hashable {
  /// Index of the table.
  public var table: Int
  /// Type index of the functions.
  public var typeIndex: Int

  /// Creates the pair of a table and a type.
  public init(table: Int, typeIndex: Int) {
    self.table = table
    self.typeIndex = typeIndex
  }
}
