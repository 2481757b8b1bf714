import Runtime
import TestSupport
import Testing
import Wasm

/// References to exceptions that only optimized code holds, in whatever register or slot, while garbage is looked for.
@Suite struct ExceptionReferenceTests {
  private static let text = """
    (module
      (import "host" "again" (func $again (param i32)))
      (tag $t (param i32)) (tag $litter (param i64))
      (func $make (param i32) (result exnref)
        (block $h (result exnref)
          (try_table (catch_all_ref $h) (throw $t (local.get 0)))
          unreachable))
      (func $value (param exnref) (result i32)
        (block $h (result i32)
          (try_table (catch $t $h) (throw_ref (local.get 0)))
          unreachable))
      (func $litter (export "litter") (param i32)
        (loop $next
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (throw $litter (i64.const -1)))
            unreachable)
          drop
          (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "run") (param i32) (result i32)
        (local $a exnref) (local $b exnref) (local $c exnref) (local $sum i32)
        (loop $next
          (local.set $a (call $make (local.get 0)))
          (local.set $b (call $make (i32.add (local.get 0) (i32.const 10))))
          (local.set $c (call $make (i32.add (local.get 0) (i32.const 100))))
          (if (i32.and (local.get 0) (i32.const 1))
            (then (call $again (i32.const 100000)))
            (else (call $litter (i32.const 100000))))
          (local.set $sum
            (i32.add (local.get $sum)
              (i32.add (call $value (local.get $a))
                (i32.add (call $value (local.get $b)) (call $value (local.get $c))))))
          (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum)))
    """

  @Test(arguments: [true, false]) func survive(_ inlines: Bool) throws {
    let program = try DeoptCase(Self.text, []) { $0.inlinesDirectCalls = inlines }
    let result = try DeoptComparison(program, [("run", [.i32(4)])]) { linker, instance in
      try linker.defineFunction("host", "again", FunctionType([.i32], [])) { slots in
        let count = Int32(truncatingIfNeeded: slots[0])
        _ = try instance()?.exportedFunction("litter")?.call([.i32(count)])
      }
    }
    let sum: Int32 = 470
    let expected: [DeoptCase.Outcome] = [.returned([.i32(sum)])]
    #expect(result.optimized.outcomes == expected)
    #expect(result.baseline.outcomes == result.optimized.outcomes)
    #expect(result.optimized.store.exceptionMemory < 4 << 20)
  }
}
