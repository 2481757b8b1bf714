import Wasm

/// The plan as text (`inspect`, golden tests): each optimized function, its sites by byte offset, and below each site the bodies
/// inlined there.
///
///     f4 run: full, generic, entries 1, OSR entries @120
///       @150 f1 double inlined (10), f2 square inlined (9); index; miss: deopt (0); inlined
///         @150: f1 double ×10.00
///           @80 call: cold (0)
///
/// Counts are the profile's. ×n is the predicted number of executions of that copy for each entry of the function.
extension CompilationPlan {
  /// Describes the plan, for tests and people.
  /// - Parameter only: describes only this function, without a summary; nil: all optimized functions.
  public func describe(_ module: Module, function only: Int? = nil) -> String {
    var text = only == nil ? summary(module) : ""
    for function in functions where only.map({ $0 == function.function }) ?? function.isOptimized {
      text += "\n"
      text += PlanPrinter(module: module, tree: function.speculative ?? function.generic)
        .print(function)
    }
    return text
  }

  private func summary(_ module: Module) -> String {
    let optimized = functions.filter(\.isOptimized)
    let trees = optimized.map { $0.speculative ?? $0.generic }
    let bodies = trees.flatMap { $0.nodes.dropFirst() }
    let bytes = bodies.reduce(0) { $0 + module.functions[$1.function].body.count }
    var text = """
      \(functions.count) functions, \(optimized.count) optimized, \
      \(optimized.count { $0.speculative != nil }) with deopts; \(bodies.count) bodies inlined (\(bytes) bytes)

      """
    for (index, table) in tables.enumerated() {
      let contents = table.contents.map {
        "\($0.count { $0 != nil }) of \($0.count) entries known"
      }
      text += "table \(index): \(table.isImmutable ? "immutable" : "may change"), "
      text += (contents ?? "contents unknown") + "\n"
    }
    for pair in dispatchTables {
      text += "dispatch: table \(pair.table), \(module.types[pair.typeIndex].subType)\n"
    }
    return text
  }
}

private struct PlanPrinter {
  let module: Module
  let tree: InliningTree

  func print(_ plan: FunctionPlan) -> String {
    var text = "\(name(plan.function)): \(plan.tier)\(plan.keepsGeneric ? ", generic" : "")"
    text += ", entries \(plan.entryCount)"
    if !plan.osrEntries.isEmpty {
      text += ", OSR entries " + plan.osrEntries.map { "@\($0)" }.joined(separator: " ")
    }
    text += "\n"
    // An explicit stack: trees may be deep.
    var work: [(node: Int, indent: Int)] = [(0, 0)]
    while let (node, indent) = work.popLast() {
      let blanks = String(repeating: "  ", count: indent)
      if node > 0 {
        let copy = tree.nodes[node]
        text += "\(blanks)@\(copy.callOffset): \(name(copy.function)) ×\(round(copy))\n"
      }
      var children: [Int] = []
      for (offset, site) in tree.nodes[node].sites.sorted(by: { $0.key < $1.key }) {
        text += "\(blanks)  @\(offset) \(line(site))\n"
        children += site.targets.compactMap(\.node)
      }
      for (offset, exits) in tree.nodes[node].exits.sorted(by: { $0.key < $1.key }) {
        let list = exits.map { "\($0.way) to @\($0.resume)" }.joined(separator: ", ")
        text += "\(blanks)  @\(offset) exits: \(list)\n"
      }
      for child in children.reversed() { work.append((child, indent + 2)) }
    }
    return text
  }

  private func line(_ site: SitePlan) -> String {
    let targets = site.targets.map { target in
      "\(name(target.function)) \(target.node == nil ? "called" : "inlined") (\(target.count))"
    }
    let list = targets.isEmpty ? "" : targets.joined(separator: ", ") + "; "
    if site.guardKind == .none {
      return targets.isEmpty ? "call: \(site.reason) (\(site.missCount))" : list + "\(site.reason)"
    }
    return "\(list)\(site.guardKind); miss: \(site.miss) (\(site.missCount)); \(site.reason)"
  }

  private func name(_ function: Int) -> String {
    "f\(function)" + (module.functionName(function).map { " " + $0 } ?? "")
  }

  /// Two decimal places.
  private func round(_ node: InliningTree.Node) -> String {
    let hundredths = UInt64((node.relativeFrequency * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
