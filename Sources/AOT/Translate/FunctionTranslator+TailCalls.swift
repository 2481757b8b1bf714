import CLLVM
import Contract
import Wasm

/// Tail calls. One that the compiled function itself makes is a `musttail` call if its callee is not inlined. One in a body that
/// was inlined at an ordinary call becomes an ordinary call, whose results that body returns:
///
///     func f  …call g…                          func f  …body of g: %r = call h…
///     func g  …return_call h…      becomes      func g  …%r = musttail call h   ret %r
///
/// Neither grows the stack. If the callee is an enclosing body whose frame the tail call would replace, it becomes a branch to
/// that body's start.
///
/// A body that is inlined at a tail call has no frame beside the enclosing one's (``InlineChains``): frame states and backtraces
/// leave that one out.
extension FunctionTranslator {
  /// Whether a body has a frame of its own, or has left it to the body inlined into it.
  func hasFrame(_ depth: Int) -> Bool { depth + 1 == bodies.count || !bodies[depth + 1].isTail }

  /// The outermost body that the innermost one's frame stands for.
  private var frameBase: Int {
    var depth = bodies.count - 1
    while bodies[depth].isTail { depth -= 1 }
    return depth
  }

  /// The scope that gets the exceptions of a tail call, which has left those of the body.
  var frameScope: Int? { controls[bodies[frameBase].controlBase].exceptionScope }

  /// Ends the block with a tail call.
  func emitTailCall(_ callee: Callee, _ arguments: [Value]) {
    let base = frameBase
    if base == 0 {
      let registers = send(arguments, to: callee)
      unit.tailCall(
        function, callee.code,
        [callee.context] + unit.arguments(registers, of: callee.type, signature))
      return startUnreachable()
    }
    // The callee returns to the call that the body at `base` stands for.
    let caller = bodies[base - 1]
    pushAll(
      emitCall(
        callee, arguments, place: place(node: caller.node, offset: caller.callOffset),
        scope: frameScope),
      callee.type.results)
    translateReturn()
  }

  // MARK: Loops

  /// Creates the block at which a body starts, and starts there.
  func startBlock(of body: Body, parameters: Int) -> Block {
    let start = unit.appendBlock(function)
    LLVMBuildBr(unit.builder, start)
    unit.position(at: start)
    for (local, type) in zip(body.locals, body.localTypes).dropFirst(parameters) {
      LLVMBuildStore(unit.builder, unit.zero(irType(type)), local)
    }
    return start
  }

  /// Turns a tail call of an enclosing body, with only tail calls in between, into a branch to its start.
  /// - Returns: false if there is none.
  func startOver(_ target: Int, _ arguments: [Value]) -> Bool {
    let base = frameBase
    guard
      let body = bodies[base...].last(where: { $0.function == target }), let start = body.start
    else { return false }
    for (local, value) in zip(body.locals, arguments) {
      LLVMBuildStore(unit.builder, value, local)
    }
    LLVMBuildBr(unit.builder, start)
    startUnreachable()
    return true
  }

  // MARK: Traps

  /// Traps in place of a stub of a dispatch table, which would look for the place behind a call. Their addresses are odd.
  func trapIfStub(_ code: Value, _ i: Instruction, index: Value) {
    let bits = LLVMBuildAnd(
      unit.builder, LLVMBuildPtrToInt(unit.builder, code, unit.i64, ""),
      unit.int64(UInt64(ContextLayout.dispatchStubBit)), "")!
    let failed = unit.appendBlock(function)
    let next = unit.appendBlock(function)
    unit.branch(
      if: unit.compare(LLVMIntNE, bits, unit.int64(0)), failed, else: next, weights: (1, 1 << 20))
    unit.position(at: failed)
    emitIndirectCallTrap(i, index: index)
    unit.position(at: next)
  }
}

// MARK: Types

extension LLVMUnit {
  /// The LLVM type of a function's definition. `musttail` requires a callee of the caller's own type. So a function whose tail calls
  /// need other registers than its own type is declared with all that any of them needs, integers first:
  ///
  ///     (f32) -> (), with return_call of (i64, f64) -> ()        void (ptr, i64, <2 x i64>)
  ///
  /// Each value is in the register in which any caller passes it, whose own call has the type that it knows. Such a function is marked
  /// as `thunk`, so that LLVM does not adapt calls in the same module to its declaration.
  struct Signature {
    let type: IRType
    let isWide: Bool
    fileprivate let integerCount: Int
    fileprivate let vectorCount: Int
    fileprivate let wasmType: FunctionType
  }

  func signature(of type: FunctionType, tailCalling callees: [FunctionType]) -> Signature {
    let own = prototype(of: type)
    guard callees.contains(where: { prototype(of: $0).type != own.type }) else {
      return Signature(
        type: own.type, isWide: false, integerCount: 0, vectorCount: 0, wasmType: type)
    }
    var (integers, vectors) = (0, 0)
    for place in ([type] + callees).flatMap({ prototype(of: $0).parameters }) {
      switch place {
      case .integer(let number): integers = max(integers, number + 1)
      case .float(let number): vectors = max(vectors, number + 1)
      case .overflow: break
      }
    }
    let parameters =
      Array(repeating: i64, count: integers) + Array(repeating: v128, count: vectors)
    return Signature(
      type: functionType(own.result, [pointer] + parameters), isWide: true,
      integerCount: integers, vectorCount: vectors, wasmType: type)
  }

  /// Declares a function with its definition's type, whatever calls before it took it for.
  func define(_ name: String, _ type: IRType) -> Value {
    guard let known = LLVMGetNamedFunction(module, name), LLVMGlobalGetValueType(known) != type
    else { return declare(name, type) }
    LLVMSetValueName2(known, "", 0)
    let function = declare(name, type)
    LLVMReplaceAllUsesWith(known, function)
    LLVMDeleteFunction(known)
    return function
  }

  /// A function's own parameters in registers, in the order of its prototype.
  func parameters(of function: Value, _ signature: Signature) -> [Value] {
    if !signature.isWide {
      return (1..<LLVMCountParams(function)).map { LLVMGetParam(function, $0) }
    }
    return registers(of: signature.wasmType).map { type, place in
      let register = LLVMGetParam(function, UInt32(1 + signature.position(of: place)))!
      guard let lanes = type.scalarLanes else { return register }
      return LLVMBuildExtractElement(builder, cast(register, lanes), int32(0), "")
    }
  }

  /// Arguments for a callee of the caller's own signature.
  /// - Parameter values: in registers, in the order of the prototype of `type`.
  func arguments(
    _ values: [Value], of type: FunctionType, _ signature: Signature
  ) -> [Value] {
    if !signature.isWide { return values }
    var result =
      Array(repeating: poison(i64), count: signature.integerCount)
      + Array(repeating: poison(v128), count: signature.vectorCount)
    for (value, (type, place)) in zip(values, registers(of: type)) {
      result[signature.position(of: place)] =
        type.scalarLanes.map { lanes in
          let vector = LLVMBuildInsertElement(
            builder, poison(self.type(lanes)), value, int32(0), "")!
          return cast(vector, .i64x2)
        } ?? value
    }
    return result
  }

  private func registers(
    of type: FunctionType
  ) -> [(type: ValueType, place: CallingConvention.Location)] {
    zip(type.parameters, prototype(of: type).parameters).filter { $1.isRegister }.map { ($0, $1) }
  }
}

extension LLVMUnit.Signature {
  /// Among the parameters of a wide signature behind the context.
  fileprivate func position(of place: CallingConvention.Location) -> Int {
    switch place {
    case .integer(let number): number
    case .float(let number): integerCount + number
    case .overflow: preconditionFailure("not a register")
    }
  }
}

extension ValueType {
  /// The shape of a vector register with such a float in lane 0; nil for other types.
  fileprivate var scalarLanes: Lanes? {
    switch kind {
    case .f32: .f32x4
    case .f64: .f64x2
    case .i32, .i64, .v128, .reference: nil
    }
  }
}
