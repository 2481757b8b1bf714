import Wasm
import X64

/// Integer lanes (spec 4.3.6): what takes more than one instruction of the CPU.
extension FunctionCompiler {
  // MARK: Comparisons

  /// The opposite of a comparison that the CPU has.
  mutating func compareInverted(_ instruction: Packed, swapped: Bool = false) {
    vectorBinary(instruction, swapped: swapped)
    invertTop()
  }

  /// Compares the first operand with the minimum or maximum of both.
  mutating func compare(_ extremum: Packed, _ equal: Packed, inverted: Bool = false) {
    let second = pop()
    let first = pop()
    let source = vectorOperand(second)
    let result = destination(first, second)
    emit(extremum, Self.vectorScratch, result.first, source)
    emit(equal, result.destination, result.first, Self.vectorScratch)
    if inverted { invert(result.destination, result.destination) }
    push(result.destination, .v128)
  }

  mutating func anyTrue() {
    let entry = pop()
    let source = vector(entry)
    emit(.ptest, source, .vector(source))
    push(Test(.notEqual))
  }

  /// - Parameter equal: compares lanes.
  mutating func allTrue(_ equal: Packed) {
    let entry = pop()
    let source = vector(entry)
    load(VectorBits.zero, into: Self.vectorScratch)
    emit(equal, Self.vectorScratch, Self.vectorScratch, source)
    emit(.ptest, Self.vectorScratch, .vector(Self.vectorScratch))
    push(Test(.equal))
  }

  /// The top bits of all lanes.
  mutating func bitmask(_ instruction: Packed, isWord: Bool = false) {
    let entry = pop()
    var source = vector(entry)
    let result = allocateGeneral()
    if isWord {
      emit(.packsswb, Self.vectorScratch, source, source)
      source = Self.vectorScratch
    }
    assembler.packed(instruction, result, source)
    if isWord { assembler.loadZeroExtended(result, from: .byte, .register(result)) }
    push(result, .i32)
  }

  // MARK: Bits

  /// Bits of the first vector where the third has ones, of the second where it has zeros.
  mutating func bitselect() {
    let mask = pop()
    let second = pop()
    let first = pop()
    if target.hasAVX512 {
      let sources = (vector(first), vector(second))
      let result = ownVector(mask)
      // The table of `mask ? first : second`.
      emit(.pternlogq, result, sources.0, sources.1, 0xCA)
      return push(result, .v128)
    }
    let select = vector(mask)
    let otherwise = vector(second)
    let result = ownVector(first)
    emitBitselect(result, otherwise, select)
    push(result, .v128)
  }

  /// `first = mask ? first : second`
  mutating func emitBitselect(
    _ first: VectorRegister, _ second: VectorRegister, _ mask: VectorRegister
  ) {
    emit(.pxor, first, first, second)
    emit(.pand, first, first, mask)
    emit(.pxor, first, first, second)
  }

  /// Looks both halves of each byte up in a table.
  mutating func populationCountBytes() {
    if target.hasBITALG { return vectorUnary(.popcntb) }
    let result = popOwned()
    let (high, low) = (Self.vectorScratch, Self.secondVectorScratch)
    let mask = VectorBits(splat: UInt8(0x0F))
    let table = VectorBits(bytes: (0..<16).map { UInt8($0.nonzeroBitCount) })
    shift(.psrlw, high, result, by: 4)
    emit(.pand, result, result, memory(mask))
    emit(.pand, high, high, memory(mask))
    load(table, into: low)
    emit(.pshufb, low, low, result)
    load(table, into: result)
    emit(.pshufb, result, result, high)
    emit(.paddb, result, result, low)
    push(result, .v128)
  }

  // MARK: Arithmetic

  mutating func negate(_ subtract: Packed) {
    let entry = pop()
    let source = vectorOperand(entry)
    let result = allocateVector()
    load(VectorBits.zero, into: result)
    emit(subtract, result, result, source)
    push(result, .v128)
  }

  mutating func absoluteQuadwords() {
    if target.hasAVX512 { return vectorUnary(.pabsq) }
    let result = popOwned()
    let sign = Self.vectorScratch
    load(VectorBits.zero, into: sign)
    emit(.pcmpgtq, sign, sign, result)
    emit(.pxor, result, result, sign)
    emit(.psubq, result, result, sign)
    push(result, .v128)
  }

  /// With halves H and L: `a * b = La * Lb + ((Ha * Lb + La * Hb) << 32)`.
  mutating func multiplyQuadwords() {
    if target.hasAVX512 { return vectorBinary(.pmullq, commutes: true) }
    let (a, b) = popOwnedFirst()
    let (cross, other) = (Self.vectorScratch, Self.secondVectorScratch)
    shift(.psrlq, cross, a, by: 32)
    emit(.pmuludq, cross, cross, b)
    shift(.psrlq, other, b, by: 32)
    emit(.pmuludq, other, other, a)
    emit(.paddq, cross, cross, other)
    shift(.psllq, cross, cross, by: 32)
    emit(.pmuludq, a, a, b)
    emit(.paddq, a, a, cross)
    push(a, .v128)
  }

  /// Only the square of -2^15 overflows: its lanes are -2^15 after pmulhrsw, and become 2^15 - 1.
  mutating func multiplyQ15() {
    vectorBinary(.pmulhrsw, commutes: true)
    let result = popOwned()
    load(VectorBits(splat: UInt16(0x8000)), into: Self.vectorScratch)
    emit(.pcmpeqw, Self.vectorScratch, Self.vectorScratch, result)
    emit(.pxor, result, result, Self.vectorScratch)
    push(result, .v128)
  }

  // MARK: Wider lanes

  /// Extends the high half's lanes; ``vectorUnary(_:_:)`` does so for the low half.
  mutating func extendHigh(_ extend: Packed) {
    let entry = pop()
    let result = entry.kind == .register ? entry.register.vector : allocateVector()
    if entry.kind == .home {
      emit(extend, result, lane(entry, at: 8))
    } else {
      emit(.pshufd, result, .vector(vector(entry)), 0xEE)
      emit(extend, result, .vector(result))
    }
    push(result, .v128)
  }

  /// Bytes: extends them to words, and multiplies these.
  mutating func multiplyExtended(bytes extend: Packed, isHigh: Bool) {
    let (result, second) = popOwnedFirst()
    for (destination, source) in [(Self.vectorScratch, second), (result, result)] {
      if isHigh {
        emit(.pshufd, destination, .vector(source), 0xEE)
        emit(extend, destination, .vector(destination))
      } else {
        emit(extend, destination, .vector(source))
      }
    }
    emit(.pmullw, result, result, Self.vectorScratch)
    push(result, .v128)
  }

  /// Words: interleaves the low and the high halves of their products.
  mutating func multiplyExtended(words high: Packed, _ unpack: Packed) {
    let (result, second) = popOwnedFirst()
    emit(high, Self.vectorScratch, result, second)
    emit(.pmullw, result, result, second)
    emit(unpack, result, result, Self.vectorScratch)
    push(result, .v128)
  }

  /// Doublewords: moves them to where pmuldq and pmuludq multiply.
  mutating func multiplyExtended(doublewords multiply: Packed, isHigh: Bool) {
    let (result, second) = popOwnedFirst()
    let lanes: UInt8 = isHigh ? 0xFA : 0x50
    emit(.pshufd, Self.vectorScratch, .vector(second), lanes)
    emit(.pshufd, result, .vector(result), lanes)
    emit(multiply, result, result, Self.vectorScratch)
    push(result, .v128)
  }

  /// Adds neighbours. pmaddubsw and pmaddwd do so after a multiplication, here by 1.
  mutating func addPairs(bytesSigned isSigned: Bool) {
    let ones = VectorBits(splat: UInt8(1))
    if !isSigned {
      let result = popOwned()
      emit(.pmaddubsw, result, result, memory(ones))
      return push(result, .v128)
    }
    let entry = pop()
    let source = vector(entry)
    let result = allocateVector()
    load(ones, into: result)
    emit(.pmaddubsw, result, result, source)
    push(result, .v128)
  }

  /// Unsigned words become signed by subtracting 2^15, twice of which is added to their sum.
  mutating func addPairs(wordsSigned isSigned: Bool) {
    let result = popOwned()
    if !isSigned { emit(.pxor, result, result, memory(VectorBits(splat: UInt16(0x8000)))) }
    emit(.pmaddwd, result, result, memory(VectorBits(splat: UInt16(1))))
    if !isSigned { emit(.paddd, result, result, memory(VectorBits(splat: UInt32(0x1_0000)))) }
    push(result, .v128)
  }
}
