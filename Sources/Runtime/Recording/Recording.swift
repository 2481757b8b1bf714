import Feedback
import Files
import Synchronization
import Wasm

/// Records any number of modules, each with a ``Recorder`` of its own, whose profiles have names by one pattern.
///
///     let recording = try Recording("/var/tmp/%m.wasmprof")
///     let compiled = CompiledModule(recorder: recording.recorder(for: module))
///     // … instantiate, call …
///     try recording.finish()
///
/// It keeps its recorders.
public final class Recording: Sendable {
  private let name: ProfileName?
  /// Gets what goes wrong with a file, and its name. Nil: it is thrown.
  private let report: (@Sendable (ProfileError, HostString) -> Void)?
  /// By the hash of their module.
  private let recorders = Mutex<[UInt64: Recorder]>([:])

  /// - Parameter name: of the profiles (`ProfileName`). Where it does not tell modules apart, the second and further ones get names with their
  ///   hashes. Nil: only ``Recorder/profile()`` has them.
  /// - Throws: `ProfileError` of kind `.name`.
  public convenience init(_ name: HostString?) throws(ProfileError) {
    try self.init(name, report: nil)
  }

  init(
    _ name: HostString?, report: (@Sendable (ProfileError, HostString) -> Void)?
  ) throws(ProfileError) {
    self.name = if let name { try ProfileName(name) } else { nil }
    self.report = report
  }

  /// The recorder of a module, the same for all that have its bytes; nil for a module that shares its hash with another one.
  public func recorder(for module: Module) -> Recorder? {
    recorders.withLock { recorders in
      if let known = recorders[module.hash] {
        return known.module.bytes == module.bytes ? known : nil
      }
      let path = name.map { name in
        let path = name.path(module: module.hash)
        let isTaken = recorders.values.contains { $0.path == path }
        return isTaken ? ProfileName.suffixed(path, module: module.hash) : path
      }
      let recorder = Recorder(module, path: path, report: reporter(path))
      recorders[module.hash] = recorder
      return recorder
    }
  }

  private func reporter(_ path: HostString?) -> (@Sendable (ProfileError) -> Void)? {
    guard let report, let path else { return nil }
    return { report($0, path) }
  }

  /// ``Recorder/finish()`` for each of them.
  /// - Throws: the first error, when all that can be finished are.
  public func finish() throws(ProfileError) {
    var failure: ProfileError?
    for recorder in recorders.withLock({ Array($0.values) }) {
      do throws(ProfileError) { try recorder.finish() } catch {
        if let report, let path = recorder.path {
          report(error, path)
        } else {
          failure = failure ?? error
        }
      }
    }
    if let failure { throw failure }
  }
}
