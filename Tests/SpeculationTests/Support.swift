import Feedback
import Speculation
import Testing
import Wasm
import WasmText

/// A module with a profile that tests write by names and ordinals of calls.
struct Case {
  let module: Module
  var profile = ModuleProfile()

  init(_ text: String) throws { module = try Module(validating: assemble(text)) }

  func function(_ name: String) throws -> Int {
    try #require(module.functions.indices.first { module.functionName($0) == name })
  }

  /// Byte offset of the n-th call of a function.
  func call(_ name: String, _ number: Int = 0) throws -> Int {
    var offsets: [Int] = []
    var reader = InstructionReader(module, function: try function(name))
    while let i = try reader.next() {
      if i.callee != nil { offsets.append(i.offset) }
    }
    return offsets[number]
  }

  /// Each loop goes round once for each entry.
  mutating func enter(_ name: String, _ count: UInt64) throws {
    let index = try function(name)
    profile.functions[index, default: FunctionProfile()].entryCount = count
    var reader = InstructionReader(module, function: index)
    while let i = try reader.next() {
      if i.opcode == .loop { profile.functions[index]?.loops[i.offset] = count }
    }
  }

  mutating func feed(
    _ name: String, at number: Int = 0, _ targets: [(String, UInt64)], other: UInt64 = 0,
    foreign: UInt64 = 0
  ) throws {
    let feedback = CallSiteFeedback(
      targets: try targets.map { .init(function: try function($0.0), count: $0.1) },
      otherCount: other, foreignCount: foreign)
    profile.functions[try function(name), default: FunctionProfile()]
      .callSites[try call(name, number)] = feedback
  }

  /// The plan, checked. By default, everything that ran is optimized, and what stands in a frame state gets OSR entries.
  func plan(_ change: (inout PlannerOptions) -> Void = { _ in }) -> CompilationPlan {
    var options = PlannerOptions()
    options.tuning.hotShare = 2
    options.tuning.coldFloor = 0
    options.tuning.osrShare = 0
    change(&options)
    let plan = Planner.plan(module: module, profile: profile, options: options)
    #expect(PlanChecker.problems(in: plan, of: module) == [])
    return plan
  }

  func functionPlan(_ plan: CompilationPlan, _ name: String) throws -> FunctionPlan {
    plan.functions[try function(name) - module.importedFunctionCount]
  }

  /// What is planned for a call of a function itself, in its entry version.
  func site(_ plan: CompilationPlan, _ name: String, _ number: Int = 0) throws -> SitePlan {
    let own = try functionPlan(plan, name)
    return try #require(
      (own.speculative ?? own.generic).nodes[0].sites[try call(name, number)])
  }
}

/// `run` calls through a table that holds a, b, big and host's import.
func shapes(
  table: String = "(table 8 funcref) (elem (i32.const 1) $a $b $big $other)", extra: String = ""
) throws -> Case {
  let filler = String(repeating: "(drop (i32.const 1000000))", count: 300)
  return try Case(
    """
    (module
      (import "host" "f" (func $host (param i32) (result i32)))
      (type $t (func (param i32) (result i32)))
      \(table)
      (func $a (type $t) (i32.add (i32.add (local.get 0) (i32.const 1)) (i32.const 12345)))
      (func $b (type $t) (i32.mul (i32.mul (local.get 0) (i32.const 3)) (i32.const 12345)))
      (func $big (type $t) \(filler) (local.get 0))
      (func $other (result i64) (i64.const 0))
      (func $run (param $i i32) (result i32)
        (loop $l (br_if $l (i32.const 0)))
        (call_indirect (type $t) (i32.const 1) (local.get $i)))
      (func $outer (result i32) (call $run (i32.const 1)))
      \(extra))
    """)
}
