import CLLVM

/// ``FloatFolds/reveal()``.
struct FloatRevealing {
  typealias Value = LLVMValueRef

  let unit: LLVMUnit

  func run() {
    for suffix in ["f32", "f64", "v2f32", "v4f32", "v2f64"] {
      for fence in fences(suffix) {
        let constant = LLVMGetOperand(fence, 0)!
        if unit.isOne(constant) {
          products(fence).forEach(reveal)
        }
        for (user, index) in uses(fence) where LLVMIsAFCmpInst(user) != nil {
          LLVMSetOperand(user, index, splat(constant, LLVMTypeOf(LLVMGetOperand(user, index))))
        }
        for splat in splats(fence) where LLVMGetFirstUse(splat) == nil {
          let insertion = LLVMGetOperand(splat, 0)!
          LLVMInstructionEraseFromParent(splat)
          if LLVMGetFirstUse(insertion) == nil { LLVMInstructionEraseFromParent(insertion) }
        }
        if LLVMGetFirstUse(fence) == nil { LLVMInstructionEraseFromParent(fence) }
      }
    }
  }

  /// - Parameter suffix: of the intrinsic's name, for its type.
  private func fences(_ suffix: String) -> [Value] {
    let name = "\(FloatIntrinsic.fenceName).\(suffix)"
    guard let function = LLVMGetNamedFunction(unit.module, name) else { return [] }
    return users(function)
  }

  private func users(_ value: Value) -> [Value] { directUses(value).map(\.user) }

  private func directUses(_ value: Value) -> [(user: Value, index: UInt32)] {
    var result: [(Value, UInt32)] = []
    var known: Set<Value> = []
    var use = LLVMGetFirstUse(value)
    while let current = use {
      let user = LLVMGetUser(current)!
      if known.insert(user).inserted {
        for index in 0..<UInt32(LLVMGetNumOperands(user)) where LLVMGetOperand(user, index) == value
        {
          result.append((user, index))
        }
      }
      use = LLVMGetNextUse(current)
    }
    return result
  }

  /// Vectors whose elements are all this value.
  private func splats(_ value: Value) -> [Value] {
    users(value).filter { LLVMIsAInsertElementInst($0) != nil }.flatMap(users).filter { vector in
      LLVMIsAShuffleVectorInst(vector) != nil
        && (0..<LLVMGetNumMaskElements(vector)).allSatisfy { LLVMGetMaskValue(vector, $0) == 0 }
    }
  }

  /// Includes the uses of its splats.
  private func uses(_ fence: Value) -> [(user: Value, index: UInt32)] {
    ([fence] + splats(fence)).flatMap(directUses)
  }

  private func splat(_ constant: Value, _ type: LLVMTypeRef) -> Value {
    guard LLVMTypeOf(constant) != type else { return constant }
    var elements = [LLVMValueRef?](
      repeating: constant, count: Int(LLVMGetVectorSize(type)))
    return LLVMConstVector(&elements, UInt32(elements.count))
  }

  // MARK: Products with 1

  /// Each product once, in an order that does not change from run to run.
  private func products(_ one: Value) -> [Value] {
    var known: Set<Value> = []
    return uses(one).map(\.user).filter {
      LLVMIsAInstruction($0) != nil && LLVMGetInstructionOpcode($0) == LLVMFMul
        && known.insert($0).inserted
    }
  }

  private func isOne(_ value: Value) -> Bool {
    if LLVMIsAShuffleVectorInst(value) != nil {
      let insertion = LLVMGetOperand(value, 0)!
      return LLVMIsAInsertElementInst(insertion) != nil && isOne(LLVMGetOperand(insertion, 1))
    }
    return unit.intrinsicID(value) == FloatIntrinsic.fence && unit.isOne(LLVMGetOperand(value, 0))
  }

  /// The other factor of a product with 1 that may still be removed.
  private func factor(_ value: Value) -> Value? {
    guard LLVMGetInstructionOpcode(value) == LLVMFMul else { return nil }
    let (left, right) = (LLVMGetOperand(value, 0)!, LLVMGetOperand(value, 1)!)
    return isOne(right) ? left : isOne(left) ? right : nil
  }

  private func reveal(_ product: Value) {
    guard let value = factor(product) else { return }
    if isNeedless(product) {
      LLVMReplaceAllUsesWith(product, value)
    } else {
      for (user, index) in directUses(product) where isQuieting(user, index) {
        LLVMSetOperand(user, index, value)
      }
    }
    if LLVMGetFirstUse(product) == nil { LLVMInstructionEraseFromParent(product) }
  }

  /// Whether all users of a product, also those through vectors, phis and selects, quiet the value or accept any NaN.
  private func isNeedless(_ product: Value) -> Bool {
    var known: Set<Value> = [product]
    var waiting = [product]
    while let next = waiting.popLast() {
      // As floats of another type, its bits would be compared or quieted differently.
      let isSame = unit.scalarType(next) == unit.scalarType(product)
      for (user, index) in directUses(next) where !(isSame && isQuieting(user, index)) {
        guard LLVMIsAInstruction(user) != nil, known.count < 40 else { return false }
        if unit.vectorCastSource(user) != nil {
          if known.insert(user).inserted { waiting.append(user) }
          continue
        }
        switch LLVMGetInstructionOpcode(user) {
        case LLVMPHI, LLVMSelect, LLVMExtractElement, LLVMInsertElement, LLVMShuffleVector:
          if known.insert(user).inserted { waiting.append(user) }
        default: return false
        }
      }
    }
    return true
  }

  /// Whether a user quiets this operand itself or accepts any NaN, so that it may take the factor instead of the product.
  private func isQuieting(_ user: Value, _ index: UInt32) -> Bool {
    guard LLVMIsAInstruction(user) != nil else { return false }
    switch LLVMGetInstructionOpcode(user) {
    case LLVMFCmp: return true
    case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv: return stays(user, beside: index)
    case LLVMCall where unit.intrinsicID(user) == FloatIntrinsic.multiplyAdd:
      let operands = unit.operands(user)
      let addend = factor(operands[2]) ?? operands[2]
      return !operands[..<2].contains { mayBe(.one, $0) } || !mayBe([.zero, .minusZero], addend)
    case LLVMFPExt:
      return directUses(user).allSatisfy { use, index in
        switch LLVMGetInstructionOpcode(use) {
        case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv: stays(use, beside: index)
        case LLVMFCmp, LLVMStore: true
        default: false
        }
      }
    default: return false
    }
  }

  /// Whether arithmetic cannot be folded to this operand.
  private func stays(_ user: Value, beside index: UInt32) -> Bool {
    let other = LLVMGetOperand(user, 1 - index)!
    if other == LLVMGetOperand(user, index) { return true }
    let opcode = LLVMGetInstructionOpcode(user)
    return !mayBe(FloatNeutral.of(opcode, operand: 1 - index, knowsZero: false), other)
  }

  /// Whether code generation may find out that a value is one of these numbers.
  private func mayBe(_ neutral: FloatNeutral, _ value: Value, depth: Int = 8) -> Bool {
    if let number = unit.neutral(value) { return !number.isDisjoint(with: neutral) }
    guard LLVMIsAInstruction(value) != nil else { return false }
    if let factor = factor(value) { return depth == 0 || mayBe(neutral, factor, depth: depth - 1) }
    if let source = unit.vectorCastSource(value) {
      return depth == 0 || mayBe(neutral, source, depth: depth - 1)
    }
    let operands = unit.operands(value)
    switch LLVMGetInstructionOpcode(value) {
    case LLVMLoad, LLVMExtractValue, LLVMInvoke: return false
    case LLVMExtractElement:
      return depth == 0 || mayBe(neutral, operands[0], depth: depth - 1)
    case LLVMPHI:
      // A phi with a single value is that value.
      return depth > 0 && Set(operands).count == 1 && mayBe(neutral, operands[0], depth: depth - 1)
    case LLVMCall where unit.intrinsicID(value) == FloatIntrinsic.fence: return false
    case LLVMSelect:
      return depth == 0 || operands.dropFirst().contains { mayBe(neutral, $0, depth: depth - 1) }
    case LLVMFNeg: return depth == 0 || mayBe(neutral.unsigned, operands[0], depth: depth - 1)
    default: return isKnown(value, depth: 4)
    }
  }

  /// Whether code generation may find out a value. It always may for values computed from bits, for others only if all inputs
  /// are constants.
  private func isKnown(_ value: Value, depth: Int) -> Bool {
    if LLVMIsAConstant(value) != nil { return true }
    guard LLVMIsAInstruction(value) != nil else { return false }
    guard depth > 0 else { return true }
    if let factor = factor(value) { return isKnown(factor, depth: depth - 1) }
    let operands = unit.operands(value)
    switch LLVMGetInstructionOpcode(value) {
    case LLVMLoad, LLVMExtractValue, LLVMInvoke: return false
    case LLVMExtractElement: return isKnown(operands[0], depth: depth - 1)
    case LLVMPHI: return Set(operands).count == 1 && isKnown(operands[0], depth: depth - 1)
    case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv, LLVMFNeg, LLVMFPExt, LLVMFPTrunc,
      LLVMInsertElement, LLVMShuffleVector, LLVMBitCast, LLVMSIToFP, LLVMUIToFP, LLVMTrunc,
      LLVMSExt, LLVMZExt:
      return operands.allSatisfy { isKnown($0, depth: depth - 1) }
    case LLVMCall:
      let id = unit.intrinsicID(value)
      return id != 0 && id != FloatIntrinsic.fence
        && operands.contains { isKnown($0, depth: depth - 1) }
    default: return true
    }
  }
}
