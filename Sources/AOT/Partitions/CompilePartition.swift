import CLLVM
import Contract
import Feedback
import Glibc
import Speculation
import Wasm

// This folder: functions that are compiled together, and kept for the next compilation.
//
//   CompilePartition     translation, passes, code generation, records: one partition from plan to object
//   Partition            input and output
//   PartitionKey, PartitionWeights     all that the output depends on, as a key of the cache
//   PartitionCache       outputs by key, in a folder

/// Stages of a partition's way that can be printed to standard error.
public struct DumpOptions: Sendable {
  public enum Stage: String, Sendable, CaseIterable {
    /// As translated.
    case translated
    /// After LLVM's passes.
    case optimized
    /// After deopts and traps have their final form.
    case lowered
  }

  /// Nil for all functions.
  public var function: Int?
  public var stages: Set<Stage>

  public init(function: Int? = nil, stages: Set<Stage> = []) {
    self.function = function
    self.stages = stages
  }
}

/// What the line table calls the module.
public let defaultModuleName = "module.wasm"

/// Compiles some of a module's functions into one object. The result depends on nothing but the arguments.
/// LLVM's own fatal errors end the process.
/// - Parameters:
///   - functions: indices of functions that the module defines.
///   - isVerifying: whether LLVM's verifier and ``AccessCoverage`` check each stage.
///   - leftOut: passes of our own that do not run.
public func compilePartition(
  module: Module, plan: CompilationPlan, profile: ModuleProfile, functions: [Int],
  target: TargetOptions, nodes: NodeNumbering, moduleName: String = defaultModuleName,
  dump: DumpOptions = DumpOptions(), isVerifying: Bool = false, leftOut: Set<OwnPass> = []
) throws(CompileError) -> PartitionOutput {
  let compilation = PartitionCompilation(
    PartitionTranslator(module: module, plan: plan, profile: profile, nodes: nodes),
    target: target, moduleName: moduleName, dump: dump, isVerifying: isVerifying,
    leftOut: leftOut)
  return try compilation.run(functions)
}

private struct PartitionCompilation {
  let translator: PartitionTranslator
  let target: TargetOptions
  let moduleName: String
  let dump: DumpOptions
  let isVerifying: Bool
  let leftOut: Set<OwnPass>

  init(
    _ translator: PartitionTranslator, target: TargetOptions, moduleName: String,
    dump: DumpOptions, isVerifying: Bool, leftOut: Set<OwnPass>
  ) {
    self.translator = translator
    self.target = target
    self.moduleName = moduleName
    self.dump = dump
    self.isVerifying = isVerifying
    self.leftOut = leftOut
  }

  func run(_ functions: [Int]) throws(CompileError) -> PartitionOutput {
    let context = LLVMContextCreate()!
    defer { LLVMContextDispose(context) }
    let hot = functions.filter { translator.functionPlan($0)?.isHot ?? false }
    let cold = functions.filter { !(translator.functionPlan($0)?.isHot ?? false) }
    let machine = try Pipeline.makeMachine(target, isHot: !hot.isEmpty)
    defer { LLVMDisposeTargetMachine(machine) }

    // Two modules, since LLVM runs a pipeline over a whole module; one object.
    let unit = LLVMUnit(context: context, name: moduleName)
    defer { unit.dispose() }
    try build(
      hot, into: unit, machine: machine, passes: Pipeline.hot(level: target.optimizationLevel))
    if !cold.isEmpty {
      let other = LLVMUnit(context: context, name: moduleName)
      do throws(CompileError) {
        try build(cold, into: other, machine: machine, passes: Pipeline.cold)
      } catch {
        other.dispose()
        throw error
      }
      try unit.link(other)
    }
    unit.finishSymbols()
    try check(unit, "linking")
    var object = try Pipeline.emitObject(unit, machine: machine)
    let faults = try takeFaults(from: &object)
    try check(faults, of: unit)
    let compares = try resolveGuards(in: &object, target: target)
    return PartitionOutput(
      object: object, frameStates: translator.frameStates, compares: compares,
      faults: faults)
  }

  private func build(
    _ functions: [Int], into unit: LLVMUnit, machine: LLVMTargetMachineRef, passes: [Pipeline.Stage]
  ) throws(CompileError) {
    LLVMSetTarget(unit.module, Pipeline.triple)
    let layout = LLVMCreateTargetDataLayout(machine)
    LLVMSetModuleDataLayout(unit.module, layout)
    LLVMDisposeTargetData(layout)
    guard !functions.isEmpty else { return }
    let debugInfo = DebugInfo(unit: unit, fileName: moduleName)
    for function in functions {
      try translator.translate(function: function, into: unit, debugInfo: debugInfo)
    }
    debugInfo.finish()
    try finish(.translated, unit)
    let folds = FloatFolds(unit: unit)
    if !leftOut.contains(.floatFolds) {
      try Pipeline.run(Pipeline.registers, on: unit, machine: machine)
      folds.hide()
    }
    let checks = MemoryChecks(unit: unit)
    for stage in passes {
      switch stage {
      case .loopChecks where leftOut.contains(.loopChecks): continue
      case .loopChecks:
        LoopPredication(
          unit: unit, checks: checks, countsOffsets: !leftOut.contains(.constantOffsets)
        ).run()
      case .loopMetadata where leftOut.contains(.loopMetadata): continue
      case .loopMetadata: LoopMetadata(unit: unit).run()
      case .llvm(let names): try Pipeline.run(names, on: unit, machine: machine)
      }
      if !leftOut.contains(.guardFolding), GuardFolding(unit: unit).run() {
        try Pipeline.run(Pipeline.afterFolding, on: unit, machine: machine)
      }
      try checkCoverage(checks, stage)
      if !leftOut.contains(.repeatedChecks) { checks.removeRepeated() }
      try checkCoverage(checks, stage)
    }
    try finish(.optimized, unit)
    folds.reveal()
    ProbeLowering(unit: unit, checks: checks).run()
    GuardPlaces(unit: unit).run()
    ExitLowering(unit).run()
    unit.dropLines(checks)
    try finish(.lowered, unit)
  }

  private func finish(_ stage: DumpOptions.Stage, _ unit: LLVMUnit) throws(CompileError) {
    // The function to dump may be in another unit.
    if dump.stages.contains(stage), case let text = text(unit), !text.isEmpty {
      write("; \(stage.rawValue)\n" + text)
    }
    try check(unit, stage.rawValue)
  }

  private func check(_ unit: LLVMUnit, _ stage: String) throws(CompileError) {
    guard isVerifying, let complaint = unit.verificationFailure() else { return }
    throw .llvm("after \(stage): \(complaint)")
  }

  /// That no access lost its check: toolchain-docs/decisions/exact-traps.md.
  private func checkCoverage(
    _ checks: MemoryChecks, _ stage: Pipeline.Stage
  ) throws(CompileError) {
    guard isVerifying,
      let complaint = AccessCoverage(checks: checks, probeFunction: checks.probeFunction)
        .violation()
    else { return }
    throw .llvm("after \(stage): \(complaint)")
  }

  /// That code generation lost no place that a fault stands for.
  private func check(_ faults: [FaultRecord], of unit: LLVMUnit) throws(CompileError) {
    guard isVerifying else { return }
    var counts: [UInt64: Int] = [:]
    for fault in faults { counts[fault.place.raw, default: 0] += 1 }
    for function in MemoryChecks(unit: unit).functions() {
      for place in unit.faultPlaces(in: function) { counts[place, default: 0] -= 1 }
    }
    // Code may be there twice.
    guard let place = counts.filter({ $0.value < 0 }).keys.min() else { return }
    throw .llvm(
      "after code generation: no fault stands for byte \(TrapPlace(raw: place).byteOffset)")
  }

  private func text(_ unit: LLVMUnit) -> String {
    guard let function = dump.function, let plan = translator.functionPlan(function) else {
      return unit.text
    }
    return plan.versions.compactMap {
      LLVMGetNamedFunction(unit.module, symbolName(function: function, version: $0))
    }.map { LLVMUnit.take(LLVMPrintValueToString($0)) }.joined(separator: "\n")
  }

  private func write(_ text: String) {
    var bytes = ArraySlice(Array(text.utf8))
    while !bytes.isEmpty {
      // The slice's storage is valid for the call, which reads no more than its count.
      let written = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}

extension LLVMUnit {
  /// Makes all wasm functions hidden, so that calls between them need no indirection. Not before
  /// optimization: a hidden function cannot be replaced, and LLVM would draw conclusions from its body.
  fileprivate func finishSymbols() {
    var function = LLVMGetFirstFunction(module)
    while let current = function {
      if LLVMGetIntrinsicID(current) == 0 { LLVMSetVisibility(current, LLVMHiddenVisibility) }
      function = LLVMGetNextFunction(current)
    }
  }
}
