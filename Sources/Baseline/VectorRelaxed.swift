import Contract
import Wasm
import X64

/// Relaxed vector instructions, which mean what ``RelaxedSemantics`` says.
extension FunctionCompiler {
  mutating func relaxedSwizzle() {
    if target.relaxed.contains(.swizzleWraps) { vectorBinary(.pshufb) } else { swizzle() }
  }

  mutating func relaxedTruncateSigned() {
    if target.relaxed.contains(.truncationIndefinite) {
      vectorUnary(.cvttps2dq)
    } else {
      truncateSigned()
    }
  }

  mutating func relaxedTruncateDoublesSigned() {
    if target.relaxed.contains(.truncationIndefinite) {
      vectorUnary(.cvttpd2dq)
    } else {
      truncateDoublesSigned()
    }
  }

  mutating func relaxedExtremum(_ lanes: FloatLanes, isMax: Bool) {
    if target.relaxed.contains(.extremumIsSecond) {
      vectorBinary(isMax ? lanes.max : lanes.min)
    } else {
      extremum(lanes, isMax: isMax)
    }
  }

  mutating func relaxedQ15() {
    if target.relaxed.contains(.q15Wraps) {
      vectorBinary(.pmulhrsw, commutes: true)
    } else {
      multiplyQ15()
    }
  }

  /// The sum of a product and the third operand.
  /// - Parameter fused: destination and first operand, second, third.
  mutating func multiplyAdd(_ fused: Packed, _ multiply: Packed, _ add: Packed) {
    let third = pop()
    if target.relaxed.contains(.fusesMultiplyAdd) { return multiplyFused(fused, third) }
    let summand = vectorOperand(third)
    let result = popOwnedProduct(multiply)
    emit(add, result, result, summand)
    push(result, .v128)
  }

  /// The third operand without the product.
  mutating func multiplySubtract(_ fused: Packed, _ multiply: Packed, _ subtract: Packed) {
    let third = pop()
    if target.relaxed.contains(.fusesMultiplyAdd) { return multiplyFused(fused, third) }
    let result = ownVector(third)
    let product = popOwnedProduct(multiply)
    emit(subtract, result, result, product)
    push(result, .v128)
  }

  private mutating func multiplyFused(_ fused: Packed, _ third: Entry) {
    let summand = vectorOperand(third)
    let (result, second) = popOwnedFirst()
    emit(fused, result, second, summand)
    push(result, .v128)
  }

  private mutating func popOwnedProduct(_ multiply: Packed) -> VectorRegister {
    let (result, second) = popOwnedFirst()
    emit(multiply, result, result, second)
    return result
  }

  /// - Parameters:
  ///   - blend: chooses lanes by the top bits of a mask.
  ///   - isWord: there is no `blend` for words, but for bytes.
  mutating func laneSelect(_ blend: Packed, _ width: Width) {
    guard target.relaxed.contains(.selectsByTopBit) else { return bitselect() }
    let mask = pop()
    let second = pop()
    let first = pop()
    var select = vector(mask)
    let otherwise = vector(second)
    if !target.hasAVX || width == .word {
      emitTopBits(select, width)
      select = Self.vectorScratch
    }
    let result = ownVector(first)
    if target.hasAVX {
      emit(blend, result, otherwise, result, select.rawValue << 4)
    } else {
      emitBitselect(result, otherwise, select)
    }
    push(result, .v128)
  }

  /// Copies the top bit of each lane to all its bits, into ``vectorScratch``.
  private mutating func emitTopBits(_ source: VectorRegister, _ width: Width) {
    let result = Self.vectorScratch
    switch width {
    case .word: shift(.psraw, result, source, by: 15)
    case .dword: shift(.psrad, result, source, by: 31)
    case .byte, .qword:
      load(VectorBits.zero, into: result)
      emit(width == .byte ? .pcmpgtb : .pcmpgtq, result, result, source)
    }
  }

  // MARK: Dot products

  /// Sums of pairs of products of bytes.
  mutating func relaxedDot() {
    if target.relaxed.contains(.dotTakesUnsigned) {
      vectorBinary(.pmaddubsw, swapped: true)
    } else {
      signedDot()
    }
  }

  mutating func relaxedDotAdd() {
    let third = pop()
    if target.relaxed.isSuperset(of: [.dotAddIsExact, .dotTakesUnsigned]) {
      let second = pop()
      let first = pop()
      let sources = (vector(second), vector(first))
      let result = ownVector(third)
      emit(.pdpbusd, result, sources.0, sources.1)
      return push(result, .v128)
    }
    let summand = vectorOperand(third)
    relaxedDot()
    let result = popOwned()
    emit(.pmaddwd, result, result, memory(VectorBits(splat: UInt16(1))))
    emit(.paddd, result, result, summand)
    push(result, .v128)
  }

  /// Multiplies the bytes at even and at odd places as words, of which only the sum can overflow.
  private mutating func signedDot() {
    let (result, second) = popOwnedFirst()
    let (even, other) = (Self.vectorScratch, Self.secondVectorScratch)
    for (destination, source) in [(even, result), (other, second)] {
      shift(.psllw, destination, source, by: 8)
      shift(.psraw, destination, destination, by: 8)
    }
    emit(.pmullw, even, even, other)
    shift(.psraw, other, second, by: 8)
    shift(.psraw, result, result, by: 8)
    emit(.pmullw, result, result, other)
    emit(.paddsw, result, result, even)
    push(result, .v128)
  }
}
