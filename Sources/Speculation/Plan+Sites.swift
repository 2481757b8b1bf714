import Wasm

/// Call sites through tables and references that are in optimized code, whatever number of copies it has.
public struct IndirectSiteCount: Sendable, Equatable {
  /// Sites of which at least one copy tests for a target.
  public var speculated = 0
  /// All others: calls of whatever the table or the reference gives.
  public var generic = 0
}

extension CompilationPlan {
  /// - Parameter module: the one that was planned.
  public func countIndirectSites(of module: Module) -> IndirectSiteCount {
    var speculated: Set<Int> = []
    var bodies: Set<Int> = []
    for plan in functions where plan.tier != .baseline {
      for node in (plan.speculative ?? plan.generic).nodes {
        bodies.insert(node.function)
        for (offset, site) in node.sites where site.guardKind != .none { speculated.insert(offset) }
      }
    }
    let all = bodies.reduce(0) { $0 + Self.indirectCallCount(in: module, ofFunction: $1) }
    return IndirectSiteCount(speculated: speculated.count, generic: all - speculated.count)
  }

  private static func indirectCallCount(in module: Module, ofFunction function: Int) -> Int {
    var count = 0
    var reader = InstructionReader(module, function: function)
    // A valid module's bodies decode.
    while let instruction = try? reader.next() {
      switch instruction.callee {
      case .table, .reference: count += 1
      case .function, nil: break
      }
    }
    return count
  }
}
