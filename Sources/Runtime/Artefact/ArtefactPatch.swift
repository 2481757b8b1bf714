import Contract

/// A change of an artefact's code while it is loaded, before any of it can run: for tools that test deoptimization. An artefact
/// that is loaded without one runs as it was compiled.
package protocol ArtefactPatch: Sendable {
  /// Bytes that the patch needs behind the code.
  /// - Parameter elf: the artefact, of which nothing has been checked yet.
  func room(_ elf: ELFFile) throws(ArtefactError) -> Int

  /// Changes the code (``ArtefactImage/rewriteCode(_:)``).
  /// - Parameter tables: of the artefact, checked.
  func apply(
    to image: ArtefactImage, _ tables: ArtefactTables
  ) throws(ArtefactError) -> any DeoptControl
}

/// What the tool behind an ``ArtefactPatch`` has to say while the artefact's code runs.
package protocol DeoptControl: AnyObject, Sendable {
  /// From 1 to 255: in baseline code, loops switch to generic code at every Nth iteration. Nil: at the first one after a deopt.
  var loopPeriod: Int? { get }

  /// Called in each deopt, while the optimized frame is alive, on the thread of the store.
  /// - Parameter values: of the frames' locals and operands, in the order of the point's frame state. Of an i32 or f32 only the low
  ///   32 bits are significant. None where the frames cannot be made.
  func deoptHappened(at point: DeoptPoint, values: () -> [UInt64])
}
