import CLLVM
import Glibc

/// Passes of our own, and parts of them, that can be left out to find a fault or to plant one; LLVM does not count them.
public enum OwnPass: String, Sendable, CaseIterable {
  case loopChecks
  case guardFolding
  case floatFolds
  /// ``MemoryChecks``.
  case repeatedChecks
  /// ``LoopMetadata``. Without it loads are speculated above effects.
  case loopMetadata
  /// The constant offsets of accesses in the conditions of ``LoopPredication``. Without them, loops are taken to be in bounds that are not.
  case constantOffsets
}

/// From now on, this process leaves out each of LLVM's optional passes above a number, and names those that it runs on standard
/// error: for finding the pass that breaks a function (LLVM's OptBisect). Not to be undone.
package func limitPasses(to limit: Int) {
  let options = ["wasm-pgo", "-opt-bisect-limit=\(limit)"]
  let arguments: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0)) }
  LLVMParseCommandLineOptions(Int32(arguments.count), arguments, "")
  for argument in arguments { free(UnsafeMutablePointer(mutating: argument)) }
}
