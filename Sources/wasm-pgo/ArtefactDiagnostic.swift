import CommandLineSupport
import Contract
import Files

extension Diagnostic {
  /// What an artefact turned out to be after it was loaded.
  init(_ error: ArtefactError, at path: HostString) {
    let isCorrupt = error.kind == .corrupt
    self.init(
      "\(error)", at: "\(path)",
      help: isCorrupt ? "compile the module again" : nil,
      status: isCorrupt ? .badInput : .incompatible)
  }
}

/// Does something with a loaded artefact, whose sections that are seldom needed are read on demand.
func withArtefactErrors<R>(at path: HostString, _ body: () throws -> R) throws -> R {
  do { return try body() } catch let error as ArtefactError { throw Diagnostic(error, at: path) }
}
