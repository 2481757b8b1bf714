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

  /// The names of the functions whose addresses the relocations of `section` insert, by offset in the section.
  func functionNames(relocating section: Section) throws(ArtefactError) -> [Int: String] {
    guard let symbols = try symbols() else { return [:] }
    struct Place: Hashable {
      var section: UInt16
      var offset: UInt64
    }
    var functions: [Place: Symbol] = [:]
    for row in symbols.rows where row.isFunction {
      let place = Place(section: row.section, offset: row.value)
      if functions[place] == nil { functions[place] = row }
    }
    var result: [Int: String] = [:]
    for table in sections
    where table.type == Self.relocations && sections.indices.contains(Int(table.info))
      && sections[Int(table.info)].header == section.header
    {
      for relocation in try relocations(table) {
        guard symbols.rows.indices.contains(Int(relocation.symbol)) else {
          throw ArtefactError(.corrupt, "no such symbol", section: table.name)
        }
        var symbol = symbols.rows[Int(relocation.symbol)]
        if !symbol.isFunction || relocation.addend != 0 {
          // The relocation refers to the function through its section's symbol.
          let target = symbol.value &+ UInt64(bitPattern: relocation.addend)
          guard let function = functions[Place(section: symbol.section, offset: target)] else {
            throw ArtefactError(.corrupt, "address of an unnamed function", section: table.name)
          }
          symbol = function
        }
        result[Int(relocation.offset)] = try name(symbol, table: symbols.table)
      }
    }
    return result
  }
}
