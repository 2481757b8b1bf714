import CLLVM

/// Numbers that enable folds.
struct FloatNeutral: OptionSet {
  var rawValue: UInt8
  static let zero = FloatNeutral(rawValue: 1)
  static let minusZero = FloatNeutral(rawValue: 2)
  /// Of either sign.
  static let one = FloatNeutral(rawValue: 4)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The constants that make LLVM fold an operation with such an operand to its other operand, or to that one's negation.
  /// - Parameter knowsZero: whether LLVM may know that the other operand is not -0. The other zero then enables the fold as
  ///   well.
  static func of(_ opcode: LLVMOpcode, operand: UInt32, knowsZero: Bool = true) -> FloatNeutral {
    switch (opcode, operand) {
    case (LLVMFAdd, _): knowsZero ? [.minusZero, .zero] : .minusZero
    case (LLVMFSub, 0): knowsZero ? [.minusZero, .zero] : .minusZero
    case (LLVMFSub, _): knowsZero ? [.minusZero, .zero] : .zero
    case (LLVMFMul, _), (LLVMFDiv, 1): .one
    default: []
    }
  }

  /// For an operand of a compare. LLVM replaces a value that equals 1 by 1.
  static func of(_ predicate: LLVMRealPredicate) -> FloatNeutral {
    switch predicate {
    case LLVMRealOEQ, LLVMRealONE, LLVMRealUEQ, LLVMRealUNE: [.zero, .minusZero, .one]
    case LLVMRealORD, LLVMRealUNO, LLVMRealPredicateTrue, LLVMRealPredicateFalse: []
    default: [.zero, .minusZero]
    }
  }

  /// Adds the zero of the other sign.
  var unsigned: FloatNeutral {
    isDisjoint(with: [.zero, .minusZero]) ? self : union([.zero, .minusZero])
  }

  /// From a number's bits.
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

  /// The bits of a float constant.
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

  /// Classifies a constant for folds; nil for other values. A vector combines the classes of its elements.
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

  /// The ID of the intrinsic that is called; 0 if none is.
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

/// IDs of intrinsics.
enum FloatIntrinsic {
  static let fence = LLVMUnit.id(fenceName)
  static let fenceName = "llvm.arithmetic.fence"
  static let abs = LLVMUnit.id("llvm.fabs")
  static let minimum = LLVMUnit.id("llvm.minimum")
  static let maximum = LLVMUnit.id("llvm.maximum")
}
