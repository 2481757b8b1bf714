import CLLVM
import Contract
import Feedback
import Speculation
import Wasm

// This folder: compiles functions together, and caches the result for the next compilation.
//
//   CompilePartition     translation, passes, code generation, records: a partition from plan to object
//   Partition            input and output
//   PartitionKey, PartitionWeights     everything that the output depends on, as a cache key
//   PartitionCache       outputs by key, in a folder

/// The module's name in the line table.
public let defaultModuleName = "module.wasm"

/// Compiles some of a module's functions into one object. The result depends on the arguments only. A fatal error of LLVM
/// terminates the process.
/// - Parameters:
///   - functions: indices of functions that the module defines.
///   - source: for debug information; nil: none.
///   - isVerifying: whether LLVM's verifier and ``AccessCoverage`` check each stage.
///   - leftOut: passes of our own to skip.
public func compilePartition(
  module: Module, plan: CompilationPlan, profile: ModuleProfile, functions: [Int],
  target: TargetOptions, nodes: NodeNumbering, source: GuestSource? = nil,
  moduleName: String = defaultModuleName,
  dump: DumpOptions = DumpOptions(), isVerifying: Bool = false, leftOut: Set<OwnPass> = []
) throws(CompileError) -> PartitionOutput {
  let compilation = PartitionCompilation(
    PartitionTranslator(
      module: module, plan: plan, profile: profile, nodes: nodes, target: target),
    target: target, source: source, moduleName: moduleName, dump: dump, isVerifying: isVerifying,
    leftOut: leftOut)
  return try compilation.run(functions)
}

private struct PartitionCompilation {
  let translator: PartitionTranslator
  let target: TargetOptions
  let source: GuestSource?
  let moduleName: String
  let dump: DumpOptions
  let isVerifying: Bool
  let leftOut: Set<OwnPass>

  init(
    _ translator: PartitionTranslator, target: TargetOptions, source: GuestSource?,
    moduleName: String, dump: DumpOptions, isVerifying: Bool, leftOut: Set<OwnPass>
  ) {
    self.translator = translator
    self.target = target
    self.source = source
    self.moduleName = moduleName
    self.dump = dump
    self.isVerifying = isVerifying
    self.leftOut = leftOut
  }

  func run(_ functions: [Int]) throws(CompileError) -> PartitionOutput {
    let context = LLVMContextCreate()!
    defer { LLVMContextDispose(context) }
    let versions = try versions(functions)
    let machine = try Pipeline.makeMachine(target, versions.last?.tier ?? .light)
    defer { LLVMDisposeTargetMachine(machine) }

    // An LLVM module for each tier, since LLVM runs a pipeline over a whole module; they are linked into one object.
    let unit = LLVMUnit(context: context, name: moduleName)
    defer { unit.dispose() }
    setTarget(of: unit, machine)
    for (tier, members) in versions {
      let other = LLVMUnit(context: context, name: moduleName)
      do throws(CompileError) {
        setTarget(of: other, machine)
        try build(members, into: other, machine: machine, tier)
      } catch {
        other.dispose()
        throw error
      }
      try unit.link(other)
    }
    unit.finishSymbols()
    try check(unit, "linking")
    passDump(machine).writeFrameStates()
    var object = try Pipeline.emitObject(unit, machine: machine)
    let faults = try takeFaults(from: &object)
    try check(faults, of: unit)
    let compares = try resolveGuards(in: &object, target: target)
    try passDump(machine).writeCode(object)
    passDump(machine).writeGuards(compares)
    return PartitionOutput(
      object: object, exits: translator.exits, compares: compares,
      faults: faults, frames: try readFrames(object, calls: readStackMaps(object)))
  }

  private typealias Member = (function: FunctionPlan, version: FunctionVersion)

  /// The functions' versions by tier, ascending.
  private func versions(
    _ functions: [Int]
  ) throws(CompileError) -> [(tier: Tier, members: [Member])] {
    var members: [Tier: [Member]] = [:]
    for function in functions {
      let plan = try translator.checkedPlan(function)
      for version in plan.versions {
        members[plan.tier(of: version), default: []].append((plan, version))
      }
    }
    return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func setTarget(of unit: LLVMUnit, _ machine: LLVMTargetMachineRef) {
    LLVMSetTarget(unit.module, Pipeline.triple)
    let layout = LLVMCreateTargetDataLayout(machine)
    LLVMSetModuleDataLayout(unit.module, layout)
    LLVMDisposeTargetData(layout)
  }

  private func build(
    _ members: [Member], into unit: LLVMUnit, machine: LLVMTargetMachineRef,
    _ tier: Tier
  ) throws(CompileError) {
    let dump = passDump(machine)
    let debugInfo = source.map { DebugInfo(unit: unit, source: $0) }
    for member in members {
      try FunctionTranslator(
        translator, unit: unit, debugInfo: debugInfo, plan: member.function,
        version: member.version
      ).translate()
    }
    debugInfo?.finish()
    try finish(.translated, unit, dump)
    let folds = FloatFolds(unit: unit)
    if !leftOut.contains(.floatFolds) {
      try Pipeline.run(Pipeline.registers, on: unit, machine: machine)
      folds.hide()
    }
    let checks = MemoryChecks(unit: unit, memories: translator.layout.memories)
    if leftOut.contains(.trappingProbes) { checks.assumeProbesReturn() }
    for stage in Pipeline.stages(tier, hasChecks: checks.hasChecks) {
      switch stage {
      case .loopChecks where leftOut.contains(.loopChecks): continue
      case .loopChecks:
        let countsOffsets = !leftOut.contains(.constantOffsets)
        try dump.observe(.loopPredication, unit) {
          LoopPredication(
            unit: unit, checks: checks, countsOffsets: countsOffsets
          ).run()
        }
      case .boundsChecks:
        try dump.observe(.boundsChecks, unit) { BoundsChecks(unit: unit, checks: checks).run() }
      case .invariantGuards where leftOut.contains(.invariantGuards): continue
      case .invariantGuards: InvariantGuards(unit: unit).run()
      case .loopMetadata where leftOut.contains(.loopMetadata): continue
      case .loopMetadata: LoopMetadata(unit: unit).run()
      case .dispatchDuplication where leftOut.contains(.dispatchDuplication): continue
      case .dispatchDuplication:
        if try dump.observe(
          .dispatchDuplication, unit, { DispatchDuplication(unit: unit, checks: checks).run() })
        {
          try Pipeline.run(Pipeline.registers, on: unit, machine: machine)
        }
      case .llvm(let names): try Pipeline.run(names, on: unit, machine: machine)
      }
      if !leftOut.contains(.guardFolding),
        try dump.observe(.guardFolding, unit, { GuardFolding(unit: unit).run() })
      {
        try Pipeline.run(Pipeline.afterFolding, on: unit, machine: machine)
      }
      try checkCoverage(checks, stage)
      if !leftOut.contains(.repeatedChecks) {
        try dump.observe(.memoryChecks, unit) { checks.removeRepeated() }
      }
      try checkCoverage(checks, stage)
    }
    try finish(.optimized, unit, dump)
    folds.reveal()
    try dump.observe(.probeLowering, unit) { ProbeLowering(unit: unit, checks: checks).run() }
    try dump.observe(.exitLowering, unit) { ExitLowering(unit).run() }
    CallLowering(unit: unit).run()
    try finish(.lowered, unit, dump)
  }

  private func passDump(_ machine: LLVMTargetMachineRef) -> PassDump {
    PassDump(dump: dump, translator: translator, machine: machine, target: target)
  }

  private func finish(
    _ stage: DumpOptions.Stage, _ unit: LLVMUnit, _ dump: PassDump
  ) throws(CompileError) {
    dump.write(stage, unit)
    try check(unit, stage.rawValue)
  }

  private func check(_ unit: LLVMUnit, _ stage: String) throws(CompileError) {
    guard isVerifying, let complaint = unit.verificationFailure() else { return }
    throw .llvm("after \(stage): \(complaint)")
  }

  /// Checks that no access lost its probe: toolchain-docs/decisions/exact-traps.md.
  private func checkCoverage(
    _ checks: MemoryChecks, _ stage: Pipeline.Stage
  ) throws(CompileError) {
    guard isVerifying,
      let complaint = AccessCoverage(checks: checks, probes: checks.probeFunctions).violation()
    else { return }
    throw .llvm("after \(stage): \(complaint)")
  }

  /// Checks that code generation kept every place that may fault.
  private func check(_ faults: [FaultRecord], of unit: LLVMUnit) throws(CompileError) {
    guard isVerifying else { return }
    var counts: [UInt64: Int] = [:]
    for fault in faults { counts[fault.place.raw, default: 0] += 1 }
    for function in MemoryChecks(unit: unit).functions() {
      for place in unit.faultPlaces(in: function) { counts[place, default: 0] -= 1 }
    }
    // Code generation may duplicate code, so a place may occur more often than in IR.
    guard let place = counts.filter({ $0.value < 0 }).keys.min() else { return }
    throw .llvm(
      "after code generation: no fault stands for byte \(TrapPlace(raw: place).location.byteOffset)"
    )
  }
}

extension LLVMUnit {
  /// Makes all wasm functions hidden, so that calls between them need no indirection. Must run after optimization: a hidden
  /// function cannot be replaced, so LLVM would draw conclusions from its body.
  fileprivate func finishSymbols() {
    var function = LLVMGetFirstFunction(module)
    while let current = function {
      if LLVMGetIntrinsicID(current) == 0 { LLVMSetVisibility(current, LLVMHiddenVisibility) }
      function = LLVMGetNextFunction(current)
    }
  }
}
