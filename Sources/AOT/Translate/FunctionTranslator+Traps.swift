import CLLVM
import Contract

/// Traps. While LLVM optimizes, a trap is `call void @wpgo.trap(code, place)` and `unreachable`, so that LLVM can move checks
/// out of loops. ``ExitLowering`` turns it into a tail call of the trap stub. Code and place are operands: if LLVM merges two
/// traps, it selects between their operands, and both stay exact.
extension FunctionTranslator {
  static let trapName = "wpgo.trap"

  /// Ends the current block with a trap.
  func emitTrap(_ code: TrapCode) { emitTrap(code: unit.int64(UInt64(code.rawValue))) }

  func emitTrap(code: Value) {
    let type = unit.functionType(unit.void, [unit.i64, unit.i64])
    let call = unit.call(
      type, unit.declare(Self.trapName, type), [code, unit.int64(place.raw)])
    for name in ["cold", "noreturn", "nounwind"] {
      unit.addCallAttribute(call, unit.enumAttribute(name))
    }
    LLVMBuildUnreachable(unit.builder)
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
