import X64

/// Reads a 64-bit little-endian x86-64 ELF file (System V ABI, chapters 4 and 5; psABI AMD64), to the extent that loader and
/// compiler need. Nothing in the file is trusted.
///
/// The memory of `bytes` must outlive it.
public struct ELFFile {
  /// `e_type`.
  public enum Kind: UInt16, Sendable {
    /// ET_REL: `.o`.
    case relocatable = 1
    /// ET_DYN: `.so`.
    case shared = 3
  }

  /// A section header, validated against the file.
  public struct Section: Sendable {
    /// From the section name table.
    public var name: String
    /// File offset of its header.
    public var header: Int
    /// `SHT_…`.
    public var type: UInt32
    /// `SHF_…`.
    public var flags: UInt64
    /// Address before relocation.
    public var address: UInt64
    /// Range in the file. Empty for SHT_NOBITS.
    public var range: Range<Int>
    /// Size in memory.
    public var size: Int
    /// `sh_link`.
    public var link: UInt32
    /// `sh_info`.
    public var info: UInt32
    /// In bytes, a power of two.
    public var alignment: Int

    /// SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR.
    static let writable: UInt64 = 1
    static let allocated: UInt64 = 2
    static let executable: UInt64 = 4
    /// SHF_INFO_LINK
    static let linksInfo: UInt64 = 0x40
    static let headerSize = 64

    /// SHF_ALLOC.
    public var isAllocated: Bool { flags & Self.allocated != 0 }
    /// Whether it contains executable code.
    public var isExecutable: Bool { flags & Self.executable != 0 }
    /// Whether it is writable.
    public var isWritable: Bool { flags & Self.writable != 0 }
  }

  /// A program header, validated against the file.
  public struct Segment: Sendable {
    /// `PT_…`.
    public var type: UInt32
    /// `PF_…`.
    public var flags: UInt32
    /// Range in the file.
    public var range: Range<Int>
    /// Address before relocation.
    public var address: UInt64
    /// Size in memory.
    public var memorySize: Int

    /// PT_LOAD.
    public static let load: UInt32 = 1
    /// Whether it contains executable code.
    public var isExecutable: Bool { flags & 1 != 0 }
    /// Whether it is writable.
    public var isWritable: Bool { flags & 2 != 0 }
  }

  /// A row of a symbol table.
  public struct Symbol: Sendable {
    /// Offset in its section, or an address.
    public var value: UInt64
    /// In bytes.
    public var size: UInt64
    /// `st_shndx`.
    public var section: UInt16
    /// `st_info`: binding and type.
    public var info: UInt8
    /// Offset in the string table.
    public var name: UInt32

    /// Size of a row.
    public static let entrySize = 24

    /// STT_FUNC.
    public var isFunction: Bool { info & 15 == 2 }
  }

  /// A row of a relocation table with addends.
  public struct Relocation: Sendable {
    /// Offset in the section that is relocated.
    public var offset: UInt64
    /// Row of the symbol table.
    public var symbol: UInt32
    /// `R_X86_64_…`.
    public var type: UInt32
    /// Added to the symbol's value.
    public var addend: Int64

    /// Size of a row.
    public static let entrySize = 24
  }

  /// The whole file.
  public let bytes: UnsafeRawBufferPointer
  /// Its kind.
  public let kind: Kind
  /// By section index.
  public let sections: [Section]
  /// By program header index.
  public let segments: [Segment]
  /// The end of the last part of the file that a header describes.
  public let extent: Int

  static let magic: UInt32 = 0x464C_457F

  // Section types: SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOBITS.
  static let programBits: UInt32 = 1
  /// SHT_SYMTAB.
  public static let symbolTable: UInt32 = 2
  static let stringTable: UInt32 = 3
  /// SHT_RELA.
  public static let relocations: UInt32 = 4
  /// SHT_NOBITS.
  public static let noBits: UInt32 = 8

  /// Reads and validates the headers.
  public init(_ bytes: UnsafeRawBufferPointer) throws(ArtefactError) {
    self.bytes = bytes
    func fail(_ message: String) -> ArtefactError { ArtefactError(.corrupt, message) }
    func field<T: FixedWidthInteger>(_ offset: Int, _: T.Type) throws(ArtefactError) -> T {
      guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else {
        throw ArtefactError(.corrupt, "ELF: unexpected end", offset: offset)
      }
      // In bounds by the check above.
      return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    func range(_ start: UInt64, _ size: UInt64) throws(ArtefactError) -> Range<Int> {
      guard start <= UInt64(bytes.count), size <= UInt64(bytes.count) - start else {
        throw fail("ELF: contents beyond the end of the file")
      }
      return Int(start)..<Int(start + size)
    }
    guard try field(0, UInt32.self) == Self.magic, try field(4, UInt8.self) == 2,
      try field(5, UInt8.self) == 1, try field(18, UInt16.self) == Machine.elfMachine
    else { throw fail("not an ELF for \(Machine.name)") }
    guard let kind = Kind(rawValue: try field(16, UInt16.self)) else {
      throw fail("ELF: neither a shared object nor relocatable")
    }
    self.kind = kind

    let programHeaders = try field(32, UInt64.self)
    let sectionHeaders = try field(40, UInt64.self)
    let programHeaderCount = Int(try field(56, UInt16.self))
    let sectionCount = Int(try field(60, UInt16.self))
    let programHeaderSize = try field(54, UInt16.self)
    let sectionHeaderSize = try field(58, UInt16.self)
    guard programHeaderCount == 0 || programHeaderSize == 56,
      sectionCount == 0 || sectionHeaderSize == Section.headerSize
    else { throw fail("ELF: unexpected header size") }
    // With 65,280 sections or more, the count is in the first section header.
    guard sectionCount > 0 || sectionHeaders == 0 else { throw fail("ELF: too many sections") }

    var segments: [Segment] = []
    let programRange = try range(programHeaders, UInt64(56 * programHeaderCount))
    for base in stride(from: programRange.lowerBound, to: programRange.upperBound, by: 56) {
      let memorySize = try field(base + 40, UInt64.self)
      guard memorySize < 1 << 40 else { throw fail("ELF: segment is too large") }
      segments.append(
        Segment(
          type: try field(base, UInt32.self), flags: try field(base + 4, UInt32.self),
          range: try range(field(base + 8, UInt64.self), field(base + 32, UInt64.self)),
          address: try field(base + 16, UInt64.self), memorySize: Int(memorySize)))
    }
    self.segments = segments

    var extent = max(64, programRange.upperBound)
    var sections: [Section] = []
    var nameOffsets: [UInt32] = []
    let sectionRange = try range(sectionHeaders, UInt64(Section.headerSize * sectionCount))
    for base in stride(
      from: sectionRange.lowerBound, to: sectionRange.upperBound, by: Section.headerSize)
    {
      let type = try field(base + 4, UInt32.self)
      let size = try field(base + 32, UInt64.self)
      let alignment = try field(base + 48, UInt64.self)
      guard size < 1 << 40, alignment <= 1 << 20,
        alignment & (alignment &- 1) == 0 || alignment == 0
      else { throw fail("ELF: section is too large") }
      nameOffsets.append(try field(base, UInt32.self))
      sections.append(
        Section(
          name: "", header: base, type: type, flags: try field(base + 8, UInt64.self),
          address: try field(base + 16, UInt64.self),
          range: try range(field(base + 24, UInt64.self), type == Self.noBits ? 0 : size),
          size: Int(size), link: try field(base + 40, UInt32.self),
          info: try field(base + 44, UInt32.self), alignment: Int(max(1, alignment))))
    }
    // Limits the size of data derived from all sections to that of the file.
    guard sections.reduce(0, { $0 + $1.range.count }) <= bytes.count else {
      throw fail("ELF: sections overlap")
    }
    if !sections.isEmpty {
      let nameTable = Int(try field(62, UInt16.self))
      guard nameTable < sections.count else { throw fail("ELF: no section names") }
      let names = UnsafeRawBufferPointer(rebasing: bytes[sections[nameTable].range])
      for (index, offset) in nameOffsets.enumerated() {
        sections[index].name = try Self.string(names, Int(offset))
      }
    }
    self.sections = sections
    extent = max(extent, sectionRange.upperBound)
    for range in segments.map(\.range) + sections.map(\.range) {
      extent = max(extent, range.upperBound)
    }
    self.extent = extent
  }

  /// In bytes. Thousands of sections may share a long name.
  private static let maximumNameLength = 255

  private static func string(_ table: UnsafeRawBufferPointer, _ offset: Int)
    throws(ArtefactError) -> String
  {
    guard offset < table.count,
      let end = table[offset...].prefix(maximumNameLength + 1).firstIndex(of: 0),
      let text = String(validating: table[offset..<end], as: UTF8.self)
    else { throw ArtefactError(.corrupt, "ELF: bad name", offset: offset) }
    return text
  }

  /// The section of that name, or nil. Throws if there are several.
  public func section(_ name: String) throws(ArtefactError) -> Section? {
    var found: Section?
    for section in sections where section.name == name {
      guard found == nil else {
        throw ArtefactError(.corrupt, "ELF: two sections of this name", section: name)
      }
      found = section
    }
    return found
  }

  /// A section's bytes; empty for SHT_NOBITS.
  public func contents(_ section: Section) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[section.range])
  }

  /// Reads the rows of a symbol table.
  public func symbols(_ section: Section) throws(ArtefactError) -> [Symbol] {
    var reader = ArtefactReader(contents(section), section: section.name)
    var result: [Symbol] = []
    while reader.remaining > 0 {
      let name = try reader.integer(UInt32.self)
      let info = try reader.integer(UInt8.self)
      _ = try reader.integer(UInt8.self)
      result.append(
        Symbol(
          value: 0, size: 0, section: try reader.integer(), info: info, name: name))
      result[result.count - 1].value = try reader.integer()
      result[result.count - 1].size = try reader.integer()
    }
    return result
  }

  /// The name of a symbol in the symbol table `table`.
  public func name(_ symbol: Symbol, table: Section) throws(ArtefactError) -> String {
    guard Int(table.link) < sections.count else {
      throw ArtefactError(.corrupt, "ELF: no symbol names", section: table.name)
    }
    return try Self.string(contents(sections[Int(table.link)]), Int(symbol.name))
  }

  /// Reads the rows of a relocation table.
  public func relocations(_ section: Section) throws(ArtefactError) -> [Relocation] {
    var reader = ArtefactReader(contents(section), section: section.name)
    var result: [Relocation] = []
    while reader.remaining > 0 {
      let offset = try reader.integer(UInt64.self)
      let type = try reader.integer(UInt32.self)
      let symbol = try reader.integer(UInt32.self)
      result.append(
        Relocation(offset: offset, symbol: symbol, type: type, addend: try reader.integer()))
    }
    return result
  }
}
