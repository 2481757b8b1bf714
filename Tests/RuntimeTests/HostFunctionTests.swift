import Contract
import Runtime
import Testing
import Wasm

struct HostFunctionTests {
  struct Refusal: Error, Equatable { let number: Int }

  @Test func errorIsRethrownUnchanged() throws {
    let machine = try Machine()
    try machine.linker.defineFunction("host", "fail", FunctionType([.i32], [.i32])) { slots in
      if slots[0] > 3 { throw Refusal(number: Int(slots[0])) }
      slots[0] += 1
    }
    let instance = try machine.instantiate(
      """
      (module (import "host" "fail" (func $fail (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $fail (local.get 0))))
      """)
    for _ in 0..<3 {
      #expect(throws: Refusal(number: 4)) { try instance.call("run", .i32(4)) }
      #expect(try instance.call("run", .i32(3)) == [.i32(4)])
    }
  }

  @Test func nestedCallsGoThroughBothSides() throws {
    let machine = try Machine()
    var instance: Instance?
    try machine.linker.defineFunction("host", "again", FunctionType([.i32], [.i32])) { slots in
      let result = try instance!.call("sum", .i32(Int32(truncatingIfNeeded: slots[0])))
      slots[0] = result[0].slot
    }
    instance = try machine.instantiate(
      """
      (module (import "host" "again" (func $again (param i32) (result i32)))
        (func $sum (export "sum") (param i32) (result i32)
          (if (i32.eq (local.get 0) (i32.const 1000)) (then (unreachable)))
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
            (else (i32.add (local.get 0)
              (call $again (i32.sub (local.get 0) (i32.const 1))))))))
      """)
    let found = try #require(instance)
    #expect(try found.call("sum", .i32(100)) == [.i32(5050)])
    // The inner trap passes the host function and names the frames of both entries.
    let trap = try #require(try found.trap("sum", .i32(1002)))
    #expect(trap.code == .unreachable)
    #expect(trap.frames.map(\.name) == ["sum", "sum", "sum"])
    #expect(try found.call("sum", .i32(10)) == [.i32(55)])
  }

  @Test func endlessNestingIsATrapAndNoCrash() throws {
    let machine = try Machine()
    var instance: Instance?
    try machine.linker.defineFunction("host", "again", FunctionType([], [])) { _ in
      _ = try instance!.call("run")
    }
    instance = try machine.instantiate(
      """
      (module (import "host" "again" (func $again))
        (func (export "run") (call $again)) (func (export "fine") (result i32) (i32.const 1)))
      """)
    let found = try #require(instance)
    for _ in 0..<2 {
      #expect(try found.trap("run")?.code == .stackOverflow)
      #expect(try found.call("fine") == [.i32(1)])
    }
  }

  /// Parameters and results beyond all registers, in both directions.
  @Test func manyParametersAndResults() throws {
    let types: [ValueType] = (0..<40).map { [.i32, .f64, .i64, .f32][$0 % 4] }
    let list = types.map(\.description).joined(separator: " ")
    let machine = try Machine()
    try machine.linker.defineFunction("host", "reverse", FunctionType(types, types.reversed())) {
      slots in
      for index in 0..<20 { swap(&slots[index], &slots[39 - index]) }
    }
    let gets = (0..<40).map { "(local.get \($0))" }.joined()
    let reversed = types.reversed().map(\.description).joined(separator: " ")
    let instance = try machine.instantiate(
      """
      (module
        (import "host" "reverse" (func $reverse (param \(list)) (result \(reversed))))
        (func (export "run") (param \(list)) (result \(reversed)) (call $reverse \(gets)))
        (export "direct" (func $reverse)))
      """)
    let arguments: [Value] = types.enumerated().map { index, type in
      switch type {
      case .i32: .i32(-1 - Int32(index))
      case .i64: .i64(Int64.min + Int64(index))
      case .f32: .f32(UInt32(0x7F80_0001 + index))
      default: .f64(UInt64(0x7FF0_0000_0000_0001 + UInt64(index)))
      }
    }
    for name in ["run", "direct"] {
      let function = try #require(instance.exportedFunction(name))
      #expect(try function.call(arguments) == arguments.reversed())
    }
  }

  @Test func argumentsAreChecked() throws {
    let machine = try Machine()
    let other = try Machine()
    let text = """
      (module (func $f (export "f") (param i32 funcref)) (func (export "get") (result funcref)
        (ref.func $f)))
      """
    let instance = try machine.instantiate(text)
    let stranger = try other.instantiate(text)
    let own = try instance.call("get")[0]
    let foreign = try stranger.call("get")[0]
    #expect(try instance.call("f", .i32(1), own) == [])
    #expect(try instance.call("f", .i32(1), .funcref(nil)) == [])
    #expect(throws: UsageError.self) { try instance.call("f", .i32(1), foreign) }
    #expect(throws: UsageError.self) { try instance.call("f", .i32(1)) }
    #expect(throws: UsageError.self) { try instance.call("f", .i64(1), own) }
  }

  @Test func functionReferencesAndHandlesPass() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module (table $t (export "table") 2 externref)
        (func $seven (result i32) (i32.const 7)) (elem declare func $seven)
        (func (export "seven") (result funcref) (ref.func $seven))
        (func (export "same") (param externref) (result externref)
          (table.set (i32.const 1) (local.get 0)) (table.get (i32.const 1))))
      """)
    guard case .funcref(let seven?) = try instance.call("seven")[0] else {
      Issue.record("no reference")
      return
    }
    #expect(try seven.call() == [.i32(7)])
    #expect(try instance.call("same", .externref(5)) == [.externref(5)])
    #expect(try instance.call("same", .externref(nil)) == [.externref(nil)])
    #expect(throws: UsageError.self) { try instance.call("same", .externref(0)) }
  }

  /// Vectors among other types, beyond all registers, through a host function and back.
  @Test func vectorParametersAndResults() throws {
    let types: [ValueType] = (0..<30).map { [.v128, .i32, .v128, .f32, .i64][$0 % 5] }
    let list = types.map(\.description).joined(separator: " ")
    let reversed = types.reversed().map(\.description).joined(separator: " ")
    let machine = try Machine()
    try machine.linker.defineFunction("host", "reverse", FunctionType(types, types.reversed())) {
      slots in
      for index in 0..<15 {
        swap(&slots[vector: index], &slots[vector: 29 - index])
      }
    }
    let gets = (0..<30).map { "(local.get \($0))" }.joined()
    let instance = try machine.instantiate(
      """
      (module
        (import "host" "reverse" (func $reverse (param \(list)) (result \(reversed))))
        (func (export "run") (param \(list)) (result \(reversed)) (call $reverse \(gets)))
        (export "direct" (func $reverse)))
      """)
    let arguments: [Value] = types.enumerated().map { index, type in
      switch type {
      case .i32: .i32(-1 - Int32(index))
      case .i64: .i64(Int64.min + Int64(index))
      case .f32: .f32(Float(index) + 0.5)
      default: .v128(V128(low: UInt64(index) << 40, high: .max - UInt64(index)))
      }
    }
    try withExtendedLifetime(machine) {
      for name in ["run", "direct"] {
        let function = try #require(instance.exportedFunction(name))
        #expect(try function.call(arguments) == arguments.reversed())
      }
    }
  }

  /// Globals of the host, of an instance, and one initialized by another.
  @Test func vectorGlobals() throws {
    let machine = try Machine()
    let (first, second) = (V128(low: 1, high: 2), V128(low: .max, high: 1 << 63))
    let global = try machine.store.makeGlobal(
      GlobalType(value: .v128, isMutable: false), .v128(first))
    machine.linker.define("host", "global", .global(global))
    let instance = try machine.instantiate(
      """
      (module (import "host" "global" (global $imported v128))
        (global $copy (export "copy") (mut v128) (global.get $imported))
        (global $own (export "own") v128 (v128.const i64x2 -1 0x8000000000000000))
        (func (export "set") (param v128) (result v128)
          (global.get $copy) (global.set $copy (local.get 0))))
      """)
    guard case .global(let copy)? = instance.export("copy"),
      case .global(let own)? = instance.export("own")
    else {
      Issue.record("no globals")
      return
    }
    try withExtendedLifetime(machine) {
      #expect(copy.value == .v128(first) && own.value == .v128(second))
      #expect(try instance.call("set", .v128(second)) == [.v128(first)])
      #expect(copy.value == .v128(second))
      try copy.set(.v128(first))
      #expect(try instance.call("set", .v128(.zero)) == [.v128(first)])
      #expect(throws: UsageError.self) { try copy.set(.i32(1)) }
    }
  }
}
