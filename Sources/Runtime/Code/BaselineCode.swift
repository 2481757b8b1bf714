import Contract
import Wasm

/// Baseline code of one function at its executable address: compiled by this process, or part of an artefact.
package struct BaselineCode: Sendable {
  package let address: UInt
  package let metadata: any BaselineMetadata

  /// The address at which a frame resumes; nil if it cannot resume there.
  func address(of resume: ResumePoint) -> UInt? {
    metadata.codeOffset(of: resume).map { address + UInt($0) }
  }
}

extension Trap.Frame {
  /// The frame of a function's baseline code.
  /// - Parameter codeOffset: within the current machine instruction.
  init(
    _ module: Module, function: Int, baseline: some BaselineMetadata, at codeOffset: Int,
    in map: any CodeMap
  ) {
    self.init(
      module, function: function,
      byteOffset: baseline.place(at: codeOffset, in: module.functions[function].body),
      tier: .baseline, isInlined: false, in: map)
  }
}

extension BaselineMetadata {
  /// The byte offset of the instruction that a machine instruction belongs to; the body's start for the prologue.
  func place(at codeOffset: Int, in body: Range<Int>) -> Int {
    guard let place = byteOffset(at: codeOffset), body.contains(place) else {
      return body.lowerBound
    }
    return place
  }
}
