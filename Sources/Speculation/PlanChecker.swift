import Feedback
import Wasm

/// Checks the invariants of plans, which hold for any profile. Used by tests, and for plans from other sources.
public struct PlanChecker {
  private let module: Module
  private let plan: CompilationPlan
  private let facts: ModuleFacts
  private let analysis: TableAnalysis
  private var problems: [String] = []

  /// - Returns: one line for each violated invariant.
  public static func problems(in plan: CompilationPlan, of module: Module) -> [String] {
    var checker = PlanChecker(plan, module)
    checker.run()
    return checker.problems
  }

  private init(_ plan: CompilationPlan, _ module: Module) {
    self.plan = plan
    self.module = module
    facts = ModuleFacts(module)
    analysis = TableAnalysis(module, facts)
  }

  private mutating func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { problems.append(message()) }
  }

  private mutating func run() {
    expect(plan.tables == analysis.facts, "facts of tables differ")
    expect(
      plan.functions.map(\.function)
        == Array(module.importedFunctionCount..<module.functions.count),
      "functions are not those of the module, in order")
    expect(Set(plan.dispatchTables).count == plan.dispatchTables.count, "dispatch table twice")
    for pair in plan.dispatchTables {
      let possible = analysis.possibleTargets(table: pair.table, typeIndex: pair.typeIndex)
      expect(
        possible?.allSatisfy { $0 >= module.importedFunctionCount } ?? false,
        "dispatch table \(pair) may hold foreign functions")
    }
    guard problems.isEmpty else { return }
    for function in plan.functions { check(function) }
  }

  private mutating func check(_ function: FunctionPlan) {
    check(function.generic, of: function, isSpeculative: false)
    if let tree = function.speculative {
      check(tree, of: function, isSpeculative: true)
      expect(tree.hasDeopts, "f\(function.function): speculative version without deopts")
    }
    expect(
      function.speculative == nil || function.tier != .baseline,
      "f\(function.function): baseline code does not speculate")
    expect(
      !function.keepsGeneric || function.speculative != nil,
      "f\(function.function): its only version is the generic one")
    let loops = facts.functions[function.function].loops.map(\.offset)
    expect(
      function.osrEntries == function.osrEntries.sorted()
        && Set(function.osrEntries).isSubset(of: loops)
        && Set(function.osrEntries).count == function.osrEntries.count,
      "f\(function.function): OSR entries are not loops")
  }

  // MARK: Trees

  private mutating func check(
    _ tree: InliningTree, of function: FunctionPlan, isSpeculative: Bool
  ) {
    let name = "f\(function.function)\(isSpeculative ? "" : " generic")"
    guard let first = tree.nodes.first, first.parent == nil, first.function == function.function
    else { return problems.append("\(name): node 0 is not the function") }
    // Each other node must be referenced by exactly one target.
    var references = [Int](repeating: 0, count: tree.nodes.count)
    for (index, node) in tree.nodes.enumerated() {
      expect(node.relativeFrequency.isFinite, "\(name) node \(index): frequency is not finite")
      if index > 0 {
        expect(node.parent.map { $0 < index } ?? false, "\(name) node \(index): no parent before")
      }
      let calls = Dictionary(
        uniqueKeysWithValues: facts.functions[node.function].sites.map { ($0.offset, $0) })
      expect(
        isSpeculative || node.exits.isEmpty, "\(name) node \(index): exits in the generic version")
      checkExits(node, "\(name) node \(index)")
      for (offset, site) in node.sites {
        let place = "\(name) node \(index) @\(offset)"
        guard let call = calls[offset] else {
          problems.append("\(place): not a call")
          continue
        }
        check(site, call, place)
        expect(isSpeculative || site.miss != .deopt, "\(place): deopt in the generic version")
        for child in site.targets {
          guard let number = child.node else { continue }
          guard tree.nodes.indices.contains(number) else {
            problems.append("\(place): no node \(number)")
            continue
          }
          references[number] += 1
          let inner = tree.nodes[number]
          expect(
            inner.function == child.function && inner.parent == index
              && inner.callOffset == offset,
            "\(place): node \(number) is another's")
        }
      }
    }
    expect(
      references.first == 0 && references.dropFirst().allSatisfy { $0 == 1 },
      "\(name): a node is not named once")
  }

  private mutating func checkExits(_ node: InliningTree.Node, _ place: String) {
    guard !node.exits.isEmpty else { return }
    let ways = BranchWays(module, function: node.function)
    for (offset, exits) in node.exits {
      let targets = ways.resume[offset] ?? []
      expect(
        !exits.isEmpty && exits.count < targets.count
          && exits.allSatisfy { targets.indices.contains($0.way) && targets[$0.way] == $0.resume }
          && zip(exits, exits.dropFirst()).allSatisfy { $0.way < $1.way },
        "\(place) @\(offset): exits are not ways of a branch")
    }
  }

  // MARK: Sites

  private mutating func check(
    _ site: SitePlan, _ call: ModuleFacts.CallSite, _ place: String
  ) {
    expect(
      Set(site.targets.map(\.function)).count == site.targets.count, "\(place): a target twice")
    for target in site.targets {
      expect(
        module.functions.indices.contains(target.function)
          && target.function >= module.importedFunctionCount,
        "\(place): target f\(target.function) is not defined here")
    }
    switch call.kind {
    case .direct(let callee):
      expect(site.guardKind == .none && site.miss == .call, "\(place): guard at a direct call")
      expect(
        site.targets.allSatisfy { $0.function == callee }, "\(place): not what is called there")
    case .indirect(let typeIndex, let table):
      guard !site.targets.isEmpty else {
        return expect(site.miss == .call, "\(place): nothing to call")
      }
      checkTypes(site, typeIndex, place)
      check(site, typeIndex: typeIndex, table: table, place)
    case .reference(let typeIndex):
      checkTypes(site, typeIndex, place)
      expect(
        site.targets.isEmpty
          ? site.miss == .call : site.guardKind == .reference && site.miss != .trap,
        "\(place): call by reference with another guard")
    }
  }

  private mutating func checkTypes(_ site: SitePlan, _ typeIndex: Int, _ place: String) {
    for target in site.targets {
      expect(
        module.functions.indices.contains(target.function)
          && module.types.isSubtype(module.functions[target.function].typeIndex, of: typeIndex),
        "\(place): f\(target.function) has another type")
    }
  }

  private mutating func check(
    _ site: SitePlan, typeIndex: Int, table: Int, _ place: String
  ) {
    let facts = plan.tables[table]
    switch site.guardKind {
    case .none: problems.append("\(place): indirect call without a guard")
    case .index, .indexIfPristine:
      expect(
        site.guardKind != .index || facts.isImmutable, "\(place): table may change under the guard")
      for target in site.targets {
        let expected = analysis.indices(of: target.function, table: table)
        expect(
          expected?.isEmpty == false && expected == target.tableIndices,
          "\(place): indices of f\(target.function) are wrong")
      }
    case .reference: break
    }
    if site.miss == .trap {
      let possible = analysis.possibleTargets(table: table, typeIndex: typeIndex)
      expect(
        site.guardKind == .index
          && possible.map { Set($0).isSubset(of: site.targets.map(\.function)) } ?? false,
        "\(place): something else can be called")
    }
  }
}
