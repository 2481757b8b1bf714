import CRuntime
import Glibc

/// Executable memory of this process.
///
/// An artefact contains all machine code that it needs (unless `Artefact.lazyFunctions` lists functions). A program that has
/// loaded its artefacts can therefore forbid itself to make any more.
public enum ExecutableMemory {
  /// Whom ``forbid(_:)`` affects.
  public enum Scope: Sendable {
    /// The calling thread, and the threads that it creates from then on. Code that other threads add stays executable.
    case thread
    /// The whole process.
    case process
  }

  /// Forbids the process to make memory executable, by a seccomp filter. It cannot be undone, and child processes inherit it: a
  /// program that they execute cannot load shared libraries. Afterwards, the baseline compiler and `Artefact.init` throw errors.
  /// - Throws: if the kernel refuses the filter, or if this process has already compiled baseline code and the scope is the
  ///   whole process, since that code's memory could be written to.
  public static func forbid(_ scope: Scope) throws(ResourceError) {
    let number =
      switch scope {
      case .thread: wpgo_forbid_thread
      case .process: wpgo_forbid_process
      }
    switch wpgo_forbid_executable_memory(Int32(number)) {
    case 0: return
    case EBUSY:
      throw ResourceError(
        message: "executable memory cannot be forbidden: baseline code was compiled before")
    case let error:
      throw ResourceError(
        message: "executable memory cannot be forbidden: \(String(cString: strerror(error)))")
    }
  }
}
