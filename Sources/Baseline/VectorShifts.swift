import Wasm
import X64

/// Shifts of all lanes by the same amount, modulo their width.
extension FunctionCompiler {
  /// Words, doublewords and quadwords.
  /// - Parameters:
  ///   - instruction: by an amount in a vector register.
  ///   - immediate: the same by a constant.
  mutating func shiftLanes(_ instruction: Packed, _ immediate: PackedShift, bits: UInt8) {
    let amount = pop()
    if amount.kind == .constant {
      let result = popOwned()
      shift(immediate, result, result, by: UInt8(truncatingIfNeeded: amount.bits) & (bits - 1))
      return push(result, .v128)
    }
    let count = maskedAmount(amount, bits: bits)
    let result = popOwned()
    assembler.move(.dword, Self.vectorScratch, count)
    emit(instruction, result, result, Self.vectorScratch)
    push(result, .v128)
  }

  /// The amount modulo the lanes' width.
  private mutating func maskedAmount(_ amount: Entry, bits: UInt8) -> Register {
    let register = ownGeneral(amount)
    assembler.arithmetic(.and, .dword, .register(register), Int32(bits - 1))
    return register
  }

  /// Without AVX-512: shifts in zeros, and extends the sign, which is then at another bit: `(x ^ sign) - sign`.
  mutating func shiftRightSignedQuadwords() {
    let amount = pop()
    if amount.kind == .constant {
      let count = UInt8(truncatingIfNeeded: amount.bits) & 63
      let result = popOwned()
      if target.hasAVX512 {
        assembler.shiftRightArithmeticQuadwords(result, result, by: count)
      } else {
        let sign = memory(VectorBits(splat: UInt64(1) << (63 - UInt64(count))))
        shift(.psrlq, result, result, by: count)
        emit(.pxor, result, result, sign)
        emit(.psubq, result, result, sign)
      }
      return push(result, .v128)
    }
    let count = maskedAmount(amount, bits: 64)
    let result = popOwned()
    assembler.move(.dword, Self.vectorScratch, count)
    if target.hasAVX512 {
      emit(.psraq, result, result, Self.vectorScratch)
    } else {
      let sign = Self.secondVectorScratch
      load(VectorBits(splat: UInt64(1) << 63), into: sign)
      emit(.psrlq, sign, sign, Self.vectorScratch)
      emit(.psrlq, result, result, Self.vectorScratch)
      emit(.pxor, result, result, sign)
      emit(.psubq, result, result, sign)
    }
    push(result, .v128)
  }

  // MARK: Bytes, for which the CPU has no shifts

  /// Shifts words, with the bits masked that would cross into the other byte.
  mutating func shiftBytes(isLeft: Bool) {
    let amount = pop()
    if amount.kind == .constant {
      let count = UInt8(truncatingIfNeeded: amount.bits) & 7
      let mask = VectorBits(splat: isLeft ? UInt8(0xFF) << count : 0xFF >> count)
      let result = popOwned()
      shift(isLeft ? .psllw : .psrlw, result, result, by: count)
      emit(.pand, result, result, memory(mask))
      return push(result, .v128)
    }
    let count = maskedAmount(amount, bits: 8)
    let result = popOwned()
    let (mask, place) = (Self.vectorScratch, Self.secondVectorScratch)
    // Each byte of the mask is 0xFF >> count.
    assembler.loadAddress(.dword, Self.scratch, .memory(count, 8))
    assembler.move(.dword, place, Self.scratch)
    load(VectorBits.ones, into: mask)
    emit(.psrlw, mask, mask, place)
    emit(.packuswb, mask, mask, mask)
    assembler.move(.dword, place, count)
    if isLeft { emit(.pand, result, result, mask) }
    emit(isLeft ? .psllw : .psrlw, result, result, place)
    if !isLeft { emit(.pand, result, result, mask) }
    push(result, .v128)
  }

  /// Shifts each byte as the upper half of a word.
  mutating func shiftRightSignedBytes() {
    let amount = pop()
    let high = Self.vectorScratch
    if amount.kind == .constant {
      let count = 8 + (UInt8(truncatingIfNeeded: amount.bits) & 7)
      let result = popOwned()
      emit(.punpckhbw, high, result, result)
      shift(.psraw, high, high, by: count)
      emit(.punpcklbw, result, result, result)
      shift(.psraw, result, result, by: count)
      emit(.packsswb, result, result, high)
      return push(result, .v128)
    }
    let count = maskedAmount(amount, bits: 8)
    assembler.arithmetic(.add, .dword, .register(count), 8)
    let result = popOwned()
    let place = Self.secondVectorScratch
    assembler.move(.dword, place, count)
    emit(.punpckhbw, high, result, result)
    emit(.psraw, high, high, place)
    emit(.punpcklbw, result, result, result)
    emit(.psraw, result, result, place)
    emit(.packsswb, result, result, high)
    push(result, .v128)
  }
}
