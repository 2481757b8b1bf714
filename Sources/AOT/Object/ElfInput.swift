import CElf
import Files
import Glibc

/// An ELF in memory, read by libelf.
struct ElfInput {
  let handle: OpaquePointer
  /// libelf keeps pointers into it, so it lives as long as this value.
  private let storage: UnsafeMutableBufferPointer<CChar>

  init(_ bytes: [UInt8]) throws(CompileError) {
    guard elf_version(UInt32(EV_CURRENT)) != 0 else { throw .system("libelf: wrong version") }
    storage = .allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { storage[index] = CChar(bitPattern: byte) }
    guard let handle = elf_memory(storage.baseAddress, storage.count) else {
      storage.deallocate()
      throw .system("libelf: \(elfMessage())")
    }
    self.handle = handle
  }

  func close() {
    elf_end(handle)
    storage.deallocate()
  }

  struct Section {
    var index: Int
    var name: String
    var header: GElf_Shdr
    fileprivate var scn: OpaquePointer
  }

  var sections: [Section] {
    var nameTable = 0
    guard elf_getshdrstrndx(handle, &nameTable) == 0 else { return [] }
    var result: [Section] = []
    var scn = elf_nextscn(handle, nil)
    while let current = scn {
      var header = GElf_Shdr()
      if gelf_getshdr(current, &header) != nil {
        let name = elf_strptr(handle, nameTable, Int(header.sh_name)).map { String(cString: $0) }
        result.append(
          Section(index: elf_ndxscn(current), name: name ?? "", header: header, scn: current))
      }
      scn = elf_nextscn(handle, current)
    }
    return result
  }

  func section(_ name: String) -> Section? { sections.first { $0.name == name } }

  func contents(_ section: Section) -> [UInt8] {
    guard let data = elf_getdata(section.scn, nil), let buffer = data.pointee.d_buf else {
      return []
    }
    return Array(UnsafeRawBufferPointer(start: buffer, count: data.pointee.d_size))
  }

  struct Symbol {
    var name: String
    var value: UInt64
    var size: UInt64
    var section: Int
    var isFunction: Bool
  }

  /// By index in the symbol table.
  var symbols: [Symbol] {
    guard let table = sections.first(where: { $0.header.sh_type == UInt32(SHT_SYMTAB) }),
      let data = elf_getdata(table.scn, nil), table.header.sh_entsize > 0
    else { return [] }
    return (0..<Int(table.header.sh_size / table.header.sh_entsize)).compactMap { index in
      var symbol = GElf_Sym()
      guard gelf_getsym(data, Int32(index), &symbol) != nil else { return nil }
      let name = elf_strptr(handle, Int(table.header.sh_link), Int(symbol.st_name))
      return Symbol(
        name: name.map { String(cString: $0) } ?? "", value: symbol.st_value, size: symbol.st_size,
        section: Int(symbol.st_shndx), isFunction: symbol.st_info & 15 == UInt8(STT_FUNC))
    }
  }

  /// Names of the functions whose addresses the relocations of `section` ask for, by offset in the section.
  func functionNames(relocating section: Section) throws(CompileError) -> [Int: String] {
    let symbols = symbols
    var result: [Int: String] = [:]
    for table in sections
    where table.header.sh_type == UInt32(SHT_RELA) && Int(table.header.sh_info) == section.index {
      guard let data = elf_getdata(table.scn, nil), table.header.sh_entsize > 0 else { continue }
      for index in 0..<Int(table.header.sh_size / table.header.sh_entsize) {
        var relocation = GElf_Rela()
        guard gelf_getrela(data, Int32(index), &relocation) != nil else { continue }
        let number = Int(relocation.r_info >> 32)
        guard symbols.indices.contains(number) else { throw .llvm("object without symbols") }
        var symbol = symbols[number]
        let target = symbol.value &+ UInt64(bitPattern: relocation.r_addend)
        if !symbol.isFunction || relocation.r_addend != 0 {
          // Through the section's symbol.
          guard
            let function = symbols.first(where: {
              $0.isFunction && $0.section == symbol.section && $0.value == target
            })
          else { throw .llvm("stack map of an unnamed function") }
          symbol = function
        }
        result[Int(relocation.r_offset)] = symbol.name
      }
    }
    return result
  }
}

/// Makes a relocatable object that holds nothing but read-only sections: `.text` is executable, all others are data.
///
/// libelf writes to files only, so `path` names a temporary one.
func writeDataObject(_ sections: [(name: String, bytes: [UInt8])], to path: HostString)
  throws(CompileError)
{
  func check(_ ok: Bool) throws(CompileError) {
    guard ok else { throw .system("\(path): libelf: \(elfMessage())") }
  }
  guard elf_version(UInt32(EV_CURRENT)) != 0 else { throw .system("libelf: wrong version") }
  let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC
  let file = path.withCString { open($0, flags, 0o600) }
  guard file >= 0 else { throw .system("\(path): \(String(cString: strerror(errno)))") }
  defer { close(file) }
  guard let elf = elf_begin(file, ELF_C_WRITE, nil) else {
    throw .system("\(path): libelf: \(elfMessage())")
  }
  // Buffers that libelf reads in elf_update.
  var buffers: [UnsafeMutableBufferPointer<UInt8>] = []
  defer {
    elf_end(elf)
    for buffer in buffers { buffer.deallocate() }
  }
  guard gelf_newehdr(elf, ELFCLASS64) != nil else { throw .system("libelf: \(elfMessage())") }
  var header = GElf_Ehdr()
  try check(gelf_getehdr(elf, &header) != nil)
  header.e_ident.5 = UInt8(ELFDATA2LSB)
  header.e_type = UInt16(ET_REL)
  header.e_machine = UInt16(EM_X86_64)
  header.e_version = UInt32(EV_CURRENT)

  func append(_ nameOffset: Int, _ bytes: [UInt8], type: Int32, flags: Int32, alignment: UInt64)
    throws(CompileError) -> Int
  {
    guard let scn = elf_newscn(elf), let data = elf_newdata(scn) else {
      throw .system("libelf: \(elfMessage())")
    }
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
    _ = buffer.update(fromContentsOf: bytes)
    buffers.append(buffer)
    data.pointee.d_buf = UnsafeMutableRawPointer(buffer.baseAddress)
    data.pointee.d_size = bytes.count
    data.pointee.d_align = Int(alignment)
    data.pointee.d_type = ELF_T_BYTE
    data.pointee.d_version = UInt32(EV_CURRENT)
    var section = GElf_Shdr()
    try check(gelf_getshdr(scn, &section) != nil)
    section.sh_name = UInt32(nameOffset)
    section.sh_type = UInt32(type)
    section.sh_flags = UInt64(flags)
    section.sh_addralign = alignment
    try check(gelf_update_shdr(scn, &section) != 0)
    return elf_ndxscn(scn)
  }

  var names: [UInt8] = [0]
  func intern(_ name: String) -> Int {
    defer { names += Array(name.utf8) + [0] }
    return names.count
  }
  for section in sections {
    let rights = section.name == ".text" ? SHF_ALLOC | SHF_EXECINSTR : SHF_ALLOC
    _ = try append(
      intern(section.name), section.bytes, type: SHT_PROGBITS, flags: rights, alignment: 16)
  }
  // Tells the linker that no stack needs to be executable.
  _ = try append(
    intern(".note.GNU-stack"), [], type: SHT_PROGBITS, flags: 0, alignment: 1)
  let nameOffset = intern(".shstrtab")
  let nameTable = try append(nameOffset, names, type: SHT_STRTAB, flags: 0, alignment: 1)
  header.e_shstrndx = UInt16(nameTable)
  try check(gelf_update_ehdr(elf, &header) != 0)
  try check(elf_update(elf, ELF_C_WRITE) >= 0)
}

private func elfMessage() -> String {
  elf_errmsg(-1).map { String(cString: $0) } ?? "unknown error"
}
