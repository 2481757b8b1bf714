import Contract
import Wasm

/// Modifies an artefact's code during loading, before any of it can run. Used by tools that test deoptimization. An artefact
/// loaded without a patch runs as it was compiled.
package protocol ArtefactPatch: Sendable {
  /// Bytes that the patch needs after the code.
  /// - Parameter elf: the artefact, not yet checked.
  func room(_ elf: ELFFile) throws(ArtefactError) -> Int

  /// Modifies the code (``ArtefactImage/rewriteCode(_:)``).
  /// - Parameter tables: the artefact's checked tables.
  func apply(
    to image: ArtefactImage, _ tables: ArtefactTables
  ) throws(ArtefactError) -> any DeoptControl
}

/// How the tool behind an ``ArtefactPatch`` takes part while the artefact's code runs.
package protocol DeoptControl: AnyObject, Sendable {
  /// From 1 to 255: loops in baseline code enter generic code at every Nth iteration. Nil: at the first iteration after a
  /// deopt.
  var loopPeriod: Int? { get }

  /// Called in each deopt on the store's thread, while the optimized frame is live.
  /// - Parameter values: returns the values of the frames' locals and operands, in the order of the point's frame state. Only
  ///   the low 32 bits of an i32 or f32 are significant. Empty if the frames cannot be materialized.
  func deoptHappened(at point: DeoptPoint, values: () -> [V128])
}
