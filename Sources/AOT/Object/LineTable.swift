import CLLVM

extension LLVMUnit {
  /// Takes the lines away from all that nobody asks for: backtraces want those of calls, guards those of their compares and branches. Traps
  /// say their places themselves, memory accesses have marks (``markFault(_:)``). Code that is interrupted has the next best line.
  func dropLines(_ checks: MemoryChecks) {
    for function in checks.functions() {
      forEachInstruction(function) { instruction in
        let keeps =
          switch LLVMGetInstructionOpcode(instruction) {
          case LLVMCall: !checks.isHarmless(instruction)
          case LLVMBr: LLVMIsConditional(instruction) != 0
          case LLVMSwitch: true
          case LLVMICmp: GuardSymbol.isCompare(instruction)
          default: false
          }
        if !keeps { LLVMInstructionSetDebugLoc(instruction, nil) }
      }
    }
  }
}
