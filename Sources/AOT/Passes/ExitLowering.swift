import CLLVM
import Contract

/// Lowers deopts and traps to their final form, after optimization. Before:
///
///     call void @wpgo.deopt(i64 4) [ "deopt"(i32 %a, i64 %b) ]
///     unreachable
///     …
///     call void @wpgo.trap(i64 %code, i64 %place)
///     unreachable
///
/// After: a statepoint, whose stack map record tells the runtime where to read the values while the frame is live. LLVM's
/// epilogue then pops the frame on the way to the continuation, which has the function's own prototype and reads the context
/// only. A trap's frame stays: the trap stub needs it for the backtrace, and never returns.
///
///     %c = load ptr, captureStub
///     %t = call token @llvm.experimental.gc.statepoint.p0(i64 -5, i32 0, ptr elementtype(ptr (ptr)) %c, …) [ "deopt"(…) ]
///     %k = call ptr @llvm.experimental.gc.result.p0(token %t)
///     %r = musttail call RESULT %k(ptr %ctx, poison, …)
///     ret RESULT %r
///     …
///     %s = load ptr, trapStub
///     call void %s(ptr %ctx, i64 %code, i64 %place)
///     unreachable
struct ExitLowering {
  private let unit: LLVMUnit
  private let captureType: LLVMTypeRef
  private let trapType: LLVMTypeRef

  init(_ unit: LLVMUnit) {
    self.unit = unit
    captureType = unit.functionType(unit.pointer, [unit.pointer])
    trapType = unit.functionType(unit.void, [unit.pointer, unit.i64, unit.i64])
  }

  func run() {
    lowerUses(of: FunctionTranslator.deoptName, lowerDeopt)
    lowerUses(of: LLVMUnit.trapName, lowerTrap)
    lowerUses(of: FunctionTranslator.throwName, lowerThrow)
  }

  private func lowerUses(of name: String, _ lower: (LLVMValueRef) -> Void) {
    guard let function = LLVMGetNamedFunction(unit.module, name) else { return }
    var calls: [LLVMValueRef] = []
    var use = LLVMGetFirstUse(function)
    while let current = use {
      calls.append(LLVMGetUser(current))
      use = LLVMGetNextUse(current)
    }
    for call in calls { lower(call) }
    LLVMDeleteFunction(function)
  }

  /// Positions the builder in front of `call`. Returns the function and its context.
  private func start(
    at call: LLVMValueRef
  ) -> (function: LLVMValueRef, context: LLVMValueRef) {
    LLVMPositionBuilderBefore(unit.builder, call)
    LLVMSetCurrentDebugLocation2(unit.builder, LLVMInstructionGetDebugLoc(call))
    let function = LLVMGetBasicBlockParent(LLVMGetInstructionParent(call))!
    return (function, LLVMGetParam(function, 0))
  }

  private func lowerTrap(_ call: LLVMValueRef) {
    let (_, context) = start(at: call)
    let stub = unit.loadFixed(
      unit.pointer, unit.address(context, ContextLayout.trapStub))
    let trap = unit.call(
      trapType, stub, [context, LLVMGetOperand(call, 0)!, LLVMGetOperand(call, 1)!])
    for name in ["cold", "noreturn", "nounwind"] {
      unit.addCallAttribute(trap, unit.enumAttribute(name))
    }
    LLVMInstructionEraseFromParent(call)
  }

  /// A throw becomes a call of the runtime, with its place as before.
  private func lowerThrow(_ call: LLVMValueRef) {
    guard let place = CallLowering(unit: unit).place(call) else { return }
    let (_, context) = start(at: call)
    let table = unit.loadFixed(unit.pointer, unit.address(context, ContextLayout.runtimeCalls))
    let function = unit.loadFixed(
      unit.pointer, unit.address(table, 8 * RuntimeCall.throwException.rawValue))
    let throwing = unit.call(
      unit.functionType(unit.void, [unit.pointer, unit.i64, unit.i64]), function,
      [context, LLVMGetOperand(call, 0), unit.int64(TrapPlace.fromReturnAddress)], place: place)
    for name in ["cold", "noreturn"] { unit.addCallAttribute(throwing, unit.enumAttribute(name)) }
    LLVMInstructionEraseFromParent(call)
  }

  /// The values of a deopt. LLVM puts constant vectors into registers. So those whose upper half is zero, and those that nothing
  /// reads, become constants of 64 bits, which a stack map has room for. The deoptimizer extends them again.
  private func frameState(of call: LLVMValueRef) -> LLVMOperandBundleRef {
    let bundle = LLVMGetOperandBundleAtIndex(call, 0)!
    defer { LLVMDisposeOperandBundle(bundle) }
    var values = (0..<LLVMGetNumOperandBundleArgs(bundle)).map { index -> LLVMValueRef? in
      let value = LLVMGetOperandBundleArgAtIndex(bundle, index)!
      guard LLVMTypeOf(value) == unit.v128 else { return value }
      if LLVMIsAUndefValue(value) != nil { return unit.int64(0) }
      guard let bits = unit.vectorBits(value), bits.high == 0 else { return value }
      return unit.int64(bits.low)
    }
    let tag = "deopt"
    return LLVMCreateOperandBundle(tag, tag.utf8.count, &values, UInt32(values.count))
  }

  private func lowerDeopt(_ call: LLVMValueRef) {
    let (function, context) = start(at: call)
    let exit = Int(LLVMConstIntGetZExtValue(LLVMGetOperand(call, 0)))
    let capture = unit.loadFixed(
      unit.pointer, unit.address(context, ContextLayout.captureStub))
    let bundle = frameState(of: call)
    defer { LLVMDisposeOperandBundle(bundle) }
    let token = unit.statepoint(.exit(exit), captureType, capture, [context], state: bundle)
    let continuation = unit.callIntrinsic(
      "llvm.experimental.gc.result", [unit.pointer], [token])
    let parameters = (1..<LLVMCountParams(function)).map {
      unit.poison(LLVMTypeOf(LLVMGetParam(function, $0)))
    }
    let leaving = unit.tailCall(function, continuation, [context] + parameters)
    unit.addCallAttribute(leaving, unit.enumAttribute("nounwind"))
    let block = LLVMGetInstructionParent(call)
    while let last = LLVMGetLastInstruction(block) {
      LLVMInstructionEraseFromParent(last)
      if last == call { break }
    }
  }
}
