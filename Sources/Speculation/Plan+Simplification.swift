/// For finding out which function is miscompiled: half of them compiled as simply as can be.
extension CompilationPlan {
  /// Functions outside of `range` have no version with deopts, inline nothing, and get the light pipeline. OSR entries stay:
  /// their baseline code is still reached by the deopts of others, in which they were inlined.
  public mutating func simplify(outside range: ClosedRange<Int>) {
    for index in functions.indices where !range.contains(functions[index].function) {
      functions[index].simplify()
    }
  }
}

/// For functions that could not be compiled.
extension CompilationPlan {
  /// Functions keep their rows, but nothing that is compiled. Others may have them inlined.
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
