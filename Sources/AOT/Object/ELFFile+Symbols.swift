import Contract

/// Reads an ELF file that LLVM or `ld` wrote.
func readELF<Value>(
  _ bytes: [UInt8], _ read: (ELFFile) throws(ArtefactError) -> Value
) throws(CompileError) -> Value {
  let result: Result<Value, ArtefactError> = bytes.withUnsafeBytes { bytes in
    Result { () throws(ArtefactError) in try read(ELFFile(bytes)) }
  }
  do throws(ArtefactError) { return try result.get() } catch {
    throw .llvm("unexpected object: \(error)")
  }
}

extension ELFFile {
  /// The symbol table's rows, and its section, which is needed to look up names.
  struct Symbols {
    let table: Section
    let rows: [Symbol]
  }

  /// Nil for a file without symbols.
  func symbols() throws(ArtefactError) -> Symbols? {
    guard let table = sections.first(where: { $0.type == Self.symbolTable }) else { return nil }
    return Symbols(table: table, rows: try symbols(table))
  }

  /// A place in a file's sections.
  struct Place: Hashable {
    var section: Int
    var offset: Int
  }

  /// The names of the functions, by where they start.
  func functions() throws(ArtefactError) -> [Place: String] {
    guard let symbols = try symbols() else { return [:] }
    var result: [Place: String] = [:]
    for row in symbols.rows where row.isFunction {
      let place = Place(section: Int(row.section), offset: Int(truncatingIfNeeded: row.value))
      if result[place] == nil { result[place] = try name(row, table: symbols.table) }
    }
    return result
  }

  /// What the relocations of `section` refer to, by offset in the section.
  func targets(relocating section: Section) throws(ArtefactError) -> [Int: Place] {
    guard let symbols = try symbols() else { return [:] }
    var result: [Int: Place] = [:]
    for table in sections
    where table.type == Self.relocations && sections.indices.contains(Int(table.info))
      && sections[Int(table.info)].header == section.header
    {
      for relocation in try relocations(table) {
        guard symbols.rows.indices.contains(Int(relocation.symbol)) else {
          throw ArtefactError(.corrupt, "no such symbol", section: table.name)
        }
        let symbol = symbols.rows[Int(relocation.symbol)]
        guard sections.indices.contains(Int(symbol.section)) else { continue }
        let offset = Int64(truncatingIfNeeded: symbol.value) &+ relocation.addend
        result[Int(truncatingIfNeeded: relocation.offset)] = Place(
          section: Int(symbol.section), offset: Int(offset))
      }
    }
    return result
  }

  /// The names of the functions whose addresses the relocations of `section` insert, by offset in the section.
  func functionNames(relocating section: Section) throws(ArtefactError) -> [Int: String] {
    let functions = try functions()
    var result: [Int: String] = [:]
    for (offset, target) in try targets(relocating: section) {
      guard let name = functions[target] else {
        throw ArtefactError(.corrupt, "address of an unnamed function", section: section.name)
      }
      result[offset] = name
    }
    return result
  }
}
