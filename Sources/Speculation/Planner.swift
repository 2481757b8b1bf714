import Feedback
import Wasm

/// Options of the planner.
public struct PlannerOptions: Sendable {
  /// Whether sites may deoptimize. If not, all code is generic; targets are still inlined.
  public var speculates = true
  /// The constants of its heuristics.
  public var tuning = Tuning()
  /// The features that the compiler translates. Bodies that need others are not inlined.
  public var features = FeatureSet.valid
  /// Plans of an earlier compilation of the module, by function. A hot function keeps its plan if the profile predicts nearly
  /// the same counts as the earlier one, because its code may be in the cache.
  public var earlier: [Int: FunctionPlan] = [:]

  /// Creates the default options.
  public init() {}
}

/// Makes a plan from a profile and a module. Pure and deterministic, and correct for any profile: that of another module leads
/// to slow code, not to wrong code.
public enum Planner {
  /// - Parameters:
  ///   - module: must be valid.
  ///   - profile: empty if there is none.
  public static func plan(
    module: Module, profile: ModuleProfile = ModuleProfile(),
    options: PlannerOptions = PlannerOptions()
  ) -> CompilationPlan {
    let context = PlanningContext(module, profile, options)
    let tuning = options.tuning
    var functions = (module.importedFunctionCount..<module.functions.count).map {
      context.plainPlan($0)
    }
    var budget = context.moduleBudget
    var candidates: [Int: FunctionPlan] = [:]
    for function in context.hotFunctions where tuning.highestTier != .baseline {
      var builder = TreeBuilder(context, root: function, moduleBudget: budget)
      let tree = builder.build()
      budget -= builder.inlinedSize
      var plan = context.plainPlan(function)
      plan.generic = tree.withoutDeopts
      if tree.hasDeopts { plan.speculative = tree }
      candidates[function] = plan
    }
    for (function, fresh) in TierSelection(context, candidates).select() {
      let earlier = options.earlier[function].flatMap {
        $0.isAsGood(as: fresh, for: profile) ? $0 : nil
      }
      functions[function - module.importedFunctionCount] = earlier ?? fresh
    }
    addOSREntries(to: &functions, context)
    let plan = CompilationPlan(
      functions: functions, tables: context.tables.facts,
      dispatchTables: context.dispatchTables(functions))
    // Earlier plans come from a file, which may have been written by something else.
    guard options.earlier.isEmpty || PlanChecker.problems(in: plan, of: module).isEmpty else {
      var options = options
      options.earlier = [:]
      return Self.plan(module: module, profile: profile, options: options)
    }
    return plan
  }

  /// Whether a profile has data, but too little for ``plan(module:profile:options:)`` to use it: see ``Tuning/coldFloor``.
  public static func ignores(_ profile: ModuleProfile, options: PlannerOptions) -> Bool {
    !profile.functions.isEmpty && !PlanningContext.saysEnough(profile, options.tuning)
  }

  private static func addOSREntries(
    to functions: inout [FunctionPlan], _ context: PlanningContext
  ) {
    for function in framedFunctions(functions) {
      let position = function - context.module.importedFunctionCount
      guard functions[position].osrEntries.isEmpty else { continue }
      functions[position].osrEntries = context.osrEntries(function)
    }
  }

  /// Functions that can be part of a frame state: those of all nodes on a path to a site that deoptimizes.
  private static func framedFunctions(_ functions: [FunctionPlan]) -> [Int] {
    var result: Set<Int> = []
    for plan in functions {
      guard let tree = plan.speculative else { continue }
      for node in tree.nodes where node.hasDeopts {
        result.insert(node.function)
        var next = node.parent
        while let parent = next {
          result.insert(tree.nodes[parent].function)
          next = tree.nodes[parent].parent
        }
      }
    }
    return result.sorted()
  }
}

extension InliningTree.Node {
  var hasDeopts: Bool { !exits.isEmpty || sites.values.contains { $0.miss == .deopt } }
}

extension InliningTree {
  var hasDeopts: Bool { nodes.contains(where: \.hasDeopts) }

  /// Whether a call deoptimizes.
  var guardsCalls: Bool { nodes.contains { $0.sites.values.contains { $0.miss == .deopt } } }

  /// The same bodies, with a call wherever the speculative version deoptimizes.
  var withoutDeopts: InliningTree {
    guard hasDeopts else { return self }
    var result = self
    for node in result.nodes.indices {
      for (offset, site) in result.nodes[node].sites where site.miss == .deopt {
        result.nodes[node].sites[offset]?.miss = .call
        result.nodes[node].sites[offset]?.reason = .genericVersion
      }
      result.nodes[node].exits = [:]
    }
    return result
  }
}
