import CLLVM
import Contract

/// Lowers calls from wasm code to their final form, after optimization, so that the object says which instruction of the module
/// each return address belongs to: a statepoint's stack map record gives the address, its ID is the place. While LLVM
/// optimizes, the place is an operand that nothing else uses. Before:
///
///     %r = call i64 @wasm_f7(ptr %ctx, i64 %a) [ "place"(i64 PLACE) ]
///
/// After:
///
///     %t = call token @llvm.experimental.gc.statepoint.p0(i64 PLACE, i32 0, ptr elementtype(…) @wasm_f7, …, ptr %ctx, i64 %a, …)
///     %r = call i64 @llvm.experimental.gc.result.i64(token %t)
///
/// An `invoke` becomes one of the statepoint. A block of its own, in front of where the call continues, gets the result.
struct CallLowering {
  static let placeTag = "place"

  let unit: LLVMUnit

  func run() {
    for function in MemoryChecks(unit: unit).functions() {
      var calls: [LLVMValueRef] = []
      unit.forEachInstruction(function) { instruction in
        if unit.isCall(instruction), place(instruction) != nil {
          calls.append(instruction)
        }
      }
      calls.forEach(lower)
    }
  }

  /// Nil for a call that is not wasm code's.
  func place(_ call: LLVMValueRef) -> TrapPlace? {
    guard LLVMGetNumOperandBundles(call) == 1 else { return nil }
    let bundle = LLVMGetOperandBundleAtIndex(call, 0)!
    defer { LLVMDisposeOperandBundle(bundle) }
    var size = 0
    // The tag lives as long as the context.
    guard let tag = LLVMGetOperandBundleTag(bundle, &size),
      String(decoding: UnsafeRawBufferPointer(start: tag, count: size), as: UTF8.self)
        == Self.placeTag
    else { return nil }
    return unit.constant(LLVMGetOperandBundleArgAtIndex(bundle, 0)).map(TrapPlace.init(raw:))
  }

  private func lower(_ call: LLVMValueRef) {
    guard let place = place(call) else { return }
    var handler: InvokeEdges?
    if LLVMIsAInvokeInst(call) != nil {
      let block = LLVMGetInstructionParent(call)!
      let next = unit.appendBlock(LLVMGetBasicBlockParent(block))
      unit.redirect(LLVMGetNormalDest(call), from: block, to: next)
      handler = InvokeEdges(normal: next, unwind: LLVMGetUnwindDest(call))
    }
    LLVMPositionBuilderBefore(unit.builder, call)
    LLVMSetCurrentDebugLocation2(unit.builder, LLVMInstructionGetDebugLoc(call))
    let token = unit.statepoint(
      .call(place), LLVMGetCalledFunctionType(call), LLVMGetCalledValue(call), unit.operands(call),
      invoke: handler)
    if let handler {
      LLVMPositionBuilderAtEnd(unit.builder, handler.normal)
      LLVMPositionBuilderBefore(
        unit.builder, LLVMBuildBr(unit.builder, LLVMGetNormalDest(call)))
    }
    if LLVMTypeOf(call) != unit.void {
      let result = unit.callIntrinsic(
        "llvm.experimental.gc.result", [LLVMTypeOf(call)], [token])
      LLVMReplaceAllUsesWith(call, result)
    }
    LLVMInstructionEraseFromParent(call)
  }
}

/// Where an `invoke` continues.
struct InvokeEdges {
  var normal: LLVMBasicBlockRef
  var unwind: LLVMBasicBlockRef
}

extension LLVMUnit {
  /// Whether this is a `call` or an `invoke`.
  func isCall(_ value: Value) -> Bool {
    LLVMIsACallInst(value) != nil || LLVMIsAInvokeInst(value) != nil
  }

  /// A call whose return address the object records.
  /// - Parameters:
  ///   - state: the operand bundle with the values of a frame state.
  ///   - invoke: where it continues; nil if it catches no exceptions.
  /// - Returns: the token that stands for its result.
  func statepoint(
    _ id: StatepointID, _ type: IRType, _ function: Value, _ arguments: [Value],
    state: LLVMOperandBundleRef? = nil, invoke: InvokeEdges? = nil
  ) -> Value {
    let (intrinsicType, intrinsic) = intrinsic("llvm.experimental.gc.statepoint", [pointer])
    // Flag 2, "deopt live in": values of the state may stay in registers, which the capture stub saves.
    let flags = int32(state == nil ? 0 : 2)
    var operands: [Value?] =
      [int64(id.raw), int32(0), function, int32(UInt32(arguments.count)), flags] + arguments
      + [int32(0), int32(0)]
    var bundle = state
    let count = UInt32(operands.count)
    let bundleCount: UInt32 = state == nil ? 0 : 1
    let call =
      if let invoke {
        LLVMBuildInvokeWithOperandBundles(
          builder, intrinsicType, intrinsic, &operands, count, invoke.normal, invoke.unwind,
          &bundle, bundleCount, "")!
      } else {
        LLVMBuildCallWithOperandBundles(
          builder, intrinsicType, intrinsic, &operands, count, &bundle, bundleCount, "")!
      }
    addCallAttribute(call, typeAttribute("elementtype", type), at: 3)
    return call
  }

  /// Makes an edge to `block` start at another block: in its phis. The caller changes the branch.
  func redirect(_ block: Block, from old: Block, to new: Block) {
    var next = LLVMGetFirstInstruction(block)
    while let phi = next, LLVMIsAPHINode(phi) != nil {
      next = LLVMGetNextInstruction(phi)
      LLVMPositionBuilderBefore(builder, phi)
      let changed = LLVMBuildPhi(builder, LLVMTypeOf(phi), "")!
      for index in 0..<LLVMCountIncoming(phi) {
        let source = LLVMGetIncomingBlock(phi, index)!
        addIncoming(changed, LLVMGetIncomingValue(phi, index), source == old ? new : source)
      }
      LLVMReplaceAllUsesWith(phi, changed)
      LLVMInstructionEraseFromParent(phi)
    }
  }
}
