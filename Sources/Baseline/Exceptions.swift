import Contract
import Wasm
import X64

/// The scope of a block that catches exceptions, and the code that does: its *pad*, which follows the function's body. Control comes to a pad
/// with the exception in rax, from a throw in the function or from the unwinder, as to a merge point: all operands below the block are in their homes,
/// and no local is cached.
struct ExceptionScope {
  /// A clause with what is known of its target.
  struct Clause {
    var tag: Int?
    var keepsException: Bool
    /// Types of the tag's values.
    var types: [ValueType]
    var target: Label
    /// The operand that the first value becomes.
    var operand: Int
    /// The operand that the exception becomes; nil: it is not wanted. Of an arm it is there in any case.
    var exceptionOperand: Int?
    /// The block whose label it is, in `controls`; nil: an arm.
    var control: Int?
    /// Whether the target is the function's end: the values are its results.
    var isReturn: Bool { control == 0 }
  }

  var clauses: [Clause]
  var pad: Label
  /// The scope that gets what no clause catches; nil: the caller.
  var outer: Int?
  /// Whether anything leads to the pad.
  var isUsed = false
  /// Arms of a legacy `try` that have begun.
  var armCount = 0

  var catchesAll: Bool { clauses.contains { $0.tag == nil } }
}

/// Exceptions (spec 3.0 4.4.8). The unwinder finds the handler of a call by what stands at its return address: a nop that says how far behind it
/// the pad is. Code without handlers has none.
extension FunctionCompiler {
  // MARK: Blocks

  /// `try_table`, and `try` of the legacy form.
  mutating func compileTry(_ i: Instruction) {
    storeHomes()
    guard let scope = scopeReader.opened(by: i) else {
      return open(.block, i, label: assembler.makeLabel())
    }
    let outer = controls[controls.count - 1 - scope.outerLabel].handler
    guard !scope.clauses.isEmpty else {
      open(.block, i, label: assembler.makeLabel())
      controls[controls.count - 1].handler = outer
      return
    }
    let height = stack.count - parameterCount(i.blockType)
    let number = exceptionScopes.count
    exceptionScopes.append(
      ExceptionScope(
        clauses: scope.clauses.map { resolve($0, height: height) }, pad: assembler.makeLabel(),
        outer: outer))
    open(.block, i, label: assembler.makeLabel())
    controls[controls.count - 1].scope = number
    controls[controls.count - 1].handler = number
  }

  /// - Parameter height: operands below the block.
  private mutating func resolve(_ clause: CatchClause, height: Int) -> ExceptionScope.Clause {
    let types =
      clause.tag.map { module.functionType(module.tags[$0].typeIndex).parameters } ?? []
    var result = ExceptionScope.Clause(
      tag: clause.tag, keepsException: clause.keepsException, types: types, target: returnLabel,
      operand: height + 1, exceptionOperand: height)
    switch clause.target {
    case .arm: result.target = assembler.makeLabel()
    case .label(let label):
      let index = controls.count - 1 - label
      let control = controls[index]
      result.control = index
      result.target = control.label
      result.operand = control.height
      result.exceptionOperand = clause.keepsException ? control.height + types.count : nil
    }
    return result
  }

  /// The body of a block with a scope is complete.
  mutating func closeScope(_ number: Int) {
    let scope = exceptionScopes[number]
    guard scope.isUsed else { return }
    if let outer = scope.outer, !scope.catchesAll { exceptionScopes[outer].isUsed = true }
    for case let index? in scope.clauses.map(\.control) { controls[index].hasLateBranches = true }
    deferred.append(Deferred(kind: .pad(scope: number), label: scope.pad, byteOffset: byteOffset))
  }

  /// `catch` and `catch_all` of the legacy form.
  mutating func compileArm() {
    let last = controls.count - 1
    guard let number = controls[last].scope else { return }
    if isReachable { emitBranch(controls[last]) }
    drop(to: controls[last].height)
    if exceptionScopes[number].armCount == 0 {
      closeScope(number)
      controls[last].handler = controls[last - 1].handler
      controls[last].isArm = true
    }
    let clause = exceptionScopes[number].clauses[exceptionScopes[number].armCount]
    exceptionScopes[number].armCount += 1
    isReachable = exceptionScopes[number].isUsed
    guard isReachable else { return }
    assembler.bind(clause.target)
    pushHome(.exnref)
    for type in clause.types { pushHome(type) }
    merge()
  }

  // MARK: Throwing

  mutating func compileThrow(_ tag: Int) {
    storeHomes()
    let types = module.functionType(module.tags[tag].typeIndex).parameters
    assembler.load(.qword, .rsi, field(layout.tag(tag)))
    emitRuntimeCall(.newException)
    let base = stack.count - types.count
    let places = ExceptionLayout.places(of: types).offsets
    for (index, type) in types.enumerated() {
      let value = home(slot(ofOperand: base + index))
      copy(type, from: value, to: .memory(.rax, Int32(truncatingIfNeeded: places[index])))
    }
    emitThrow()
  }

  mutating func compileThrowRef() {
    storeHomes()
    assembler.load(.qword, .rax, home(slot(ofOperand: stack.count - 1)))
    assembler.test(.qword, .register(.rax), .rax)
    trap(if: .equal, .nullException)
    emitThrow()
  }

  mutating func compileRethrow(_ depth: Int) {
    let arm = controls[controls.count - 1 - depth]
    storeHomes()
    assembler.load(.qword, .rax, home(slot(ofOperand: arm.height)))
    emitThrow()
  }

  /// Throws what is in rax.
  private mutating func emitThrow() {
    isReachable = false
    emitThrow(to: controls[controls.count - 1].handler)
  }

  private mutating func emitThrow(to scope: Int?) {
    if let scope {
      exceptionScopes[scope].isUsed = true
      return assembler.jump(exceptionScopes[scope].pad)
    }
    assembler.move(.qword, .rsi, .rax)
    assembler.move(.rdx, immediate: TrapPlace.fromReturnAddress)
    emitRuntimeCall(.throwException)
    // Stands at the return address, where the unwinder looks for a handler.
    assembler.undefined()
  }

  // MARK: Handlers

  /// Behind a call: tells the unwinder where its handler is, if it has one.
  mutating func markHandler() {
    guard let scope = controls[controls.count - 1].handler else { return }
    exceptionScopes[scope].isUsed = true
    assembler.longNop(distanceTo: exceptionScopes[scope].pad)
  }

  mutating func emitPad(_ number: Int) {
    let scope = exceptionScopes[number]
    if scope.clauses.contains(where: { $0.tag != nil }) {
      assembler.load(.qword, .rcx, .memory(.rax, Int32(ExceptionLayout.tag)))
    }
    for clause in scope.clauses {
      if assembler.count > maximumCodeSize { return }
      guard let tag = clause.tag else { return emitCatch(clause) }
      let next = assembler.makeLabel()
      assembler.arithmetic(.cmp, .qword, .rcx, field(layout.tag(tag)))
      assembler.jump(.notEqual, next)
      emitCatch(clause)
      assembler.bind(next)
    }
    emitThrow(to: scope.outer)
  }

  private mutating func emitCatch(_ clause: ExceptionScope.Clause) {
    let places = ExceptionLayout.places(of: clause.types).offsets
    for (index, type) in clause.types.enumerated() {
      copy(
        type, from: .memory(.rax, Int32(truncatingIfNeeded: places[index])),
        to: home(slot(ofOperand: clause.operand + index)))
    }
    if let operand = clause.exceptionOperand {
      let place = home(slot(ofOperand: operand))
      if clause.keepsException {
        assembler.store(.qword, place, .rax)
      } else {
        assembler.store(.qword, place, 0)
      }
    }
    if clause.keepsException {
      assembler.store(.byte, .memory(.rax, Int32(ExceptionLayout.isExposed)), 1)
    } else {
      assembler.move(.qword, .rsi, .rax)
      emitRuntimeCall(.dropException)
    }
    if clause.isReturn {
      for type in clause.types { pushHome(type) }
      if clause.exceptionOperand != nil { pushHome(.exnref) }
      moveResults()
      drop(to: 0)
    }
    assembler.jump(clause.target)
  }

  /// Clobbers scratch registers only.
  private mutating func copy(_ type: ValueType, from source: Operand, to target: Operand) {
    if type == .v128 {
      assembler.load(Self.vectorScratch, source)
      return assembler.store(target, Self.vectorScratch)
    }
    assembler.load(type.width, Self.scratch, source)
    assembler.store(type.width, target, Self.scratch)
  }
}
