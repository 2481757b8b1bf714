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

  @Test func extendedNumberingIsRefused() {
    var bytes = ELFFile.encodeObject([(".text", [0xC3])])
    bytes.replaceSubrange(60..<62, with: [0, 0])  // e_shnum
    #expect(throws: ArtefactError.self) {
      try bytes.withUnsafeBytes { _ = try ELFFile($0) }
    }
  }
}
