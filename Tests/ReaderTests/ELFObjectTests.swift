import Contract
import Testing

/// Objects that we make are what the reader reads.
@Suite struct ELFObjectTests {
  @Test func sectionsComeBack() throws {
    let sections: [(name: String, bytes: [UInt8])] = [
      (".text", [0xC3]), (".wpgo.test", Array(0..<100)), (".empty", []),
    ]
    try ELFFile.encodeObject(sections).withUnsafeBytes { bytes in
      let elf = try ELFFile(bytes)
      #expect(elf.kind == .relocatable && elf.segments.isEmpty && elf.extent == bytes.count)
      for (name, contents) in sections {
        let section = try #require(try elf.section(name))
        #expect(Array(elf.contents(section)) == contents)
        #expect(section.isAllocated && !section.isWritable)
        #expect(section.isExecutable == (name == ".text"))
        #expect(section.alignment == 16 && section.range.lowerBound % 16 == 0)
      }
      #expect(try elf.section(".note.GNU-stack")?.isAllocated == false)
    }
  }

  /// As `ld` reads them: functions of the first section, which other objects may call.
  @Test func functionsHaveSymbols() throws {
    let code = [UInt8](repeating: 0xC3, count: 48)
    let functions = [
      ELFFile.Function(name: "f", code: 0..<1), ELFFile.Function(name: "other", code: 16..<48),
    ]
    try ELFFile.encodeObject([(".text", code), (".data", [1])], functions: functions)
      .withUnsafeBytes { bytes in
        let elf = try ELFFile(bytes)
        let table = try #require(elf.sections.first { $0.type == ELFFile.symbolTable })
        #expect(table.info == 1 && table.alignment == 8)
        let symbols = try elf.symbols(table)
        #expect(symbols.count == 3 && symbols[0].section == 0)
        for (symbol, function) in zip(symbols.dropFirst(), functions) {
          #expect(try elf.name(symbol, table: table) == function.name)
          #expect(symbol.isFunction && symbol.info >> 4 == 1)
          #expect(elf.sections[Int(symbol.section)].name == ".text")
          #expect(Int(symbol.value)..<Int(symbol.value + symbol.size) == function.code)
        }
      }
  }

  @Test func extendedNumberingIsRefused() {
    var bytes = ELFFile.encodeObject([(".text", [0xC3])])
    bytes.replaceSubrange(60..<62, with: [0, 0])  // e_shnum
    #expect(throws: ArtefactError.self) {
      try bytes.withUnsafeBytes { _ = try ELFFile($0) }
    }
  }
}
