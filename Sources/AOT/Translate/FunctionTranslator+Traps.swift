import CLLVM
import Contract

/// Traps. While LLVM optimizes, a trap is `call void @wpgo.trap(code, place)` and `unreachable`, so that LLVM can move checks
/// out of loops. ``ExitLowering`` turns it into a tail call of the trap stub. Code and place are operands: if LLVM merges two
/// traps, it selects between their operands, and both stay exact.
extension FunctionTranslator {
  /// Ends the current block with a trap.
  func emitTrap(_ code: TrapCode) { emitTrap(code: unit.int64(UInt64(code.rawValue))) }

  func emitTrap(code: Value) {
    unit.trap(code, place: unit.int64(place.raw))
  }

  /// Traps if `condition` is true. Continues in a new block otherwise.
  func trap(if condition: Value, _ code: TrapCode) {
    trap(if: condition, code: { unit.int64(UInt64(code.rawValue)) })
  }

  func trap(if condition: Value, code: () -> Value) {
    let failed = unit.appendBlock(function)
    let next = unit.appendBlock(function)
    unit.branch(if: condition, failed, else: next, weights: (1, 1 << 20))
    unit.position(at: failed)
    emitTrap(code: code())
    unit.position(at: next)
  }
}

extension LLVMUnit {
  static let trapName = "wpgo.trap"

  /// Ends the current block with a trap.
  func trap(_ code: Value, place: Value) {
    let type = functionType(void, [i64, i64])
    let call = call(type, declare(Self.trapName, type), [code, place])
    for name in ["cold", "noreturn", "nounwind"] { addCallAttribute(call, enumAttribute(name)) }
    LLVMBuildUnreachable(builder)
  }
}
