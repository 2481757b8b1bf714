import Runtime
import Testing
import Wasm

/// Host functions by Swift closures, with their callers, and stand-ins for what nobody defines.
@Suite struct LinkerTests {
  @Test func typedClosures() throws {
    let machine = try Machine()
    let linker = machine.linker
    try linker.defineFunction("h", "mix") {
      (a: Int32, b: Int64, c: Float, d: Double) -> Double in Double(a) + Double(b) + Double(c) + d
    }
    try linker.defineFunction("h", "several") { (a: UInt32) -> (Int32, UInt64, Float) in
      (-1, UInt64(a), 0.5)
    }
    var noted: [V128] = []
    try linker.defineFunction("h", "note") { (vector: V128) in noted.append(vector) }
    try linker.defineFunction("h", "seven") { 7 as Int32 }
    let instance = try machine.instantiate(
      """
      (module
        (import "h" "mix" (func $mix (param i32 i64 f32 f64) (result f64)))
        (import "h" "several" (func $several (param i32) (result i32 i64 f32)))
        (import "h" "note" (func $note (param v128)))
        (import "h" "seven" (func $seven (result i32)))
        (func (export "mix") (result f64)
          (call $mix (i32.const -3) (i64.const 5) (f32.const 0.5) (f64.const 0.25)))
        (func (export "several") (result i32 i64 f32) (call $several (i32.const -1)))
        (func (export "note") (call $note (v128.const i64x2 1 2)))
        (func (export "seven") (result i32) (call $seven)))
      """)
    #expect(try instance.call("mix") == [.f64(2.75)])
    #expect(
      try instance.call("several") == [.i32(-1), .i64(0xFFFF_FFFF), .f32(Float(0.5))])
    _ = try instance.call("note")
    #expect(noted == [V128(low: 1, high: 2)])
    #expect(try instance.call("seven") == [.i32(7)])
    withExtendedLifetime(machine) {}
  }

  /// The caller is who imports the function, whoever calls it.
  @Test func callers() throws {
    let machine = try Machine()
    let linker = machine.linker
    try linker.defineFunction("h", "load") { (caller: Instance, address: Int32) -> Int32 in
      guard let byte = caller.exportedMemory("m")?.read(at: UInt64(address), count: 1)?.first else {
        throw Trap(host: "load: out of bounds")
      }
      return Int32(byte)
    }
    try linker.defineFunction("h", "raw", FunctionType([], [.i32])) { caller, slots in
      slots[0] = UInt64(caller.exportNames.count)
    }
    func module(_ byte: Int) -> String {
      """
      (module (import "h" "load" (func $load (param i32) (result i32)))
        (import "h" "raw" (func $raw (result i32)))
        (memory (export "m") 1) (data (i32.const 0) "\\0\(byte)")
        (global $first (mut i32) (i32.const 0))
        (start $s) (func $s (global.set $first (call $load (i32.const 0))))
        (export "load" (func $load)) (export "raw" (func $raw))
        (func (export "first") (result i32) (global.get $first)))
      """
    }
    let one = try machine.instantiate(module(1))
    let two = try machine.instantiate(module(2))
    #expect(try one.call("first") == [.i32(1)])
    #expect(try two.call("first") == [.i32(2)])
    #expect(try one.call("load", .i32(0)) == [.i32(1)])
    #expect(try one.call("raw") == [.i32(4)])
    linker.define("h", "load", .function(try #require(two.exportedFunction("load"))))
    let three = try machine.instantiate(module(3))
    #expect(try three.call("first") == [.i32(2)])
    let trap = try #require(try two.trap("load", .i32(65536)))
    #expect(trap.message == "load: out of bounds" && trap.hostMessage == trap.message)
    withExtendedLifetime(machine) {}
  }

  @Test func standIns() throws {
    let text = """
      (module (import "a" "f" (func $f (result i32))) (import "a" "m" (memory 1))
        (func (export "f") (result i32) (call $f)))
      """
    let compiled = try Machine.compile(text)
    for (way, expected) in [(Linker.Substitute.zero, Value.i32(0)), (.trap, nil)] {
      let machine = try Machine()
      #expect(throws: LinkError.self) { try machine.linker.instantiate(compiled) }
      try machine.linker.defineUnknownImports(of: compiled, by: way)
      #expect(machine.linker.isDefined("a", "m") && !machine.linker.isDefined("a", "x"))
      let instance = try machine.linker.instantiate(compiled)
      if let expected {
        #expect(try instance.call("f") == [expected])
      } else {
        let trap = try #require(try instance.trap("f"))
        #expect(trap.message == "unknown import: a.f was called")
        #expect(trap.frames.count == 1)
      }
      withExtendedLifetime(machine) {}
    }
    // What is defined stays.
    let machine = try Machine()
    try machine.linker.defineFunction("a", "f") { 9 as Int32 }
    try machine.linker.defineUnknownImports(of: compiled, by: .trap)
    #expect(try machine.linker.instantiate(compiled).call("f") == [.i32(9)])
    withExtendedLifetime(machine) {}
  }
}
