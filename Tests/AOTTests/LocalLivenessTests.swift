import Testing
import Wasm
import WasmText

@testable import AOT

/// Which of the locals 0 and 1 are read after each call of a body.
@Suite struct LocalLivenessTests {
  /// By call, in their order: the locals that are live.
  private func live(_ body: String) throws -> [Set<Int>] {
    let module = try Module(
      validating: assemble(
        """
        (module
          (table 1 funcref)
          (tag $t (param i32))
          (func $callee)
          (func (param i32 i32) \(body)))
        """))
    let liveness = try LocalLiveness(module: module, function: 1)
    var walker = BodyWalker(module, function: 1)
    var result: [Set<Int>] = []
    while try walker.next() {
      let i = walker.instruction
      guard i.callee != nil else { continue }
      result.append(Set([0, 1].filter { liveness.isLive($0, at: i.offset) }))
    }
    return result
  }

  @Test func straightCode() throws {
    #expect(
      try live("call $callee local.get 0 drop call $callee local.get 1 drop call $callee")
        == [[0, 1], [1], []])
    // What is written before it is read is not live.
    #expect(try live("call $callee i32.const 1 local.set 0 local.get 0 drop") == [[]])
    #expect(try live("call $callee i32.const 1 local.tee 0 drop local.get 0 drop") == [[]])
    #expect(try live("i32.const 0 call_indirect local.get 1 drop") == [[1]])
  }

  /// What only a handler reads is live at the calls whose exceptions get there.
  @Test func handlersRead() throws {
    #expect(
      try live(
        """
        block $caught
          try_table (catch_all $caught) call $callee i32.const 1 local.set 0 call $callee end
          call $callee
          return
        end
        local.get 0 drop
        """) == [[0], [0], []])
    // A clause without match leads further out; an arm is not in its own scope.
    #expect(
      try live(
        """
        try
          try call $callee catch $t local.set 0 call $callee end
          i32.const 2 local.set 1
        catch_all
          local.get 1 drop call $callee
        end
        """) == [[1], [1], []])
    #expect(
      try live(
        """
        try
          try call $callee delegate 0
          call $callee
        catch $t
          drop local.get 1 drop
        end
        """) == [[1], [1]])
  }

  @Test func bothArmsCount() throws {
    let arms = "local.get 0 if call $callee local.get 0 drop else call $callee local.get 1 drop end"
    #expect(try live("call $callee " + arms) == [[0, 1], [0], [1]])
    // Without `else`, the condition may go past the write.
    #expect(
      try live("call $callee i32.const 1 if i32.const 1 local.set 1 end local.get 1 drop") == [[1]])
  }

  @Test func aLoopReadsAgain() throws {
    #expect(
      try live("loop local.get 0 drop call $callee local.get 1 br_if 0 end call $callee")
        == [[0, 1], []])
  }

  @Test func branchesGoToTheEndsOfBlocks() throws {
    #expect(
      try live("block call $callee local.get 1 br_if 0 local.get 0 drop end call $callee")
        == [[0, 1], []])
    // Only the branch leads on: what follows it is dead.
    #expect(
      try live("block call $callee br 0 local.get 0 drop end local.get 1 drop") == [[1]])
    #expect(
      try live(
        """
        block block call $callee i32.const 0 br_table 0 1 0 end local.get 0 drop end local.get 1 drop
        """) == [[0, 1]])
    #expect(try live("call $callee return local.get 0 drop") == [[]])
  }
}
