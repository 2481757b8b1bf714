import Baseline
import Contract
import Runtime
import Testing
import Wasm
import WasmText
import X64

/// Baseline code entered in its middle: with operands in their homes and nothing else.
@Suite("Resuming baseline code")
struct BaselineResumeTests {
  private static let text = """
    (module
      (type $binary (func (param i32 i64) (result i64)))
      (table funcref (elem $subtract $add))
      (memory (data "\\2a\\00\\00\\00"))
      (func $subtract (type $binary)
        (i64.sub (i64.extend_i32_u (local.get 0)) (local.get 1)))
      (func $add (type $binary)
        (i64.add (i64.extend_i32_u (local.get 0)) (local.get 1)))
      ;; slots: 0 i32, 1 f64, 2 i64 locals; operands from 3
      (func (export "calls") (param i32 f64) (result i64) (local i64)
        (i64.load32_u (i32.const 0))             ;; slot 3 beneath
        (i32.add (local.get 0) (i32.const 1))    ;; slot 4: argument
        (i64.trunc_f64_s (local.get 1))          ;; slot 5: argument
        (call $add)
        local.tee 2
        (i64.mul (i64.const 3))
        i64.add                                  ;; slot 3
        (local.get 0)                            ;; slot 4: argument
        (local.get 2)                            ;; slot 5: argument
        (i32.and (local.get 0) (i32.const 1))    ;; slot 6: index
        (call_indirect (type $binary))
        i64.xor)
    )
    """

  private static func expected(_ a: UInt64, _ b: UInt64, beneath: UInt64 = 42) -> UInt64 {
    let sum = a + 1 + b
    return (beneath + 3 * sum) ^ (a & 1 == 0 ? a &- sum : a + sum)
  }

  /// All callees compiled: compiling needs a call from the host to go on, which there is none here.
  private static func machine(feedback: Bool = false) throws -> BaselineCase {
    let machine = try BaselineCase(text, function: "calls", feedback: feedback)
    for argument in [0, 1] as [Int32] {
      _ = try machine.instance.call("calls", .i32(argument), .f64(5.5))
    }
    return machine
  }

  @Test func wholeFunction() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(Self.text)
    let result = try instance.call("calls", .i32(7), .f64(5.5))
    #expect(result == [.i64(Int64(bitPattern: Self.expected(7, 5)))])
  }

  /// With dirt in the upper halves of i32 slots.
  @Test(arguments: [6, 7] as [UInt64], [false, true])
  func beforeDirectCall(a: UInt64, feedback: Bool) throws {
    let machine = try Self.machine(feedback: feedback)
    let dirt: UInt64 = 0xABCD_0000_0000_0000
    let slots = [a | dirt, (5.5).bitPattern, 0, 100, (a + 1) | dirt, 5]
    #expect(machine.compiled.callSites.count == 2)
    #expect(machine.resume(before: 0, slots: slots) == Self.expected(a, 5, beneath: 100))
  }

  @Test(arguments: [6, 7] as [UInt64], [false, true])
  func afterDirectCall(a: UInt64, feedback: Bool) throws {
    let machine = try Self.machine(feedback: feedback)
    let slots = [a, (5.5).bitPattern, 0, 100]
    #expect(
      machine.resume(after: 0, slots: slots, result: a + 1 + 5)
        == Self.expected(a, 5, beneath: 100))
  }

  @Test(arguments: [0, 1] as [UInt64], [false, true])
  func beforeIndirectCall(index: UInt64, feedback: Bool) throws {
    let machine = try Self.machine(feedback: feedback)
    let slots: [UInt64] = [9, 0, 0, 0xFF00, 20, 3, index | 1 << 40]
    #expect(machine.resume(before: 1, slots: slots) == 0xFF00 ^ (index == 0 ? 17 : 23))
  }

  @Test func afterIndirectCall() throws {
    let machine = try Self.machine()
    #expect(machine.resume(after: 1, slots: [9, 0, 0, 0xFF00], result: 0x0F) == 0xFF0F)
  }

  /// Arguments beyond the registers, and more than two results.
  @Test func overflowArea() throws {
    let count = 12
    let parameters = String(repeating: "i64 f64 ", count: count)
    let text = """
      (module
        (func $sum (param \(parameters)) (result i64 i64 f64 f64 f64 i64)
          \((0..<count).map { "(local.get \(2 * $0))" }.joined())
          \(String(repeating: "i64.add ", count: count - 1))
          (local.get 0)
          \((0..<count).map { "(local.get \(2 * $0 + 1))" }.joined())
          \(String(repeating: "f64.add ", count: count - 1))
          (local.get 1) (local.get 23) (local.get 22))
        (func (export "f") (result i64)
          (local i64 i64 f64 f64 f64 i64)
          \((0..<count).map { "(i64.const \($0 + 1)) (f64.const \(100 + $0))" }.joined())
          (call $sum)
          local.set 5 local.set 4 local.set 3 local.set 2 local.set 1 local.set 0
          (i64.trunc_f64_s (f64.add (f64.add (local.get 2) (local.get 3)) (local.get 4)))
          (i64.mul (i64.const 1000))
          (i64.add (i64.add (local.get 0) (i64.mul (local.get 1) (i64.const 7))))
          (i64.add (i64.mul (local.get 5) (i64.const 1000000)))
        ))
      """
    let floats = (0..<count).reduce(0) { $0 + 100 + $1 } + 100 + 111
    let expected = UInt64(78 + 7 + 1000 * floats + 12_000_000)
    let machine = try BaselineCase(text, function: "f")
    #expect(try machine.instance.call("f") == [.i64(Int64(expected))])
    let slots = (0..<count).flatMap { [UInt64($0 + 1), Double(100 + $0).bitPattern] }
    #expect(
      machine.resume(before: 0, slots: Array(repeating: 0, count: 6) + slots) == expected)
  }

  // MARK: Tables of the compiled function

  @Test func sitesAndLocations() throws {
    let machine = try Self.machine()
    let compiled = machine.compiled
    let module = machine.instance.module
    #expect(compiled.slots == SlotLayout(slotSize: 8, count: 3 + 5))
    for site in compiled.callSites {
      #expect([0x10, 0x11].contains(module.bytes[site.byteOffset]))
      #expect((0..<compiled.code.count).contains(site.resumeBefore))
      let after = try #require(site.resumeAfter)
      #expect(compiled.byteOffset(at: after - 1) == site.byteOffset)
      #expect(compiled.callSite(at: site.byteOffset) == site)
    }
    #expect(compiled.callSite(at: 1) == nil)
    let offsets = compiled.locations.map(\.codeOffset)
    #expect(offsets == offsets.sorted())
  }

  @Test func faultsNameTheirInstruction() throws {
    let machine = try Machine()
    let module = try Machine.compile(
      """
      (module (memory 1)
        (func (export "f") (param i32) (result i32)
          (i32.store (i32.const 8) (i32.const 1))
          (i32.load offset=4294967295 (local.get 0)) drop
          (i32.add (i32.load (i32.const 8)) (i32.load8_u offset=2 (local.get 0)))))
      """)
    let instance = try machine.linker.instantiate(module)
    let code = module.module.bytes
    let loads = code.indices.filter { code[$0] == 0x28 && code[$0 + 1] == 2 }
    let trap = try #require(try instance.trap("f", .i32(0)))
    #expect(trap.code == .outOfBoundsMemoryAccess)
    #expect(trap.frames.map(\.byteOffset) == [loads.first])
  }
}
