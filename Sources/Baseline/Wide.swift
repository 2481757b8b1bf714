import Wasm
import X64

/// Wide arithmetic: integers of 128 bits, each as its low and its high half.
extension FunctionCompiler {
  /// Returns false if the instruction is none of these.
  mutating func dispatchWide(_ i: Instruction) -> Bool {
    switch i.opcode {
    case .i64Add128: addWide(.add, .adc)
    case .i64Sub128: addWide(.sub, .sbb)
    case .i64MulWideS: multiplyWide(.imul)
    case .i64MulWideU: multiplyWide(.mul)
    default: return false
    }
    return true
  }

  /// - Parameter high: what takes the carry that `low` leaves. Nothing is between them that changes flags.
  private mutating func addWide(_ low: Assembler.Arithmetic, _ high: Assembler.Arithmetic) {
    let rightHigh = pop()
    let rightLow = pop()
    let leftHigh = pop()
    let leftLow = pop()
    let highSource = operand(rightHigh)
    let lowSource = operand(rightLow)
    let highResult = ownGeneral(leftHigh)
    let lowResult = ownGeneral(leftLow)
    assembler.arithmetic(low, .qword, lowResult, lowSource)
    assembler.arithmetic(high, .qword, highResult, highSource)
    push(lowResult, .i64)
    push(highResult, .i64)
  }

  /// Multiplies rax by an operand into rdx:rax.
  private mutating func multiplyWide(_ operation: Assembler.Unary) {
    let right = pop()
    let left = pop()
    let factor = prepareAccumulator(left, right)
    assembler.unary(operation, .qword, .register(factor))
    push(.rax, .i64)
    push(.rdx, .i64)
  }
}
