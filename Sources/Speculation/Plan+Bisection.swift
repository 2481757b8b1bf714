/// To find the function that is miscompiled: half of them are compiled with as little optimization as possible.
extension CompilationPlan {
  /// Functions outside of `range` have no version with deopts, inline nothing, and get the light pipeline. OSR entries stay:
  /// their baseline code is still reached by the deopts of others, in which they were inlined.
  public mutating func simplify(outside range: ClosedRange<Int>) {
    for index in functions.indices where !range.contains(functions[index].function) {
      functions[index].isHot = false
      functions[index].speculative = nil
      functions[index].generic = InliningTree(nodes: [
        .init(
          function: functions[index].function, parent: nil, callOffset: 0, relativeFrequency: 1)
      ])
    }
  }
}
