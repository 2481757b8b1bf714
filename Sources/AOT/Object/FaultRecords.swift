import Contract
import X64

/// Starts a range of code in which a memory access may fault; it ends at the next record. Names the wasm instruction that then
/// traps.
struct FaultRecord: Hashable, Sendable {
  /// ELF symbol of the function, and the offset in it.
  var function: String
  var functionOffset: Int
  var place: TrapPlace

  /// The assembly directive that marks the place: a relocation without effect, whose addend is the place.
  static func mark(_ place: UInt64) -> String {
    ".reloc ., \(MachineRelocation.noneName), \(Int64(bitPattern: place))"
  }
}

/// Removes the marks from a relocatable object.
func takeFaults(from object: inout [UInt8]) throws(CompileError) -> [FaultRecord] {
  let marks = try readELF(object, FaultMarks.init)
  for table in marks.tables { table.removeOthers(from: &object) }
  return marks.records
}

private struct FaultMarks {
  var records: [FaultRecord] = []
  var tables: [KeptRelocations] = []

  init(_ elf: ELFFile) throws(ArtefactError) {
    guard let symbols = try elf.symbols() else { return }
    // By code section; the functions of each in ascending order.
    var functions: [Int: [(start: Int, size: Int, name: String)]] = [:]
    for symbol in symbols.rows where symbol.isFunction {
      functions[Int(symbol.section), default: []].append(
        (Int(symbol.value), Int(symbol.size), try elf.name(symbol, table: symbols.table)))
    }
    for section in functions.keys { functions[section]?.sort { $0.start < $1.start } }

    for section in elf.sections where section.type == ELFFile.relocations {
      var kept = KeptRelocations(section)
      var marks: [(offset: Int, place: UInt64)] = []
      for (number, row) in try elf.relocations(section).enumerated() {
        if row.type == MachineRelocation.none.rawValue {
          marks.append((Int(row.offset), UInt64(bitPattern: row.addend)))
        } else {
          kept.rows.append(number)
        }
      }
      guard !marks.isEmpty else { continue }
      tables.append(kept)
      let functions = functions[Int(section.info)] ?? []
      for (number, mark) in marks.enumerated() {
        // If no code separates two marks, the last one counts.
        if number + 1 < marks.count, marks[number + 1].offset == mark.offset { continue }
        let function = functions.partitioningIndex { $0.start > mark.offset } - 1
        guard function >= 0, case let code = functions[function],
          mark.offset < code.start + code.size
        else { throw ArtefactError(.corrupt, "mark outside of functions", section: section.name) }
        records.append(
          FaultRecord(
            function: code.name, functionOffset: mark.offset - code.start,
            place: TrapPlace(raw: mark.place)))
      }
    }
  }
}

/// A relocation table from which some rows are removed.
struct KeptRelocations {
  /// The rows to keep, ascending.
  var rows: [Int] = []
  private let range: Range<Int>
  /// File offset of the size field in the table's section header.
  private let sizeField: Int

  init(_ table: ELFFile.Section) {
    range = table.range
    sizeField = table.header + 32
  }

  func removeOthers(from object: inout [UInt8]) {
    let size = ELFFile.Relocation.entrySize
    var next = range.lowerBound
    for row in rows {
      let start = range.lowerBound + size * row
      object.replaceSubrange(next..<next + size, with: Array(object[start..<start + size]))
      next += size
    }
    object.store(Int64(size * rows.count), at: sizeField, width: 8)
  }
}

extension [UInt8] {
  /// Little-endian.
  mutating func store(_ value: Int64, at place: Int, width: Int) {
    for index in 0..<width {
      self[place + index] = UInt8(truncatingIfNeeded: value >> Int64(8 * index))
    }
  }
}
