import Contract
import Runtime
import Testing
import Wasm
import WasmText

/// Places of values in memory: aligned, apart from each other, and inside of what is made for them.
@Suite struct SlotLayoutTests {
  @Test(arguments: [8, 16], [0, 1, 2, 7, 33])
  func frames(slotSize: Int, count: Int) {
    let slots = SlotLayout(slotSize: slotSize, count: count)
    // With rsp and rbp at multiples of 16, as the prologue leaves them.
    let frameSize = BaselineFrame.frameSize(slots)
    #expect(frameSize % 16 == 0)
    var end = 0
    for slot in 0..<count {
      #expect(slots.offset(of: slot) % slotSize == 0)
      #expect(slots.offset(of: slot) == end)
      end += slotSize
    }
    #expect(slots.size == end)
    #expect(end <= frameSize - BaselineFrame.headerSize)
  }

  @Test func ofFunction() throws {
    let module = try Module(
      validating: assemble(
        """
        (module (func (import "host" "f"))
          (func (param i32 f64) (result i64) (local i64 i64)
            (i64.add (local.get 2) (i64.mul (local.get 3) (i64.const 2)))))
        """))
    let slots = SlotLayout(module, function: 1)
    #expect(slots == SlotLayout(slotSize: 8, count: 4 + 3))
  }

  @Test func ofCall() {
    #expect(SlotLayout(FunctionType([], [])) == SlotLayout(slotSize: 8, count: 1))
    #expect(SlotLayout(FunctionType([.i32, .f64], [.i64])) == SlotLayout(slotSize: 8, count: 2))
    #expect(SlotLayout(FunctionType([.i32], [.f32, .v128])) == SlotLayout(slotSize: 16, count: 2))
  }

  @Test(arguments: [8, 16]) func callSlots(slotSize: Int) {
    let layout = SlotLayout(slotSize: slotSize, count: 5)
    withUnsafeTemporaryAllocation(byteCount: layout.size, alignment: slotSize) { memory in
      let slots = CallSlots(memory.baseAddress!, layout)
      for index in 0..<layout.count { slots[index] = .max - UInt64(index) }
      slots[2] += 2
      #expect((0..<layout.count).map { .max - slots[$0] } == [0, 1, 0, 3, 4])
      #expect(memory.load(fromByteOffset: 4 * slotSize, as: UInt64.self) == UInt64.max - 4)
    }
  }

  // MARK: The overflow area

  /// Offsets of what no register has, with the type of each.
  private static func overflow(_ types: [ValueType]) -> [(offset: Int, type: ValueType)] {
    zip(CallingConvention.parameters(of: FunctionType(types, [])), types).compactMap {
      place, type in
      if case .overflow(let offset) = place { (offset, type) } else { nil }
    }
  }

  private static let inRegisters: [ValueType] =
    Array(repeating: .i64, count: CallingConvention.integerParameterRegisters)
    + Array(repeating: .f64, count: CallingConvention.floatParameterRegisters)

  @Test func scalarsFollowEachOther() {
    let rest: [ValueType] = [.i32, .f32, .i64, .f64, .funcref, .externref]
    #expect(Self.overflow(Self.inRegisters + rest).map(\.offset) == [0, 8, 16, 24, 32, 40])
  }

  @Test func vectorsAreAligned() {
    let rest: [ValueType] = [.i32, .v128, .v128, .f32, .i64, .v128, .i64]
    #expect(Self.overflow(Self.inRegisters + rest).map(\.offset) == [0, 16, 32, 48, 56, 64, 80])
  }

  /// Every second one a vector, so that each of the others leaves a gap.
  @Test func mostParametersFit() {
    let types = (0..<1000).map { $0 % 2 == 0 ? ValueType.i64 : .v128 }
    var end = 0
    for (offset, type) in Self.overflow(types) {
      let size = SlotLayout.size(of: type)
      #expect(offset >= end && offset % size == 0)
      end = offset + size
    }
    #expect(end > 8 * 1000 && end <= CallingConvention.overflowAreaSize)
  }
}
