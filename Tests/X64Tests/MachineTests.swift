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

  /// Pushes, frames, returns and jumps to other functions are recognized as the assembler makes them.
  @Test func framesAreRecognized() {
    /// - Parameter target: what is in all registers; nil: an address that is not in code.
    func offset(_ code: [UInt8], target: [UInt8]? = nil) -> UInt? {
      (target ?? []).withUnsafeBufferPointer { target in
        FrameCode.returnAddressOffset(
          before: code + [0, 0, 0], register: { _ in UInt(bitPattern: target.baseAddress) },
          isCode: { _ in !target.isEmpty })
      }
    }
    func made(_ emit: (inout Assembler) -> Void) -> [UInt8] {
      var assembler = Assembler()
      emit(&assembler)
      return assembler.code
    }
    #expect(offset(made { $0.push(.rbp) }) == 0)
    #expect(offset(made { $0.return() }) == 0)
    #expect(offset(made { $0.push(.rbx) }) == nil)
    #expect(offset(MachineStubs.entry(offset: 64)) == 0)
    #expect(offset([0x48, 0x89, 0xE5]) == 8)
    let (function, body) = (made { $0.push(.rbp) }, made { $0.push(.rbx) })
    for register in [Register.rax, .r11] {
      let jump = made { $0.jump(.register(register)) }
      #expect(offset(jump, target: function) == 0)
      #expect(offset(jump, target: MachineStubs.entry(offset: 64)) == 0)
      #expect(offset(jump, target: body) == nil)
      #expect(offset(jump) == 0)
      #expect(offset(made { $0.call(.register(register)) }, target: function) == nil)
      #expect(offset(made { $0.jump(.memory(register, 8)) }) == 0)
    }
    // To the trap stub, from baseline code.
    #expect(offset(made { $0.jump(.memory(.rbx, 48)) }) == nil)
    // Jumps over the zeros behind them.
    #expect(offset([0xE9, 3, 0, 0, 0, 0, 0, 0] + function, target: body) == 0)
    #expect(offset([0xE9, 3, 0, 0, 0, 0, 0, 0] + body, target: body) == nil)
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
