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

  /// A place in a section of an object that gets an address or an offset.
  public struct Patch: Sendable {
    /// Offset of the field in its section.
    public var offset: Int
    /// The section whose start the value counts from.
    public var target: String
    /// How the value is stored.
    public var type: MachineRelocation
    /// Bytes from the start of `target`.
    public var addend: Int

    /// Describes the field.
    public init(offset: Int, target: String, type: MachineRelocation, addend: Int) {
      self.offset = offset
      self.target = target
      self.type = type
      self.addend = addend
    }
  }

  /// Encodes a relocatable object of read-only sections. `.text` is executable, all others are data, of which `.debug_…` are not loaded. Those
  /// that are loaded are aligned to 16 bytes.
  /// - Parameters:
  ///   - functions: in `.text`, which must be the first section if there are any.
  ///   - patches: by section.
  ///   - textAddress: where `.text` is in memory.
  public static func encodeObject(
    _ sections: [(name: String, bytes: [UInt8])], functions: [Function] = [],
    patches: [String: [Patch]] = [:], textAddress: UInt64 = 0
  ) -> [UInt8] {
    var names = ByteWriter([0])
    var headers = ByteWriter([UInt8](repeating: 0, count: Section.headerSize))  // The null section.
    var writer = ByteWriter([UInt8](repeating: 0, count: headerSize))
    func append(
      _ name: String, _ bytes: [UInt8], type: UInt32 = programBits, flags: UInt64 = 0,
      link: UInt32 = 0, info: UInt32 = 0, alignment: Int = 1, entrySize: Int = 0,
      address: UInt64 = 0
    ) {
      writer.align(alignment)
      headers.integer(UInt32(names.bytes.count))
      headers.integer(type)
      headers.integer(flags)
      headers.integer(address)
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
      // The linker joins debug sections of several objects: padding would be read as debug information.
      let isDebug = section.name.hasPrefix(".debug_")
      let alignment = isDebug ? 1 : section.name == unwindSection ? 8 : 16
      append(
        section.name, section.bytes, flags: isDebug ? 0 : Section.allocated | code,
        alignment: alignment, address: code == 0 ? 0 : textAddress)
    }
    // By section: its number, which is that of its symbol as well.
    let numbers = Dictionary(
      uniqueKeysWithValues: sections.enumerated().map { ($1.name, UInt32($0 + 1)) })
    let sectionSymbols = patches.isEmpty ? 0 : sections.count
    if !functions.isEmpty || sectionSymbols > 0 {
      let (rows, strings) = symbols(functions, sectionCount: sectionSymbols)
      // The next section has the names. The null symbol and those of sections are local, all others are global.
      let table = UInt32(headers.bytes.count / Section.headerSize)
      append(
        ".symtab", rows, type: symbolTable, link: table + 1, info: UInt32(1 + sectionSymbols),
        alignment: 8, entrySize: Symbol.entrySize)
      append(".strtab", strings, type: stringTable)
      for section in sections {
        guard let patches = patches[section.name], let number = numbers[section.name] else {
          continue
        }
        var rows = ByteWriter()
        for patch in patches {
          guard let target = numbers[patch.target] else { continue }
          rows.integer(UInt64(patch.offset))
          rows.integer(UInt64(target) << 32 | UInt64(patch.type.rawValue))
          rows.integer(Int64(patch.addend))
        }
        append(
          ".rela" + section.name, rows.bytes, type: relocations, flags: Section.linksInfo,
          link: table, info: number, alignment: 8, entrySize: Relocation.entrySize)
      }
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
  private static func symbols(
    _ functions: [Function], sectionCount: Int
  ) -> (rows: [UInt8], strings: [UInt8]) {
    var rows = ByteWriter([UInt8](repeating: 0, count: Symbol.entrySize))  // The null symbol.
    var strings = ByteWriter([0])
    for number in 0..<sectionCount {
      rows.integer(UInt32(0))
      rows.integer(UInt16(3))  // STB_LOCAL, STT_SECTION; STV_DEFAULT.
      rows.integer(UInt16(number + 1))
      rows.integer(UInt64(0))
      rows.integer(UInt64(0))
    }
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

  /// `e_machine`.
  public static let machine = Machine.elfMachine
  /// The section that says how to unwind frames.
  public static let unwindSection = ".eh_frame"

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
