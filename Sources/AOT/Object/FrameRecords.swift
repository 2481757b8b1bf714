import Contract
import X64

/// How exceptions leave the frames of a function that makes calls, or are caught there.
struct FrameRecord: Hashable, Sendable {
  /// Calls, and where the function continues with the exception of one. Offsets in the function.
  struct Site: Hashable, Sendable {
    var calls: Range<Int>
    var pad: Int
  }

  /// ELF symbol of the function.
  var function: String
  var saved: SavedRegisters
  /// Ascending, without overlap.
  var sites: [Site]
}

extension FrameRecord {
  func encode(to writer: inout ArtefactWriter) {
    writer.string(function)
    writer.byte(saved.rawValue)
    writer.integer(UInt32(sites.count))
    for site in sites {
      for offset in [site.calls.lowerBound, site.calls.upperBound, site.pad] {
        writer.integer(UInt32(offset))
      }
    }
  }

  init(decoding reader: inout ArtefactReader) throws(ArtefactError) {
    function = try reader.string()
    saved = SavedRegisters(rawValue: try reader.integer())
    sites = []
    for _ in 0..<(try reader.count(minimumSize: 12)) {
      let start = Int(try reader.integer(UInt32.self))
      let end = Int(try reader.integer(UInt32.self))
      guard start < end else { throw reader.error("handler of no calls") }
      sites.append(Site(calls: start..<end, pad: Int(try reader.integer(UInt32.self))))
    }
  }
}

/// Reads the frames of the functions that make calls from a relocatable object.
///
/// `.eh_frame` says where they keep callee-saved registers (LSB Core 10.6, DWARF 5 section 6.4), `.gcc_except_table` where they
/// catch exceptions.
///
/// - Parameter calls: the stack map records of the object.
/// - Throws: if a function has frames of any other layout than that of ``SavedRegisters`` at one of its calls.
func readFrames(
  _ object: [UInt8], calls: [StackMapRecord]
) throws(CompileError) -> [FrameRecord] {
  var offsets: [String: [Int]] = [:]
  for call in calls {
    guard case .call = call.id else { continue }
    offsets[call.function, default: []].append(call.functionOffset - 1)
  }
  if offsets.isEmpty { return [] }
  let frames = try readELF(object) { elf throws(ArtefactError) in
    guard let section = try elf.section(".eh_frame") else { return [FrameRecord]() }
    var reader = try CallFrameReader(elf, section, calls: offsets)
    return try reader.read()
  }
  guard frames.count == offsets.count else { throw .llvm("function without a call frame") }
  return frames
}

/// Reads `.eh_frame` of an object of LLVM's. Of the formats only what LLVM writes for this target.
private struct CallFrameReader {
  /// What is common to the frames of several functions.
  struct Common {
    var codeFactor: UInt64
    var dataFactor: Int64
    /// Whether its functions may have tables of handlers.
    var hasHandlers = false
    var rules = CallFrameRules()
  }

  let elf: ELFFile
  var reader: ArtefactReader
  /// By offset in the section: what the relocation there refers to.
  let targets: [Int: ELFFile.Place]
  let functions: [ELFFile.Place: String]
  let calls: [String: [Int]]
  var commons: [Int: Common] = [:]

  init(
    _ elf: ELFFile, _ section: ELFFile.Section, calls: [String: [Int]]
  ) throws(ArtefactError) {
    self.elf = elf
    self.calls = calls
    reader = ArtefactReader(elf.contents(section), section: section.name)
    targets = try elf.targets(relocating: section)
    functions = try elf.functions()
  }

  mutating func read() throws(ArtefactError) -> [FrameRecord] {
    var frames: [FrameRecord] = []
    while !reader.isAtEnd {
      let start = reader.position
      let length = Int(try reader.integer(UInt32.self))
      if length == 0 { continue }
      let place = reader.position
      var entry = ArtefactReader(
        reader.bytes, place..<place + length, format: reader.format)
      _ = try reader.skip(length)
      let distance = Int(try entry.integer(UInt32.self))
      if distance == 0 {
        commons[start] = try common(&entry)
      } else if let common = commons[place - distance] {
        if let frame = try frame(&entry, common) { frames.append(frame) }
      } else {
        throw entry.error("frame without a common part")
      }
    }
    return frames
  }

  private func common(_ entry: inout ArtefactReader) throws(ArtefactError) -> Common {
    guard try entry.byte() == 1 else { throw entry.error("unknown version") }
    var augmentation: [UInt8] = []
    while case let letter = try entry.byte(), letter != 0 { augmentation.append(letter) }
    var common = Common(
      codeFactor: try entry.unsigned(bits: 32), dataFactor: try entry.signed(bits: 32))
    _ = try entry.unsigned(bits: 32)
    guard augmentation.first == UInt8(ascii: "z") else { throw entry.error("unknown frames") }
    _ = try entry.skip(Int(try entry.unsigned(bits: 32)))
    for letter in augmentation.dropFirst() {
      switch letter {
      case UInt8(ascii: "L"): common.hasHandlers = true
      case UInt8(ascii: "P"), UInt8(ascii: "R"): break
      default: throw entry.error("unknown frames")
      }
    }
    while !entry.isAtEnd { _ = try common.rules.step(&entry, common) }
    return common
  }

  /// Nil for a function that makes no calls.
  private func frame(
    _ entry: inout ArtefactReader, _ common: Common
  ) throws(ArtefactError) -> FrameRecord? {
    guard let target = targets[entry.position], let name = functions[target] else {
      throw entry.error("frame of no function")
    }
    // Of 32 bits each, relative to their places.
    _ = try entry.raw(4)
    let size = Int(try entry.integer(UInt32.self))
    let end = Int(try entry.unsigned(bits: 32)) + entry.position
    let handlers = common.hasHandlers ? targets[entry.position] : nil
    _ = try entry.skip(end - entry.position)
    guard let calls = calls[name] else { return nil }

    var saved: Set<SavedRegisters?> = []
    var rules = common.rules
    var offset = 0
    func pass(to next: Int) {
      if calls.contains(where: { offset..<next ~= $0 }) { saved.insert(rules.saved) }
      offset = next
    }
    while !entry.isAtEnd {
      if let distance = try rules.step(&entry, common) { pass(to: offset + distance) }
    }
    pass(to: size)
    guard saved.count == 1, case let only?? = saved.first else {
      throw entry.error("exceptions cannot leave the frame of \(name)")
    }
    var record = FrameRecord(function: name, saved: only, sites: [])
    if let handlers { record.sites = try sites(handlers, size) }
    return record
  }

  /// A function's table of handlers.
  private func sites(
    _ place: ELFFile.Place, _ size: Int
  ) throws(ArtefactError) -> [FrameRecord.Site] {
    let section = elf.sections[place.section]
    var reader = ArtefactReader(
      elf.contents(section), place.offset..<section.size, format: .init(section: section.name))
    let omitted: UInt8 = 0xFF
    let numbers: UInt8 = 1  // DW_EH_PE_uleb128
    guard try reader.byte() == omitted, try reader.byte() == omitted,
      try reader.byte() == numbers
    else { throw reader.error("unknown handlers") }
    let end = Int(try reader.unsigned(bits: 32)) + reader.position
    var sites: [FrameRecord.Site] = []
    while reader.position < end {
      let start = Int(try reader.unsigned(bits: 32))
      let calls = start..<start + Int(try reader.unsigned(bits: 32))
      let pad = Int(try reader.unsigned(bits: 32))
      _ = try reader.unsigned(bits: 32)
      guard !calls.isEmpty, calls.upperBound <= size, pad < size,
        sites.last.map({ $0.calls.upperBound <= calls.lowerBound }) ?? true
      else { throw reader.error("handlers are not in order") }
      if pad != 0 { sites.append(FrameRecord.Site(calls: calls, pad: pad)) }
    }
    return sites
  }
}

/// Where the caller's registers are, at an instruction.
private struct CallFrameRules {
  /// The caller's stack pointer: a DWARF register, and an offset from it.
  private var base: (register: UInt64, offset: UInt64) = (0, 0)
  /// By DWARF register: where it is, from the caller's stack pointer.
  private var places: [UInt64: Int64] = [:]
  private var remembered: [(base: (register: UInt64, offset: UInt64), places: [UInt64: Int64])] = []

  /// The registers kept for the caller, other than the frame pointer; nil if the frame is not like ``SavedRegisters``.
  var saved: SavedRegisters? {
    guard DWARFRegister(Int(base.register)) == .general(.framePointer), base.offset == 16 else {
      return nil
    }
    var offsets: [Register: Int] = [:]
    for (number, place) in places {
      // The return address is in no register of ours.
      guard case .general(let register)? = DWARFRegister(Int(number)) else { continue }
      offsets[register] = Int(place) + 16
    }
    guard offsets.removeValue(forKey: .framePointer) == 0 else { return nil }
    return SavedRegisters(places: offsets)
  }

  /// Executes an instruction.
  /// - Returns: the bytes of code by which it advances; nil for one that changes rules.
  mutating func step(
    _ reader: inout ArtefactReader, _ common: CallFrameReader.Common
  ) throws(ArtefactError) -> Int? {
    let opcode = try reader.byte()
    switch opcode {
    case 0x40..<0x80: return Int(UInt64(opcode & 0x3F) * common.codeFactor)  // advance_loc
    case 0x02: return Int(UInt64(try reader.byte()) * common.codeFactor)
    case 0x03: return Int(UInt64(try reader.integer(UInt16.self)) * common.codeFactor)
    case 0x04: return Int(UInt64(try reader.integer(UInt32.self)) * common.codeFactor)
    case 0x00: break  // nop
    case 0x80..<0xC0:  // offset
      places[UInt64(opcode & 0x3F)] = Int64(try reader.unsigned(bits: 31)) * common.dataFactor
    case 0x0A: remembered.append((base, places))
    case 0x0B:
      guard let last = remembered.popLast() else { throw reader.error("unknown frames") }
      (base, places) = last
    case 0x0C: base = (try reader.unsigned(bits: 31), try reader.unsigned(bits: 31))  // def_cfa
    case 0x0D: base.register = try reader.unsigned(bits: 31)
    case 0x0E: base.offset = try reader.unsigned(bits: 31)
    case 0x2E: _ = try reader.unsigned(bits: 31)  // GNU_args_size
    default: throw reader.error("unknown rule of frames")
    }
    return nil
  }
}
