/// What to compile and how: the planner's whole decision, and the AOT compiler's whole input besides the module.
public struct CompilationPlan: Sendable {
  /// One for each function the module defines, in index order.
  public var functions: [FunctionPlan]
  /// Tables whose contents can never change after instantiation, with what is known of them.
  public var tables: [TableFacts]
  /// (table, type) pairs for which the runtime builds an array of code pointers (`ContextLayout.dispatchTables`).
  public var dispatchTables: [DispatchTable]

  /// A plan for a whole module.
  public init(functions: [FunctionPlan], tables: [TableFacts], dispatchTables: [DispatchTable]) {
    self.functions = functions
    self.tables = tables
    self.dispatchTables = dispatchTables
  }
}

/// How to compile one function.
public struct FunctionPlan: Sendable {
  /// Index in the module's function index space.
  public var function: Int
  /// Entries seen by the profile, 0 without one.
  public var entryCount: UInt64
  /// Full optimization; the light pipeline otherwise.
  public var isHot: Bool
  /// With deopts. Nil where no site speculates: then the generic version is the only one.
  public var speculative: InliningTree?
  /// Without deopts.
  public var generic: InliningTree
  /// Byte offsets of the `loop` instructions that get an OSR entry into generic code, ascending: all
  /// loops of every function that can stand in a frame state.
  public var osrEntries: [Int]
  /// What its code is compiled for, if that is not what the profile at hand predicts: set for plans of an earlier compilation.
  public var counts: PredictedCounts?

  /// A function's plan.
  public init(
    function: Int, entryCount: UInt64, isHot: Bool, speculative: InliningTree?,
    generic: InliningTree, osrEntries: [Int]
  ) {
    self.function = function
    self.entryCount = entryCount
    self.isHot = isHot
    self.speculative = speculative
    self.generic = generic
    self.osrEntries = osrEntries
  }
}

/// Copies of function bodies, parents before children; node 0 is the function itself.
public struct InliningTree: Sendable {
  /// A copy of a function's body.
  public struct Node: Sendable {
    /// Index of the function whose body it is.
    public var function: Int
    /// Node into which this one is inlined, and the byte offset of the call it replaces; nil for node 0.
    public var parent: Int?
    /// Byte offset of the call it replaces; see ``parent``.
    public var callOffset: Int
    /// Executions of this copy's entry that the profile predicts, relative to one entry of node 0.
    public var relativeFrequency: Double
    /// By byte offset of the call. Sites without a row are plain calls.
    public var sites: [Int: SitePlan]

    /// A copy without children.
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

  /// A tree of copies.
  public init(nodes: [Node]) { self.nodes = nodes }

  /// A call site of one of the copies.
  public struct Site: Hashable, Sendable {
    /// Position in ``nodes``.
    public var node: Int
    /// Of the call.
    public var byteOffset: Int

    /// The site of a call in a copy.
    public init(node: Int, byteOffset: Int) {
      self.node = node
      self.byteOffset = byteOffset
    }
  }

  /// The sites that can deopt, by node, then byte offset. A guard's number in its function is its position here.
  public var guards: [Site] {
    nodes.enumerated().flatMap { number, node in
      node.sites.filter { $0.value.miss == .deopt }.keys.sorted()
        .map { Site(node: number, byteOffset: $0) }
    }
  }
}

/// What happens at one call site of one node.
public struct SitePlan: Sendable {
  /// A function that a site calls.
  public struct Target: Sendable {
    /// Index in the module's function index space.
    public var function: Int
    /// Every index of the table that holds the function after instantiation, where that is known.
    public var tableIndices: [UInt32]
    /// Node of the inlined body; nil: a direct call.
    public var node: Int?
    /// Calls in the profile.
    public var count: UInt64

    /// A target, inlined as `node` or called.
    public init(function: Int, tableIndices: [UInt32], node: Int?, count: UInt64) {
      self.function = function
      self.tableIndices = tableIndices
      self.node = node
      self.count = count
    }
  }

  /// How a target of an indirect call is recognized.
  public enum Guard: Sendable, Equatable, CaseIterable {
    /// Direct call: nothing to test.
    case none
    /// The index equals one of `tableIndices`; the table never changes.
    case index
    /// The same, and the table is still pristine.
    case indexIfPristine
    /// The table's entry is this instance's own reference to the function (`ContextLayout.funcRef`), bounds checked.
    case reference
  }

  /// What happens when no target matches.
  public enum Miss: Sendable, Equatable, CaseIterable {
    /// Leave for baseline code.
    case deopt
    /// Call whatever it is, and merge.
    case call
    /// The targets are all that there can be: anything else traps as the generic sequence does.
    case trap
  }

  /// How targets are recognized.
  public var guardKind: Guard
  /// Tested in this order.
  public var targets: [Target]
  /// What happens when no target matches.
  public var miss: Miss
  /// Calls that took none of `targets` in the profile.
  public var missCount: UInt64
  /// Why it was decided so.
  public var reason: Reason

  /// A decision about one call site.
  public init(guardKind: Guard, targets: [Target], miss: Miss, missCount: UInt64, reason: Reason) {
    self.guardKind = guardKind
    self.targets = targets
    self.miss = miss
    self.missCount = missCount
    self.reason = reason
  }
}

/// Why a site is treated as it is; shown by `inspect`.
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
  /// Generic version: the same targets, without deopt.
  case genericVersion
  /// The callee spends its time in loops of its own: what a call costs does not show.
  case loops
  /// The callee needs a feature that is not translated.
  case notTranslatable
}

/// What the module alone tells about a table.
public struct TableFacts: Sendable, Equatable {
  /// Never imported, exported or written: entries are for good what instantiation made them.
  public var isImmutable: Bool
  /// Function at each index as active segments leave it (nil inside: null), where it can be told from the
  /// module alone: the table is defined here and every segment offset is a constant.
  public var contents: [Int?]?

  /// Facts about one table.
  public init(isImmutable: Bool, contents: [Int?]?) {
    self.isImmutable = isImmutable
    self.contents = contents
  }
}

/// Code pointers for the functions of one type in a table.
public struct DispatchTable: Sendable, Hashable {
  /// Index of the table.
  public var table: Int
  /// Index of the functions' type.
  public var typeIndex: Int

  /// Code pointers of one type in a table.
  public init(table: Int, typeIndex: Int) {
    self.table = table
    self.typeIndex = typeIndex
  }
}
