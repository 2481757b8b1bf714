import Contract
import Speculation
import Wasm

/// The amounts of a function that LLVM's time and memory grow with faster than in proportion.
struct FunctionSize {
  /// Of instructions.
  var bytes = 0
  var loops = 0
  /// Stretches of code without a branch.
  var stretches = 1
  var locals = 0
  /// The most entries that the operand stack has.
  var operands = 0
  var calls = 0
  /// The most instructions in a stretch.
  var longestStretch = 0
  /// The most memory accesses in a stretch.
  var mostAccesses = 0
  /// The most calls, values that these take and return, and globals set, in a stretch.
  var mostStores = 0
  /// Values that branches pass to their labels.
  var passedValues = 0

  init(module: Module, function: Int) throws(CompileError) {
    let type = module.type(ofFunction: function)
    bytes = module.functions[function].body.count
    locals = module.localCount(ofFunction: function)
    operands = module.maxOperandHeight(ofFunction: function)
    var labels = [Label(passed: type.results.count, results: type.results.count)]
    var length = 0
    var accesses = 0
    var stores = 0
    func endStretch() {
      stretches += 1
      (length, accesses, stores) = (0, 0, 0)
    }
    var reader = InstructionReader(module, function: function)
    while let instruction = try reader.nextToCompile() {
      let opcode = instruction.opcode
      length += 1
      if opcode == .loop { loops += 1 }
      if opcode == .globalSet { stores += 1 }
      if let callee = instruction.callee {
        calls += 1
        let type = module.type(of: callee)
        stores += 1 + type.parameters.count + type.results.count
      }
      switch opcode.immediate {
      case .memoryArgument, .memoryArgumentAndLane, .atomicArgument: accesses += 1
      default: break
      }
      longestStretch = max(longestStretch, length)
      mostAccesses = max(mostAccesses, accesses)
      mostStores = max(mostStores, stores)
      switch instruction.targets {
      case .none: break
      case .handlers:
        for case .label(let label) in instruction.clauses.map(\.target) { branch(to: label) }
      case .label(let label): branch(to: label)
      case .labels(let targets): for label in targets { branch(to: label) }
      }
      func branch(to label: Int) {
        let index = labels.count - 1 - label
        labels[index].isTarget = true
        passedValues += labels[index].passed
      }
      let control = opcode.control
      if control.contains(.opensBlock) {
        let (parameters, results) = Self.arity(instruction.blockType, module)
        labels.append(
          Label(
            passed: opcode == .loop ? parameters : results, results: results,
            isTarget: opcode == .if))
        passedValues += parameters
        if opcode == .if { endStretch() }
      } else if control.contains(.dividesBlock) {
        passedValues += labels[labels.count - 1].results
        endStretch()
      } else if control.contains(.closesBlock), let label = labels.popLast() {
        passedValues += label.results
        // LLVM merges blocks that nothing branches to.
        if label.isTarget { endStretch() }
      } else if !control.isDisjoint(with: [.mayBranch, .neverContinues]) {
        endStretch()
      }
    }
  }

  private struct Label {
    /// How many values a branch passes.
    var passed: Int
    /// How many values the block leaves at its end.
    var results: Int
    var isTarget = false
  }

  private static func arity(_ type: BlockType, _ module: Module) -> (Int, Int) {
    switch type {
    case .empty: (0, 0)
    case .value: (0, 1)
    case .type(let index):
      (module.functionType(index).parameters.count, module.functionType(index).results.count)
    }
  }
}

/// An amount beyond which a function is left to the baseline, whose time is in proportion to any function's size.
///
/// Below the limits, twice the amount takes at most about 2.6 times as long (`scripts/compile-shapes.py`). The largest functions
/// of Lua and SQLite have at most two thirds of each, and a tenth of most: 78 loops, 50 KB, 494 values in a stretch, 468 calls, 51
/// locals, a product of stretches and locals of 134,000.
struct SizeLimit: Sendable {
  let name: String
  let maximum: Int
  let amount: @Sendable (FunctionSize) -> Int

  static let all = [
    // Some of LLVM's passes take time in proportion to the square of these, or worse: scalar evolution (loops), the code
    // generator's scheduling of one block and its pass that shortens live ranges, the placement of phis for each local.
    SizeLimit(name: "bytes", maximum: 1 << 18) { $0.bytes },
    SizeLimit(name: "loops", maximum: 128) { $0.loops },
    SizeLimit(name: "operands at once", maximum: 1 << 10) { $0.operands },
    SizeLimit(name: "instructions without a branch", maximum: 1 << 14) { $0.longestStretch },
    SizeLimit(name: "memory accesses without a branch", maximum: 1 << 11) { $0.mostAccesses },
    SizeLimit(name: "calls, their values and globals without a branch", maximum: 1 << 10) {
      $0.mostStores
    },
    SizeLimit(name: "locals times stretches without a branch", maximum: 1 << 22) {
      $0.locals * $0.stretches
    },
    SizeLimit(name: "locals times calls", maximum: 1 << 18) { $0.locals * $0.calls },
    SizeLimit(name: "values passed by branches", maximum: 1 << 17) { $0.passedValues },
  ]

  /// The inliner has limits of its own, so each body of a tree is looked at by itself.
  /// - Returns: the reason for each function of the plan that contains a body beyond a limit.
  static func exceeded(
    _ plan: CompilationPlan, _ module: Module
  ) throws(CompileError) -> [Int: BaselineReason] {
    try plan.functions(containing: { (function) throws(CompileError) in
      try reason(ofBody: function, module)
    })
  }

  private static func reason(
    ofBody function: Int, _ module: Module
  ) throws(CompileError) -> BaselineReason? {
    let size = try FunctionSize(module: module, function: function)
    guard let limit = all.first(where: { $0.amount(size) > $0.maximum }) else { return nil }
    return BaselineReason(
      .tooLarge,
      "\(limit.amount(size)) \(limit.name) in function \(function), more than \(limit.maximum)")
  }
}
