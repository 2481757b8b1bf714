import Feedback
import Speculation
import Testing
import Wasm

/// Tail calls that the planner leaves to become loops.
@Suite struct TailCallTests {
  private static let text = """
    (module
      (type $t (func (param i32) (result i32)))
      (table 4 funcref) (elem (i32.const 1) $run $other)
      (func $run (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 12345))))
        (if (i32.and (local.get $n) (i32.const 1))
          (then (return_call $run (i32.sub (local.get $n) (i32.const 1)))))
        (return_call_indirect (type $t) (i32.sub (local.get $n) (i32.const 1))
          (i32.add (i32.const 1) (i32.and (local.get $n) (i32.const 1)))))
      (func $other (param $n i32) (result i32)
        (return_call $run (i32.add (local.get $n) (i32.const 2))))
      (func $outer (param $n i32) (result i32)
        (i32.add (i32.const 1) (call $other (local.get $n)))))
    """

  private func made() throws -> (test: Case, plan: CompilationPlan) {
    var test = try Case(Self.text)
    for name in ["run", "other", "outer"] { try test.enter(name, 1000) }
    try test.feed("run", at: 0, [("run", 500)])
    try test.feed("run", at: 1, [("other", 400), ("run", 100)])
    try test.feed("other", [("run", 1000)])
    try test.feed("outer", [("other", 1000)])
    return (test, test.plan())
  }

  @Test func ofTheFunctionItself() throws {
    let (test, plan) = try made()
    let own = try test.site(plan, "run", 0)
    #expect(own.reason == .recursive)
    #expect(own.targets.allSatisfy { $0.node == nil })
  }

  /// The other function is inlined, and its tail call back is a branch.
  @Test func ofEachOther() throws {
    let (test, plan) = try made()
    let (run, other) = (try test.function("run"), try test.function("other"))
    let tree = try test.functionPlan(plan, "run")
    let nodes = (tree.speculative ?? tree.generic).nodes
    #expect(nodes.map(\.function) == [run, other])
    let site = try test.site(plan, "run", 1)
    #expect(site.targets.map(\.function) == [other, run])
    #expect(site.targets.map(\.node) == [1, nil])
    #expect(nodes[1].sites[try test.call("other")]?.reason == .recursive)
  }

  /// In a body that is inlined at an ordinary call, one leads to no body outside of that call.
  @Test func withinAnInlinedCall() throws {
    let (test, plan) = try made()
    let tree = try test.functionPlan(plan, "outer")
    let nodes = (tree.speculative ?? tree.generic).nodes
    let names = nodes.map { test.module.functionName($0.function) }
    #expect(names.prefix(3) == ["outer", "other", "run"])
    // From `run` back to `other`, which is inlined around it.
    #expect(nodes.count == 3)
  }
}
