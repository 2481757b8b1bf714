import CLLVM

extension LLVMUnit {
  /// Drops the debug locations that nothing reads. Backtraces need those of calls, and interrupted code those of branches.
  /// Traps pass their places as operands, memory accesses have marks (``markFault(_:)``), and guards have numbers
  /// (``GuardSymbol``).
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
