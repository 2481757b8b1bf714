import Testing
import X64

@Suite("Labels")
struct LabelTests {
  @Test func forwardUsesAreChained() {
    var assembler = Assembler()
    let label = assembler.makeLabel()
    let isUsedBefore = assembler.isUsed(label)
    #expect(!isUsedBefore)
    assembler.jump(label)
    assembler.jump(.equal, label)
    assembler.call(label)
    let isUsed = assembler.isUsed(label)
    #expect(isUsed)
    var position = assembler.position(of: label)
    #expect(position == nil)
    assembler.bind(label)
    position = assembler.position(of: label)
    #expect(position == 16)
    let code = assembler.code
    #expect(
      code == [0xE9, 11, 0, 0, 0, 0x0F, 0x84, 5, 0, 0, 0, 0xE8, 0, 0, 0, 0])
  }

  @Test func backwardJumpsAreShortWhereTheyCan() {
    var assembler = Assembler()
    let label = assembler.makeLabel()
    assembler.bind(label)
    assembler.jump(label)
    assembler.jump(.less, label)
    while assembler.count < 126 { assembler.emit(byte: 0x90) }
    assembler.jump(label)
    var code = assembler.code
    #expect(code.prefix(4) == [0xEB, 0xFE, 0x7C, 0xFC])
    #expect(code.suffix(2) == [0xEB, 0x80])
    assembler.jump(label)
    code = assembler.code
    #expect(code.suffix(5) == [0xE9, 0x7B, 0xFF, 0xFF, 0xFF])
    assembler.jump(.above, label)
    code = assembler.code
    #expect(code.suffix(6) == [0x0F, 0x87, 0x75, 0xFF, 0xFF, 0xFF])
  }

  @Test func shortForwardJumps() {
    var assembler = Assembler()
    let first = assembler.shortJump(.parity)
    let second = assembler.shortJump()
    assembler.bind(first)
    assembler.return()
    assembler.bind(second)
    let code = assembler.code
    #expect(code == [0x7A, 2, 0xEB, 1, 0xC3])
  }

  @Test func addressesAndTables() {
    var assembler = Assembler()
    let table = assembler.makeLabel()
    let target = assembler.makeLabel()
    assembler.loadAddress(.r9, of: table)
    assembler.bind(table)
    assembler.emit(distanceTo: target)
    assembler.emit(distanceTo: target)
    assembler.bind(target)
    let code = assembler.code
    #expect(code == [0x4C, 0x8D, 0x0D, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Growing keeps what was written, fixups included.
  @Test func bufferGrows() {
    var assembler = Assembler(capacity: 1)
    let end = assembler.makeLabel()
    for number in 0..<100_000 {
      if number % 1000 == 0 { assembler.jump(end) }
      assembler.emit(dword: UInt32(number))
    }
    assembler.bind(end)
    let code = assembler.code
    var position = 0
    for number in 0..<100_000 {
      if number % 1000 == 0 {
        #expect(code[position] == 0xE9)
        #expect(dword(code, position + 1) == UInt32(code.count - position - 5))
        position += 5
      }
      guard dword(code, position) == UInt32(number) else {
        Issue.record("at \(position)")
        return
      }
      position += 4
    }
  }

  private func dword(_ code: [UInt8], _ position: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(code[position + $1]) << UInt32(8 * $1) }
  }
}
