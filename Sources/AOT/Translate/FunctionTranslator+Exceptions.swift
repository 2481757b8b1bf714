import CLLVM
import Contract
import Wasm

/// Exceptions (spec 3.0 4.4; the legacy instructions alike). Where an exception goes that a body throws is known: to the
/// innermost scope around it, in the function's own body and those around it if it is inlined. So a throw is a branch. Only
/// calls raise exceptions from elsewhere: in a scope they are invokes, whose landing pad leads where the scope's throws lead.
///
///     %r = invoke … to label %next unwind label %pad
///     pad:       %l = landingpad { ptr, i32 } cleanup …
///     dispatch:  %e = phi i64 [ %x, %pad ], [ %thrown, %throw ]     each clause in turn, then the next scope
///
/// An exception that no scope of the function catches is a call of the runtime, which looks for handlers in the callers.
extension FunctionTranslator {
  /// The handlers of a block, for exceptions that are thrown in its body.
  struct ExceptionScope {
    /// Those with labels count from outside of the block: `control` is the first.
    var clauses: [CatchClause]
    /// Index in `controls` of the innermost label outside of the block.
    var control: Int
    /// The scope that gets what no clause catches; nil: the caller.
    var outer: Int?
    /// Receives the exceptions of calls; nil as long as there are none.
    var pad: Block?
    /// Receives all exceptions that are not passed to a clause directly, and the phi with them.
    var dispatch: (block: Block, exception: Value)?
    /// Of a legacy `try`.
    var arms: [Arm] = []
  }

  /// A `catch` or `catch_all`. Its operands are the exception, for `rethrow`, and the tag's values.
  struct Arm {
    var block: Block
    var phis: [Value]
    var types: [ValueType]
    var isReached = false
  }

  static let throwName = "wpgo.throw"
  private static let region = "exception"

  /// The scope that gets the exceptions of the current instruction; nil: the caller.
  var currentScope: Int? { controls[controls.count - 1].exceptionScope }

  private func types(ofTag index: Int) -> [ValueType] {
    module.functionType(module.tags[index].typeIndex).parameters
  }

  /// What identifies a tag, as an i64.
  private func tag(_ index: Int) -> Value { fixedField(layout.tag(index), unit.i64) }

  // MARK: Blocks

  /// Translates a `try_table` or a legacy `try`.
  func translateTry(_ i: Instruction) {
    let scope = bodies[bodies.count - 1].scopes.opened(by: i)
    let outer = controls[control(atDepth: scope?.outerLabel ?? 0)].exceptionScope
    let label = controls.count - 1
    translateBlock(i)
    let top = controls.count - 1
    guard let scope, !scope.clauses.isEmpty else {
      controls[top].exceptionScope = outer
      return
    }
    var opened = ExceptionScope(clauses: scope.clauses, control: label, outer: outer)
    for clause in scope.clauses {
      guard case .arm = clause.target else { continue }
      let block = unit.appendBlock(function)
      let types: [ValueType] = [.exnref] + (clause.tag.map { self.types(ofTag: $0) } ?? [])
      opened.arms.append(Arm(block: block, phis: makePhis(types, in: block), types: types))
    }
    scopes.append(opened)
    controls[top].handlers = scopes.count - 1
    controls[top].exceptionScope = scopes.count - 1
  }

  /// Begins an arm of a legacy `try`.
  func translateArm() {
    let top = controls.count - 1
    if !isUnreachable { branch(to: top) }
    operands.removeLast(operands.count - controls[top].height)
    guard let scope = controls[top].handlers else { return }
    if controls[top].armCount == 0 {
      emitDispatch(scope)
      controls[top].exceptionScope = controls[top - 1].exceptionScope
    }
    let arm = scopes[scope].arms[controls[top].armCount]
    controls[top].armCount += 1
    resume(at: arm.block, arm.phis, arm.types, isReached: arm.isReached)
  }

  /// Emits the clauses of a scope whose body has ended.
  func emitDispatch(_ index: Int) {
    let scope = scopes[index]
    guard let (block, exception) = scope.dispatch else { return }
    let current = unit.currentBlock
    defer { unit.position(at: current) }
    unit.position(at: block)
    let record = LLVMBuildIntToPtr(unit.builder, exception, unit.pointer, "")!
    let actual = unit.load(
      unit.i64, unit.address(record, ExceptionLayout.tag), region: Self.region)
    for clause in scope.clauses {
      guard let tag = clause.tag else {
        return enter(clause, of: index, [], exception, record: record)
      }
      let handler = unit.appendBlock(function)
      let next = unit.appendBlock(function)
      unit.branch(if: unit.compare(LLVMIntEQ, actual, self.tag(tag)), handler, else: next)
      unit.position(at: handler)
      let types = types(ofTag: tag)
      let values = zip(types, ExceptionLayout.places(of: types).offsets).map {
        unit.load(irType($0), unit.address(record, $1), region: Self.region)
      }
      enter(clause, of: index, values, exception, record: record)
      unit.position(at: next)
    }
    leave(with: exception, to: scope.outer)
  }

  /// Ends the current block with a branch to where a clause leads.
  /// - Parameters:
  ///   - values: of its tag.
  ///   - exception: nil if there is none, which the clause does not keep then.
  private func enter(
    _ clause: CatchClause, of scope: Int, _ values: [Value], _ exception: Value?,
    record: Value? = nil
  ) {
    if let exception, let record {
      if clause.keepsException {
        unit.store(
          LLVMConstInt(unit.i8, 1, 0), unit.address(record, ExceptionLayout.isExposed),
          region: Self.region, alignment: 1)
      } else {
        _ = runtime(.dropException, [exception])
      }
    }
    let kept = clause.keepsException ? exception : nil
    switch clause.target {
    case .label(let depth):
      pushAll(values, clause.tag.map(types(ofTag:)) ?? [])
      if let kept { push(kept, .exnref) }
      branch(to: scopes[scope].control - depth)
      operands.removeLast(values.count + (kept == nil ? 0 : 1))
    case .arm(let number):
      let arm = scopes[scope].arms[number]
      for (phi, value) in zip(arm.phis, [kept ?? unit.int64(0)] + values) {
        unit.addIncoming(phi, value, unit.currentBlock)
      }
      scopes[scope].arms[number].isReached = true
      LLVMBuildBr(unit.builder, arm.block)
    }
  }

  // MARK: Ways to handlers

  private func dispatch(_ scope: Int) -> (block: Block, exception: Value) {
    if let known = scopes[scope].dispatch { return known }
    let block = unit.appendBlock(function)
    let made = (block: block, exception: makePhis([.exnref], in: block)[0])
    scopes[scope].dispatch = made
    return made
  }

  /// Where exceptions of a call go that a scope gets; nil: to the caller.
  func landingPad(of scope: Int?) -> Block? {
    guard let scope else { return nil }
    if let known = scopes[scope].pad { return known }
    let (block, phi) = dispatch(scope)
    let current = unit.currentBlock
    defer { unit.position(at: current) }
    let pad = unit.appendBlock(function)
    scopes[scope].pad = pad
    unit.position(at: pad)
    let personality = unit.functionType(unit.i32, [], isVariadic: true)
    LLVMSetPersonalityFn(function, unit.declare(Self.personalityName, personality))
    var fields: [LLVMTypeRef?] = [unit.pointer, unit.i32]
    let caught = LLVMBuildLandingPad(
      unit.builder, LLVMStructTypeInContext(unit.context, &fields, 2, 0), nil, 0, "")!
    LLVMSetCleanup(caught, 1)
    let record = LLVMBuildExtractValue(unit.builder, caught, 0, "")!
    unit.addIncoming(phi, LLVMBuildPtrToInt(unit.builder, record, unit.i64, ""), pad)
    LLVMBuildBr(unit.builder, block)
    return pad
  }

  /// Ends the current block: passes an exception to a scope.
  private func leave(with exception: Value, to scope: Int?) {
    if let scope {
      let (block, phi) = dispatch(scope)
      unit.addIncoming(phi, exception, unit.currentBlock)
      LLVMBuildBr(unit.builder, block)
      return
    }
    let type = unit.functionType(unit.void, [unit.i64])
    let call = unit.call(
      type, unit.declare(Self.throwName, type), [exception], place: place)
    for name in ["cold", "noreturn"] { unit.addCallAttribute(call, unit.enumAttribute(name)) }
    LLVMBuildUnreachable(unit.builder)
  }

  // MARK: Throws

  /// The first clause around the current instruction that may catch exceptions of a tag.
  private enum Destination {
    /// It catches them, and keeps their values at most.
    case clause(CatchClause, scope: Int)
    /// Only the exception can tell whether it catches it. Nil: the caller.
    case scope(Int?)
  }

  /// What no scope of the function catches is thrown by the outermost one, as on the baseline: backtraces must not depend on the tier.
  private func destination(ofTag tag: Int) -> Destination {
    var next = currentScope
    var outermost: Int?
    while let scope = next {
      for clause in scopes[scope].clauses {
        let isKnown = clause.tag == nil || clause.tag == tag
        guard isKnown || clause.tag.map({ mayBeSame($0, tag) }) == true else { continue }
        return isKnown && !clause.keepsException ? .clause(clause, scope: scope) : .scope(scope)
      }
      outermost = scope
      next = scopes[scope].outer
    }
    return .scope(outermost)
  }

  /// Two imports may be of the same tag.
  private func mayBeSame(_ first: Int, _ second: Int) -> Bool {
    first < module.importedTagCount && second < module.importedTagCount
  }

  func translateThrow(_ i: Instruction) {
    let types = types(ofTag: i.index)
    let values = popAll(types.count)
    switch destination(ofTag: i.index) {
    case .clause(let clause, let scope):
      enter(clause, of: scope, clause.tag == nil ? [] : values, nil)
    case .scope(let scope):
      let exception = runtime(.newException, [tag(i.index)])
      let record = LLVMBuildIntToPtr(unit.builder, exception, unit.pointer, "")!
      for (value, offset) in zip(values, ExceptionLayout.places(of: types).offsets) {
        unit.store(value, unit.address(record, offset), region: Self.region)
      }
      leave(with: exception, to: scope)
    }
    startUnreachable()
  }

  func translateThrowRef() {
    let exception = pop()
    let scope = currentScope
    if scope != nil {
      // The runtime traps if it gets null.
      let null = unit.appendBlock(function)
      let next = unit.appendBlock(function)
      unit.branch(if: isNull(exception), null, else: next, weights: (1, 1 << 20))
      unit.position(at: null)
      leave(with: exception, to: nil)
      unit.position(at: next)
    }
    leave(with: exception, to: scope)
    startUnreachable()
  }

  func translateRethrow(_ i: Instruction) {
    let arm = controls[control(atDepth: i.index)]
    leave(with: read(operands[arm.height]), to: currentScope)
    startUnreachable()
  }
}
