import Contract
import Wasm
import X64

/// Prologue and epilogue (``BaselineFrame``).
extension FunctionCompiler {
  mutating func emitPrologue() {
    assembler.push(.rbp)
    assembler.move(.qword, .rbp, .rsp)
    assembler.push(.rbx)
    assembler.push(.r12)
    assembler.move(.qword, .rbx, .rdi)
    // Check before touching the stack below: frames may be larger than the guard page.
    assembler.loadAddress(
      .qword, Self.scratch, .memory(.rsp, Int32(truncatingIfNeeded: 16 - frameSize)))
    assembler.arithmetic(.cmp, .qword, Self.scratch, field(ContextLayout.stackLimit))
    trap(if: .below, .stackOverflow)
    assembler.move(.qword, .rsp, Self.scratch)
    if let memory = layout.memories.first { assembler.load(.qword, .r12, field(memory.base)) }
    let parameters = module.type(ofFunction: function).parameters
    storeParameters(parameters)
    zeroLocals(from: parameters.count)
    if let cursor { count(cursor.entry) }
  }

  private mutating func storeParameters(_ types: [ValueType]) {
    for (local, location) in parameterLocations(types).enumerated() {
      let type = types[local]
      switch location {
      case .register(let register):
        store(register, type, to: home(local))
        // Addresses rely on zero-extension: do not trust the other tiers to guarantee it.
        if type == .i32 { assembler.move(.dword, register.general, register.general) }
        cache(local, in: register)
      case .overflow(let offset): copyFromOverflow(offset, type, toSlot: local)
      }
    }
  }

  /// Zeroes 16 bytes at a time; many locals are zeroed in a loop.
  private mutating func zeroLocals(from first: Int) {
    let (start, end) = (slots.offset(of: first), slots.offset(of: localTypes.count))
    let quadwords = (end - start) / 8
    guard quadwords > 0 else { return }
    func place(_ offset: Int) -> Operand { .memory(.rsp, Int32(truncatingIfNeeded: offset)) }
    if quadwords > 32 {
      forgetLocals()
      assembler.zero(.rax)
      assembler.loadAddress(.qword, .rdi, place(start))
      assembler.move(.rcx, immediate: UInt64(quadwords))
      return assembler.repeatStoreQuadwords()
    }
    assembler.zero(Self.vectorScratch)
    for offset in stride(from: start, to: end - 8, by: 16) {
      assembler.store(place(offset), Self.vectorScratch)
    }
    if quadwords % 2 == 1 {
      assembler.store(.double, place(end - 8), Self.vectorScratch)
    }
  }

  mutating func emitEpilogue() { emitFrameExit { $0.return() } }

  /// Restores the caller's registers and pops the frame, up to the return address.
  /// - Parameter leave: emits the instruction that leaves the function.
  mutating func emitFrameExit(_ leave: (inout Assembler) -> Void) {
    assembler.load(.qword, .rbx, .memory(.rbp, Int32(BaselineFrame.savedContextOffset)))
    assembler.load(.qword, .r12, .memory(.rbp, Int32(BaselineFrame.savedMemoryBaseOffset)))
    assembler.leave()
    let start = assembler.count
    leave(&assembler)
    frameExits.append(start..<assembler.count)
  }
}
