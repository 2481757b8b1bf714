import Bytes
import X64

extension ELFFile {
  /// A function in the `.text` of an object, visible to the objects that it is linked with and to nobody else.
  public struct Function: Sendable {
    /// The symbol's name.
    public var name: String
    /// Range in the section.
    public var code: Range<Int>

    /// Names a range of code.
    public init(name: String, code: Range<Int>) {
      self.name = name
      self.code = code
    }
  }

  /// Encodes a relocatable object of read-only sections. `.text` is executable, all others are data. Each is aligned to 16
  /// bytes.
  /// - Parameter functions: in `.text`, which must be the first section if there are any.
  public static func encodeObject(
    _ sections: [(name: String, bytes: [UInt8])], functions: [Function] = []
  ) -> [UInt8] {
    var names = ByteWriter([0])
    var headers = ByteWriter([UInt8](repeating: 0, count: Section.headerSize))  // The null section.
    var writer = ByteWriter([UInt8](repeating: 0, count: headerSize))
    func append(
      _ name: String, _ bytes: [UInt8], type: UInt32 = programBits, flags: UInt64 = 0,
      link: UInt32 = 0, info: UInt32 = 0, alignment: Int = 1, entrySize: Int = 0
    ) {
      writer.align(alignment)
      headers.integer(UInt32(names.bytes.count))
      headers.integer(type)
      headers.integer(flags)
      headers.integer(UInt64(0))  // Address.
      headers.integer(UInt64(writer.bytes.count))
      headers.integer(UInt64(bytes.count))
      headers.integer(link)
      headers.integer(info)
      headers.integer(UInt64(alignment))
      headers.integer(UInt64(entrySize))
      names.raw(name.utf8)
      names.byte(0)
      writer.raw(bytes)
    }
    for section in sections {
      let code = section.name == ".text" ? Section.executable : 0
      append(section.name, section.bytes, flags: Section.allocated | code, alignment: 16)
    }
    if !functions.isEmpty {
      let (rows, strings) = symbols(functions)
      // The next section has the names. The null symbol is local, all others are global.
      let next = UInt32(headers.bytes.count / Section.headerSize + 1)
      append(
        ".symtab", rows, type: symbolTable, link: next, info: 1, alignment: 8,
        entrySize: Symbol.entrySize)
      append(".strtab", strings, type: stringTable)
    }
    // Tells the linker that the code needs no executable stack.
    append(".note.GNU-stack", [])
    let nameTable = ".shstrtab"
    append(nameTable, names.bytes + Array(nameTable.utf8) + [0], type: stringTable)
    writer.align(8)
    let header = header(
      sectionHeaders: writer.bytes.count, count: headers.bytes.count / Section.headerSize)
    writer.bytes.replaceSubrange(..<headerSize, with: header)
    writer.raw(headers.bytes)
    return writer.bytes
  }

  /// The symbol table, and the string table with the names.
  private static func symbols(_ functions: [Function]) -> (rows: [UInt8], strings: [UInt8]) {
    var rows = ByteWriter([UInt8](repeating: 0, count: Symbol.entrySize))  // The null symbol.
    var strings = ByteWriter([0])
    for function in functions {
      rows.integer(UInt32(strings.bytes.count))
      rows.byte(1 << 4 | 2)  // STB_GLOBAL, STT_FUNC.
      rows.byte(2)  // STV_HIDDEN.
      rows.integer(UInt16(1))  // The first section.
      rows.integer(UInt64(function.code.lowerBound))
      rows.integer(UInt64(function.code.count))
      strings.raw(function.name.utf8)
      strings.byte(0)
    }
    return (rows.bytes, strings.bytes)
  }

  private static let headerSize = 64

  /// - Parameter count: number of sections, the null section included; the last contains the section names.
  private static func header(sectionHeaders: Int, count: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(magic)
    writer.raw([2, 1, 1])  // 64 bits, little-endian, version 1.
    writer.align(16)
    writer.integer(Kind.relocatable.rawValue)
    writer.integer(Machine.elfMachine)
    writer.integer(UInt32(1))  // Version.
    writer.integer(UInt64(0))  // Entry.
    writer.integer(UInt64(0))  // Program headers.
    writer.integer(UInt64(sectionHeaders))
    writer.integer(UInt32(0))  // Flags.
    // Size of this header; size and count of program headers; size of a section header.
    for size in [headerSize, 0, 0, Section.headerSize] { writer.integer(UInt16(size)) }
    writer.integer(UInt16(count))
    writer.integer(UInt16(count - 1))
    return writer.bytes
  }
}
