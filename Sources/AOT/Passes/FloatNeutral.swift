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

  /// Whether a constant, or an element of a constant vector, is a signalling NaN.
  func isSignalling(_ constant: Value) -> Bool {
    if let bits = floatBits(constant) {
      return Self.isSignalling(bits, isDouble: LLVMTypeOf(constant) == f64)
    }
    return vectorsOfFloats(constant).contains { vector in
      elements(vector).contains { floatBits($0) != nil && isSignalling($0) }
    }
  }

  static func isSignalling(_ bits: UInt64, isDouble: Bool) -> Bool {
    isDouble
      ? Double(bitPattern: bits).isSignalingNaN
      : Float(bitPattern: UInt32(truncatingIfNeeded: bits)).isSignalingNaN
  }

  /// The bits of the NaN that arithmetic makes of a signalling one; other bits unchanged.
  static func quieted(_ bits: UInt64, isDouble: Bool) -> UInt64 {
    isSignalling(bits, isDouble: isDouble) ? bits | (isDouble ? 1 << 51 : 1 << 22) : bits
  }

  /// The vectors of floats that a constant vector may stand for: itself, or both if its lanes are integers.
  private func vectorsOfFloats(_ value: Value) -> [Value] {
    guard LLVMIsAConstant(value) != nil, LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind
    else { return [] }
    if isFloat(scalarType(value)) { return [value] }
    return vectorBits(value) == nil ? [] : [cast(value, .f32x4), cast(value, .f64x2)]
  }

  private func elements(_ vector: Value) -> [Value] {
    (0..<LLVMGetVectorSize(LLVMTypeOf(vector))).compactMap { LLVMGetAggregateElement(vector, $0) }
  }

  /// Of a lane, or the value's own.
  func scalarType(_ value: Value) -> IRType {
    let type = LLVMTypeOf(value)!
    return LLVMGetTypeKind(type) == LLVMVectorTypeKind ? LLVMGetElementType(type) : type
  }

  /// The vector that this one has the bits of, with other lanes; nil if it is no such cast.
  func vectorCastSource(_ value: Value) -> Value? {
    guard LLVMIsABitCastInst(value) != nil, let source = LLVMGetOperand(value, 0),
      LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind,
      LLVMGetTypeKind(LLVMTypeOf(source)) == LLVMVectorTypeKind
    else { return nil }
    return source
  }

  /// The values from which an instruction takes lanes.
  func lanes(of instruction: Value) -> [Value] {
    let count = LLVMIsAExtractElementInst(instruction) != nil ? 1 : 2
    return operands(instruction)[..<count].filter { LLVMIsAUndefValue($0) == nil }
  }

  func users(_ value: Value) -> [Value] {
    var result: [Value] = []
    var use = LLVMGetFirstUse(value)
    while let current = use {
      result.append(LLVMGetUser(current))
      use = LLVMGetNextUse(current)
    }
    return result
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
    return vectorsOfFloats(value).flatMap(elements).reduce(into: []) {
      if floatBits($1) != nil, let one = neutral($1) { $0.formUnion(one) }
    }
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
      isCall(value)
      ? LLVMGetNumArgOperands(value) : UInt32(LLVMGetNumOperands(value))
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
  static let multiplyAdd = LLVMUnit.id("llvm.fma")
  /// Those that return one of their operands as it is.
  static let choices = Set(
    ["sse.min.ps", "sse.max.ps", "sse2.min.pd", "sse2.max.pd"].map { LLVMUnit.id("llvm.x86.\($0)") }
  )
}
