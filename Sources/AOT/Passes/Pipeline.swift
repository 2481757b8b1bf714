import CLLVM
import Glibc
import X64

// This folder: from translated IR to machine code.
//
//   Pipeline            the order of everything, LLVM's passes and ours
//   PassLimit           leaves passes out, to bisect
//   MemoryChecks        what a probe is; removes probes that are covered. AccessCoverage: by what they are covered,
//                       MemoryAddress, Dominators
//   LoopPredication     one check in front of a loop instead of one in each iteration. Loops: induction variables
//   GuardFolding        guards that cannot fail: their index is known, or was tested before
//   Float*              LLVM 19's folds that WebAssembly does not allow
//   ProbeLowering, ExitLowering     the final form of accesses, deopts and traps
//   LoopMetadata        loops that LLVM must leave alone

/// LLVM's passes and code generation.
enum Pipeline {
  /// After each, repeated memory checks are removed.
  enum Stage {
    /// Passes in LLVM's notation.
    case llvm(String)
    /// ``LoopPredication``.
    case loopChecks
    /// ``LoopMetadata``.
    case loopMetadata
  }

  /// For hot functions. A guard leaves a loop that also stores only by non-trivial unswitching, and must do so before
  /// the vectorizer looks at it; the standard pipeline does it at level 3 only. Loops must be rotated for
  /// their accesses to be checked in front of them.
  static func hot(level: Int) -> [Stage] {
    switch level {
    case ...0: [.llvm("function(mem2reg)")]
    case 1: cold
    default:
      [
        .llvm(simplify), .loopMetadata, .llvm(unswitch), .loopChecks, .llvm(unswitchChecks),
        .loopMetadata, .llvm("default<O\(min(level, 3))>"),
      ]
    }
  }

  /// Makes locals values: what ``FloatFolds`` works on.
  static let registers = "function(sroa)"

  private static let simplify =
    "function<eager-inv>(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>)"
  private static let unswitch =
    "function<eager-inv>(early-cse<memssa>,loop-mssa(loop-rotate,licm,simple-loop-unswitch<nontrivial>))"

  /// Folds the conditions of each copy, so that checks of null show as such.
  private static let unswitchChecks =
    "function<eager-inv>(loop-mssa(simple-loop-unswitch<nontrivial>),instsimplify)"

  /// When ``GuardFolding`` changed something: what lay behind the failing side is not reached any more.
  static let afterFolding = "function(simplifycfg)"

  /// For cold functions: half the compile time, two thirds of the speed.
  static let cold: [Stage] = [
    .llvm(
      "function<eager-inv>(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,simplifycfg)"
    )
  ]

  static func run(
    _ passes: String, on unit: LLVMUnit, machine: LLVMTargetMachineRef
  ) throws(CompileError) {
    let options = LLVMCreatePassBuilderOptions()
    defer { LLVMDisposePassBuilderOptions(options) }
    guard let error = LLVMRunPasses(unit.module, passes, machine, options) else { return }
    let message = LLVMGetErrorMessage(error)!
    defer { LLVMDisposeErrorMessage(message) }
    throw .llvm(String(cString: message))
  }

  // MARK: Code generation

  static let triple = Machine.triple

  /// Options that LLVM has for whole processes only. A function's frame must stand before anything in it can
  /// fault, since backtraces go by frame pointers: so no shrink-wrapping. Guards and checks leave loops by unswitching, also
  /// larger ones than the usual 50 (SHA-256's rounds: 1.33 of native code's time before, 1.12 after; code grows by 1 %).
  /// Accesses of several places are not merged into one: it would trap at one place only. Where the search for a faulty pass
  /// leaves passes out, LLVM would use FastISel, and traps named other places.
  private static let processOptions: Void = {
    let options = [
      "wasm-pgo", "-enable-shrink-wrap=false", "-unswitch-threshold=300",
      "-sink-common-insts=false", "-enable-tail-merge=false", "-fast-isel=false",
    ]
    let arguments: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0)) }
    LLVMParseCommandLineOptions(Int32(arguments.count), arguments, "")
    for argument in arguments { free(UnsafeMutablePointer(mutating: argument)) }
  }()

  static func makeMachine(
    _ target: TargetOptions, isHot: Bool
  ) throws(CompileError) -> LLVMTargetMachineRef {
    _ = processOptions
    // Artefacts run on processors of the compiler's own kind. The parser is for marks: ``FaultRecord``.
    guard LLVMInitializeNativeTarget() == 0, LLVMInitializeNativeAsmPrinter() == 0,
      LLVMInitializeNativeAsmParser() == 0
    else { throw .llvm("LLVM has no target for this processor") }
    var found: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    guard LLVMGetTargetFromTriple(triple, &found, &message) == 0, let found else {
      throw .llvm(LLVMUnit.take(message))
    }
    // Below "less" statepoints run out of registers.
    let level = isHot ? LLVMCodeGenLevelDefault : LLVMCodeGenLevelLess
    guard
      let machine = LLVMCreateTargetMachine(
        found, triple, target.cpu, target.features, level, LLVMRelocPIC, LLVMCodeModelDefault)
    else { throw .llvm("no target machine for \(target.cpu)") }
    return machine
  }

  static func emitObject(
    _ unit: LLVMUnit, machine: LLVMTargetMachineRef
  ) throws(CompileError) -> [UInt8] {
    var message: UnsafeMutablePointer<CChar>?
    var buffer: LLVMMemoryBufferRef?
    guard
      LLVMTargetMachineEmitToMemoryBuffer(
        machine, unit.module, LLVMObjectFile, &message, &buffer) == 0
    else { throw .llvm(LLVMUnit.take(message)) }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    // The buffer is LLVM's, of the size it says, and lives until the end of this function.
    return [UInt8](
      UnsafeRawBufferPointer(start: LLVMGetBufferStart(buffer), count: LLVMGetBufferSize(buffer)))
  }
}
