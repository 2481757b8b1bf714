import CLLVM
import Contract
import X64

/// The compare of a guard in an object.
struct CompareRecord: Hashable, Sendable {
  /// ELF symbol of the function that contains the compare.
  var function: String
  /// The guard that it belongs to.
  var guardID: GuardID
  /// Offset of the instruction in the function.
  var functionOffset: Int
  /// Includes the following jump if the compare alone is too short to be replaced.
  var length: Int
}

/// Resolves the guard symbols (``GuardSymbol``) of a relocatable object in place: fills in their values, removes the
/// relocations against them, and makes the symbols absolute. They are weak because other partitions define them too.
///
/// - Returns: the compares that a run can force to fail, ascending within each function. A compare is left out if LLVM uses its
///   symbol in any other way, or if the instruction cannot be moved.
func resolveGuards(
  in object: inout [UInt8], target: TargetOptions
) throws(CompileError) -> [CompareRecord] {
  let uses = try readELF(object, GuardUses.init)
  for use in uses.all { try use.resolve(in: &object) }
  for table in uses.tables { table.removeOthers(from: &object) }
  uses.defineSymbols(in: &object)
  return uses.compares(in: object, target)
}

/// A reference to one of the symbols.
private struct GuardUse {
  /// File offset of the number.
  var place: Int
  var value: Int64
  var guardID: GuardID
  /// The relocation's type.
  var type: UInt32

  var relocation: MachineRelocation? { MachineRelocation(rawValue: type) }

  func resolve(in object: inout [UInt8]) throws(CompileError) {
    guard let relocation, relocation.holds(value) else {
      throw .llvm("number of a guard in a relocation of type \(type)")
    }
    object.store(value, at: place, width: relocation.width)
  }
}

/// All references to the symbols in an object.
private struct GuardUses {
  var all: [GuardUse] = []
  /// Functions that contain references: name and range in the file.
  private var functions: [(name: String, code: Range<Int>)] = []
  /// File offsets of symbol rows, with the symbols' values.
  private var symbols: [(row: Int, value: UInt64)] = []
  private(set) var tables: [KeptRelocations] = []

  init(_ elf: ELFFile) throws(ArtefactError) {
    guard let symbolTable = try elf.symbols() else { return }
    let (table, rows) = (symbolTable.table, symbolTable.rows)
    var values: [Int: GuardSymbol] = [:]
    for (index, row) in rows.enumerated() where row.section == 0 {
      guard let symbol = GuardSymbol(name: try elf.name(row, table: table)) else { continue }
      values[index] = symbol
      symbols.append((table.range.lowerBound + ELFFile.Symbol.entrySize * index, symbol.value))
    }
    guard !values.isEmpty else { return }
    var functions: [Int: [(name: String, code: Range<Int>)]] = [:]
    for row in rows where row.isFunction && Int(row.section) < elf.sections.count {
      let start = elf.sections[Int(row.section)].range.lowerBound + Int(row.value)
      functions[Int(row.section), default: []].append(
        (try elf.name(row, table: table), start..<start + Int(row.size)))
    }
    for section in elf.sections where section.type == ELFFile.relocations {
      var kept = KeptRelocations(section)
      for (number, row) in try elf.relocations(section).enumerated() {
        guard let symbol = values[Int(row.symbol)] else {
          kept.rows.append(number)
          continue
        }
        let place = elf.sections[Int(section.info)].range.lowerBound + Int(row.offset)
        all.append(
          GuardUse(
            place: place, value: Int64(bitPattern: symbol.value) &+ row.addend,
            guardID: symbol.guardID, type: row.type))
        if let function = functions[Int(section.info)]?.first(where: { $0.code.contains(place) }),
          self.functions.last?.code != function.code
        {
          self.functions.append(function)
        }
      }
      tables.append(kept)
    }
  }

  /// Makes the symbols STB_WEAK and SHN_ABS.
  func defineSymbols(in object: inout [UInt8]) {
    for symbol in symbols {
      object[symbol.row + 4] = 2 << 4
      object.store(0xFFF1, at: symbol.row + 6, width: 2)
      object.store(Int64(bitPattern: symbol.value), at: symbol.row + 8, width: 8)
    }
  }

  // MARK: Compares

  /// Only decoding a function from its start finds the instruction boundaries.
  func compares(in object: [UInt8], _ target: TargetOptions) -> [CompareRecord] {
    guard !functions.isEmpty else { return [] }
    _ = LLVMInitializeNativeDisassembler()
    let decoder = LLVMCreateDisasmCPUFeatures(
      Pipeline.triple, target.cpu, target.features, nil, 0, nil, nil)
    defer { LLVMDisasmDispose(decoder) }
    // References that are immediate operands.
    var ends: [Int: GuardID] = [:]
    for use in all {
      guard let relocation = use.relocation, relocation != .absolute64 else { continue }
      ends[use.place + relocation.width] = use.guardID
    }
    var result: [CompareRecord] = []
    for function in functions {
      let code = Array(object[function.code])
      let starts = instructions(code, decoder)
      let targets = Set(
        zip(starts, starts.dropFirst()).compactMap { GuardCode.destination(code[$0..<$1], end: $1) }
      )
      for (number, start) in starts.enumerated().dropLast(2) {
        let next = starts[number + 1]
        guard let guardID = ends[function.code.lowerBound + next],
          let length = GuardCode.compareLength(Array(code[start..<next]))
        else { continue }
        var end = start + length
        if length < GuardCode.minimumLength {
          // Include the following jump, unless it is a branch target.
          guard !targets.contains(end) else { continue }
          end = starts[number + 2]
        }
        guard GuardCode(code[start..<end]) != nil else { continue }
        result.append(
          CompareRecord(
            function: function.name, guardID: guardID, functionOffset: start, length: end - start))
      }
    }
    return result
  }

  /// The offset of each instruction, and the end of the last.
  private func instructions(_ code: [UInt8], _ decoder: LLVMDisasmContextRef?) -> [Int] {
    var code = code
    var text = [CChar](repeating: 0, count: 128)
    var starts = [0]
    while let start = starts.last, start < code.count {
      // Reads at most `count` bytes, and writes at most as much text as the buffer holds.
      let length = code.withUnsafeMutableBufferPointer {
        LLVMDisasmInstruction(
          decoder, $0.baseAddress! + start, UInt64($0.count - start), 0, &text, text.count)
      }
      guard length > 0 else { break }
      starts.append(start + length)
    }
    return starts
  }
}
