/// The planner's heuristics. No value affects correctness. V8's are those of its speculative inlining of 2025
/// (src/flags, src/wasm/inlining-tree); where ours differ, the reason is beside them.
public struct Tuning: Sendable {
  // MARK: One function

  /// Levels of inlining below the function itself. V8: 7.
  public var maximumDepth = 10
  /// Bodies inlined into one function. V8: 60; interpreters and schedulers whose handlers call helpers need more.
  public var maximumInlinees = 120
  /// Wire bytes of a body that may be inlined. V8: 500; methods that are worth a virtual call in C++ are often larger.
  public var maximumCalleeSize = 1_000
  /// Bodies below this many bytes are inlined whatever the budget says. V8: 12.
  public var tinyCalleeSize = 12
  /// Bytes that may be inlined into a function: `growthFactor` × its size, at least `minimumBudget`, at most
  /// `budgetCap` or `capFactor` × its size. V8: 3, 50, 5,000 and 1.1; Richards exceeds V8's budget.
  public var growthFactor = 6.0
  /// See ``growthFactor``.
  public var minimumBudget = 1_500
  /// See ``growthFactor``.
  public var budgetCap = 15_000
  /// See ``growthFactor``.
  public var capFactor = 1.1
  /// Copies of one function on a path of the tree, the outermost included. V8: 1 for the function itself.
  public var maximumRecursion = 2
  /// Executions below this share of the function's entries are cold there. Our estimate.
  public var minimumFrequency = 0.001

  /// Iterations of a callee's loops for each of its entries from which on a direct call is not worth inlining: the loops would
  /// only get fewer registers (SHA-256: 5 % slower when its rounds stood in a larger function).
  public var loopingCallee = 64.0

  // MARK: The module

  /// Bytes inlined into all functions: this share of the module's code, at least `minimumModuleBudget`; the heaviest
  /// functions are served first. Our estimate, from acceptable compile times.
  public var moduleGrowth = 0.75
  /// See ``moduleGrowth``.
  public var minimumModuleBudget = 262_144
  /// Functions and sites with less than this share of all events counted are cold. Measured on nextpnr (1.8 MB of wasm): all
  /// functions below have 0.04 % of the events together; with 1e-6 in place of 1e-5 compiling takes 1.5 times as long.
  public var coldShare = 1e-5

  // MARK: Sites

  /// Targets of one site. A compare tree of 8 to 16 was faster than indirect calls even natively.
  public var maximumTargets = 16
  /// Beside a generic call, a target is inlined from this share of the calls on: below, the test costs what it saves. Own guess.
  public var minimumInlineShare = 0.25
  /// The same where targets are told apart by the index: LLVM makes a tree or a jump table of such tests.
  public var minimumIndexedShare = 0.02
  /// The same for a direct call behind an index test, which only saves the loads.
  public var minimumDirectShare = 0.25
  /// Table indices tested for one target; with more the entry itself is compared.
  public var maximumIndicesPerTarget = 4

  // MARK: Without a profile

  /// Bytes of a body that is inlined at a direct call. Engines' producers have inlined by size before: small.
  public var staticCalleeSize = 40
  /// Executions of a loop's body for each of the loop's, per level of nesting. The usual static guess.
  public var staticLoopFactor = 8.0

  // MARK: Tables and loops

  /// Pointers in all dispatch tables together: 8 bytes each in every instance.
  public var dispatchEntryBudget = 131_072
  /// OSR entries of one function: each is a copy of its generic version.
  public var maximumOSREntries = 16
  /// Bytes of bodies that all OSR entries of a function may repeat.
  public var osrEntryBudget = 60_000

  /// The constants that `compile` uses.
  public init() {}
}
