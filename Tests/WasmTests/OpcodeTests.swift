import Testing
import Wasm

struct OpcodeTests {
  @Test func rowsRoundTrip() {
    var mnemonics: Set<String> = []
    for (ordinal, opcode) in Opcode.allCases.enumerated() {
      let info = opcode.info
      #expect(info.opcode == opcode && opcode.ordinal == ordinal)
      #expect(Opcode(prefix: info.prefix, code: info.code) == opcode)
      #expect(opcode.rawValue.split(separator: " ")[1] == info.mnemonic)
      if mnemonics.insert(info.mnemonic).inserted {
        #expect(Opcode(mnemonic: info.mnemonic) == opcode)
      } else {
        #expect(opcode == .selectT)
      }
    }
    #expect(Opcode.count == Opcode.allCases.count)
  }

  @Test func rows() {
    #expect(Opcode.i32Load16U.info.immediate == .memoryArgument(naturalAlignment: 2))
    #expect(Opcode.i32Load16U.info.signature?.operands == [nil])
    #expect(Opcode.v128Load8Lane.info.immediate == .memoryArgumentAndLane(naturalAlignment: 1))
    #expect(Opcode.callIndirect.info.signature == nil)
    #expect(Opcode.i64Eq.info.signature?.operands == [.i64, .i64])
    #expect(Opcode.i64Eq.info.signature?.results == [.i32])
    #expect(Opcode.tableInit.info.prefix == 0xFC && Opcode.tableInit.info.code == 12)
    #expect(Opcode.i32x4RelaxedDotI8x16I7x16AddS.info.code == 0x113)
    #expect(Opcode(prefix: 0, code: 0xFF) == nil && Opcode(prefix: 0xFB, code: 0) == nil)
    #expect(Opcode(prefix: 0xFC, code: .max) == nil && Opcode(mnemonic: "i32.frob") == nil)
  }
}
