/// The constants of the planner's heuristics. No value affects correctness. V8's values are those of its speculative inlining
/// of 2025 (src/flags, src/wasm/inlining-tree). Where ours differ, the comment gives the reason.
public struct Tuning: Sendable {
  // MARK: One function

  /// Maximum depth of inlining below the function itself. V8: 7.
  public var maximumDepth = 10
  /// Maximum number of bodies inlined into one function. V8: 60; interpreters and schedulers whose handlers call helpers need
  /// more.
  public var maximumInlinees = 120
  /// Maximum size of an inlined body, in wasm bytes. V8: 500; virtual C++ methods that are worth inlining are often larger.
  public var maximumCalleeSize = 1_000
  /// Bodies with fewer bytes are inlined regardless of the budget. V8: 12.
  public var tinyCalleeSize = 12
  /// The limit on bytes inlined into a function is `growthFactor` × its size, but at least `minimumBudget`, and at most
  /// `budgetCap` or `capFactor` × its size. V8: 3, 50, 5,000 and 1.1; Richards exceeds V8's budget.
  public var growthFactor = 6.0
  /// See ``growthFactor``.
  public var minimumBudget = 1_500
  /// See ``growthFactor``.
  public var budgetCap = 15_000
  /// See ``growthFactor``.
  public var capFactor = 1.1
  /// Maximum number of copies of one function on a path of the tree, including the outermost. V8: 1 for the function itself.
  public var maximumRecursion = 2
  /// A place that executes in a smaller share of the function's entries is cold there. With 0.001, compiling takes up to a tenth
  /// longer, and programs are not faster.
  public var minimumFrequency = 0.01

  /// If a callee's loops iterate this often for each of its entries, a direct call is not inlined: the loops would only get
  /// fewer registers (SHA-256: 5 % slower if its rounds are inlined into a larger function).
  public var loopingCallee = 64.0

  // MARK: The module

  /// The limit on bytes inlined into all functions is this share of the module's code, but at least `minimumModuleBudget`. The
  /// heaviest functions come first. Our estimate, from acceptable compile times.
  public var moduleGrowth = 0.75
  /// See ``moduleGrowth``.
  public var minimumModuleBudget = 262_144
  /// Functions and sites with a smaller share of all counted events are cold.
  public var coldShare = 1e-5
  /// Those with fewer events than this are cold, too. Where nothing else is left, the profile is too short to say anything, and
  /// the module is compiled as without one.
  public var coldFloor = 1_000.0

  // MARK: Tiers

  /// The heaviest functions are optimized, until together they have this share of all counted events. The others get baseline
  /// code.
  public var hotShare = 0.999
  /// Of these, the heaviest up to this share get the middle tier or the full one, the others the light one.
  public var middleShare = 0.99
  /// A function whose tight loops have this share of the events gets the full tier.
  public var fullShare = 0.01
  /// A speculative function with this share of the events also gets optimized code without deopts, unless it has an OSR entry.
  public var genericShare = 0.02
  /// The largest function, in wasm bytes including inlined bodies, that is compiled with deopts.
  public var maximumSpeculativeSize = 10_000
  /// A loop with this share of the events gets an OSR entry if it can be part of a frame state.
  public var osrShare = 0.02
  /// Other functions that a guarded call of a function with a second version may reach are optimized if there are at most this
  /// many.
  public var maximumAlternatives = 4
  /// The largest of them that is optimized, in wasm bytes.
  public var maximumAlternativeSize = 400
  /// The largest loop, in wasm bytes, that LLVM's loop optimizations are worth their time for.
  public var tightLoopSize = 1_000
  /// The largest function, in wasm bytes including inlined bodies, that gets the full tier.
  public var maximumFullSize = 16_000
  /// Without a profile: the largest function with a tight loop, in wasm bytes including inlined bodies, that gets the full
  /// tier.
  public var staticFullSize = 500
  /// Without a profile: the largest function with a loop that gets the middle tier.
  public var staticMiddleSize = 4_000
  /// No function gets a higher tier.
  public var highestTier = Tier.full

  // MARK: Sites

  /// Maximum number of targets of one site. A compare tree of 8 to 16 was faster than indirect calls even in native code.
  public var maximumTargets = 16
  /// Beside a generic call, a target is inlined only if it has at least this share of the calls. Below it, the test costs what
  /// it saves. Our estimate.
  public var minimumInlineShare = 0.25
  /// The same for targets that are distinguished by their index: LLVM turns such tests into a tree or a jump table.
  public var minimumIndexedShare = 0.02
  /// The same for a direct call after an index test, which only saves the loads.
  public var minimumDirectShare = 0.25
  /// Maximum number of table indices tested for one target. If there are more, the guard compares the entry itself.
  public var maximumIndicesPerTarget = 4

  // MARK: Branches

  /// A way of a branch that was never taken in this number of executions may leave for baseline code.
  public var minimumBranchCount: UInt64 = 1_000
  /// It does if at least this number of wasm bytes after it never ran.
  public var minimumColdSize = 100

  // MARK: Without a profile

  /// Maximum size of a body that is inlined at a direct call. Small, because compilers that produce wasm have already inlined
  /// by size.
  public var staticCalleeSize = 40
  /// Assumed iterations of a loop, for each level of nesting. The usual static estimate.
  public var staticLoopFactor = 8.0

  // MARK: Tables and loops

  /// Maximum number of pointers in all dispatch tables together, 8 bytes each in every instance.
  public var dispatchEntryBudget = 131_072
  /// Maximum number of OSR entries of one function. Each is a copy of its generic version.
  public var maximumOSREntries = 4

  /// The constants that `compile -O3` uses.
  public init() {}

  /// The constants of an optimization level of `compile`, 0 to 3.
  public init(level: Int) {
    switch level {
    case ...0: highestTier = .baseline
    case 1:
      highestTier = .light
      hotShare = 0.99
    case 2: highestTier = .middle
    default: break
    }
  }
}
