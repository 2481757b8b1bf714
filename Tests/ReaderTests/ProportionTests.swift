import Contract
import Testing

/// What readers make of a file is in proportion to its size, also where its parts are the same bytes again and again.
@Suite struct ProportionTests {
  /// An ELF header and as many section headers as there is room for, then `tail`.
  private func elf(sections: [(offset: Int, size: Int, name: Int)], tail: [UInt8]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.raw([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9))
    writer.integer(UInt16(1))  // ET_REL
    writer.integer(UInt16(62))
    writer.raw([UInt8](repeating: 0, count: 20))
    writer.integer(UInt64(64))  // section headers
    writer.raw([UInt8](repeating: 0, count: 10))
    for value in [64, sections.count, 0] { writer.integer(UInt16(value)) }
    for section in sections {
      writer.integer(UInt32(section.name))
      writer.integer(UInt32(1))  // SHT_PROGBITS
      for value in [0, 0, section.offset, section.size] { writer.integer(UInt64(value)) }
      writer.integer(UInt64(0))
      for value in [1, 0] { writer.integer(UInt64(value)) }
    }
    writer.raw(tail)
    return writer.bytes
  }

  private func message(_ bytes: [UInt8]) -> String? {
    bytes.withUnsafeBytes { bytes in
      do throws(ArtefactError) {
        _ = try ELFFile(bytes)
        return nil
      } catch {
        return error.message
      }
    }
  }

  @Test func soundHeaders() {
    let tail = Array("\0name\0".utf8)
    let start = 64 + 2 * 64
    let names = (offset: start, size: tail.count, name: 1)
    #expect(message(elf(sections: [names, (0, 0, 1)], tail: tail)) == nil)
  }

  /// Thousands of sections that are the whole file each: what is copied of them would be gigabytes.
  @Test func sectionsThatOverlap() {
    let tail = [UInt8](repeating: 0, count: 1 << 20)
    let start = 64 + 4000 * 64
    let sections = Array(repeating: (offset: start, size: tail.count, name: 0), count: 4000)
    #expect(message(elf(sections: sections, tail: tail)) == "ELF: sections overlap")
  }

  /// Thousands of names that are one long string's ends.
  @Test func namesThatOverlap() {
    let tail = [UInt8](repeating: 0x61, count: 1 << 20) + [0]
    let start = 64 + 4000 * 64
    var sections = [(offset: start, size: tail.count, name: 0)]
    sections += (1..<4000).map { (offset: 0, size: 0, name: $0) }
    #expect(message(elf(sections: sections, tail: tail)) == "ELF: bad name")
  }
}
