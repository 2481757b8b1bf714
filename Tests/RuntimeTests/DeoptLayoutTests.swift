import CRuntime
import Contract
import Testing

/// What deopt.S and the contract both say must be the same.
@Suite struct DeoptLayoutTests {
  @Test func contexts() {
    #expect(Int(WPGO_CONTEXT_STORE) == ContextLayout.store)
    #expect(Int(WPGO_CONTEXT_MEMORY_BASE) == ContextLayout.memoryBase)
    #expect(Int(WPGO_CONTEXT_TRAP_STUB) == ContextLayout.trapStub)
    #expect(Int(WPGO_CONTEXT_DEOPTIMIZER) == ContextLayout.deoptimizer)
    #expect(ContextLayout.loopCode + 8 <= ContextLayout.headerSize)
  }

  @Test func traps() {
    #expect(WPGO_TRAP_UNINITIALIZED_ELEMENT == TrapCode.uninitializedElement.rawValue)
    #expect(WPGO_TRAP_INDIRECT_CALL_TYPE == TrapCode.indirectCallTypeMismatch.rawValue)
  }

  @Test func captureArea() {
    #expect(Int(WPGO_CAPTURE_SIZE) == CaptureArea.size)
    #expect(Int(WPGO_CAPTURE_VECTORS) == CaptureArea.vector(0))
    #expect(Int(WPGO_CAPTURE_STACK_POINTER) == CaptureArea.stackPointer)
    #expect(Int(WPGO_CAPTURE_FRAME_POINTER) == CaptureArea.framePointer)
    #expect(CaptureArea.vector(31) + 16 == CaptureArea.size)
  }
}
