import CDw
import Files
import Glibc

/// One row of a DWARF line table. It applies up to the next row.
struct LineRow {
  var address: UInt64
  /// 0: no line.
  var line: Int
  var column: Int
  var isEnd: Bool
}

/// Reads all line rows of a linked (relocated) ELF file, ascending by address.
func readLines(_ path: HostString) throws(CompileError) -> [LineRow] {
  let file = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
  guard file >= 0 else { throw .system("\(path): \(systemMessage())") }
  defer { close(file) }
  guard let dwarf = dwarf_begin(file, DWARF_C_READ) else {
    // No debug information: an object without functions.
    return []
  }
  defer { dwarf_end(dwarf) }
  var rows: [LineRow] = []
  var offset: Dwarf_Off = 0
  while true {
    var next: Dwarf_Off = 0
    var headerSize = 0
    let status = dwarf_nextcu(dwarf, offset, &next, &headerSize, nil, nil, nil)
    guard status >= 0 else { throw .llvm("libdw: \(dwarfMessage())") }
    guard status == 0 else { break }
    var die = Dwarf_Die()
    guard dwarf_offdie(dwarf, offset + Dwarf_Off(headerSize), &die) != nil else {
      throw .llvm("libdw: \(dwarfMessage())")
    }
    var lines: OpaquePointer?
    var count = 0
    guard dwarf_getsrclines(&die, &lines, &count) == 0 else {
      throw .llvm("libdw: \(dwarfMessage())")
    }
    for index in 0..<count {
      guard let line = dwarf_onesrcline(lines, index) else { continue }
      var row = LineRow(address: 0, line: 0, column: 0, isEnd: false)
      var number: Int32 = 0
      var column: Int32 = 0
      guard dwarf_lineaddr(line, &row.address) == 0, dwarf_lineno(line, &number) == 0,
        dwarf_linecol(line, &column) == 0, dwarf_lineendsequence(line, &row.isEnd) == 0
      else { throw .llvm("libdw: \(dwarfMessage())") }
      row.line = Int(number)
      row.column = Int(column)
      rows.append(row)
    }
    offset = next
  }
  // Keep the order of rows with equal addresses: one sequence ends before the next starts, and the last of several rows for one
  // address counts.
  return rows.enumerated().sorted {
    ($0.element.address, $0.element.isEnd ? 0 : 1, $0.offset)
      < ($1.element.address, $1.element.isEnd ? 0 : 1, $1.offset)
  }.map(\.element)
}

private func dwarfMessage() -> String {
  dwarf_errmsg(-1).map { String(cString: $0) } ?? "unknown error"
}
