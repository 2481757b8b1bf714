import Contract
import Feedback
import TestSupport
import Testing
import Wasm
import WasmText

@testable import AOT

/// What LLVM's unwind information says about frames, as the unwinder will use it.
@Suite struct FrameRecordTests {
  private static let text = """
    (module
      (import "env" "f" (func $f (param i32) (result i32)))
      (tag $e (param i32))
      (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
      (func $plain (param i32 i32) (result i32)
        (i32.add (call $f (local.get 0)) (i32.mul (local.get 0) (local.get 1))))
      (func $two (param i32 i32) (result i32)
        (block $h (result i32)
          (try_table (result i32) (catch $e $h)
            (i32.add (call $f (local.get 0)) (i32.const 1)))
          (local.set 0)
          (drop (call $f (local.get 0)))
          (try_table (result i32) (catch $e $h) (call $f (local.get 1))))))
    """

  private func output() throws -> PartitionOutput {
    let module = try Module(validating: assemble(Self.text))
    var options = TestPlan(targets: [:])
    options.inlinesDirectCalls = false
    let plan = try options.plan(module)
    return try compilePartition(
      module: module, plan: plan, profile: ModuleProfile(), functions: [1, 2, 3],
      target: TargetOptions(), nodes: NodeNumbering(plan, module: module), isVerifying: true)
  }

  @Test func framesOfFunctionsWithCalls() throws {
    let frames = try output().frames.sorted { $0.function < $1.function }
    #expect(frames.map(\.function) == ["wasm_f2", "wasm_f3"])
    let plain = try #require(frames.first)
    #expect(plain.sites.isEmpty && !plain.saved.registers.isEmpty)
    let two = try #require(frames.last)
    // The call between the two is in neither.
    #expect(two.sites.count == 2)
    #expect(Set(two.sites.map(\.pad)).count == 2)
    #expect(two.sites[0].calls.upperBound < two.sites[1].calls.lowerBound)
  }

  @Test func recordsComeBack() throws {
    for frame in try output().frames {
      var writer = ArtefactWriter()
      frame.encode(to: &writer)
      let decoded = try writer.bytes.withUnsafeBytes { bytes in
        var reader = ArtefactReader(bytes)
        return try FrameRecord(decoding: &reader)
      }
      #expect(decoded == frame)
    }
  }

  /// A frame that keeps a register elsewhere than the unwinder takes it from is refused.
  @Test func otherFramesAreRefused() throws {
    let output = try output()
    let object = output.object
    let calls = try readStackMaps(object)
    #expect(try readFrames(object, calls: calls) == output.frames)
    let section = try readELF(object) { elf throws(ArtefactError) in try elf.section(".eh_frame") }
    let range = try #require(section).range
    var refused = 0
    for place in range where object[place] == 0x83 && object[place + 1] < 16 {
      // DW_CFA_offset of rbx.
      var changed = object
      changed[place + 1] += 1
      #expect(throws: CompileError.self) { try readFrames(changed, calls: calls) }
      refused += 1
    }
    #expect(refused > 0)
    // A function that makes calls, and whose frames nothing describes.
    var other = calls
    other[0].function = "other"
    #expect(throws: CompileError.self) { try readFrames(object, calls: other) }
  }
}
