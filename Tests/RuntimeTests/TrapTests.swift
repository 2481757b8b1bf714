import Contract
import Runtime
import Testing
import Wasm

/// Every kind of trap, with its backtrace.
struct TrapTests {
  /// Bodies of a function `(param i32)` that trap, and the opcode that does.
  static let bodies: [(TrapCode, String, [UInt8])] = [
    (.unreachable, "unreachable", [0x00]),
    (.integerDivideByZero, "(drop (i32.div_s (i32.const 1) (i32.const 0)))", [0x6D]),
    (.integerDivideByZero, "(drop (i64.rem_u (i64.const 1) (i64.const 0)))", [0x82]),
    (.integerOverflow, "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", [0x6D]),
    (.integerOverflow, "(drop (i32.trunc_f64_s (f64.const 1e10)))", [0xAA]),
    (.invalidConversionToInteger, "(drop (i32.trunc_f32_s (f32.const nan)))", [0xA8]),
    (.outOfBoundsMemoryAccess, "(drop (i32.load (i32.const 65533)))", [0x28]),
    (.outOfBoundsMemoryAccess, "(drop (i32.load (i32.const -1)))", [0x28]),
    (
      .outOfBoundsMemoryAccess, "(i64.store offset=0xffffffff (i32.const -1) (i64.const 1))",
      [0x37]
    ),
    (
      .outOfBoundsMemoryAccess,
      "(memory.fill (i32.const 65530) (i32.const 1) (i32.const 7))", [0xFC, 11]
    ),
    (.outOfBoundsTableAccess, "(drop (table.get (i32.const 4)))", [0x25]),
    (.outOfBoundsTableAccess, "(table.set (i32.const 4) (ref.null func))", [0x26]),
    (.undefinedElement, "(call_indirect (i32.const 4))", [0x11]),
    (.uninitializedElement, "(call_indirect (i32.const 3))", [0x11]),
    (.indirectCallTypeMismatch, "(call_indirect (i32.const 1))", [0x11]),
  ]

  @Test(arguments: bodies.indices)
  func trapHasItsPlace(_ index: Int) throws {
    let (code, body, opcode) = Self.bodies[index]
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (memory 1)
        (table 4 funcref)
        (elem (i32.const 1) func $inner)
        (func $outer (export "run") (result i32) (call $inner (i32.const 1)) (i32.const 7))
        (func $inner (param i32) (if (local.get 0) (then \(body))))
        (func (export "fine") (result i32) (call $inner (i32.const 0)) (i32.const 8)))
      """)
    for _ in 0..<3 {
      let trap = try #require(try instance.trap("run"))
      #expect(trap.code == code)
      #expect(trap.frames.map(\.name) == ["inner", "outer"])
      #expect(trap.frames.map(\.function) == [1, 0])
      #expect(trap.frames.allSatisfy { $0.tier == .baseline && !$0.isInlined })
      let bytes = instance.module.bytes
      if let frame = trap.frames.first {
        #expect(Array(bytes[frame.byteOffset...].prefix(opcode.count)) == opcode)
      }
      if let frame = trap.frames.last { #expect(bytes[frame.byteOffset] == 0x10) }
      // It can be called again.
      #expect(try instance.call("fine") == [.i32(8)])
    }
  }

  @Test func backtraceGoesThroughIndirectCallsAndOtherInstances() throws {
    let machine = try Machine()
    let callee = try machine.instantiate(
      "(module (func $deep (export \"f\") (param i32) (unreachable)))")
    machine.linker.define("other", callee)
    let instance = try machine.instantiate(
      """
      (module
        (import "other" "f" (func $f (param i32)))
        (table funcref (elem $middle))
        (func $middle (param i32) (call $f (local.get 0)))
        (func $top (export "run") (call_indirect (param i32) (i32.const 5) (i32.const 0))))
      """)
    let trap = try #require(try instance.trap("run"))
    #expect(trap.frames.map(\.name) == ["deep", "middle", "top"])
    #expect(trap.description.contains("trap: unreachable\n  0: deep at 0x"))
  }

  @Test func stackExhaustionIsATrapAndLeavesTheStackUsable() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(
      """
      (module
        (func $recurse (export "recurse") (result i64) (i64.add (call $recurse) (i64.const 1)))
        (func $depth (export "depth") (param i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
            (else (i32.add (i32.const 1) (call $depth (i32.sub (local.get 0) (i32.const 1))))))))
      """)
    for _ in 0..<5 {
      let trap = try #require(try instance.trap("recurse"))
      #expect(trap.code == .stackOverflow)
      #expect(trap.frames.count == Trap.maximumFrameCount)
      #expect(trap.frames.allSatisfy { $0.name == "recurse" })
      #expect(try instance.call("depth", .i32(20_000)) == [.i32(20_000)])
    }
  }

  @Test func hugeFramesExhaustTheStackToo() throws {
    let locals = String(repeating: "i64 ", count: 40_000)
    let machine = try Machine()
    let instance = try machine.instantiate(
      "(module (func $f (export \"f\") (local \(locals)) (call $f)))")
    for _ in 0..<3 { #expect(try instance.trap("f")?.code == .stackOverflow) }
  }

  @Test func callStackOfConfiguredSize() throws {
    var limits = Store.Limits()
    limits.stackSize = 64 << 20
    let machine = try Machine(limits: limits)
    let instance = try machine.instantiate(
      """
      (module (func $depth (export "depth") (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
          (else (i32.add (i32.const 1) (call $depth (i32.sub (local.get 0) (i32.const 1))))))))
      """)
    #expect(try instance.call("depth", .i32(500_000)) == [.i32(500_000)])
  }
}
