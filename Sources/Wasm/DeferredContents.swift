import Synchronization

/// What is left for later of a module that has machine code: validating its bodies and finding its names. Done at most once,
/// whichever copy of the module asks.
final class DeferredContents: Sendable {
  private let module: Module
  private let state = Mutex(State())

  private struct State {
    var validator: FunctionValidator?
    /// By function: the result of validating its body.
    var facts: [Int: BodyFacts] = [:]
    var names: NameIndex?
  }

  /// - Parameter module: valid, except for its bodies.
  init(_ module: Module) { self.module = module }

  func validateBody(ofFunction index: Int) throws(WasmError) {
    try state.withLock { state throws(WasmError) in
      guard index >= module.importedFunctionCount, state.facts[index] == nil else { return }
      if state.validator == nil { state.validator = FunctionValidator(module) }
      state.facts[index] = try state.validator?.validate(index)
    }
  }

  /// Those of an empty body for an invalid one.
  func facts(ofFunction index: Int) -> BodyFacts {
    try? validateBody(ofFunction: index)
    return state.withLock { $0.facts[index] ?? BodyFacts() }
  }

  var names: NameIndex {
    state.withLock { state in
      let names = state.names ?? NameIndex(module)
      state.names = names
      return names
    }
  }
}
