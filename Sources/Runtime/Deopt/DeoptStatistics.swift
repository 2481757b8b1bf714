import Contract

/// What an instance of an artefact has speculated in vain so far.
public struct DeoptStatistics: Sendable, Equatable {
  public struct Guard: Sendable, Equatable {
    /// Number in the artefact.
    public var number: Int
    /// The call, then the calls around it that were inlined, innermost first. The last is in the
    /// function whose compiled code it is.
    public var path: [ArtefactPlace]
    public var deopts: UInt64
  }

  public struct Function: Sendable, Equatable {
    /// Index in the module.
    public var function: Int
    public var deopts: UInt64
    /// Whether calls enter its generic version, the budget being used up.
    public var isGeneric: Bool

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
  /// Deopts of a function at which its generic version takes over; nil: never.
  public var budget: Int?

  public init(guards: [Guard] = [], functions: [Function] = [], budget: Int?) {
    self.guards = guards
    self.functions = functions
    self.budget = budget
  }

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
          path: artefact.places(CodeLocation(node: site.node, byteOffset: site.byteOffset)),
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
