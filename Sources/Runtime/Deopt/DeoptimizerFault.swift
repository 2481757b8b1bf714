import Contract
import X64

/// Faults of the deoptimizer, to see that those who check it find them.
package enum DeoptFault {
  /// Of each chain of frames the outermost is left out, and its values go to the others.
  case missingOuterFrame
  /// Outer frames do their call again, instead of going on behind it.
  case resumeBeforeCall
  /// The capture stub saved two registers in each other's places.
  case swappedRegisters
}

extension Instance {
  /// From now on, deopts of this instance go wrong.
  package func plantDeoptFault(_ fault: DeoptFault) {
    (attachment as? Deoptimizer)?.plant(fault)
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
        // Its saved rbp, its slots, and the return address of the next.
        state.pointee.plans[index].imageWords -= 2 + first.frameSize / 8
      case .resumeBeforeCall:
        let frame = artefact.deopts.frameState(index).frames[0]
        let function = Int(artefact.code.inlineNodes[Int(frame.node)].function)
        guard let code = try? compiledBaseline(function),
          let resume = code.compiled.codeOffset(
            of: ResumePoint(.before, frame.resume.byteOffset))
        else { continue }
        frames[0].resume = UInt64(code.address) + UInt64(resume)
      case .swappedRegisters: continue
      }
    }
  }
}

/// r14 and r15. The stub itself needs neither again.
private let swappingHandler: DeoptHandler = { context, saved, returnAddress in
  guard let saved else { return nil }
  let words = UnsafeMutableRawPointer(mutating: saved)
  let (left, right) = (
    CaptureArea.general(Register.r14.number), CaptureArea.general(Register.r15.number)
  )
  // The area is the stub's own stack frame: it can be written, and both offsets are inside and aligned.
  let value = words.load(fromByteOffset: left, as: UInt64.self)
  words.storeBytes(
    of: words.load(fromByteOffset: right, as: UInt64.self), toByteOffset: left, as: UInt64.self)
  words.storeBytes(of: value, toByteOffset: right, as: UInt64.self)
  return deoptHandler(context, saved, returnAddress)
}
