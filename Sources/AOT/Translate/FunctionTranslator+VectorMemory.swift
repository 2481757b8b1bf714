import CLLVM
import Wasm

/// Loads and stores of vectors and of their lanes. What is loaded has the size of the access, so that it is one access in the code
/// as well, with whatever LLVM folds it into.
extension FunctionTranslator {
  private var builder: LLVMBuilderRef { unit.builder }

  func translateVectorMemory(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .v128Load: push(emitLoad(unit.v128, i), .v128)
    case .v128Store: emitStore(pop(), i)
    case .v128Load8x8S: loadWide(i, .i16x8, LLVMSExt)
    case .v128Load8x8U: loadWide(i, .i16x8, LLVMZExt)
    case .v128Load16x4S: loadWide(i, .i32x4, LLVMSExt)
    case .v128Load16x4U: loadWide(i, .i32x4, LLVMZExt)
    case .v128Load32x2S: loadWide(i, .i64x2, LLVMSExt)
    case .v128Load32x2U: loadWide(i, .i64x2, LLVMZExt)
    case .v128Load8Splat: loadSplat(i, .i8x16)
    case .v128Load16Splat: loadSplat(i, .i16x8)
    case .v128Load32Splat: loadSplat(i, .i32x4)
    // 8 bytes stay in a vector register as a float.
    case .v128Load64Splat: loadSplat(i, .f64x2)
    case .v128Load32Zero: loadZero(i, .i32x4)
    case .v128Load64Zero: loadZero(i, .f64x2)
    case .v128Load8Lane: loadLane(i, .i8x16)
    case .v128Load16Lane: loadLane(i, .i16x8)
    case .v128Load32Lane: loadLane(i, .i32x4)
    case .v128Load64Lane: loadLane(i, .i64x2)
    case .v128Store8Lane: storeLane(i, .i8x16)
    case .v128Store16Lane: storeLane(i, .i16x8)
    case .v128Store32Lane: storeLane(i, .i32x4)
    case .v128Store64Lane: storeLane(i, .i64x2)
    default: return false
    }
    return true
  }

  /// 8 bytes as lanes of half the width, each extended.
  private func loadWide(_ i: Instruction, _ lanes: Lanes, _ extension: LLVMOpcode) {
    let narrow = LLVMVectorType(unit.elementType(lanes.half), UInt32(lanes.count))!
    pushVector(
      LLVMBuildCast(builder, `extension`, emitLoad(narrow, i), unit.type(lanes), ""))
  }

  private func loadSplat(_ i: Instruction, _ lanes: Lanes) {
    pushVector(unit.splat(lanes, emitLoad(unit.elementType(lanes), i)))
  }

  private func loadZero(_ i: Instruction, _ lanes: Lanes) {
    insert(emitLoad(unit.elementType(lanes), i), into: unit.zero(unit.type(lanes)), at: 0)
  }

  private func loadLane(_ i: Instruction, _ lanes: Lanes) {
    let vector = popVector(lanes)
    insert(emitLoad(unit.elementType(lanes), i), into: vector, at: i.index2)
  }

  private func insert(
    _ lane: Value, into vector: Value, at number: Int
  ) {
    pushVector(LLVMBuildInsertElement(builder, vector, lane, laneNumber(number), ""))
  }

  private func storeLane(_ i: Instruction, _ lanes: Lanes) {
    let vector = popVector(lanes)
    emitStore(LLVMBuildExtractElement(builder, vector, laneNumber(i.index2), ""), i)
  }
}
