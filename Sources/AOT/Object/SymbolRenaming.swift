import Contract
import Speculation

// Until all is linked, functions are known by number (`symbolName`): names of the module never get to `as`, `ld` or `objcopy`, for which some
// characters have a meaning. Then this gives the symbols the names that people know.

extension Assembly {
  /// The names of the artefact's code, by internal symbol.
  func codeNames(_ baseline: BaselineObject) -> [String: String] {
    let names = CodeNames(module, replaced: replacedNames)
    var result: [String: String] = [:]
    for plan in plan.functions {
      let function = plan.function
      result[BaselineObject.stubName(function)] = names.name(function, .stub)
      for version in plan.versions {
        let code: CodeNames.Code =
          switch version {
          case .entry: plan.speculative == nil ? .optimized : .speculative
          case .generic: .generic
          case .loop(let byteOffset): .loop(byteOffset: byteOffset)
          }
        result[symbolName(function: function, version: version)] = names.name(function, code)
      }
    }
    // Functions without optimized code that are not among those with baseline code are jumps.
    for row in self.baseline {
      let function = Int(row.function)
      result[symbolName(function: function, version: .entry)] = names.name(function, .stub)
    }
    for (function, symbol, _) in baseline.functions {
      result[symbol] = names.name(function, .baseline)
    }
    return result
  }
}

/// Replaces names of functions in an ELF file's symbol table. Nothing that is loaded may follow the table of names.
/// - Parameter names: by present name; symbols without one keep theirs.
func renameSymbols(in file: [UInt8], _ names: [String: String]) throws(CompileError) -> [UInt8] {
  let renamed = try readELF(file) { elf throws(ArtefactError) in try RenamedSymbols(elf, names) }
  guard let renamed else { return file }
  return renamed.applied(to: file)
}

private struct RenamedSymbols {
  private let table: ELFFile.Section
  private let strings: ELFFile.Section
  /// Of the table of names.
  private var contents = ArtefactWriter([0])
  /// By symbol: offset of its name.
  private var offsets: [UInt32] = []
  /// The sections behind that.
  private let moved: [ELFFile.Section]

  init?(_ elf: ELFFile, _ names: [String: String]) throws(ArtefactError) {
    guard let symbols = try elf.symbols(), elf.sections.indices.contains(Int(symbols.table.link))
    else { return nil }
    table = symbols.table
    let strings = elf.sections[Int(symbols.table.link)]
    self.strings = strings
    let end = strings.range.upperBound
    guard !elf.segments.contains(where: { $0.range.upperBound > strings.range.lowerBound }) else {
      throw ArtefactError(.corrupt, "names of symbols are loaded", section: strings.name)
    }
    moved = elf.sections.filter { $0.range.lowerBound >= end && $0.type != 0 }
    for row in symbols.rows {
      let name = try elf.name(row, table: table)
      let new = row.isFunction ? names[name] ?? name : name
      offsets.append(new.isEmpty ? 0 : UInt32(contents.bytes.count))
      guard !new.isEmpty else { continue }
      contents.raw(new.utf8)
      contents.byte(0)
    }
  }

  func applied(to file: [UInt8]) -> [UInt8] {
    let end = strings.range.upperBound
    // Keeps the alignment of what is behind, with the section headers. Shorter names leave a gap.
    let alignment = max(8, moved.map(\.alignment).max() ?? 0)
    let distance =
      (max(0, contents.bytes.count - strings.range.count) + alignment - 1) & -alignment
    var file = file
    func add(_ change: Int, at place: Int) {
      var value = file[place..<place + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      value = UInt64(Int(value) + change)
      for byte in 0..<8 { file[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }
    for (number, offset) in offsets.enumerated() {
      let row = table.range.lowerBound + number * ELFFile.Symbol.entrySize
      for byte in 0..<4 { file[row + byte] = UInt8(truncatingIfNeeded: offset >> (8 * byte)) }
    }
    // sh_offset and sh_size of section headers; e_shoff.
    for section in moved { add(distance, at: section.header + 24) }
    add(contents.bytes.count - strings.range.count, at: strings.header + 32)
    if strings.header >= end { add(distance, at: 40) }
    let room = strings.range.count + distance - contents.bytes.count
    return file[..<strings.range.lowerBound] + contents.bytes
      + [UInt8](repeating: 0, count: room) + file[end...]
  }
}
