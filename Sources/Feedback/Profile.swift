import Wasm

/// What a call site was seen to call. V8's lattice: uninitialized → monomorphic → polymorphic (one run
/// records up to 4 targets) → megamorphic.
public struct CallSiteFeedback: Sendable, Equatable {
  /// A function that was called, and how often.
  public struct Target: Sendable, Equatable {
    /// Function index in the recorded module.
    public var function: Int
    /// Calls of it.
    public var count: UInt64

    /// A target with its calls.
    public init(function: Int, count: UInt64) {
      self.function = function
      self.count = count
    }
  }

  /// Heaviest first. For a direct call: its callee. At most ``maximumTargets`` from one run; merged runs may have seen
  /// up to ``maximumMergedTargets``.
  public var targets: [Target]
  /// Calls to targets beyond these (then the site is megamorphic).
  public var otherCount: UInt64
  /// Calls to functions of other instances or of the host.
  public var foreignCount: UInt64

  /// Slots of the recorder.
  public static let maximumTargets = 4
  /// What a compare tree can still test faster than an indirect call.
  public static let maximumMergedTargets = 8

  /// Feedback of one call site.
  public init(targets: [Target] = [], otherCount: UInt64 = 0, foreignCount: UInt64 = 0) {
    self.targets = targets
    self.otherCount = otherCount
    self.foreignCount = foreignCount
  }

  /// Executions of the site.
  public var totalCount: UInt64 {
    targets.reduce(saturatingSum(otherCount, foreignCount)) { saturatingSum($0, $1.count) }
  }
  /// Whether it called more functions than there are slots.
  public var isMegamorphic: Bool { otherCount > 0 }
}

/// Feedback of one function. Keys are byte offsets of instructions in the module.
public struct FunctionProfile: Sendable, Equatable {
  /// Outcomes of an `if` or `br_if`.
  public struct Branch: Sendable, Equatable {
    /// Times its condition was not zero.
    public var taken: UInt64
    /// Times its condition was zero.
    public var notTaken: UInt64

    /// Counts of both outcomes.
    public init(taken: UInt64, notTaken: UInt64) {
      self.taken = taken
      self.notTaken = notTaken
    }
  }

  /// Calls of the function.
  public var entryCount: UInt64 = 0
  /// By the `loop` instruction: how often its back-edges were taken.
  public var loops: [Int: UInt64] = [:]
  /// By `if` and `br_if`.
  public var branches: [Int: Branch] = [:]
  /// By `br_table`: a count for each label, the default last.
  public var branchTables: [Int: [UInt64]] = [:]
  /// By `call`, `call_indirect`, `call_ref` and their return forms.
  public var callSites: [Int: CallSiteFeedback] = [:]

  /// Nothing counted.
  public init() {}

  /// Events counted in the function: entries, back-edges and calls.
  public var weight: UInt64 {
    let loops = self.loops.values.reduce(entryCount, saturatingSum)
    return callSites.values.reduce(loops) { saturatingSum($0, $1.totalCount) }
  }
}

/// A profile matched to one module: feedback by function index. Functions never seen are absent.
public struct ModuleProfile: Sendable, Equatable {
  /// By index in the module's function index space.
  public var functions: [Int: FunctionProfile] = [:]
  /// Defined functions that the profile knows nothing about, because it was recorded of another build of the module. All
  /// others that are absent from `functions` were never entered.
  public var unknownFunctions: Set<Int> = []
  /// Hash of the profile file that it came from; 0 for none.
  public var hash: UInt64 = 0

  /// Knows no function.
  public init() {}
}

/// Counts stick at their greatest value: sums then depend on no order.
package func saturatingSum(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}
