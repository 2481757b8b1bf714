import CLLVM
import Contract
import Feedback
import Speculation
import Wasm

/// State that all functions of a partition share during translation.
final class PartitionTranslator {
  let module: Module
  let plan: CompilationPlan
  let profile: ModuleProfile
  let nodes: NodeNumbering
  let layout: ContextLayout
  /// What relaxed SIMD means.
  let relaxed: RelaxedSemantics
  /// ``TargetOptions/hasShortVectors``
  let hasShortVectors: Bool
  let dispatchRows: [DispatchTable: Int]
  /// Tables whose length can change after instantiation.
  let growableTables: Set<Int>
  private(set) var exits: [DeoptExit] = []
  private var exitNumbers: [DeoptExit: Int] = [:]
  private var liveness: [Int: LocalLiveness] = [:]
  /// By function: where frames resume after exits of branches.
  private let resumes: [Int: Set<Int>]
  private var loopShapes: [Int: LoopShapes] = [:]
  private var tailCallees: [Int: [FunctionType]] = [:]

  init(
    module: Module, plan: CompilationPlan, profile: ModuleProfile, nodes: NodeNumbering,
    target: TargetOptions = TargetOptions()
  ) {
    self.module = module
    self.plan = plan
    self.profile = profile
    self.nodes = nodes
    relaxed = target.relaxed
    hasShortVectors = target.hasShortVectors
    layout = ContextLayout(module)
    dispatchRows = Dictionary(
      uniqueKeysWithValues: plan.dispatchTables.enumerated().map { ($1, $0) })
    resumes = plan.branchResumes
    growableTables = Set(
      module.tables.indices.filter { index in
        let limits = module.tables[index].limits
        let isFixed =
          index < plan.tables.count && plan.tables[index].isImmutable && limits.max == limits.min
        return !isFixed
      })
  }

  func functionPlan(_ function: Int) -> FunctionPlan? {
    let index = function - module.importedFunctionCount
    return plan.functions.indices.contains(index) ? plan.functions[index] : nil
  }

  func number(of exit: DeoptExit) -> Int {
    if let known = exitNumbers[exit] { return known }
    exits.append(exit)
    exitNumbers[exit] = exits.count - 1
    return exits.count - 1
  }

  func liveness(ofFunction function: Int) throws(CompileError) -> LocalLiveness {
    if let known = liveness[function] { return known }
    let result = try LocalLiveness(
      module: module, function: function, resumes: resumes[function] ?? [])
    liveness[function] = result
    return result
  }

  func loopShapes(ofFunction function: Int) throws(CompileError) -> LoopShapes {
    if let known = loopShapes[function] { return known }
    let result = try LoopShapes(module: module, function: function)
    loopShapes[function] = result
    return result
  }

  /// The types of the functions that tail calls in a body call; empty if it has no tail call.
  func tailCallees(ofFunction function: Int) throws(CompileError) -> [FunctionType] {
    if let known = tailCallees[function] { return known }
    var result: [FunctionType] = []
    var reader = InstructionReader(module, function: function)
    while let instruction = try reader.nextToCompile() {
      guard instruction.isTailCall, let callee = instruction.callee else { continue }
      let type = module.type(of: callee)
      if !result.contains(type) { result.append(type) }
    }
    tailCallees[function] = result
    return result
  }

  /// A function's plan, if it can be translated.
  func checkedPlan(_ function: Int) throws(CompileError) -> FunctionPlan {
    guard let plan = functionPlan(function) else {
      throw .plan("function \(function) has no row")
    }
    for tree in [plan.speculative, plan.generic].compactMap({ $0 })
    where tree.nodes.count > TrapPlace.maximumNodeCount {
      throw .plan("function \(function) has too many bodies inlined")
    }
    return plan
  }
}
