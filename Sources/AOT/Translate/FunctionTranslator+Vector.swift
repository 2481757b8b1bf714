import CLLVM
import Contract
import Wasm

/// Vector instructions (spec 4.3.6, 4.4.3). Each is the IR from which LLVM makes the best code for every CPU, or an intrinsic
/// of a single x86-64-v2 instruction where plain IR is slow. Operands and locals have the type ``LLVMUnit/v128``.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  typealias BinaryBuilder = (
    LLVMBuilderRef?, Value?, Value?, UnsafePointer<CChar>?
  ) -> Value?

  // MARK: Operands

  /// Pops a vector as these lanes.
  func popVector(_ lanes: Lanes) -> Value { unit.cast(pop(), lanes) }

  /// Pops two vectors, the second operand first on the stack.
  func popVectors(_ lanes: Lanes) -> (Value, Value) {
    let right = popVector(lanes)
    return (popVector(lanes), right)
  }

  /// Pushes a vector with any lanes.
  func pushVector(_ value: Value) { push(unit.cast(value, .i64x2), .v128) }

  /// Pushes the result of an intrinsic.
  func pushVector(_ name: String, _ overloads: [LLVMTypeRef] = [], _ arguments: Value...) {
    pushVector(unit.callIntrinsic(name, overloads, arguments))
  }

  func pushTruth(_ bit: Value) { push(LLVMBuildZExt(builder, bit, unit.i32, ""), .i32) }

  /// Pushes lanes of ones where a lane of `bits` is set, of zeros elsewhere.
  func pushMask(_ bits: Value, _ lanes: Lanes) { pushVector(mask(bits, lanes)) }

  func mask(_ bits: Value, _ lanes: Lanes) -> Value {
    LLVMBuildSExt(builder, bits, unit.type(lanes.integer), "")
  }

  // MARK: Dispatch

  /// Returns false if the instruction is no vector instruction.
  func translateVector(_ i: Instruction) -> Bool {
    guard i.opcode.isVector else { return false }
    if translateVectorMemory(i) || translateBits(i) { return true }
    guard let lanes = Lanes(i.opcode) else { return false }
    return translateLanes(i, lanes) || translateVectorInteger(i, lanes)
      || translateVectorFloat(i, lanes) || translateVectorConversion(i, lanes)
      || translateRelaxed(i, lanes)
  }

  // MARK: All bits

  private func translateBits(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .v128Const:
      push(unit.vector(.i64x2, i.vector), .v128)
    case .v128Not: push(LLVMBuildNot(builder, pop(), ""), .v128)
    case .v128And: bitwise(LLVMBuildAnd)
    case .v128Or: bitwise(LLVMBuildOr)
    case .v128Xor: bitwise(LLVMBuildXor)
    case .v128Andnot:
      let inverted = LLVMBuildNot(builder, pop(), "")
      push(LLVMBuildAnd(builder, pop(), inverted, ""), .v128)
    case .v128Bitselect: bitselect()
    case .v128AnyTrue: pushTruth(compareAll(LLVMIntNE, pop()))
    default: return false
    }
    return true
  }

  /// Compares all bits with 0 (`ptest`).
  private func compareAll(_ predicate: LLVMIntPredicate, _ vector: Value) -> Value {
    let all = LLVMBuildBitCast(builder, vector, LLVMIntTypeInContext(unit.context, 128), "")!
    return unit.compare(predicate, all, unit.zero(LLVMTypeOf(all)))
  }

  private func bitwise(_ build: BinaryBuilder) {
    let (left, right) = popVectors(.i64x2)
    push(build(builder, left, right, "")!, .v128)
  }

  /// Bits of the first operand where the mask is set, of the second elsewhere.
  func bitselect() {
    let mask = pop()
    let (first, second) = popVectors(.i64x2)
    push(
      LLVMBuildOr(
        builder, LLVMBuildAnd(builder, first, mask, ""),
        LLVMBuildAnd(builder, second, LLVMBuildNot(builder, mask, ""), ""), ""), .v128)
  }

  // MARK: Lanes

  private func translateLanes(_ i: Instruction, _ lanes: Lanes) -> Bool {
    switch i.opcode {
    case .i8x16Splat, .i16x8Splat, .i32x4Splat, .i64x2Splat, .f32x4Splat, .f64x2Splat:
      pushVector(splat(lanes, pop()))
    case .i8x16ExtractLaneS, .i16x8ExtractLaneS: extractLane(i, lanes, LLVMSExt)
    case .i8x16ExtractLaneU, .i16x8ExtractLaneU: extractLane(i, lanes, LLVMZExt)
    case .i32x4ExtractLane, .i64x2ExtractLane, .f32x4ExtractLane, .f64x2ExtractLane:
      extractLane(i, lanes, nil)
    case .i8x16ReplaceLane, .i16x8ReplaceLane, .i32x4ReplaceLane, .i64x2ReplaceLane,
      .f32x4ReplaceLane, .f64x2ReplaceLane:
      let lane = toLane(pop(), lanes)
      pushVector(
        LLVMBuildInsertElement(builder, popVector(lanes), lane, laneNumber(i.index), ""))
    case .i8x16Shuffle:
      let (first, second) = popVectors(lanes)
      let numbers = i.vector
      pushVector(
        unit.shuffle(first, second, (0..<lanes.count).map { Int(numbers.lane($0, bits: 8)) }))
    case .i8x16Swizzle:
      let (vector, numbers) = popVectors(lanes)
      // An index whose top bit is set gives 0: saturation sets it for indices from 16.
      let saturated = unit.callIntrinsic(
        "llvm.uadd.sat", [unit.type(lanes)], [numbers, unit.splat(lanes, bits: 0x70)])
      pushSwizzle(vector, saturated)
    case .i8x16AllTrue, .i16x8AllTrue, .i32x4AllTrue, .i64x2AllTrue:
      let vector = popVector(lanes)
      let zeros = unit.compare(LLVMIntEQ, vector, unit.zero(LLVMTypeOf(vector)))
      pushTruth(compareAll(LLVMIntEQ, mask(zeros, lanes)))
    case .i8x16Bitmask, .i16x8Bitmask, .i32x4Bitmask, .i64x2Bitmask:
      let vector = popVector(lanes)
      let bits = unit.compare(LLVMIntSLT, vector, unit.zero(LLVMTypeOf(vector)))
      let integer = LLVMIntTypeInContext(unit.context, UInt32(lanes.count))
      let number = LLVMBuildBitCast(builder, bits, integer, "")
      push(LLVMBuildZExt(builder, number, unit.i32, ""), .i32)
    default: return false
    }
    return true
  }

  func laneNumber(_ index: Int) -> Value { unit.int32(UInt32(index)) }

  /// An operand as a lane's type: its lowest bits.
  func toLane(_ value: Value, _ lanes: Lanes) -> Value {
    lanes.isFloat ? value : LLVMBuildIntCast2(builder, value, unit.elementType(lanes), 0, "")
  }

  func splat(_ lanes: Lanes, _ value: Value) -> Value { unit.splat(lanes, toLane(value, lanes)) }

  /// - Parameter extension: of a lane that is narrower than an operand.
  private func extractLane(_ i: Instruction, _ lanes: Lanes, _ extension: LLVMOpcode?) {
    let lane = LLVMBuildExtractElement(builder, popVector(lanes), laneNumber(i.index), "")!
    push(
      `extension`.map { LLVMBuildCast(builder, $0, lane, unit.i32, "") } ?? lane, lanes.scalar)
  }

  /// Takes bytes by the lowest 4 bits of each number, 0 where its top bit is set (`pshufb`).
  func pushSwizzle(_ vector: Value, _ numbers: Value) {
    pushVector("llvm.x86.ssse3.pshuf.b.128", [], vector, numbers)
  }
}

extension Opcode {
  /// Whether the instruction belongs to (relaxed) SIMD.
  var isVector: Bool { Self.vectorOpcodes[ordinal] }

  private static let vectorOpcodes = allCases.map {
    [Feature.simd, .relaxedSIMD].contains($0.info.feature)
  }
}
