/// Simplifies the plans of some functions, to bisect miscompiled ones.
extension CompilationPlan {
  /// Functions outside of `range` get no speculative version, inline nothing, and use the light tier. OSR entries stay:
  /// functions into which they are inlined may still deoptimize to their baseline code.
  public mutating func simplify(outside range: ClosedRange<Int>) {
    for index in functions.indices where !range.contains(functions[index].function) {
      functions[index].simplify(to: min(functions[index].tier, .light))
    }
  }
}

/// Removes compiled code from the plans of functions that could not be compiled.
extension CompilationPlan {
  /// The functions keep their rows but nothing that is compiled. Other functions may still inline them.
  public mutating func leave(toBaseline left: some Sequence<Int>) {
    let left = Set(left)
    for index in functions.indices where left.contains(functions[index].function) {
      functions[index].simplify(to: .baseline)
      functions[index].osrEntries = []
    }
  }
}

extension FunctionPlan {
  mutating func simplify(to tier: Tier) {
    self.tier = tier
    speculative = nil
    keepsGeneric = false
    generic = InliningTree(nodes: [
      .init(function: function, parent: nil, callOffset: 0, relativeFrequency: 1)
    ])
  }
}
