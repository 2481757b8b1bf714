import Feedback
import Speculation
import Testing
import Wasm

/// Plans keep their promises for any profile, and are the same each time.
@Suite struct PlanFuzzTests {
  private let text: String = {
    let tables = """
      (table $own 9 funcref) (table $shown (export "t") 9 funcref) (import "m" "t" (table $theirs 9 funcref))
      (elem (table $own) (i32.const 0) func $f0 $f1 $f2 $g0 $g1 $h $f0)
      (elem (table $shown) (i32.const 2) func $f0 $g0 $i)
      """
    let bodies = (0..<12).map { number in
      let calls = (0..<6).map { call in
        [
          "(call $f0 (i32.const 1)) (drop)", "(call $g1)",
          "(call_indirect $own (type $f) (i32.const 1) (i32.const \(call))) (drop)",
          "(call_indirect $shown (type $g) (i32.const \(call)))",
          "(loop $l (call_indirect $theirs (type $g) (i32.const 1)) (br_if $l (i32.const 0)))",
          "(call $r\((number + call) % 12))",
        ][(number * 5 + call) % 6]
      }
      return "(func $r\(number) \(calls.joined()))"
    }
    return """
      (module
        \(tables.replacing("(import \"m\" \"t\" (table $theirs 9 funcref))", with: ""))
        (type $f (func (param i32) (result i32))) (type $g (func))
        (func $i (type $g))
        (func $f0 (type $f) (local.get 0)) (func $f1 (type $f) (i32.const 7))
        (func $f2 (type $f) (call $f0 (local.get 0)))
        (func $g0 (type $g) (call $g1)) (func $g1 (type $g)) (func $h (result f64) (f64.const 1))
        \(bodies.joined(separator: "\n")))
      """.replacing(
        "(module",
        with:
          "(module (import \"m\" \"t\" (table $theirs 9 funcref)) (import \"m\" \"i\" (func $imported))"
      )
  }()

  private func randomProfile(_ module: Module) -> ModuleProfile {
    let counts: [UInt64] = [0, 0, 1, 5, 100, 1 << 40, .max, .max - 1]
    var profile = ModuleProfile()
    var calls: [Int: [Int]] = [:]
    for index in module.importedFunctionCount..<module.functions.count {
      var reader = InstructionReader(module, function: index)
      while let i = try? reader.next() {
        if [.call, .callIndirect].contains(i.opcode) { calls[index, default: []].append(i.offset) }
      }
    }
    func offset(_ function: Int) -> Int {
      if Bool.random(), let call = calls[function]?.randomElement() { return call }
      let body = module.functions[function].body
      return Bool.random()
        ? .random(in: -5...2000) : body.lowerBound + .random(in: 0...max(1, body.count))
    }
    for _ in 0..<Int.random(in: 0...module.functions.count) {
      let index = Int.random(in: -1...module.functions.count + 1)
      var function = FunctionProfile()
      function.entryCount = counts.randomElement()!
      let real = module.functions.indices.contains(index) ? index : 0
      for _ in 0..<Int.random(in: 0...40) {
        function.callSites[offset(real)] = CallSiteFeedback(
          targets: (0..<Int.random(in: 0...9)).map { _ in
            .init(
              function: .random(in: -2...module.functions.count + 2), count: counts.randomElement()!
            )
          }, otherCount: Bool.random() ? 0 : counts.randomElement()!,
          foreignCount: Bool.random() ? 0 : counts.randomElement()!)
        function.loops[offset(real)] = counts.randomElement()!
      }
      profile.functions[index] = function
      if Int.random(in: 0..<9) == 0 { profile.unknownFunctions.insert(.random(in: -1...30)) }
    }
    return profile
  }

  @Test func promisesHold() throws {
    let test = try Case(text)
    var speculative = 0
    for round in 0..<1500 {
      let profile = randomProfile(test.module)
      let plan = Planner.plan(module: test.module, profile: profile)
      let problems = PlanChecker.problems(in: plan, of: test.module)
      #expect(problems == [], "\(profile)")
      speculative += plan.functions.count { $0.speculative != nil }
      let description = plan.describe(test.module)
      if round % 50 == 0 {
        let again = Planner.plan(module: test.module, profile: profile)
        #expect(again.describe(test.module) == description)
      }
    }
    #expect(speculative > 100)
  }

  /// The checker itself must be able to fail.
  @Test func brokenPlansAreFound() throws {
    var test = try shapes()
    try test.enter("run", 100)
    try test.feed("run", [("a", 100)])
    let good = test.plan()
    let position = try test.function("run") - test.module.importedFunctionCount
    let offset = try test.call("run")
    func broken(_ change: (inout CompilationPlan) -> Void) -> Bool {
      var plan = good
      change(&plan)
      return !PlanChecker.problems(in: plan, of: test.module).isEmpty
    }
    #expect(broken { $0.functions[position].tier = .baseline })
    #expect(
      broken {
        $0.functions[position].keepsGeneric = true; $0.functions[position].speculative = nil
      })
    #expect(broken { $0.functions[position].osrEntries = [3] })
    #expect(broken { $0.functions.removeLast() })
    #expect(broken { $0.tables = [] })
    #expect(broken { $0.functions[position].generic = $0.functions[position].speculative! })
    #expect(broken { $0.functions[position].speculative!.nodes[1].parent = 1 })
    #expect(
      broken {
        $0.functions[position].speculative!.nodes[0].sites[offset + 1] =
          $0.functions[position].speculative!.nodes[0].sites[offset]
      })
    #expect(
      broken {
        $0.functions[position].speculative!.nodes[0].sites[offset]!.targets[0].tableIndices = [2]
      })
    #expect(
      broken {
        $0.functions[position].speculative!.nodes[0].sites[offset]!.targets[0].function += 1
      })
    #expect(
      broken { $0.functions[position].speculative!.nodes[0].sites[offset]!.targets[0].node = 7 })
    #expect(broken { $0.functions[position].speculative!.nodes[0].sites[offset]!.miss = .trap })
    #expect(
      broken { $0.functions[position].speculative!.nodes[0].sites[offset]!.guardKind = .none })
    #expect(
      broken {
        $0.dispatchTables = [
          DispatchTable(table: 0, typeIndex: 0), DispatchTable(table: 0, typeIndex: 0),
        ]
      })
  }
}
