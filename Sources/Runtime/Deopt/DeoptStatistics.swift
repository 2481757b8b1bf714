import Contract

/// Failed speculation in an instance of an artefact so far.
public struct DeoptStatistics: Sendable, Equatable {
  /// A guard that failed.
  public struct Guard: Sendable, Equatable {
    /// Number in the artefact.
    public var number: Int
    /// The call, then the calls that were inlined around it, innermost first. The last is in the
    /// function that was compiled.
    public var path: [ArtefactPlace]
    /// Times it failed.
    public var deopts: UInt64
  }

  /// A function whose code failed a guard.
  public struct Function: Sendable, Equatable {
    /// Index in the module.
    public var function: Int
    /// Deopts in its compiled code.
    public var deopts: UInt64
    /// Whether calls now enter its generic version, because the budget is used up.
    public var isGeneric: Bool

    /// Statistics of one function.
    public init(function: Int, deopts: UInt64, isGeneric: Bool) {
      self.function = function
      self.deopts = deopts
      self.isGeneric = isGeneric
    }
  }

  /// Guards that failed, by number.
  public var guards: [Guard]
  /// Functions whose code failed a guard, by index.
  public var functions: [Function]
  /// Deopts of a function after which its generic version replaces it; nil: never.
  public var budget: Int?

  /// Statistics from rows that are sorted by number and index.
  public init(guards: [Guard] = [], functions: [Function] = [], budget: Int?) {
    self.guards = guards
    self.functions = functions
    self.budget = budget
  }

  /// Deopts of all guards together.
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
