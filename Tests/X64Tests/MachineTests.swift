import Testing
import X64

/// What the runtime and the compiler ask of a processor beside the assembler.
@Suite struct MachineTests {
  @Test func lazyStubsLeadToTheHandler() {
    let code = MachineStubs.lazyBlock(functions: 5..<7, handler: 0x0807_0605_0403_0201)
    #expect(code.count == 3 * MachineStubs.lazyStride)
    #expect(code[..<14] == [0xFF, 0x25, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect(code[14...15] == [MachineStubs.trap, MachineStubs.trap])
    #expect(code[16..<26] == [0xB8, 5, 0, 0, 0, 0xE9, 0xE6, 0xFF, 0xFF, 0xFF])
    #expect(code[32..<42] == [0xB8, 6, 0, 0, 0, 0xE9, 0xD6, 0xFF, 0xFF, 0xFF])
  }

  @Test func stubsHaveTheirSize() {
    #expect(MachineStubs.entry(offset: 0x1234).count == MachineStubs.entrySize)
  }

  /// Pushes, frames and returns are recognized as the assembler makes them.
  @Test func framesAreRecognized() {
    func offset(_ emit: (inout Assembler) -> Void) -> UInt? {
      var assembler = Assembler()
      emit(&assembler)
      return FrameCode.returnAddressOffset(before: assembler.code + [0, 0, 0])
    }
    #expect(offset { $0.push(.rbp) } == 0)
    #expect(offset { $0.return() } == 0)
    #expect(offset { $0.push(.rbx) } == nil)
    #expect(FrameCode.returnAddressOffset(before: MachineStubs.entry(offset: 64)) == 0)
    #expect(FrameCode.returnAddressOffset(before: [0x48, 0x89, 0xE5]) == 8)
  }

  @Test func forcedGuardsGoThereAndBack() throws {
    let old: [UInt8] = [0x83, 0xF8, 7, 0x75, 0x10]
    let code = try #require(GuardCode(old))
    let (place, trampoline, data): (UInt, UInt, UInt) = (0x1000, 0x5000, 0x4000)
    let bytes = code.trampoline(
      for: old, at: place, trampoline: trampoline, number: 3, data: data)
    #expect(bytes.count <= GuardCode.trampolineSize)
    // The last is a jump behind the guard, the one before it the guard's own.
    let ends = [bytes.count - 5, bytes.count]
    let targets = [bytes[(ends[0] - 6)..<ends[0]], bytes[ends[0]..<ends[1]]].enumerated().map {
      GuardCode.destination($1, end: Int(trampoline) + ends[$0])
    }
    #expect(targets == [Int(place) + old.count + 0x10, Int(place) + old.count])
    let detour = GuardCode.detour(at: place, to: trampoline, length: old.count)
    #expect(GuardCode.destination(detour, end: Int(place) + 5) == Int(trampoline))
    #expect(GuardCode.detour(at: place, to: trampoline, length: 8).suffix(3) == [0xCC, 0xCC, 0xCC])
  }

  @Test func registersOfDebugInformation() {
    #expect((0..<8).compactMap { DWARFRegister($0) }.count == 8)
    #expect(DWARFRegister(7) == .general(.rsp))
    #expect(DWARFRegister(6) == .general(.rbp))
    #expect(DWARFRegister(1) == .general(.rdx))
    #expect(DWARFRegister(15) == .general(.r15))
    #expect(DWARFRegister(16) == nil)
    #expect(DWARFRegister(17) == .vector(0))
    #expect(DWARFRegister(67) == .vector(16))
    #expect(DWARFRegister(-1) == nil)
  }

  @Test func relocationsHoldWhatFits() {
    #expect(MachineRelocation.absolute8.holds(-128) && !MachineRelocation.absolute8.holds(128))
    #expect(MachineRelocation.signed32.holds(-1) && !MachineRelocation.signed32.holds(1 << 31))
    #expect(MachineRelocation.absolute32.holds(1 << 31))
    #expect(!MachineRelocation.relative32.holds(0))
  }
}
