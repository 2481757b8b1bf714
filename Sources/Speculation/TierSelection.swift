import Feedback

/// Decides which code each function gets, once the inlining trees of all candidates are known.
///
/// A profile counts events by function, wherever its body ran. Copies inlined into callers serve part of a function's entries;
/// what is left decides whether the function itself is worth optimizing. The *code weight* of a function is the number of
/// events in all bodies of its tree, for these remaining entries.
///
/// No value affects correctness, so counts may be inconsistent.
struct TierSelection {
  private let context: PlanningContext
  private let plans: [Int: FunctionPlan]
  /// Functions with trees, ascending.
  private let candidates: [Int]
  /// Entries that no inlined copy serves, by function.
  private var remaining: [Int: Double] = [:]

  /// - Parameter plans: those of all candidates, by function.
  init(_ context: PlanningContext, _ plans: [Int: FunctionPlan]) {
    self.context = context
    self.plans = plans
    candidates = plans.keys.sorted()
    findRemainingEntries()
  }

  private var tuning: Tuning { context.tuning }

  private func tree(_ function: Int) -> InliningTree? {
    plans[function].map { $0.speculative ?? $0.generic }
  }

  /// Callers may be inlined themselves, so their own remaining entries count. The equations are solved by iteration, with half
  /// of each step: whole ones would swing between too many and too few.
  private mutating func findRemainingEntries() {
    let entries = plans.mapValues { Double($0.entryCount) }
    remaining = entries
    for _ in 0..<20 {
      var served: [Int: Double] = [:]
      for root in candidates {
        guard let own = remaining[root], own > 0, let tree = tree(root) else { continue }
        for node in tree.nodes.dropFirst() {
          served[node.function, default: 0] += own * node.relativeFrequency
        }
      }
      for (function, count) in entries {
        let rest = max(0, count - (served[function] ?? 0))
        remaining[function] = ((remaining[function] ?? 0) + rest) / 2
      }
    }
  }

  // MARK: Weights

  /// Events for each entry of a function whose code is `tree`.
  private func sum(_ tree: InliningTree, _ events: (Int) -> Double) -> Double {
    tree.nodes.reduce(0) { sum, node in
      let entries = Double(max(1, context.profile.functions[node.function]?.entryCount ?? 0))
      return sum + node.relativeFrequency * events(node.function) / entries
    }
  }

  private func codeWeight(_ function: Int) -> Double {
    guard let tree = tree(function) else { return 0 }
    return remainingEntries(function) * sum(tree, context.weight(ofFunction:))
  }

  /// Not those of a function with loops: a few calls from a place where it is not inlined may do most of its iterations.
  private func remainingEntries(_ function: Int) -> Double {
    let (rest, all) = (remaining[function] ?? 0, Double(plans[function]?.entryCount ?? 0))
    let hasLoops = !context.facts.functions[function].loops.isEmpty
    // Smaller values are what the iteration leaves of zero.
    return hasLoops && rest >= max(0.5, 2e-4 * all) ? all : rest
  }

  /// Size of all bodies of a function's tree in wasm bytes.
  private func size(_ function: Int) -> Int {
    tree(function)?.nodes.reduce(0) { $0 + context.facts.functions[$1.function].size } ?? 0
  }

  /// Back edges of the loops that LLVM might unroll or vectorize.
  private func tightLoopWeight(_ function: Int) -> Double {
    guard let tree = tree(function) else { return 0 }
    return remainingEntries(function)
      * sum(tree) { body in
        let counts = context.profile.functions[body]?.loops ?? [:]
        return context.facts.functions[body].loops.reduce(0) {
          $0 + (isTight($1) ? Double(counts[$1.offset] ?? 0) : 0)
        }
      }
  }

  private func isTight(_ loop: ModuleFacts.Loop) -> Bool {
    loop.isInnermost && loop.size <= tuning.tightLoopSize
  }

  // MARK: Decisions

  /// The plans with their tiers. Those of functions that are not worth optimizing are plain.
  func select() -> [Int: FunctionPlan] {
    let counted = candidates.filter { !context.isStatic($0) }
    let weights = Dictionary(uniqueKeysWithValues: counted.map { ($0, codeWeight($0)) })
    let total = weights.values.sorted().reduce(0, +)
    let order = counted.sorted { (weights[$1] ?? 0, $0) < (weights[$0] ?? 0, $1) }
    var result = plans
    var covered = 0.0
    for function in order {
      let weight = weights[function] ?? 0
      if covered >= tuning.hotShare * total || weight <= 0 {
        result[function]?.simplify(to: .baseline)
      } else {
        let isFull =
          size(function) <= tuning.maximumFullSize
          && tightLoopWeight(function) >= tuning.fullShare * total
        let isMiddle = covered < tuning.middleShare * total
        result[function]?.tier = min(
          isFull ? .full : isMiddle ? .middle : .light, tuning.highestTier)
        let isHeavy = weight >= tuning.genericShare * total
        let speculates = isWorthSpeculating(function, isHeavy: isHeavy)
        if !speculates { result[function]?.speculative = nil }
        // With an OSR entry it needs no generic version: called again, baseline code soon leaves for that entry.
        result[function]?.keepsGeneric = isHeavy && speculates && !context.hasHeavyLoop(function)
      }
      covered += weight
    }
    addAlternatives(to: &result)
    for function in candidates where context.isStatic(function) {
      result[function]?.tier = min(staticTier(function), tuning.highestTier)
    }
    for (function, plan) in result where plan.tier == .baseline {
      result[function]?.simplify(to: .baseline)
    }
    return result
  }

  /// After a change of phase, a site calls functions that its profile does not know. Where a heavy function has code for that
  /// case, the other functions that the site may call are optimized too, if they are few.
  private func addAlternatives(to result: inout [Int: FunctionPlan]) {
    for plan in result.values.sorted(by: { $0.function < $1.function }) {
      guard plan.keepsGeneric || context.hasHeavyLoop(plan.function), let tree = plan.speculative
      else { continue }
      for node in tree.nodes {
        for call in context.facts.functions[node.function].sites {
          guard let site = node.sites[call.offset], site.miss == .deopt,
            case .indirect(let typeIndex, let table) = call.kind
          else { continue }
          let known = Set(site.targets.map(\.function))
          let others = context.tables.initialTargets(table: table, typeIndex: typeIndex).filter {
            result[$0]?.isOptimized != true && !known.contains($0)
              && $0 >= context.module.importedFunctionCount
              && context.facts.functions[$0].size <= tuning.maximumAlternativeSize
          }
          guard others.count <= tuning.maximumAlternatives else { continue }
          for function in others {
            result[function] = context.plainPlan(function)
            result[function]?.tier = min(.middle, tuning.highestTier)
          }
        }
      }
    }
  }

  /// Whether a function is compiled with deopts. A heavy function with deopts needs a second copy of its code for the case that
  /// they happen often. That must be worth its time: exits of branches alone do not save as much as the copy costs, nor do
  /// guards in a large function.
  private func isWorthSpeculating(_ function: Int, isHeavy: Bool) -> Bool {
    guard let tree = plans[function]?.speculative else { return false }
    return size(function) <= tuning.maximumSpeculativeSize && (!isHeavy || tree.guardsCalls)
  }

  /// The tier of a function about which the profile says nothing.
  private func staticTier(_ function: Int) -> Tier {
    let facts = context.facts.functions[function]
    if facts.loops.isEmpty { return .light }
    // Without counts, only what is all loop is worth the time.
    if size(function) <= tuning.staticFullSize, facts.loops.contains(where: isTight) {
      return .full
    }
    return size(function) <= tuning.staticMiddleSize ? .middle : .light
  }
}
