import Runtime
import Testing
import Wasm

/// Records of exceptions: which of them stay, and what becomes of the rest.
@Suite struct ExceptionRecordTests {
  /// 10⁷ throws in one call take no more memory than a few, whether the exception is kept for a while or not.
  @Test(arguments: ["catch", "catch_ref", "rethrow"]) func constantMemory(_ way: String) throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (tag $t (param i32))
        (func $throw (param i32) (throw $t (local.get 0)))
        (func $clean (param i32)
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (call $throw (local.get 0)))
            (return))
          (throw_ref))
        (func (export "catch") (param i32) (result i32) (local $sum i32)
          (loop $next
            (block $caught (result i32)
              (try_table (catch $t $caught) (call $throw (local.get 0)))
              unreachable)
            (local.set $sum (i32.add (local.get $sum)))
            (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get $sum))
        (func (export "catch_ref") (param i32) (result i32) (local $sum i32) (local $last exnref)
          (loop $next
            (block $caught (result i32 exnref)
              (try_table (catch_ref $t $caught) (call $throw (local.get 0)))
              unreachable)
            (local.set $last)
            (local.set $sum (i32.add (local.get $sum)))
            (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get $sum))
        (func (export "rethrow") (param i32) (result i32) (local $sum i32)
          (loop $next
            (block $caught (result i32)
              (try_table (catch $t $caught) (call $clean (local.get 0)))
              unreachable)
            (local.set $sum (i32.add (local.get $sum)))
            (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get $sum)))
      """)
    let count: Int32 = 10_000_000
    let sum = Int32(truncatingIfNeeded: Int64(count) * (Int64(count) + 1) / 2)
    #expect(try instance.call(way, .i32(count)) == [.i32(sum)])
    #expect(machine.store.exceptionMemory < 8 << 20)
  }

  /// What globals, tables, frames and other exceptions refer to stays; the rest does not.
  @Test func whatIsKept() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (tag $t (param i32)) (tag $pair (param exnref exnref))
        (global $g (mut exnref) (ref.null exn))
        (table $table 8 exnref)
        (func $make (param i32) (result exnref)
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (throw $t (local.get 0)))
            unreachable))
        (func $pair (param exnref exnref) (result exnref)
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (throw $pair (local.get 0) (local.get 1)))
            unreachable))
        (func (export "set") (param i32)
          (global.set $g
            (call $pair (call $make (local.get 0)) (call $make (i32.add (local.get 0) (i32.const 1)))))
          (table.set $table (i32.const 3) (call $make (i32.add (local.get 0) (i32.const 2)))))
        (func $value (param exnref) (result i32)
          (block $h (result i32)
            (try_table (catch $t $h) (throw_ref (local.get 0)))
            unreachable))
        (func (export "get") (result i32 i32 i32) (local exnref exnref)
          (block $h (result exnref exnref)
            (try_table (catch $pair $h) (throw_ref (global.get $g)))
            unreachable)
          (local.set 1) (local.set 0)
          (call $value (local.get 0)) (call $value (local.get 1))
          (call $value (table.get $table (i32.const 3))))
        (func (export "litter") (param i32) (result i32) (local $mine exnref)
          (local.set $mine (call $make (i32.const 4711)))
          (loop $next
            (drop (call $make (local.get 0)))
            (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (call $value (local.get $mine))))
      """)
    _ = try instance.call("set", .i32(10))
    for _ in 0..<5 {
      #expect(try instance.call("litter", .i32(200_000)) == [.i32(4711)])
      #expect(try instance.call("get") == [.i32(10), .i32(11), .i32(12)])
    }
    #expect(machine.store.exceptionMemory < 8 << 20)
  }

  /// References as parameters and results of host functions, in globals and tables of the host.
  @Test func referencesOfTheHost() throws {
    let machine = try Machine()
    let tag = try machine.store.makeTag(FunctionType([.v128, .f32], []))
    machine.linker.define("host", "tag", .tag(tag))
    let global = try machine.store.makeGlobal(
      GlobalType(value: .exnref, isMutable: true), .exnref(nil))
    machine.linker.define("host", "global", .global(global))
    let table = try machine.store.makeTable(TableType(element: .exnref, limits: Limits(min: 2)))
    machine.linker.define("host", "table", .table(table))
    var seen: [Exception] = []
    let type = FunctionType([.exnref, .i32], [.exnref])
    let passing = try machine.store.makeFunction(type) { slots in
      // What is in a slot is kept by whoever calls.
      #expect(slots[0] != 0)
    }
    machine.linker.define("host", "pass", .function(passing))
    let instance = try machine.instantiate(
      """
      (module
        (import "host" "tag" (tag $t (param v128 f32)))
        (import "host" "global" (global $g (mut exnref)))
        (import "host" "table" (table $table 2 exnref))
        (import "host" "pass" (func $pass (param exnref i32) (result exnref)))
        (tag $litter (param i64))
        (func (export "make") (param i32) (result exnref)
          (block $h (result exnref)
            (try_table (catch_all_ref $h)
              (throw $t (i32x4.splat (local.get 0)) (f32.const 2.5)))
            unreachable)
          (call $pass (local.get 0)))
        (func (export "store") (param exnref)
          (global.set $g (local.get 0)) (table.set $table (i32.const 1) (local.get 0)))
        (func (export "throw") (param exnref) (throw_ref (local.get 0)))
        (func (export "litter") (param i32)
          (loop $next
            (block $h (result exnref)
              (try_table (catch_all_ref $h) (throw $litter (i64.const -1)))
              unreachable)
            drop
            (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
      """)
    for number in Int32(1)...3 {
      guard case .exnref(let exception?)? = try instance.call("make", .i32(number)).first else {
        Issue.record("no exception")
        return
      }
      seen.append(exception)
      _ = try instance.call("store", .exnref(exception))
      _ = try instance.call("litter", .i32(100_000))
    }
    for (index, exception) in seen.enumerated() {
      let lanes = Array(repeating: UInt32(index + 1), count: 4)
      #expect(exception.tag == tag && exception.values == [.v128(V128(lanes)), .f32(Float(2.5))])
      let thrown = #expect(throws: Exception.self) {
        try instance.call("throw", .exnref(exception))
      }
      #expect(thrown == exception)
    }
    #expect(global.value == .exnref(seen[2]))
    #expect(try table.get(1) == .exnref(seen[2]))
    #expect(try table.get(0) == .exnref(nil))
    // Nothing but globals and tables keeps one exception now.
    seen = []
    _ = try instance.call("litter", .i32(100_000))
    guard case .exnref(let last?) = global.value else {
      Issue.record("no exception")
      return
    }
    #expect(last.values[1] == .f32(Float(2.5)))
    try global.set(.exnref(nil))
    #expect(machine.store.exceptionMemory < 4 << 20)
  }

  /// A host function that makes many keeps what wasm code refers to.
  @Test func manyOfTheHost() throws {
    let machine = try Machine()
    let tag = try machine.store.makeTag(FunctionType([.i64], []))
    machine.linker.define("host", "tag", .tag(tag))
    try machine.linker.defineFunction("host", "litter", FunctionType([.exnref], [])) { slots in
      for number in Int64(0)..<200_000 { _ = try Exception(tag, [.i64(number)]) }
      #expect(machine.store.exceptionMemory < 4 << 20)
      slots[0] = 0
    }
    let instance = try machine.instantiate(
      """
      (module
        (import "host" "tag" (tag $t (param i64)))
        (import "host" "litter" (func $litter (param exnref)))
        (func $make (result exnref)
          (block $h (result exnref)
            (try_table (catch_all_ref $h) (throw $t (i64.const -7)))
            unreachable))
        (func (export "f") (result i64) (local $mine exnref)
          (local.set $mine (call $make))
          (call $litter (call $make))
          (try_table (result i64) (catch $t 0) (throw_ref (local.get $mine)))))
      """)
    #expect(try instance.call("f") == [.i64(-7)])
  }

  @Test func limit() throws {
    var limits = Store.Limits()
    limits.exceptionBytes = 1 << 20
    let machine = try Machine(limits: limits)
    let instance = try machine.instantiate(
      """
      (module
        (tag $t (param exnref))
        (func (export "f") (local $last exnref)
          (loop $next
            (block $h (result exnref)
              (try_table (catch_all_ref $h) (throw $t (local.get $last)))
              unreachable)
            (local.set $last)
            (br $next))))
      """)
    for _ in 0..<2 { #expect(try instance.trap("f")?.code == .exceptionsExhausted) }
  }
}
