import Wasm
import X64

/// Float lanes (spec 4.3.3): what takes more than one instruction of the CPU.
extension FunctionCompiler {
  /// The instructions for one width of lanes.
  struct FloatLanes {
    let min, max, or, subtract, compare: Packed
    /// Shift and its amount that leave of all ones what is below a canonical NaN's bits.
    let payload: (shift: PackedShift, amount: UInt8)

    static let single = FloatLanes(
      min: .minps, max: .maxps, or: .orps, subtract: .subps, compare: .cmpps,
      payload: (.psrld, 10))
    static let double = FloatLanes(
      min: .minpd, max: .maxpd, or: .orps, subtract: .subpd, compare: .cmppd,
      payload: (.psrlq, 13))
  }

  mutating func compareFloats(
    _ instruction: Packed, _ test: Assembler.FloatTest, swapped: Bool = false
  ) {
    vectorBinary(
      instruction, swapped: swapped, commutes: test == .equal || test == .notEqual, test.rawValue)
  }

  mutating func roundFloats(_ instruction: Packed, _ rounding: Assembler.Rounding) {
    vectorUnary(instruction, rounding.rawValue)
  }

  /// Clears or flips sign bits.
  mutating func changeSigns(_ instruction: Packed, _ mask: VectorBits) {
    let entry = pop()
    let result = destination(entry, entry)
    emit(instruction, result.destination, result.first, memory(mask))
    push(result.destination, .v128)
  }

  /// min or max. NaN if either operand is NaN, namely the negative canonical one, whichever the operands' bits; -0 is below +0.
  mutating func extremum(_ lanes: FloatLanes, isMax: Bool) {
    let (result, second) = popOwnedFirst()
    let instruction = isMax ? lanes.max : lanes.min
    let other = Self.vectorScratch
    // Both orders: they differ for zeros of different signs, and if one operand is NaN.
    emit(instruction, other, second, result)
    emit(instruction, result, result, second)
    if isMax {
      // What differs is set, which is the sign of zeros. Subtracting it gives +0 for these.
      emit(.xorps, result, result, other)
      emit(lanes.or, other, other, result)
      emit(lanes.subtract, other, other, result)
    } else {
      emit(lanes.or, other, other, result)
    }
    let unordered = Assembler.FloatTest.unordered.rawValue
    emit(lanes.compare, result, result, other, unordered)
    emit(lanes.or, other, other, result)
    shift(lanes.payload.shift, result, result, by: lanes.payload.amount)
    emit(.andnps, result, result, other)
    push(result, .v128)
  }

  // MARK: Conversions to floats

  /// Halves are put below exponents that make them integers, and the floats are added, which rounds once.
  mutating func convertUnsigned() {
    if target.hasAVX512 { return vectorUnary(.cvtudq2ps) }
    let result = popOwned()
    let (high, exponent) = (Self.vectorScratch, Self.secondVectorScratch)
    shift(.psrld, high, result, by: 16)
    load(VectorBits(splat: UInt32(0x4B00_0000)), into: exponent)
    emit(.pblendw, result, result, exponent, 0xAA)
    emit(.por, high, high, memory(VectorBits(splat: UInt32(0x5300_0000))))
    // 2^39 + 2^23, which both exponents have added.
    emit(.subps, high, high, memory(VectorBits(splat: UInt32(0x5300_0080))))
    emit(.addps, result, result, high)
    push(result, .v128)
  }

  /// 2^52, whose lowest 32 bits are the integer.
  private static let twoTo52 = VectorBits(splat: UInt64(0x4330_0000_0000_0000))

  mutating func convertLowUnsigned() {
    if target.hasAVX512 { return vectorUnary(.cvtudq2pd) }
    let result = popOwned()
    emit(.unpcklps, result, result, memory(VectorBits(splat: UInt32(0x4330_0000))))
    emit(.subpd, result, result, memory(Self.twoTo52))
    push(result, .v128)
  }

  // MARK: Saturating truncation

  private static let twoTo31 = VectorBits(splat: UInt32(0x4F00_0000))

  /// cvttps2dq gives -2^31 for what is out of range, of which all bits are flipped if it should be 2^31 - 1.
  mutating func truncateSigned() {
    let result = popOwned()
    let (isBig, integers) = (Self.vectorScratch, Self.secondVectorScratch)
    load(Self.twoTo31, into: isBig)
    emit(.cmpps, isBig, isBig, result, Assembler.FloatTest.lessOrEqual.rawValue)
    emit(.cvttps2dq, integers, .vector(result))
    emit(.pxor, integers, integers, isBig)
    emit(.cmpps, result, result, result, Assembler.FloatTest.ordered.rawValue)
    emit(.andps, result, result, integers)
    push(result, .v128)
  }

  /// `max(x, 0)` is 0 for NaN. From 2^31 up, cvttps2dq gives 2^31, to which what is above it is added.
  mutating func truncateUnsigned() {
    let result = popOwned()
    let (zero, limit) = (Self.vectorScratch, Self.secondVectorScratch)
    load(VectorBits.zero, into: zero)
    emit(.maxps, result, result, zero)
    if target.hasAVX512 {
      emit(.cvttps2udq, result, .vector(result))
      return push(result, .v128)
    }
    let above = allocateVector()
    load(Self.twoTo31, into: limit)
    emit(.subps, above, result, limit)
    emit(.cmpps, limit, limit, above, Assembler.FloatTest.lessOrEqual.rawValue)
    emit(.cvttps2dq, above, .vector(above))
    emit(.pxor, above, above, limit)
    emit(.pmaxsd, above, above, zero)
    emit(.cvttps2dq, result, .vector(result))
    emit(.paddd, result, result, above)
    push(result, .v128)
  }

  /// The limit is 0 for NaN, and minpd returns its second operand then.
  mutating func truncateDoublesSigned() {
    let result = popOwned()
    let limit = Self.vectorScratch
    emit(.cmppd, limit, result, result, Assembler.FloatTest.ordered.rawValue)
    emit(.andps, limit, limit, memory(VectorBits(splat: Double(Int32.max).bitPattern)))
    emit(.minpd, result, result, limit)
    emit(.cvttpd2dq, result, .vector(result))
    push(result, .v128)
  }

  mutating func truncateDoublesUnsigned() {
    let result = popOwned()
    load(VectorBits.zero, into: Self.vectorScratch)
    emit(.maxpd, result, result, Self.vectorScratch)
    if target.hasAVX512 {
      emit(.cvttpd2udq, result, .vector(result))
    } else {
      emit(.minpd, result, result, memory(VectorBits(splat: Double(UInt32.max).bitPattern)))
      emitLowDoublewords(result)
    }
    push(result, .v128)
  }

  /// Doubles in the range of u32 become integers in the low half.
  private mutating func emitLowDoublewords(_ register: VectorRegister) {
    emit(.roundpd, register, .vector(register), Assembler.Rounding.truncate.rawValue)
    emit(.addpd, register, register, memory(Self.twoTo52))
    load(VectorBits.zero, into: Self.vectorScratch)
    emit(.shufps, register, register, Self.vectorScratch, 0x88)
  }

  // MARK: Relaxed truncation (``RelaxedSemantics``)

  mutating func relaxedTruncateUnsigned() {
    if target.relaxed.contains(.unsignedTruncationIndefinite) {
      return vectorUnary(.cvttps2udq)
    }
    guard target.relaxed.contains(.unsignedTruncationInHalves) else { return truncateUnsigned() }
    let result = popOwned()
    let (low, sign) = (Self.vectorScratch, Self.secondVectorScratch)
    emit(.cvttps2dq, low, .vector(result))
    emit(.subps, result, result, memory(Self.twoTo31))
    emit(.cvttps2dq, result, .vector(result))
    shift(.psrad, sign, low, by: 31)
    emit(.pand, result, result, sign)
    emit(.por, result, result, low)
    push(result, .v128)
  }

  mutating func relaxedTruncateDoublesUnsigned() {
    if target.relaxed.contains(.unsignedTruncationIndefinite) {
      return vectorUnary(.cvttpd2udq)
    }
    guard target.relaxed.contains(.unsignedTruncationInHalves) else {
      return truncateDoublesUnsigned()
    }
    let result = popOwned()
    emitLowDoublewords(result)
    push(result, .v128)
  }
}
