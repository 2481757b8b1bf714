import Wasm
import X64

/// Permutations of bytes (spec 4.3.6): the shortest instruction for the pattern if it is constant.
extension FunctionCompiler {
  /// Indices from 16 give 0. With saturation, adding 0x70 sets the top bit of these, for which pshufb gives 0.
  mutating func swizzle() {
    let indices = pop()
    let entry = pop()
    if let constant = constant(indices) {
      let lanes = constant.bytes.map { $0 < 16 ? Int($0) : nil }
      return permute(entry, lanes)
    }
    let source = vector(indices)
    let result = ownVector(entry)
    emit(.paddusb, Self.vectorScratch, source, memory(VectorBits(splat: UInt8(0x70))))
    emit(.pshufb, result, result, Self.vectorScratch)
    push(result, .v128)
  }

  mutating func shuffle(_ i: Instruction) {
    let lanes = VectorBits(low: i.bits, high: i.bitsHigh).bytes.map { Int($0) }
    let second = pop()
    let first = pop()
    let isSame = first.kind == .local && second.kind == .local && first.bits == second.bits
    if isSame || lanes.allSatisfy({ $0 < 16 }) { return permute(first, lanes.map { $0 & 15 }) }
    if lanes.allSatisfy({ $0 >= 16 }) { return permute(second, lanes.map { $0 - 16 }) }
    if constant(second) == .zero { return permute(first, lanes.map { $0 < 16 ? $0 : nil }) }
    if constant(first) == .zero { return permute(second, lanes.map { $0 < 16 ? nil : $0 - 16 }) }
    permute(first, second, lanes)
  }

  // MARK: One vector

  /// - Parameter lanes: bytes of the vector; nil: 0.
  private mutating func permute(_ entry: Entry, _ lanes: [Int?]) {
    let source = vector(entry)
    let result = entry.kind == .register ? source : allocateVector()
    let pattern = Pattern(lanes)
    if pattern.isIdentity {
      if result != source { assembler.move(result, source) }
    } else if let lanes = pattern.doublewords(in: 0..<4) {
      emit(.pshufd, result, .vector(source), lanes)
    } else if pattern.isHighSame, let lanes = pattern.words(in: 0..<4) {
      emit(.pshuflw, result, .vector(source), lanes)
    } else if pattern.isLowSame, let lanes = pattern.words(in: 4..<8) {
      emit(.pshufhw, result, .vector(source), lanes)
    } else if let amount = pattern.rotation(modulo: 16) {
      emit(.palignr, result, source, source, amount)
    } else {
      emit(.pshufb, result, source, memory(pattern.mask(from: 0)))
    }
    push(result, .v128)
  }

  // MARK: Two vectors

  private static let unpacks: [(instruction: Packed, size: Int, isHigh: Bool)] = [
    (.punpcklbw, 1, false), (.punpcklwd, 2, false), (.punpckldq, 4, false),
    (.punpcklqdq, 8, false), (.punpckhbw, 1, true), (.punpckhwd, 2, true), (.punpckhdq, 4, true),
    (.punpckhqdq, 8, true),
  ]

  private mutating func permute(_ first: Entry, _ second: Entry, _ lanes: [Int]) {
    for (first, second, lanes) in [
      (first, second, lanes), (second, first, lanes.map { $0 ^ 16 }),
    ] {
      let pattern = Pattern(lanes)
      if let unpack = Self.unpacks.first(where: { pattern.interleaves($0.size, isHigh: $0.isHigh) })
      {
        return permute(unpack.instruction, first, second)
      }
      if let amount = pattern.rotation(modulo: 32), amount < 16 {
        return permute(.palignr, second, first, amount)
      }
      if let words = pattern.blend { return permute(.pblendw, first, second, words) }
      if let low = pattern.doublewords(in: 0..<2, from: 0),
        let high = pattern.doublewords(in: 2..<4, from: 16)
      {
        return permute(.shufps, first, second, low | high)
      }
    }
    let pattern = Pattern(lanes)
    let other = vector(second)
    let result = ownVector(first)
    if target.hasVBMI {
      load(VectorBits(bytes: lanes.map { UInt8($0) }), into: Self.vectorScratch)
      emit(.permt2b, result, Self.vectorScratch, other)
    } else {
      emit(.pshufb, Self.vectorScratch, other, memory(pattern.mask(from: 16)))
      emit(.pshufb, result, result, memory(pattern.mask(from: 0)))
      emit(.por, result, result, Self.vectorScratch)
    }
    push(result, .v128)
  }

  private mutating func permute(
    _ instruction: Packed, _ first: Entry, _ second: Entry, _ immediate: UInt8? = nil
  ) {
    let source = vector(second)
    let result = ownVector(first)
    emit(instruction, result, result, source, immediate)
    push(result, .v128)
  }
}

/// A permutation of bytes: by place, the number of the byte there, or nil for 0.
private struct Pattern {
  let lanes: [Int?]

  init(_ lanes: [Int?]) { self.lanes = lanes }

  var isIdentity: Bool { isSame(0..<16) }
  var isLowSame: Bool { isSame(0..<8) }
  var isHighSame: Bool { isSame(8..<16) }

  private func isSame(_ places: Range<Int>) -> Bool { places.allSatisfy { lanes[$0] == $0 } }

  /// The number of the lane of this size that is at a place; nil if none is there as a whole.
  private func lane(_ size: Int, at place: Int) -> Int? {
    guard let first = lanes[size * place], first % size == 0,
      (1..<size).allSatisfy({ lanes[size * place + $0] == first + $0 })
    else { return nil }
    return first / size
  }

  /// Two bits for each place, shifted to it, if lanes of `size` come from the same four lanes that start at byte `base`.
  private func immediate(_ size: Int, _ places: Range<Int>, from base: Int) -> UInt8? {
    var result: UInt8 = 0
    for place in places {
      guard let lane = lane(size, at: place), (0..<4).contains(lane - base / size) else {
        return nil
      }
      result |= UInt8(lane - base / size) << UInt8(2 * (place & 3))
    }
    return result
  }

  /// The immediate of pshufd, or the part of it for some places.
  func doublewords(in places: Range<Int>, from base: Int = 0) -> UInt8? {
    immediate(4, places, from: base)
  }

  /// The immediate of pshuflw or pshufhw.
  func words(in places: Range<Int>) -> UInt8? { immediate(2, places, from: 2 * places.lowerBound) }

  /// The number of the first byte, if the others follow.
  func rotation(modulo count: Int) -> UInt8? {
    guard let first = lanes[0], (1..<16).allSatisfy({ lanes[$0] == (first + $0) % count }) else {
      return nil
    }
    return UInt8(first)
  }

  /// Whether lanes of a size are taken from both vectors in turns.
  func interleaves(_ size: Int, isHigh: Bool) -> Bool {
    let start = isHigh ? 8 / size : 0
    return (0..<16 / size).allSatisfy {
      lane(size, at: $0) == start + $0 / 2 + ($0 % 2) * (16 / size)
    }
  }

  /// The immediate of pblendw.
  var blend: UInt8? {
    var result: UInt8 = 0
    for place in 0..<8 {
      guard let lane = lane(2, at: place), lane % 8 == place else { return nil }
      if lane >= 8 { result |= 1 << UInt8(place) }
    }
    return result
  }

  /// The indices for pshufb of the 16 bytes from `base`. Others become 0.
  func mask(from base: Int) -> VectorBits {
    VectorBits(
      bytes: lanes.map { lane in
        lane.flatMap { (base..<base + 16).contains($0) ? UInt8($0 - base) : nil } ?? 0x80
      })
  }
}
