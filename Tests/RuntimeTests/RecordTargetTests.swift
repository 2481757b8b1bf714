import Runtime
import Testing
import Wasm

struct RecordTargetTests {
  /// Targets of an indirect call site: four of this instance's own, others, and foreign ones.
  @Test func targetsAreRecorded() throws {
    let machine = try Machine()
    machine.linker.define("a", try machine.instantiate("(module (func (export \"f\")))"))
    let functions = (0..<6).map { "(func $f\($0))" }.joined()
    let compiled = try Machine.compile(
      """
      (module (import "a" "f" (func $foreign)) \(functions)
        (table funcref (elem $f0 $f1 $f2 $f3 $f4 $f5 $foreign))
        (func (export "call") (param i32) (call_indirect (local.get 0))))
      """, feedback: true)
    let instance = try machine.linker.instantiate(compiled)
    for (index, count) in [3, 1, 4, 1, 5, 9, 2].enumerated() {
      for _ in 0..<count { _ = try instance.call("call", .i32(Int32(index))) }
    }
    let layout = try #require(compiled.feedback)
    let counters = try #require(instance.counters)
    let entry = layout.cursor(function: 7).entry
    let words = (counters + entry).assumingMemoryBound(to: UInt64.self)
    #expect(words[0] == 25)
    let record = (0..<10).map { words[1 + $0] }
    #expect(record == [64, 3, 96, 1, 128, 4, 160, 1, 14, 2])
  }
}
