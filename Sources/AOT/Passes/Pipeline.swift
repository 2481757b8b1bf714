import CLLVM
import Glibc
import Speculation
import X64

// This folder: from translated IR to machine code.
//
//   Pipeline            the order of all passes, LLVM's and ours
//   PassLimit           disables passes, to bisect
//   MemoryChecks        defines probes; eliminates redundant ones. AccessCoverage: what covers an access. MemoryAddress,
//                       Dominators: shared analyses
//   BoundsChecks        emits the compares of accesses that cannot rely on faults alone
//   LoopPredication     hoists the checks of each iteration into one in front of the loop. Loops: induction variables
//   GuardFolding        eliminates guards whose index is constant or was already tested
//   InvariantGuards     what can only fail in a loop's first iteration is not to be forced in another one
//   Float*              works around LLVM 19's folds that WebAssembly does not allow
//   ProbeLowering, ExitLowering, CallLowering     lower accesses, deopts, traps and calls to their final form
//   DispatchDuplication gives each handler of an interpreter its own dispatch
//   LoopMetadata        keeps the vectorizer away from loops that it gets wrong

/// LLVM's passes and code generation.
enum Pipeline {
  /// Redundant memory checks are eliminated after each stage.
  enum Stage {
    /// Passes in LLVM's notation.
    case llvm(String)
    /// ``LoopPredication``.
    case loopChecks
    /// ``InvariantGuards``.
    case invariantGuards
    /// ``LoopMetadata``.
    case loopMetadata
    /// ``BoundsChecks``.
    case boundsChecks
    /// ``DispatchDuplication``.
    case dispatchDuplication
  }

  /// The passes of a tier.
  ///
  /// *Partial* unswitching is off everywhere, since LLVM needs MemorySSA for it: unswitching must run in `loop(…)`, never in
  /// `loop-mssa(…)`. It evaluates a condition of a loop's header once more in front of the loop, including the loads that it
  /// depends on, but does not check whether something before a load, here its probe, may end the iteration
  /// (`hasPartialIVCondition` of LLVM 19). A load that traps would then trap before effects that precede it.
  ///
  /// Only non-trivial unswitching moves a guard out of a loop that also stores, and it must do so before
  /// the vectorizer runs. Loops must be rotated before ``LoopPredication``.
  /// - Parameter hasChecks: ``MemoryChecks/hasChecks``
  static func stages(_ tier: Tier, hasChecks: Bool) -> [Stage] {
    // Behind what may prove an access, in front of what eliminates compares.
    let checks: [Stage] = hasChecks ? [.boundsChecks] : []
    let loops: [Stage] = [.llvm(unswitch), .loopChecks, .llvm(unswitchChecks)]
    return switch tier {
    case .baseline: []
    case .light: checks + [.llvm(light)]
    case .middle: loops + checks + [.llvm(values), .dispatchDuplication]
    case .full:
      loops + checks + [
        .llvm(scalar), .invariantGuards, .llvm(induction), .loopMetadata, .llvm(vectorize),
        .dispatchDuplication,
      ]
    }
  }

  /// Promotes locals to SSA values, which ``FloatFolds`` requires.
  static let registers = "function(sroa)"

  static let combine = "instcombine<no-verify-fixpoint>"

  private static let unswitch = function([
    "sroa", "early-cse", "simplifycfg", combine, "early-cse<memssa>",
    "loop-mssa(loop-rotate,licm)", "loop(simple-loop-unswitch<nontrivial>)",
  ])

  /// Folds the conditions in each copy of a loop, so that the pointers of proven probes become null.
  private static let unswitchChecks = function([
    "loop(simple-loop-unswitch<nontrivial>)", "instsimplify",
  ])

  /// Runs if ``GuardFolding`` changed something: removes the blocks after failing sides, which are now unreachable.
  static let afterFolding = "function(simplifycfg)"

  /// Global value numbering, and what it makes possible.
  private static let values = function(["gvn", combine, "simplifycfg"])

  private static let light = function([
    "sroa", "early-cse<memssa>", "simplifycfg", combine, "simplifycfg",
  ])

  /// Runs passes over one function after the other.
  static func function(_ passes: [String]) -> String {
    "function<eager-inv>(\(passes.joined(separator: ",")))"
  }

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

  /// Options that LLVM has for the whole process only. Shrink-wrapping is off because backtraces follow frame pointers: a
  /// function's frame must be set up before anything in it can fault. The unswitching threshold is above the default of 50, so
  /// that guards and checks leave larger loops too (SHA-256's rounds: from 1.33 to 1.12 of native code's time; code grows by 1
  /// %). Nor does the number of conditions to unswitch count against a loop, up to 64: each probe and each index of a loop with hoisted checks
  /// is a select of the same condition (a matrix product of vectors with eight loads: from 1.46 to 0.98; compiling Lua and QuickJS
  /// costs the same). Sinking and tail merging are off because accesses of several places that are merged would all report the same place.
  /// The scheduler compares a memory access with the 100 around it instead of 1,000: a block of 1,000 stores takes a third of the time.
  /// Constants are not hoisted: most of the large ones are places of traps, which would be computed where no trap is near.
  /// Domain reassignment, for code that mixes mask and other registers, and long searches for what a load depends on cost
  /// time and change nothing in the programs of the benchmarks.
  /// Innermost loops begin at 64 bytes: a loop of 20 bytes that crossed into another line took 1.6 times as long.
  /// FastISel is off because LLVM would use it for functions whose passes a bisection skips, and traps would then report other
  /// places.
  private static let processOptions: Void = {
    let options = [
      "wasm-pgo", "-enable-shrink-wrap=false", "-unswitch-threshold=300",
      "-unswitch-num-initial-unscaled-candidates=64",
      "-sink-common-insts=false", "-enable-tail-merge=false", "-fast-isel=false",
      "-dag-maps-huge-region=100", "-disable-constant-hoisting",
      "-x86-experimental-pref-innermost-loop-alignment=6", "-disable-x86-domain-reassignment",
      "-memdep-block-number-limit=20",
    ]
    let arguments: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0)) }
    LLVMParseCommandLineOptions(Int32(arguments.count), arguments, "")
    for argument in arguments { free(UnsafeMutablePointer(mutating: argument)) }
  }()

  static func makeMachine(
    _ target: TargetOptions, _ tier: Tier
  ) throws(CompileError) -> LLVMTargetMachineRef {
    _ = processOptions
    // Artefacts run on the compiler's own architecture. The assembly parser is needed for marks: ``FaultRecord``.
    guard LLVMInitializeNativeTarget() == 0, LLVMInitializeNativeAsmPrinter() == 0,
      LLVMInitializeNativeAsmParser() == 0
    else { throw .llvm("LLVM has no target for this processor") }
    var found: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    guard LLVMGetTargetFromTriple(triple, &found, &message) == 0, let found else {
      throw .llvm(LLVMUnit.take(message))
    }
    // At levels below "less", statepoints run out of registers.
    let level = tier == .full ? LLVMCodeGenLevelDefault : LLVMCodeGenLevelLess
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
    // The buffer belongs to LLVM, has the size that LLVM reports, and lives until the end of this function.
    return [UInt8](
      UnsafeRawBufferPointer(start: LLVMGetBufferStart(buffer), count: LLVMGetBufferSize(buffer)))
  }
}
