import Contract
import Speculation

/// The layout of linked code. Addresses count from the start of `.text`.
struct CodeLayout {
  /// Address of `.text`.
  private var start: UInt64 = 0
  /// The name of a section with dynamic relocations, if there is one.
  private var dynamicRelocations: String?
  var textSize = 0
  var symbols: [String: Range<Int>] = [:]

  init(_ shared: [UInt8]) throws(CompileError) {
    self = try readELF(shared) { elf throws(ArtefactError) in
      var layout = CodeLayout()
      try layout.readSymbols(elf)
      return layout
    }
    guard dynamicRelocations == nil else {
      throw .llvm("code needs dynamic relocations (\(dynamicRelocations ?? ""))")
    }
  }

  private init() {}

  private mutating func readSymbols(_ elf: ELFFile) throws(ArtefactError) {
    dynamicRelocations = elf.sections.first { $0.name.hasPrefix(".rela") }?.name
    guard let text = elf.sections.firstIndex(where: { $0.name == ".text" }),
      let table = try elf.symbols()
    else { return }
    start = elf.sections[text].address
    textSize = elf.sections[text].size
    for symbol in table.rows where symbol.isFunction && Int(symbol.section) == text {
      let offset = Int(symbol.value - start)
      symbols[try elf.name(symbol, table: table.table)] = offset..<offset + Int(symbol.size)
    }
  }

  func code(_ function: Int, _ version: FunctionVersion) throws(CompileError) -> Range<Int> {
    try code(symbolName(function: function, version: version))
  }

  func code(_ name: String) throws(CompileError) -> Range<Int> {
    guard let range = symbols[name], !range.isEmpty else { throw .llvm("no code for \(name)") }
    return range
  }

  /// The return address of a statepoint.
  func offset(_ record: StackMapRecord) throws(CompileError) -> Int {
    guard let function = symbols[record.function] else {
      throw .llvm("stack map of an unknown function")
    }
    return function.lowerBound + record.functionOffset
  }
}
