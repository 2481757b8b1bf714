import Contract

/// The start of code in which a memory access may fault, up to the next record, and the instruction of the module that then traps.
struct FaultRecord {
  /// ELF symbol of the function, and the offset in it.
  var function: String
  var functionOffset: Int
  var place: TrapPlace

  /// What LLVM makes of `!pcsections` (llvm.org/docs/PCSectionsMetadata.html): of each function and place, the addresses of all instructions,
  /// relative to where they are written, 4 bytes each; then the ``TrapPlace``, 8 bytes.
  static let section = ".wpgo.faults"
}

/// Reads ``FaultRecord/section`` of a relocatable object.
func readFaults(_ object: [UInt8]) throws(CompileError) -> [FaultRecord] {
  let result: Result<[FaultRecord], ArtefactError> = object.withUnsafeBytes { bytes in
    Result { () throws(ArtefactError) in try faults(ELFFile(bytes)) }
  }
  do throws(ArtefactError) { return try result.get() } catch {
    throw .llvm("unexpected places of faults: \(error)")
  }
}

private func faults(_ elf: ELFFile) throws(ArtefactError) -> [FaultRecord] {
  guard let table = elf.sections.first(where: { $0.type == ELFFile.symbolTable }) else { return [] }
  let symbols = try elf.symbols(table)
  // By section of code, ascending.
  var functions: [Int: [(start: Int, size: Int, name: String)]] = [:]
  for symbol in symbols where symbol.info & 15 == 2 {  // STT_FUNC
    functions[Int(symbol.section), default: []].append(
      (Int(symbol.value), Int(symbol.size), try elf.name(symbol, table: table)))
  }
  for section in functions.keys { functions[section]?.sort { $0.start < $1.start } }

  var records: [FaultRecord] = []
  for relocations in elf.sections where relocations.type == ELFFile.relocations {
    guard elf.sections.indices.contains(Int(relocations.info)) else { continue }
    let section = elf.sections[Int(relocations.info)]
    guard section.name == FaultRecord.section else { continue }
    var reader = ArtefactReader(elf.contents(section), section: section.name)
    var addresses = try elf.relocations(relocations).sorted { $0.offset < $1.offset }[...]
    while reader.remaining > 0 {
      var found: [(function: String, offset: Int)] = []
      while let address = addresses.first, Int(address.offset) == reader.offset {
        // R_X86_64_PC32.
        guard address.type == 2, symbols.indices.contains(Int(address.symbol)) else {
          throw reader.error("unknown relocation")
        }
        let symbol = symbols[Int(address.symbol)]
        let offset = Int(symbol.value) + Int(address.addend)
        let candidates = functions[Int(symbol.section)] ?? []
        let index = candidates.partitioningIndex { $0.start > offset } - 1
        guard index >= 0, case let function = candidates[index],
          offset < function.start + function.size
        else { throw reader.error("fault outside of functions") }
        found.append((function.name, offset - function.start))
        _ = try reader.raw(4)
        addresses = addresses.dropFirst()
      }
      guard !found.isEmpty else { throw reader.error("place without an address") }
      let place = TrapPlace(raw: try reader.integer())
      records += found.map {
        FaultRecord(function: $0.function, functionOffset: $0.offset, place: place)
      }
    }
  }
  return records
}
