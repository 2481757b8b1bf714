import Feedback
import Wasm

/// All inputs of the planner's decisions. Constant during planning, except for its caches.
final class PlanningContext {
  let module: Module
  /// Empty if the one that was given is too short: see ``Tuning/coldFloor``.
  let profile: ModuleProfile
  let options: PlannerOptions
  let facts: ModuleFacts
  let tables: TableAnalysis
  /// The number of events that the profile counted in all functions.
  let eventCount: Double
  /// Functions and sites with fewer events are cold: see ``Tuning/coldShare`` and ``Tuning/coldFloor``.
  let coldCount: Double
  let unattributed: UnattributedEntries
  /// By function: its sites, once ``sites(ofFunction:)`` has been called.
  private var siteCache: [[PendingSite]?]
  private var exitCache: [Int: [Int: [BranchExit]]] = [:]
  /// Functions that need more than ``PlannerOptions/features``.
  private let untranslatable: Set<Int>

  var tuning: Tuning { options.tuning }

  init(_ module: Module, _ profile: ModuleProfile, _ options: PlannerOptions) {
    let profile = Self.saysEnough(profile, options.tuning) ? profile : ModuleProfile()
    self.module = module
    self.profile = profile
    self.options = options
    facts = ModuleFacts(module)
    tables = TableAnalysis(module, facts)
    siteCache = Array(repeating: nil, count: module.functions.count)
    // Valid modules have no such functions.
    let isLimited = !FeatureSet.valid.isSubset(of: options.features)
    let defined = isLimited ? module.importedFunctionCount..<module.functions.count : 0..<0
    untranslatable = Set(
      defined.filter { function in
        // The bodies of a valid module can be decoded.
        let need = try? module.firstNeed(ofFunction: function, beyond: options.features)
        return need != nil
      })
    unattributed = UnattributedEntries(profile, facts)
    eventCount = profile.functions.keys.sorted().reduce(0) {
      $0 + Double(profile.functions[$1]?.weight ?? 0)
    }
    coldCount = max(options.tuning.coldFloor, options.tuning.coldShare * eventCount)
  }

  /// Whether any function of a profile has enough events: see ``Tuning/coldFloor``.
  static func saysEnough(_ profile: ModuleProfile, _ tuning: Tuning) -> Bool {
    profile.functions.values.contains { Double($0.weight) >= tuning.coldFloor }
  }

  func isTranslatable(_ function: Int) -> Bool { !untranslatable.contains(function) }

  /// Whether only the module itself gives information about a function.
  func isStatic(_ function: Int) -> Bool {
    profile.functions.isEmpty || profile.unknownFunctions.contains(function)
  }

  /// Number of events counted in a function.
  func weight(ofFunction function: Int) -> Double {
    Double(profile.functions[function]?.weight ?? 0)
  }

  /// Average number of back edges taken in one execution of a function, according to the profile.
  func iterationsPerEntry(_ function: Int) -> Double {
    guard let known = profile.functions[function], known.entryCount > 0 else { return 0 }
    return known.loops.values.reduce(0) { $0 + Double($1) } / Double(known.entryCount)
  }

  /// Functions that may be worth optimizing, the heaviest first. Those without profile data come last.
  var hotFunctions: [Int] {
    let defined = module.importedFunctionCount..<module.functions.count
    let weights = defined.compactMap { function -> (function: Int, weight: Double)? in
      if isStatic(function) { return (function, 0) }
      guard let known = profile.functions[function], known.entryCount > 0 else { return nil }
      let weight = Double(known.weight)
      return weight >= coldCount ? (function, weight) : nil
    }
    return weights.sorted { ($1.weight, $0.function) < ($0.weight, $1.function) }.map(\.function)
  }

  /// Limit on the wasm bytes inlined into all functions together.
  var moduleBudget: Int {
    max(tuning.minimumModuleBudget, Int(tuning.moduleGrowth * Double(facts.codeSize)))
  }

  /// The plan of a cold function: baseline code.
  func plainPlan(_ function: Int) -> FunctionPlan {
    FunctionPlan(
      function: function, entryCount: profile.functions[function]?.entryCount ?? 0,
      tier: .baseline, speculative: nil,
      generic: InliningTree(nodes: [
        .init(function: function, parent: nil, callOffset: 0, relativeFrequency: 1)
      ]),
      keepsGeneric: false, osrEntries: [])
  }

  /// The call sites of a function with their possible targets. They do not belong to a node yet.
  func sites(ofFunction function: Int) -> [PendingSite] {
    if let known = siteCache[function] { return known }
    let sites = facts.functions[function].sites.map { site($0, function: function) }
    siteCache[function] = sites
    return sites
  }

  /// The ways of a function's branches that leave for baseline code.
  func exits(ofFunction function: Int) -> [Int: [BranchExit]] {
    if let known = exitCache[function] { return known }
    var exits: [Int: [BranchExit]] = [:]
    if options.speculates, !isStatic(function), let profile = profile.functions[function] {
      exits = ColdPaths(module, function: function, profile, tuning).exits
    }
    exitCache[function] = exits
    return exits
  }

  // MARK: Loops

  /// Whether a function has loops that get an OSR entry.
  func hasHeavyLoop(_ function: Int) -> Bool { !osrEntries(function).isEmpty }

  /// The loops of a function that get an OSR entry: those in which a program could spend a measurable time after a deopt.
  func osrEntries(_ function: Int) -> [Int] {
    let counts = profile.functions[function]?.loops ?? [:]
    var loops: [ModuleFacts.Loop] = []
    for loop in facts.functions[function].loops
    where Double(counts[loop.offset] ?? 0) >= max(1, tuning.osrShare * eventCount) {
      // The next iteration of a loop around it comes soon enough.
      if let outer = loops.last, loop.offset < outer.end { continue }
      loops.append(loop)
    }
    // If there are too many, those with the most iterations, and among equals the outermost, whose back edges are reached
    // whatever happens inside.
    let order = loops.sorted {
      let (left, right) = (counts[$0.offset] ?? 0, counts[$1.offset] ?? 0)
      return (right, $0.depth, $0.offset) < (left, $1.depth, $1.offset)
    }
    return order.prefix(tuning.maximumOSREntries).map(\.offset).sorted()
  }

  // MARK: Dispatch tables

  /// The pairs of table and type that remaining indirect calls use, the heaviest first, as long as their arrays fit the budget.
  func dispatchTables(_ functions: [FunctionPlan]) -> [DispatchTable] {
    var weights: [DispatchTable: Double] = [:]
    for plan in functions where plan.isOptimized {
      for tree in [plan.speculative, plan.generic].compactMap({ $0 }) {
        for node in tree.nodes { weigh(node, Double(plan.entryCount), &weights) }
      }
    }
    var room = tuning.dispatchEntryBudget
    // Compare orders of magnitude, and sort the chosen pairs by index: machine code contains row numbers, which should not
    // change for a slightly different profile.
    let order = weights.sorted {
      ($1.value.exponent, $0.key.table, $0.key.typeIndex)
        < ($0.value.exponent, $1.key.table, $1.key.typeIndex)
    }
    let chosen = order.compactMap { pair, _ -> DispatchTable? in
      guard let length = tables.facts[pair.table].contents?.count, length <= room else {
        return nil
      }
      room -= length
      return pair
    }
    return chosen.sorted { ($0.table, $0.typeIndex) < ($1.table, $1.typeIndex) }
  }

  private func weigh(
    _ node: InliningTree.Node, _ entries: Double, _ weights: inout [DispatchTable: Double]
  ) {
    for call in facts.functions[node.function].sites {
      guard case .indirect(let typeIndex, let table) = call.kind, canDispatch(table, typeIndex)
      else { continue }
      let site = node.sites[call.offset]
      if let site, site.miss != .call { continue }
      let missed = Double(site?.missCount ?? 0)
      // Calls of guarded targets. The array serves them as well if the guards miss, such as after a deopt.
      let tested = (site?.targets ?? []).reduce(0) { $0 + Double($1.count) }
      // A site that the profile never saw gets no array of its own, but uses an existing one.
      guard isStatic(node.function) || missed + tested > 0 else { continue }
      weights[DispatchTable(table: table, typeIndex: typeIndex), default: 0] +=
        missed + tested / 100 + max(1, entries) * node.relativeFrequency / 1_000
    }
  }

  /// Whether all functions of a type in a table belong to this module and never change.
  private func canDispatch(_ table: Int, _ typeIndex: Int) -> Bool {
    guard let possible = tables.possibleTargets(table: table, typeIndex: typeIndex) else {
      return false
    }
    return possible.allSatisfy { $0 >= module.importedFunctionCount }
  }
}
