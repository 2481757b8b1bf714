import Feedback
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

  /// Back-edges by br_if are counted once, as branches; those by br as their loop's: a profile has all of them as the loop's.
  @Test func backEdgesOfBothKindsAreTheLoops() throws {
    let machine = try Machine()
    let compiled = try Machine.compile(
      """
      (module (func (export "run") (param $n i32)
        (loop $outer
          (loop $inner
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $inner (i32.and (local.get $n) (i32.const 1)))
            (if (local.get $n) (then (br $outer)))))))
      """, feedback: true)
    let instance = try machine.linker.instantiate(compiled)
    _ = try instance.call("run", .i32(10))
    let layout = try #require(compiled.feedback)
    let counters = try #require(instance.counters)
    let file = try ProfileFile(
      module: compiled.module, layout: layout,
      counters: UnsafeRawBufferPointer(start: counters, count: layout.size))
    let profile = try #require(file.match(compiled.module).functions[0])
    // 10 → 9 by entering, then 9, 7, 5, 3, 1 go round the inner loop; 8, 6, 4, 2 the outer one.
    #expect(profile.loops.sorted { $0.key < $1.key }.map(\.value) == [4, 5])
    // Counts of zero are not written: a reader refuses them.
    let idle = try machine.linker.instantiate(compiled)
    _ = try idle.call("run", .i32(1))
    let counted = try ProfileFile(
      module: compiled.module, layout: layout,
      counters: UnsafeRawBufferPointer(start: try #require(idle.counters), count: layout.size))
    #expect(try ProfileFile(decoding: counted.encode()) == counted)
  }
}
