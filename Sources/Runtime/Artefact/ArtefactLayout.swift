import Contract
import X64

/// Pages of an image with the same access rights, and their contents in the file.
struct ImagePart {
  /// Byte range in the image, page-aligned.
  var pages: Range<Int>
  var isExecutable: Bool
  /// A range of the file and its destination in the image. Bytes that no piece covers are zero.
  var pieces: [(source: Range<Int>, destination: Int)]
  /// Whether the file's own pages can be mapped.
  var isMappable: Bool
}

/// A value to write once the image's address is known.
struct ImageRelocation {
  enum Kind { case absolute64, relative64, relative32 }
  var kind: Kind
  /// Offset in the image of the 4 or 8 bytes to write.
  var place: Int
  /// S + A, relative to the start of the image.
  var value: Int64
}

/// Lays out the contents of an ELF in an image that starts at 0. Nothing in the file is trusted.
struct ImageLayout {
  static let pageSize = 4096

  var size = 0
  var parts: [ImagePart] = []
  /// Byte ranges in the image, by section name. Includes only allocated sections with contents.
  var sections: [String: Range<Int>] = [:]
  var relocations: [ImageRelocation] = []

  static func roundUp(_ value: Int, _ alignment: Int) -> Int {
    (value + alignment - 1) & ~(alignment - 1)
  }

  private static func fail(_ message: String, _ section: String = "") -> ArtefactError {
    ArtefactError(.corrupt, "ELF: \(message)", section: section)
  }

  private mutating func insert(_ section: ELFFile.Section, _ range: Range<Int>)
    throws(ArtefactError)
  {
    guard sections.updateValue(range, forKey: section.name) == nil else {
      guard section.name == ".text" || section.name.hasPrefix(".wpgo.") else { return }
      throw Self.fail("two sections of this name", section.name)
    }
  }

  /// Code and data must not be confused.
  private static func checkKind(_ section: ELFFile.Section, isExecutable: Bool)
    throws(ArtefactError)
  {
    if section.name == ".text" || section.name.hasPrefix(".wpgo.") {
      guard isExecutable == (section.name == ".text"), section.type == 1 else {
        throw fail("section of the wrong kind", section.name)
      }
    }
  }

  // MARK: Shared objects

  private static let dynamicRelocationTypes: [UInt32] = [4, 9, 19]  // RELA, REL, RELR

  /// A `.so` whose code needs no relocations: its segments, relative to the lowest address.
  init(shared elf: ELFFile) throws(ArtefactError) {
    for section in elf.sections
    where section.isAllocated && section.size > 0
      && Self.dynamicRelocationTypes.contains(section.type)
    {
      throw Self.fail("dynamic relocations", section.name)
    }
    try Self.checkSymbols(elf, ofType: 11)  // SHT_DYNSYM
    let segments = elf.segments.filter { $0.type == ELFFile.Segment.load && $0.memorySize > 0 }
    guard let lowest = segments.first?.address else { throw Self.fail("nothing to load") }
    let base = lowest & ~UInt64(Self.pageSize - 1)
    var zeros = 0
    for segment in segments {
      guard segment.address >= base, segment.address - base <= ArtefactImage.maximumSize,
        segment.memorySize <= ArtefactImage.maximumSize,
        segment.range.count <= segment.memorySize
      else { throw Self.fail("segment is too large or out of order") }
      guard !(segment.isExecutable && segment.isWritable) else {
        throw Self.fail("segment is both writable and executable")
      }
      zeros += segment.memorySize - segment.range.count
      guard zeros <= ArtefactImage.maximumZeros else { throw Self.fail("segment is too large") }
      let start = Int(segment.address - base)
      let pages =
        start & ~(Self.pageSize - 1)..<Self.roundUp(start + segment.memorySize, Self.pageSize)
      guard pages.lowerBound >= size else { throw Self.fail("segments overlap") }
      size = pages.upperBound
      parts.append(
        ImagePart(
          pages: pages, isExecutable: segment.isExecutable,
          pieces: [(segment.range, start)],
          isMappable: segment.memorySize == segment.range.count))
    }
    // Gaps between segments only cost address space, but no valid linker output contains large ones.
    guard size <= ArtefactImage.maximumSize, size <= 4 * elf.bytes.count + (64 << 20) else {
      throw Self.fail("segments are too far apart")
    }
    for section in elf.sections
    where section.isAllocated && section.type != ELFFile.noBits && section.size > 0 {
      try place(section, base, segments)
    }
  }

  private mutating func place(
    _ section: ELFFile.Section, _ base: UInt64, _ segments: [ELFFile.Segment]
  ) throws(ArtefactError) {
    for (segment, part) in zip(segments, parts)
    where section.address >= segment.address
      && section.address - segment.address <= UInt64(segment.range.count)
    {
      let distance = Int(section.address - segment.address)
      guard section.size <= segment.range.count - distance else { continue }
      guard section.range.lowerBound == segment.range.lowerBound + distance,
        section.range.count == section.size
      else { throw Self.fail("section and segment disagree", section.name) }
      try Self.checkKind(section, isExecutable: part.isExecutable)
      let start = Int(section.address - base)
      try insert(section, start..<start + section.size)
      return
    }
    throw Self.fail("section is in no segment", section.name)
  }

  /// Rejects undefined symbols: nothing else could define them.
  private static func checkSymbols(_ elf: ELFFile, ofType type: UInt32) throws(ArtefactError) {
    for table in elf.sections where table.type == type {
      for symbol in try elf.symbols(table).dropFirst() where symbol.section == 0 {
        throw fail("undefined symbol \(try elf.name(symbol, table: table))", table.name)
      }
    }
  }

  // MARK: Relocatable objects

  /// A `.o`: first the executable sections, then all others. Each group starts on a page of its own.
  init(relocatable elf: ELFFile) throws(ArtefactError) {
    try Self.checkSymbols(elf, ofType: ELFFile.symbolTable)
    var starts = [Int?](repeating: nil, count: elf.sections.count)
    var zeros = 0
    for isExecutable in [true, false] {
      var part = ImagePart(
        pages: size..<size, isExecutable: isExecutable, pieces: [], isMappable: false)
      var end = size
      for (index, section) in elf.sections.enumerated()
      where section.isAllocated && section.isExecutable == isExecutable {
        guard section.flags & 0x400 == 0 else {
          throw Self.fail("thread-local storage", section.name)
        }
        guard !(section.isExecutable && section.isWritable) else {
          throw Self.fail("section is both writable and executable", section.name)
        }
        zeros += section.size - section.range.count
        let start = Self.roundUp(end, section.alignment)
        guard zeros <= ArtefactImage.maximumZeros,
          start + section.size <= ArtefactImage.maximumSize
        else { throw Self.fail("section is too large", section.name) }
        try Self.checkKind(section, isExecutable: isExecutable)
        starts[index] = start
        end = start + section.size
        if section.size == 0 { continue }
        part.pieces.append((section.range, start))
        if section.type != ELFFile.noBits { try insert(section, start..<end) }
      }
      part.pages = size..<Self.roundUp(end, Self.pageSize)
      size = part.pages.upperBound
      if !part.pages.isEmpty { parts.append(part) }
    }
    var symbols: [UInt32: [ELFFile.Symbol]] = [:]
    for table in elf.sections { try relocate(elf, table, starts, &symbols) }
  }

  /// - Parameter known: symbol tables by section; each is read only once.
  private mutating func relocate(
    _ elf: ELFFile, _ table: ELFFile.Section, _ starts: [Int?],
    _ known: inout [UInt32: [ELFFile.Symbol]]
  ) throws(ArtefactError) {
    guard table.type == ELFFile.relocations || table.type == 9 else { return }
    guard Int(table.info) < elf.sections.count else {
      throw Self.fail("relocations of no section", table.name)
    }
    guard let start = starts[Int(table.info)] else { return }
    let target = elf.sections[Int(table.info)]
    guard table.type == ELFFile.relocations, Int(table.link) < elf.sections.count,
      elf.sections[Int(table.link)].type == ELFFile.symbolTable
    else { throw Self.fail("unexpected relocations", table.name) }
    if known[table.link] == nil {
      known[table.link] = try elf.symbols(elf.sections[Int(table.link)])
    }
    let symbols = known[table.link] ?? []
    for row in try elf.relocations(table) {
      guard let (kind, width) = try Self.kind(row.type, table) else { continue }
      guard target.type != ELFFile.noBits, row.offset <= UInt64(target.size),
        width <= target.size - Int(row.offset), Int(row.symbol) < symbols.count
      else { throw Self.fail("relocation out of bounds", table.name) }
      let symbol = symbols[Int(row.symbol)]
      guard Int(symbol.section) < starts.count, let base = starts[Int(symbol.section)],
        symbol.value <= UInt64(elf.sections[Int(symbol.section)].size)
      else { throw Self.fail("relocation by a symbol that is not loaded", table.name) }
      relocations.append(
        ImageRelocation(
          kind: kind, place: start + Int(row.offset),
          value: Int64(base) + Int64(symbol.value) &+ row.addend))
    }
  }

  /// The effect of a relocation type on the image. Nil: none.
  private static func kind(_ type: UInt32, _ table: ELFFile.Section) throws(ArtefactError)
    -> (ImageRelocation.Kind, width: Int)?
  {
    guard let relocation = MachineRelocation(rawValue: type) else {
      throw fail("relocation of type \(type)", table.name)
    }
    return switch relocation {
    case .none: nil
    case .absolute64: (.absolute64, relocation.width)
    case .relative32, .linkage32: (.relative32, relocation.width)
    case .relative64: (.relative64, relocation.width)
    case .absolute8, .absolute32, .signed32:
      throw fail("relocation of type \(type)", table.name)
    }
  }
}
