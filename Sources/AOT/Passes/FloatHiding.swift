import CLLVM

/// ``FloatFolds/hide()`` for one function.
final class FloatHiding {
  typealias Value = LLVMValueRef

  private let unit: LLVMUnit
  private let function: Value
  private var arithmetic: [Value] = []
  private var compares: [Value] = []
  private var extensions: [Value] = []
  private var multiplyAdds: [Value] = []
  private var constantCasts: [Value] = []
  private var hasTruncation = false
  private var stores: [Value] = []
  private lazy var storedShapes = Set(stores.map { shape(LLVMGetOperand($0, 1)) })
  private var hidden: [Value: Value] = [:]
  /// The number of values that a query visits at most. Beyond it the answer is yes.
  private static let effort = 40

  init(_ unit: LLVMUnit, _ function: Value) {
    self.unit = unit
    self.function = function
  }

  func run() {
    unit.forEachInstruction(function) { one in
      switch LLVMGetInstructionOpcode(one) {
      case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv: arithmetic.append(one)
      case LLVMFCmp: compares.append(one)
      case LLVMFPExt: extensions.append(one)
      case LLVMFPTrunc: hasTruncation = true
      case LLVMStore: stores.append(one)
      case LLVMCall where unit.intrinsicID(one) == FloatIntrinsic.multiplyAdd:
        multiplyAdds.append(one)
      case LLVMBitCast where unit.vectorBits(LLVMGetOperand(one, 0)) != nil:
        constantCasts.append(one)
      default: break
      }
    }
    constantCasts.forEach(fold)
    if arithmetic.isEmpty && compares.isEmpty && extensions.isEmpty && multiplyAdds.isEmpty {
      return
    }
    // Conversions, and `0 - x`, are where a fold may return the wrong zero of a select.
    let areZerosAtRisk =
      hasTruncation || !extensions.isEmpty
      || arithmetic.contains { one in
        LLVMGetInstructionOpcode(one) == LLVMFSub
          && anyOrigin(LLVMGetOperand(one, 0)) { origin, _ in unit.neutral(origin) == .zero }
      }
    arithmetic.forEach(hide(operandsOf:))
    multiplyAdds.forEach(hide(addendOf:))
    for compare in compares { hide(compare, areZerosAtRisk: areZerosAtRisk) }
    if hasTruncation {
      for one in extensions where maySignal(LLVMGetOperand(one, 0)) {
        multiply(0, of: one)
      }
    }
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
  }

  private func hide(operandsOf instruction: Value) {
    let operands = [LLVMGetOperand(instruction, 0)!, LLVMGetOperand(instruction, 1)!]
    guard operands[0] != operands[1] else { return }
    for index in 0..<2 {
      let other = operands[1 - index]
      let neutral = FloatNeutral.of(
        LLVMGetInstructionOpcode(instruction), operand: UInt32(index), knowsZero: !isPlain(other))
      guard !neutral.isEmpty, maySignal(other) else { continue }
      if let number = unit.neutral(operands[index]) {
        guard !number.isDisjoint(with: neutral) else { continue }
        LLVMSetOperand(instruction, UInt32(index), hidden(operands[index]))
      } else if mayBe(neutral, operands[index]) {
        multiply(UInt32(1 - index), of: instruction)
      }
    }
  }

  /// `fma x, 1, z` becomes `x + z`, which a zero then folds to x.
  private func hide(addendOf instruction: Value) {
    let operands = unit.operands(instruction)
    guard operands[..<2].contains(where: { mayBe(.one, $0) }), operands.contains(where: maySignal),
      mayBe([.zero, .minusZero], operands[2])
    else { return }
    if LLVMIsAConstant(operands[2]) != nil {
      LLVMSetOperand(instruction, 2, hidden(operands[2]))
    } else {
      multiply(2, of: instruction)
    }
  }

  /// Replaces the cast of a constant vector by the constant that it makes. Locals of vectors have one type, so that constants of
  /// floats are among their values.
  private func fold(_ cast: Value) {
    guard let lanes = unit.lanes(of: LLVMTypeOf(cast)) else { return }
    LLVMReplaceAllUsesWith(cast, unit.cast(LLVMGetOperand(cast, 0), lanes))
    LLVMInstructionEraseFromParent(cast)
  }

  private func hide(_ compare: Value, areZerosAtRisk: Bool) {
    let neutral = FloatNeutral.of(LLVMGetFCmpPredicate(compare))
    guard !neutral.isEmpty else { return }
    let operands = [LLVMGetOperand(compare, 0)!, LLVMGetOperand(compare, 1)!]
    // An integer is neither NaN nor -0.
    guard !operands.contains(where: isInteger) else { return }
    for index in 0..<2 {
      if let number = unit.neutral(operands[index]) {
        guard !number.isDisjoint(with: neutral) else { continue }
        LLVMSetOperand(compare, UInt32(index), hidden(operands[index]))
      } else if mayBe(areZerosAtRisk ? neutral : neutral.intersection(.one), operands[index]) {
        multiply(UInt32(index), of: compare)
      }
    }
  }

  /// An opaque copy of the constant.
  private func hidden(_ constant: Value) -> Value {
    if let known = hidden[constant] { return known }
    LLVMPositionBuilderBefore(
      unit.builder, LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function)))
    LLVMSetCurrentDebugLocation2(unit.builder, nil)
    let result = unit.callIntrinsic(FloatIntrinsic.fenceName, [LLVMTypeOf(constant)], [constant])
    hidden[constant] = result
    return result
  }

  private func multiply(_ index: UInt32, of instruction: Value) {
    let operand = LLVMGetOperand(instruction, index)!
    let one = hidden(LLVMConstReal(LLVMTypeOf(operand), 1))
    LLVMPositionBuilderBefore(unit.builder, instruction)
    LLVMSetCurrentDebugLocation2(unit.builder, LLVMInstructionGetDebugLoc(instruction))
    LLVMSetOperand(instruction, index, LLVMBuildFMul(unit.builder, operand, one, ""))
  }

  // MARK: Queries

  /// Whether LLVM knows nothing about a value, not even from a compare.
  private func isPlain(_ value: Value) -> Bool {
    if let source = unit.vectorCastSource(value) {
      return isPlain(source)
        && !unit.users(source).contains { cast in
          unit.vectorCastSource(cast) != nil
            && unit.users(cast).contains { LLVMIsAFCmpInst($0) != nil }
        }
    }
    guard
      LLVMIsALoadInst(value) != nil && !isForwarded(value) || LLVMIsAArgument(value) != nil
        || unit.isCall(value) && unit.intrinsicID(value) == 0
        || LLVMIsAExtractValueInst(value) != nil
    else { return false }
    return !unit.users(value).contains { LLVMIsAFCmpInst($0) != nil }
  }

  private func isInteger(_ value: Value) -> Bool {
    guard LLVMIsAInstruction(value) != nil else { return false }
    let opcode = LLVMGetInstructionOpcode(value)
    return opcode == LLVMSIToFP || opcode == LLVMUIToFP
  }

  /// Whether `test` holds for any value that this one, or one of its lanes, may be a copy of, or whether the copy may have been a
  /// float of another type. `isSigned`: whether the copy's sign may have been changed.
  private func anyOrigin(_ value: Value, _ test: (Value, _ isSigned: Bool) -> Bool) -> Bool {
    struct Origin: Hashable {
      var value: Value
      var isSigned: Bool
    }
    var known: Set<Origin> = [Origin(value: value, isSigned: false)]
    var waiting = Array(known)
    func wait(_ operands: some Sequence<Value>, _ isSigned: Bool) {
      waiting += operands.map { Origin(value: $0, isSigned: isSigned) }.filter {
        known.insert($0).inserted
      }
    }
    let scalar = unit.scalarType(value)
    while let next = waiting.popLast() {
      guard known.count < Self.effort else { return true }
      let (value, isSigned) = (next.value, next.isSigned)
      if let source = unit.vectorCastSource(value) {
        wait([source], isSigned)
        continue
      }
      let type = unit.scalarType(value)
      if unit.isFloat(type) && type != scalar { return true }
      switch LLVMIsAInstruction(value) == nil ? LLVMUnreachable : LLVMGetInstructionOpcode(value) {
      case LLVMPHI: wait(unit.operands(value), isSigned)
      case LLVMFNeg: wait(unit.operands(value), true)
      case LLVMSelect: wait(unit.operands(value).dropFirst(), isSigned)
      case LLVMCall where unit.intrinsicID(value) == FloatIntrinsic.abs:
        wait(unit.operands(value), true)
      case LLVMCall where FloatIntrinsic.choices.contains(unit.intrinsicID(value)):
        wait(unit.operands(value), isSigned)
      case LLVMInsertElement, LLVMShuffleVector, LLVMExtractElement:
        wait(unit.lanes(of: value), isSigned)
      default:
        if test(value, isSigned) { return true }
      }
    }
    return false
  }

  /// Whether a value may be a signalling NaN, provided that none of the operations that compute it is folded away.
  private func maySignal(_ value: Value) -> Bool {
    anyOrigin(value) { [unit] origin, _ in
      if LLVMIsAConstant(origin) != nil { return unit.isSignalling(origin) }
      if LLVMIsAArgument(origin) != nil { return true }
      guard LLVMIsAInstruction(origin) != nil else { return false }
      // Any bits.
      guard unit.isFloat(unit.scalarType(origin)) else { return true }
      switch LLVMGetInstructionOpcode(origin) {
      case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv, LLVMFPExt, LLVMFPTrunc, LLVMSIToFP, LLVMUIToFP:
        return false
      case LLVMCall: return unit.intrinsicID(origin) == 0
      default: return true
      }
    }
  }

  /// Whether LLVM may find out that a value is one of these numbers, on some path.
  private func mayBe(_ neutral: FloatNeutral, _ value: Value) -> Bool {
    if neutral.isEmpty { return false }
    return anyOrigin(value) { [unit] origin, isSigned in
      if let number = unit.neutral(origin) {
        return !number.isDisjoint(with: isSigned ? neutral.unsigned : neutral)
      }
      return LLVMIsAInstruction(origin) != nil && mayBeKnown(origin, depth: 4)
    }
  }

  /// Whether LLVM may find out a value.
  private func mayBeKnown(_ value: Value, depth: Int) -> Bool {
    if LLVMIsAConstant(value) != nil { return true }
    guard LLVMIsAInstruction(value) != nil else { return false }
    guard depth > 0 else { return true }
    func any(_ values: some Sequence<Value>) -> Bool {
      values.contains { mayBeKnown($0, depth: depth - 1) }
    }
    if let source = unit.vectorCastSource(value) { return any([source]) }
    let operands = unit.operands(value)
    switch LLVMGetInstructionOpcode(value) {
    case LLVMPHI: return any(operands)
    case LLVMSelect: return any(operands.dropFirst())
    case LLVMFAdd, LLVMFSub, LLVMFMul, LLVMFDiv, LLVMFNeg, LLVMFPExt, LLVMFPTrunc:
      return operands.allSatisfy { mayBeKnown($0, depth: depth - 1) }
    case LLVMLoad: return isForwarded(value)
    case LLVMCall:
      // A minimum with a constant may be that constant.
      let id = unit.intrinsicID(value)
      return id == FloatIntrinsic.minimum || id == FloatIntrinsic.maximum
        || id != 0 && any(operands)
    case LLVMInsertElement, LLVMShuffleVector, LLVMExtractElement: return any(unit.lanes(of: value))
    case LLVMExtractValue, LLVMInvoke: return false
    default: return true
    }
  }

  // MARK: Stores

  /// Whether LLVM may forward a store of this function to a load, which may then be any value.
  private func isForwarded(_ load: Value) -> Bool {
    storedShapes.contains(shape(LLVMGetOperand(load, 0)))
  }

  /// The leaves of an address computation, which stay the same while LLVM simplifies it. Equal addresses have equal shapes down
  /// to a depth of eight steps; values further down count as leaves.
  private func shape(_ pointer: Value) -> [Int] {
    var leaves: [Int] = []
    addLeaves(of: pointer, to: &leaves, depth: 8)
    return leaves.sorted()
  }

  private func addLeaves(of value: Value, to leaves: inout [Int], depth: Int) {
    if LLVMIsAConstant(value) != nil, LLVMIsAGlobalValue(value) == nil { return }
    let opcode =
      LLVMIsAInstruction(value) == nil ? LLVMUnreachable : LLVMGetInstructionOpcode(value)
    switch opcode {
    case LLVMGetElementPtr, LLVMAdd, LLVMSub, LLVMOr, LLVMAnd, LLVMMul, LLVMShl, LLVMZExt, LLVMSExt,
      LLVMTrunc, LLVMLoad, LLVMFreeze:
      guard depth > 0 else { break }
      // The base of the memory and the locals of C are loaded anew at each use, so loads are a part of the shape.
      if opcode == LLVMLoad { leaves.append(0) }
      for operand in unit.operands(value) { addLeaves(of: operand, to: &leaves, depth: depth - 1) }
      return
    default: break
    }
    leaves.append(Int(bitPattern: value))
  }
}
