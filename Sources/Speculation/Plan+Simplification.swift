/// Simplifies the plans of some functions, to bisect miscompiled ones.
extension CompilationPlan {
  /// Functions outside of `range` get no speculative version, inline nothing, and use the light pipeline. OSR entries stay:
  /// functions into which they are inlined may still deoptimize to their baseline code.
  public mutating func simplify(outside range: ClosedRange<Int>) {
    for index in functions.indices where !range.contains(functions[index].function) {
      functions[index].simplify()
    }
  }
}

/// Removes compiled code from the plans of functions that could not be compiled.
extension CompilationPlan {
  /// The functions keep their rows but nothing that is compiled. Other functions may still inline them.
  public mutating func leave(toBaseline left: some Sequence<Int>) {
    let left = Set(left)
    for index in functions.indices where left.contains(functions[index].function) {
      functions[index].simplify()
      functions[index].osrEntries = []
    }
  }
}

extension FunctionPlan {
  fileprivate mutating func simplify() {
    isHot = false
    speculative = nil
    generic = InliningTree(nodes: [
      .init(function: function, parent: nil, callOffset: 0, relativeFrequency: 1)
    ])
  }
}
