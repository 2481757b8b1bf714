import CLLVM

/// What definitions tell of integers.
enum ValueBound {
  private static let maximumDepth = 4
  private static let maximumChoices: UInt32 = 8

  /// The most that an unsigned value can be, if its definition bounds it: a constant, a choice between such, a narrower value, or one
  /// that is masked or shifted.
  static func most(
    _ value: LLVMValueRef, _ unit: LLVMUnit, depth: Int = maximumDepth
  ) -> UInt64? {
    if let constant = unit.constant(value) { return constant }
    guard depth > 0, LLVMIsAInstruction(value) != nil else { return nil }
    func operand(_ number: UInt32) -> UInt64? {
      most(LLVMGetOperand(value, number), unit, depth: depth - 1)
    }
    switch LLVMGetInstructionOpcode(value) {
    case LLVMSelect:
      guard let then = operand(1), let other = operand(2) else { return nil }
      return max(then, other)
    case LLVMPHI:
      let count = LLVMCountIncoming(value)
      guard count <= maximumChoices else { return nil }
      let choices = (0..<count).map {
        most(LLVMGetIncomingValue(value, $0), unit, depth: depth - 1)
      }
      return choices.contains(nil) ? nil : choices.compactMap(\.self).max()
    case LLVMZExt:
      let width = LLVMGetIntTypeWidth(LLVMTypeOf(LLVMGetOperand(value, 0)))
      return operand(0) ?? (width < 64 ? 1 << UInt64(width) - 1 : nil)
    case LLVMAnd: return [operand(0), operand(1)].compactMap(\.self).min()
    case LLVMShl:
      guard let shifted = operand(0), let amount = unit.constant(LLVMGetOperand(value, 1)),
        amount < 64, shifted <= UInt64.max >> amount
      else { return nil }
      return shifted << amount
    default: return nil
    }
  }
}
