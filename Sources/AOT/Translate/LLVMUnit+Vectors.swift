import CLLVM
import Wasm

/// Vectors of 128 bits. Wherever their lanes do not matter (locals, phis, arguments, frame states) they have one type, ``v128``;
/// each operation casts to the lanes that it needs, which costs no code.
extension LLVMUnit {
  /// The type of vectors between operations.
  var v128: IRType { type(.i64x2) }

  func type(_ lanes: Lanes) -> IRType { LLVMVectorType(elementType(lanes), UInt32(lanes.count)) }

  func elementType(_ lanes: Lanes) -> IRType {
    switch lanes {
    case .i8x16: i8
    case .i16x8: i16
    case .i32x4: i32
    case .i64x2: i64
    case .f32x4: f32
    case .f64x2: f64
    }
  }

  /// The shape that a type of 128 bits has; nil for other types.
  func lanes(of type: IRType) -> Lanes? {
    guard LLVMGetTypeKind(type) == LLVMVectorTypeKind else { return nil }
    return Lanes.allCases.first { self.type($0) == type }
  }

  /// The same bits with other lanes.
  func cast(_ value: Value, _ lanes: Lanes) -> Value {
    let type = type(lanes)
    if LLVMTypeOf(value) == type { return value }
    if let bits = vectorBits(value) { return vector(lanes, bits) }
    if LLVMIsABitCastInst(value) != nil, let source = LLVMGetOperand(value, 0),
      LLVMTypeOf(source) == type
    {
      return source
    }
    return LLVMBuildBitCast(builder, value, type, "")
  }

  // MARK: Constants

  /// A constant.
  func vector(_ lanes: Lanes, _ bits: V128) -> Value {
    vector(lanes, (0..<lanes.count).map { bits.lane($0, bits: lanes.bits) })
  }

  /// A constant whose lanes have these bits.
  func vector(_ lanes: Lanes, _ elements: [UInt64]) -> Value {
    let integer = elementType(lanes.integer)
    var constants = elements.map { bits -> Value? in
      let number = LLVMConstInt(integer, bits, 0)
      return lanes.isFloat ? LLVMConstBitCast(number, elementType(lanes)) : number
    }
    return LLVMConstVector(&constants, UInt32(constants.count))
  }

  /// A constant whose lanes all have these bits.
  func splat(_ lanes: Lanes, bits: UInt64) -> Value {
    vector(lanes, [UInt64](repeating: bits & lanes.mask, count: lanes.count))
  }

  /// A vector of numbers that the lanes' type can represent.
  func splat(_ lanes: Lanes, number: Double) -> Value {
    splat(lanes, bits: lanes == .f64x2 ? number.bitPattern : UInt64(Float(number).bitPattern))
  }

  /// The bits of a constant vector, with whatever lanes and casts. LLVM's own casts of constants leave expressions.
  func vectorBits(_ value: Value) -> V128? {
    if LLVMIsAConstantExpr(value) != nil, LLVMGetConstOpcode(value) == LLVMBitCast {
      return vectorBits(LLVMGetOperand(value, 0))
    }
    guard LLVMIsAConstant(value) != nil, let lanes = lanes(of: LLVMTypeOf(value)) else {
      return nil
    }
    var halves: [UInt64] = [0, 0]
    for index in 0..<lanes.count {
      guard let element = LLVMGetAggregateElement(value, UInt32(index)),
        let bits = constant(element) ?? floatBits(element)
      else { return nil }
      let position = index * lanes.bits
      halves[position >> 6] |= bits << UInt64(position & 63)
    }
    return V128(low: halves[0], high: halves[1])
  }

  // MARK: Shuffles

  /// The lanes with these numbers of two vectors of one type; those of the second one come after those of the first.
  func shuffle(_ first: Value, _ second: Value, _ numbers: some Sequence<Int>) -> Value {
    var mask = numbers.map { Optional(int32(UInt32($0))) }
    return LLVMBuildShuffleVector(
      builder, first, second, LLVMConstVector(&mask, UInt32(mask.count)), "")
  }

  /// The lanes with these numbers.
  func shuffle(_ vector: Value, _ numbers: some Sequence<Int>) -> Value {
    shuffle(vector, poison(LLVMTypeOf(vector)), numbers)
  }

  /// A vector whose lanes all are this value.
  func splat(_ lanes: Lanes, _ lane: Value) -> Value {
    let first = LLVMBuildInsertElement(builder, poison(type(lanes)), lane, int32(0), "")!
    return shuffle(first, repeatElement(0, count: lanes.count))
  }
}

extension V128 {
  /// The bits of a lane of a certain width.
  func lane(_ index: Int, bits: Int) -> UInt64 {
    let position = index * bits
    return (position < 64 ? low : high) >> UInt64(position & 63) & .max >> UInt64(64 - bits)
  }
}
