import Baseline
import Contract
import Runtime
import Testing
import Wasm
import WasmText
import X64

/// Leaving baseline code at a loop for the artefact's OSR entry.
@Suite("OSR entries from baseline code")
struct BaselineLoopTests {
  /// Slots: 0 i32 and 1 i64 locals, 2 an operand below the loop, 3 the loop's parameter.
  private static let text = """
    (module (memory 1)
      (func (export "f") (param i32) (result i64) (local i64)
        (i64.const 1000)
        (i64.const 5)
        (loop (param i64) (result i64)
          (local.set 1 (i64.add (local.get 1) (i64.const 1)))
          (i64.add (i64.const 10))
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        i64.add
        (i64.mul (i64.const 2))))
    """

  @Test func leavesWithItsHomes() throws {
    let machine = try Machine()
    let instance = try machine.instantiate(Self.text)
    #expect(try instance.call("f", .i32(3)) == [.i64(2 * (1000 + 35))])

    let module = instance.module
    let loop = try #require(
      module.bytes.indices.first {
        module.bytes[$0] == 0x03
          && module.functions[0].body.contains($0) && module.bytes[$0 - 1] == 5
      })
    let number = 2
    let compiled = try BaselineCompiler.compile(
      module, function: 0, layout: instance.layout,
      options: BaselineOptions(loopNumbers: [loop: number]))
    let code = ExecutableCode(compiled.code)

    // The OSR entry: sums the slots, weighted.
    var assembler = Assembler()
    assembler.load(.qword, .rcx, .memory(.rdi, Int32(ContextLayout.osrBuffer)))
    assembler.load(.dword, .rax, .memory(.rcx))
    for (slot, weight) in [(1, 100), (2, 10000), (3, 100_000_000)] {
      assembler.load(.qword, .rdx, .memory(.rcx, Int32(8 * slot)))
      assembler.multiply(.qword, .rdx, .register(.rdx), Int32(weight))
      assembler.arithmetic(.add, .qword, .rax, .register(.rdx))
    }
    assembler.return()
    let entry = ExecutableCode(assembler.code)

    var requests: [UInt8] = [0, 0, 0]
    var codes: [UInt] = [0, 0, entry.address]
    var buffer = [UInt64](repeating: 0, count: 8)
    let results = requests.withUnsafeMutableBufferPointer { requests in
      codes.withUnsafeMutableBufferPointer { codes in
        buffer.withUnsafeMutableBufferPointer { buffer in
          for (field, value) in [
            (ContextLayout.loopRequests, UInt(bitPattern: requests.baseAddress)),
            (ContextLayout.loopCode, UInt(bitPattern: codes.baseAddress)),
            (ContextLayout.osrBuffer, UInt(bitPattern: buffer.baseAddress)),
          ] {
            instance.context.storeBytes(of: value, toByteOffset: field, as: UInt.self)
          }
          // As in C: context in rdi, the first parameter in rsi.
          let function = unsafeBitCast(
            code.address, to: (@convention(c) (UnsafeMutableRawPointer, UInt64) -> UInt64).self)
          return FrameEntry.withoutStackLimit(instance) {
            let without = function(instance.context, 3)
            requests[number] = 1
            return [without, function(instance.context, 9)]
          }
        }
      }
    }
    #expect(results[0] == 2 * (1000 + 35))
    // The first turn: 9, 0, 1000, 5.
    #expect(results[1] == 9 + 10000 * 1000 + 100_000_000 * 5)
  }
}
