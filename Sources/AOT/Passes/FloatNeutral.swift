import CLLVM

/// Numbers that folds look for.
struct FloatNeutral: OptionSet {
  var rawValue: UInt8
  static let zero = FloatNeutral(rawValue: 1)
  static let minusZero = FloatNeutral(rawValue: 2)
  /// Of either sign.
  static let one = FloatNeutral(rawValue: 4)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// For an operand of an operation: what makes LLVM take the other one, or its negation, for the result.
  /// - Parameter knowsZero: whether LLVM may know that the other one is not -0. Then the other zero does it, too.
  static func of(_ opcode: LLVMOpcode, operand: UInt32, knowsZero: Bool = true) -> FloatNeutral {
    switch (opcode, operand) {
    case (LLVMFAdd, _): knowsZero ? [.minusZero, .zero] : .minusZero
    case (LLVMFSub, 0): knowsZero ? [.minusZero, .zero] : .minusZero
    case (LLVMFSub, _): knowsZero ? [.minusZero, .zero] : .zero
    case (LLVMFMul, _), (LLVMFDiv, 1): .one
    default: []
    }
  }

  /// For an operand of a compare. Of a value that equals 1, LLVM makes 1.
  static func of(_ predicate: LLVMRealPredicate) -> FloatNeutral {
    switch predicate {
    case LLVMRealOEQ, LLVMRealONE, LLVMRealUEQ, LLVMRealUNE: [.zero, .minusZero, .one]
    case LLVMRealORD, LLVMRealUNO, LLVMRealPredicateTrue, LLVMRealPredicateFalse: []
    default: [.zero, .minusZero]
    }
  }

  /// Of either sign.
  var unsigned: FloatNeutral {
    isDisjoint(with: [.zero, .minusZero]) ? self : union([.zero, .minusZero])
  }

  /// Of a number's bits.
  init(bits: UInt64, isDouble: Bool) {
    let sign: UInt64 = isDouble ? 1 << 63 : 1 << 31
    let one: UInt64 = isDouble ? 0x3FF0 << 48 : 0x3F80 << 16
    switch isDouble ? bits : bits & 0xFFFF_FFFF {
    case 0: self = .zero
    case sign: self = .minusZero
    case one, one | sign: self = .one
    default: self = []
    }
  }
}

extension LLVMUnit {
  func forEachInstruction(_ function: Value, _ action: (Value) -> Void) {
    var block = LLVMGetFirstBasicBlock(function)
    while let current = block {
      var instruction = LLVMGetFirstInstruction(current)
      while let one = instruction {
        action(one)
        instruction = LLVMGetNextInstruction(one)
      }
      block = LLVMGetNextBasicBlock(current)
    }
  }

  func isFloat(_ type: IRType) -> Bool { type == f32 || type == f64 }

  /// Of a constant that is a float.
  func floatBits(_ value: Value) -> UInt64? {
    guard LLVMIsAConstantFP(value) != nil else { return nil }
    return constant(LLVMConstBitCast(value, LLVMTypeOf(value) == f64 ? i64 : i32))
  }

  func isSignalling(_ constant: Value) -> Bool {
    guard let bits = floatBits(constant) else { return false }
    return LLVMTypeOf(constant) == f64
      ? Double(bitPattern: bits).isSignalingNaN : Float(bitPattern: UInt32(bits)).isSignalingNaN
  }

  func isOne(_ constant: Value) -> Bool {
    constant == LLVMConstReal(LLVMTypeOf(constant), 1)
  }

  /// What a constant is for folds; nil if it is none. Of a vector, what any element is.
  func neutral(_ value: Value) -> FloatNeutral? {
    if let bits = floatBits(value) {
      return FloatNeutral(bits: bits, isDouble: LLVMTypeOf(value) == f64)
    }
    guard LLVMIsAConstant(value) != nil, LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind
    else { return nil }
    var result: FloatNeutral = []
    for index in 0..<LLVMGetVectorSize(LLVMTypeOf(value)) {
      if let element = LLVMGetAggregateElement(value, index), let one = neutral(element) {
        result.formUnion(one)
      }
    }
    return result
  }

  /// The number of an intrinsic that is called; 0 if none is.
  func intrinsicID(_ value: Value) -> UInt32 {
    guard LLVMIsACallInst(value) != nil, let callee = LLVMGetCalledValue(value),
      LLVMIsAFunction(callee) != nil
    else { return 0 }
    return LLVMGetIntrinsicID(callee)
  }

  func operands(_ value: Value) -> [Value] {
    if LLVMIsAPHINode(value) != nil {
      return (0..<LLVMCountIncoming(value)).map { LLVMGetIncomingValue(value, $0) }
    }
    let count =
      LLVMIsACallInst(value) == nil
      ? UInt32(LLVMGetNumOperands(value)) : LLVMGetNumArgOperands(value)
    return (0..<count).map { LLVMGetOperand(value, $0) }
  }

  static func id(_ name: String) -> UInt32 {
    LLVMLookupIntrinsicID(name, name.utf8.count)
  }
}

/// Numbers of intrinsics.
enum FloatIntrinsic {
  static let fence = LLVMUnit.id(fenceName)
  static let fenceName = "llvm.arithmetic.fence"
  static let abs = LLVMUnit.id("llvm.fabs")
  static let minimum = LLVMUnit.id("llvm.minimum")
  static let maximum = LLVMUnit.id("llvm.maximum")
}
