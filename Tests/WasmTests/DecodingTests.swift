import Testing
import Wasm

struct DecodingTests {
  @Test func sample() throws {
    let module = try Module(validating: Binary.sample)
    #expect(module.functions.count == 4 && module.importedFunctionCount == 1)
    #expect(module.type(ofFunction: 1) == FunctionType([.i32, .i64], [.i32]))
    #expect(module.localTypes(ofFunction: 1) == [.i32, .i64, .i32, .f64, .f64])
    #expect(module.tables.map(\.element) == [.funcref, .externref])
    #expect(module.tables[1].limits == Limits(min: 1, max: 9))
    #expect(module.memories[0].limits == Limits(min: 1, max: 2))
    #expect(module.globals[1].initializer?.steps == [.globalGet(0), .constant(.i32, 3), .i32Add])
    #expect(module.start == 3 && module.dataCount == 2)
    #expect(module.elements.map(\.items.count) == [2, 1, 1, 2])
    #expect(module.elements[3].items[1] == .null)
    #expect(Array(module.bytes[module.data[1].bytes]) == [9, 9])
    #expect(module.maxOperandHeight(ofFunction: 1) == 3)
    #expect(module.maxOperandHeight(ofFunction: 2) == 2)
    #expect(module.maxOperandHeight(ofFunction: 3) == 0)
    let decoded = try Module(decoding: Binary.sample)
    #expect(decoded.functions[1].body == module.functions[1].body)
    #expect(decoded.maxOperandHeight(ofFunction: 1) == 0)
  }

  @Test func instructions() throws {
    let module = try Module(validating: Binary.sample)
    var reader = InstructionReader(module, function: 1)
    var all: [Instruction] = []
    while let next = try reader.next() { all.append(next) }
    #expect(try reader.next() == nil)
    #expect(all.first?.offset == module.functions[1].body.lowerBound)
    #expect(all.last?.opcode == .end && all.last?.end == module.functions[1].body.upperBound)
    for (a, b) in zip(all, all.dropFirst()) { #expect(a.end == b.offset) }
    func one(_ opcode: Opcode) -> Instruction { all.first { $0.opcode == opcode }! }
    #expect(one(.brTable).labels == [0, 1, 1])
    #expect(one(.i32Load).alignment == 2 && one(.i32Load).bits == 16)
    #expect(one(.if).blockType == .value(.i32) && one(.loop).blockType == .empty)
    #expect(all.filter { $0.opcode == .block }.map(\.blockType) == [.empty, .type(2)])
    #expect(one(.memoryInit).index == 1 && one(.memoryInit).index2 == 0)
    #expect(one(.selectT).selectType == .i32 && one(.selectT).index == 1)
    #expect(one(.i64Const).bits == .max && one(.f64Const).bits == (1.0).bitPattern)
    #expect(one(.f32Const).bits == UInt64(Float(1).bitPattern))
    #expect(one(.refNull).selectType == .externref)
    // An instruction that is used again keeps nothing of the one before.
    var again = InstructionReader(module, function: 1)
    var instruction = Instruction(opcode: .nop, offset: 0, end: 0)
    for expected in all {
      #expect(try again.next(&instruction))
      #expect("\(instruction)" == "\(expected)")
    }
    #expect(try !again.next(&instruction))
    // Imported functions have none.
    var empty = InstructionReader(module, function: 0)
    #expect(try empty.next() == nil)
  }

  @Test(
    arguments: [
      ([0x41, 0x7F], UInt64.max), ([0x41, 0x40], 0xFFFF_FFFF_FFFF_FFC0), ([0x41, 0x3F], 63),
      ([0x41, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], 0x7FFF_FFFF),
      ([0x41, 0x80, 0x80, 0x80, 0x80, 0x78], 0xFFFF_FFFF_8000_0000),
      ([0x41, 0x80, 0x00], 0), ([0x41, 0xFF, 0x7F], UInt64.max),
      ([0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F], 1 << 63),
      (
        [0x42, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00], UInt64.max >> 1
      ),
    ] as [([UInt8], UInt64)])
  func integers(bytes: [UInt8], value: UInt64) throws {
    let module = try Module(validating: Binary.function(bytes + [0x1A]))
    var reader = InstructionReader(module, function: 0)
    #expect(try reader.next()?.bits == value)
  }

  @Test func constants() throws {
    // An i32 in an initializer is zero-extended; own immutable globals before it can be read.
    let bytes = Binary.module(
      (
        .global,
        Binary.vector([[0x7F, 0, 0x41, 0x7F, 0x0B], [0x7F, 1, 0x23, 0, 0x41, 2, 0x6C, 0x0B]])
      ))
    let module = try Module(validating: bytes)
    #expect(module.globals[0].initializer?.steps == [.constant(.i32, 0xFFFF_FFFF)])
    #expect(module.globals[1].initializer?.steps.last == .i32Mul)
  }

  @Test func names() throws {
    let module = try Module(validating: Binary.sample)
    #expect(module.functionName(0) == nil)
    #expect(module.functionName(1) == "worker" && module.functionName(2) == "pair")
    #expect(module.functionName(3) == nil && module.functionName(99) == nil)
    #expect(module.functionName(-1) == nil && module.name == nil)
    // Without its name section, names come from exports.
    let short = try Module(validating: Binary.module(Binary.sampleSections.dropLast()))
    #expect(short.functionName(1) == "run" && short.functionName(2) == nil)
  }

  @Test func malformedNameSection() throws {
    let base = Binary.module(Binary.sampleSections.dropLast())
    for contents: [UInt8] in [
      [], [1], [1, 200], [1, 9, 2, 1, 1, 0x61], [0, 2, 1, 0xFF], [1, 4, 1, 1, 1, 0xFF],
      [1, 10, 2, 2, 2, 0x61, 0x61, 1, 2, 0x62, 0x62], [200, 1, 0],
    ] {
      let bytes = base + [0] + Binary.sized(Binary.name("name") + contents)
      let module = try Module(validating: bytes)
      #expect(module.functionName(1) == "run", "\(contents)")
      #expect(module.name == nil)
    }
    let named = try Module(
      validating: base + [0] + Binary.sized(Binary.name("name") + [0, 2, 1, 0x6D]))
    #expect(named.name == "m")
  }

  @Test func equalCharactersAreNotEqualNames() throws {
    let composed = Binary.name("\u{E9}") + [2, 0]
    let decomposed = Binary.name("e\u{301}") + [2, 0]
    let memory: (Binary.Section, [UInt8]) = (.memory, Binary.vector([[0, 1]]))
    _ = try Module(
      validating: Binary.module(memory, (.export, Binary.vector([composed, decomposed]))))
    let twice = Binary.module(memory, (.export, Binary.vector([composed, composed])))
    #expect(refusal(of: twice)?.message == "duplicate export name")
    #expect(ExactName("\u{E9}") != ExactName("e\u{301}"))
  }
}
