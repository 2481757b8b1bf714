import CLLVM

extension LLVMUnit {
  /// Takes the lines away from all that nobody asks for: backtraces want those of calls, and interrupted code those of branches. Traps
  /// say their places themselves, memory accesses have marks (``markFault(_:)``), guards have numbers (``GuardSymbol``).
  func dropLines(_ checks: MemoryChecks) {
    for function in checks.functions() {
      forEachInstruction(function) { instruction in
        let keeps =
          switch LLVMGetInstructionOpcode(instruction) {
          case LLVMCall: !checks.isHarmless(instruction)
          case LLVMBr: LLVMIsConditional(instruction) != 0
          case LLVMSwitch: true
          default: false
          }
        if !keeps { LLVMInstructionSetDebugLoc(instruction, nil) }
      }
    }
  }
}
