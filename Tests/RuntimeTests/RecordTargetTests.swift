import Contract
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
    let layout = try #require(compiled.recorder?.layout)
    let counters = try #require(instance.counters)
    let entry = layout.cursor(function: 7).entry
    let words = (counters + entry).assumingMemoryBound(to: UInt64.self)
    #expect(words[0] == 25)
    var record = (0..<10).map { words[1 + $0] }
    // Of the first target only the calls that found it out of line may be counted.
    record[1] = 0
    #expect(record == [64, 0, 96, 1, 128, 4, 160, 1, 14, 2])
    let site = try #require(profile(of: instance).functions[7]?.callSites.values.first)
    #expect(site.targets.map(\.count) == [4, 3, 1, 1])
    #expect(site.targets.map(\.function) == [3, 1, 2, 4])
    #expect(site.otherCount == 14 && site.foreignCount == 2)
  }

  /// A site that has found nothing yet must not take a null reference for what it knows.
  @Test func firstCallsThatTrap() throws {
    let machine = try Machine()
    let compiled = try Machine.compile(
      """
      (module (type $f (func)) (type $g (func (param i32)))
        (table 3 funcref) (elem (i32.const 1) $a $b)
        (func $a (type $f)) (func $b (type $g))
        (func (export "call") (param i32) (call_indirect (type $f) (local.get 0))))
      """, feedback: true)
    let instance = try machine.linker.instantiate(compiled)
    func code(_ index: Int32) throws -> TrapCode? {
      do {
        _ = try instance.call("call", .i32(index))
        return nil
      } catch let trap as Trap { return trap.code }
    }
    // Before and after the site knows $a.
    for _ in 0..<2 {
      #expect(try code(0) == .uninitializedElement)
      #expect(try code(2) == .indirectCallTypeMismatch)
      #expect(try code(3) == .undefinedElement)
      #expect(try code(1) == nil)
    }
  }

  private func profile(of instance: Instance) throws -> ModuleProfile {
    try #require(instance.compiledModule.recorder).profile().match(instance.module)
  }

  /// Only some ways through a body are counted; the others follow.
  @Test func derivedCounts() throws {
    let machine = try Machine()
    let compiled = try Machine.compile(
      """
      (module
        (type $t (func (param i32)))
        (table funcref (elem $even $odd))
        (func $even (type $t)) (func $odd (type $t))
        (func $note)
        (func (export "run") (param $n i32)
          (block $done
            (loop $again
              (br_if $done (i32.eqz (local.get $n)))
              (if (i32.and (local.get $n) (i32.const 1))
                (then (call $note))
                (else (if (i32.gt_u (local.get $n) (i32.const 7)) (then (call $note)))))
              (call_indirect (type $t)
                (local.get $n) (i32.and (local.get $n) (i32.const 1)))
              (block $two (block $one (block $zero
                    (br_table $zero $one $two (i32.rem_u (local.get $n) (i32.const 3))))
                  (call $note)
                  (br $two))
                (call $even (i32.const 0)))
              (local.set $n (i32.sub (local.get $n) (i32.const 1)))
              (br $again)))
          (call $note)
          (return)
          (call $note)))
      """, feedback: true)
    let instance = try machine.linker.instantiate(compiled)
    for _ in 0..<2 { _ = try instance.call("run", .i32(10)) }
    let run = try #require(profile(of: instance).functions[3])
    #expect(run.entryCount == 2)
    #expect(Array(run.loops.values) == [20])
    func inOrder<T>(_ rows: [Int: T]) -> [T] { rows.sorted { $0.key < $1.key }.map(\.value) }
    // Of 10…1: five are odd; of the even ones 10 and 8 are greater than 7.
    #expect(
      inOrder(run.branches) == [
        .init(taken: 2, notTaken: 20), .init(taken: 10, notTaken: 10),
        .init(taken: 4, notTaken: 6),
      ])
    #expect(inOrder(run.branchTables) == [[6, 8, 6]])
    // The calls: odd, greater than 7, indirect, multiples of 3, those that leave 1, after the loop. None behind the return.
    #expect(
      inOrder(run.callSites).map { $0.targets.map(\.count) } == [
        [10], [4], [10, 10], [6], [8], [2],
      ])
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
    let profile = try #require(profile(of: instance).functions[0])
    // 10 → 9 by entering, then 9, 7, 5, 3, 1 go round the inner loop; 8, 6, 4, 2 the outer one.
    #expect(profile.loops.sorted { $0.key < $1.key }.map(\.value) == [4, 5])
    // Counts of zero are not written: a reader refuses them.
    let idle = Recorder(compiled.module)
    let other = try machine.linker.instantiate(CompiledModule(recorder: idle))
    _ = try other.call("run", .i32(1))
    let counted = try idle.profile()
    #expect(try ProfileFile(decoding: counted.encode()) == counted)
  }
}
