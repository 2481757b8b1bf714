import Contract
import X64

/// Deliberate faults of the deoptimizer, to test that checks detect them.
package enum DeoptFault {
  /// Each chain of frames lacks the outermost one, and its values go to the other frames.
  case missingOuterFrame
  /// Outer frames execute their call again instead of resuming after it.
  case resumeBeforeCall
  /// The capture stub saved two registers in each other's slots.
  case swappedRegisters
}

extension Instance {
  /// Makes this instance's deopts incorrect from now on.
  package func plantDeoptFault(_ fault: DeoptFault) {
    (body.attachment as? Deoptimizer)?.plant(fault)
  }
}

extension Deoptimizer {
  fileprivate func plant(_ fault: DeoptFault) {
    if case .swappedRegisters = fault { return replaceHandler(by: swappingHandler) }
    for index in artefact.deopts.states.indices where artefact.deopts.states[index].frameCount > 1 {
      guard makePlan(index), let frames = state.pointee.plans[index].frames else { continue }
      switch fault {
      case .missingOuterFrame:
        let first = frames[0]
        let count = state.pointee.plans[index].frameCount - 1
        for number in 0..<count { frames[number] = frames[number + 1] }
        state.pointee.plans[index].frameCount = count
        // Its saved rbp, its slots, and the return address of the next frame.
        state.pointee.plans[index].imageWords -= 2 + first.frameSize / 8
      case .resumeBeforeCall:
        let frame = artefact.deopts.frameState(index).frames[0]
        let function = Int(artefact.code.inlineNodes[Int(frame.node)].function)
        // An artefact knows only the points that are right.
        let code = try? instance.compiledModule.compileBaseline(function: function, for: nil)
        let resume = code?.address(of: ResumePoint(.before, frame.resume.byteOffset))
        if let resume { frames[0].resume = UInt64(resume) }
      case .swappedRegisters: continue
      }
    }
  }
}

/// Swaps r14 and r15, which the stub does not use again.
private let swappingHandler: DeoptHandler = { context, saved, returnAddress in
  guard let saved else { return nil }
  let words = UnsafeMutableRawPointer(mutating: saved)
  let (left, right) = (
    CaptureArea.general(Register.r14.number), CaptureArea.general(Register.r15.number)
  )
  // The area is in the stub's own stack frame: it is writable, and both offsets are inside it and aligned.
  let value = words.load(fromByteOffset: left, as: UInt64.self)
  words.storeBytes(
    of: words.load(fromByteOffset: right, as: UInt64.self), toByteOffset: left, as: UInt64.self)
  words.storeBytes(of: value, toByteOffset: right, as: UInt64.self)
  return deoptHandler(context, saved, returnAddress)
}
