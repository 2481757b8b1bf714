import Contract
import Wasm
import X64

/// Tail calls (spec 4.4.8.8, "invoking"): arguments move to where a call would pass them, the frame goes away, and a jump leaves
/// for the callee, which returns to this function's caller. No argument is on the stack, so frames of any size may follow each other.
///
/// Nothing but the arguments is read from the frame, and parameters in the overflow area were copied to their homes on entry.
extension FunctionCompiler {
  mutating func compileReturnCall(_ callee: Int) {
    moveArguments(module.type(ofFunction: callee), .function(callee), isTail: true)
    recordLocation()
    if callee < module.importedFunctionCount {
      assembler.loadAddress(.qword, .rax, field(layout.funcRef(callee)))
      return emitTailJump()
    }
    assembler.move(.qword, .rdi, .rbx)
    let entry = Int32(truncatingIfNeeded: layout.entry(callee))
    emitFrameExit { $0.jump(.memory(.rdi, entry)) }
    isReachable = false
  }

  /// `return_call_indirect` and `return_call_ref`.
  mutating func compileIndirectReturnCall(_ callee: Instruction.Callee) {
    prepareIndirectCall(module.type(of: callee), callee, isTail: true)
    recordLocation()
    emitTailJump()
  }

  /// Leaves for the function that the reference in rax is to. The arguments are in their places.
  mutating func emitTailJump() {
    assembler.load(.qword, .rdi, .memory(.rax, Int32(FuncRefLayout.context)))
    assembler.load(.qword, .rax, .memory(.rax, Int32(FuncRefLayout.code)))
    emitFrameExit { $0.jump(.register(.rax)) }
    isReachable = false
  }
}
