import CLLVM
import Glibc

/// Our own passes, and parts of them, that can be disabled to find a fault or to plant one. LLVM's OptBisect does not count
/// them.
public enum OwnPass: String, Sendable, CaseIterable {
  case loopChecks
  case guardFolding
  case floatFolds
  /// ``MemoryChecks``.
  case repeatedChecks
  /// ``InvariantGuards``. Without it, a guard that is forced in a later iteration gives values of the first.
  case invariantGuards
  /// ``LoopMetadata``. Without it, stores of two sizes are reordered.
  case loopMetadata
  case dispatchDuplication
  /// That a probe may not return. Without it, loads are speculated above effects.
  case trappingProbes
  /// The constant offsets of accesses in ``LoopPredication``'s conditions. Without them, loops that leave the memory count as
  /// in bounds.
  case constantOffsets
}

/// Makes this process skip LLVM's optional passes with numbers above the limit, and list the passes that it runs on standard
/// error (LLVM's OptBisect), to find the pass that breaks a function. Cannot be undone.
package func limitPasses(to limit: Int) {
  let options = ["wasm-pgo", "-opt-bisect-limit=\(limit)"]
  let arguments: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0)) }
  LLVMParseCommandLineOptions(Int32(arguments.count), arguments, "")
  for argument in arguments { free(UnsafeMutablePointer(mutating: argument)) }
}
