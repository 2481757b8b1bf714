import Contract

/// Counts of failed speculation in an instance of an artefact.
public struct DeoptStatistics: Sendable, Equatable {
  /// A guard that failed.
  public struct Guard: Sendable, Equatable {
    /// Its number in the artefact.
    public var number: Int
    /// The guarded call, followed by the calls into which it was inlined, innermost first. The last one is in the compiled
    /// function.
    public var path: [ArtefactPlace]
    /// How often it failed.
    public var deopts: UInt64
  }

  /// A function whose code failed a guard.
  public struct Function: Sendable, Equatable {
    /// Index in the module's function index space.
    public var function: Int
    /// Number of deopts in its compiled code.
    public var deopts: UInt64
    /// Whether calls now enter its generic version because the budget is exhausted.
    public var isGeneric: Bool

    /// Creates the statistics of one function.
    public init(function: Int, deopts: UInt64, isGeneric: Bool) {
      self.function = function
      self.deopts = deopts
      self.isGeneric = isGeneric
    }
  }

  /// The guards that failed, by number.
  public var guards: [Guard]
  /// The functions whose code failed a guard, by index.
  public var functions: [Function]
  /// The number of deopts after which a function's generic version replaces it; nil: never.
  public var budget: Int?

  /// Creates statistics from rows that are sorted by number and index.
  public init(guards: [Guard] = [], functions: [Function] = [], budget: Int?) {
    self.guards = guards
    self.functions = functions
    self.budget = budget
  }

  /// The total number of deopts.
  public var deopts: UInt64 { guards.reduce(0) { $0 + $1.deopts } }
}

extension Deoptimizer {
  var statistics: DeoptStatistics {
    let state = state.pointee
    var result = DeoptStatistics(guards: [], functions: [], budget: budget)
    for (number, site) in artefact.deopts.guards.enumerated() where state.guardCounts[number] > 0 {
      result.guards.append(
        DeoptStatistics.Guard(
          number: number,
          path: artefact.places(site),
          deopts: state.guardCounts[number]))
    }
    for row in isDespeculated.indices where state.functionCounts[row] > 0 {
      result.functions.append(
        DeoptStatistics.Function(
          function: artefact.module.importedFunctionCount + row,
          deopts: state.functionCounts[row], isGeneric: isDespeculated[row]))
    }
    return result
  }
}
