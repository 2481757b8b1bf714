import Bytes
import X64

/// What debuggers and profilers need to know of machine code that LLVM does not make: how to unwind its frames (`.eh_frame`, LSB Core 10.6), and
/// its functions and lines (DWARF 4). For objects to be linked, and for code that is in memory already.
public struct CodeDescription: Sendable {
  /// A function's machine code.
  public struct Function: Sendable {
    /// For people.
    public var name: String
    /// Range in `.text`.
    public var code: Range<Int>
    /// Where instructions leave it without its frame, counted from its start; nil: it never has a frame.
    public var frameExits: [Range<Int>]?
    /// Number of a file of ``files``, from 0.
    public var file: Int
    /// Line of its start.
    public var line: Int
    /// Ascending by code offset.
    public var rows: [Line]

    /// Describes a function; without lines, only its frames.
    public init(
      name: String, code: Range<Int>, frameExits: [Range<Int>]?, file: Int = 0, line: Int = 0,
      rows: [Line] = []
    ) {
      self.name = name
      self.code = code
      self.frameExits = frameExits
      self.file = file
      self.line = line
      self.rows = rows
    }
  }

  /// The line of machine code from an offset in its function on.
  public struct Line: Sendable, Equatable {
    /// From the start of the function.
    public var codeOffset: Int
    /// As for the function.
    public var file: Int
    /// From 1; 0: of no line.
    public var line: Int

    /// Describes code from an offset on.
    public init(codeOffset: Int, file: Int, line: Int) {
      self.codeOffset = codeOffset
      self.file = file
      self.line = line
    }
  }

  /// A section, and what the linker has to fill in.
  public struct Section: Sendable {
    /// The section's name.
    public var name: String
    /// Its contents.
    public var bytes: [UInt8]
    /// The fields that depend on where sections are.
    public var patches: [ELFFile.Patch]
  }

  /// Ascending by code.
  public var functions: [Function]
  /// Paths of source files.
  public private(set) var files: [String]
  private var fileNumbers: [String: Int]
  /// Address of `.text`, if it is in its place already; nil: the linker decides.
  public var address: UInt64?

  /// Describes machine code.
  public init(functions: [Function], files: [String] = [], address: UInt64? = nil) {
    self.functions = functions
    self.files = files
    fileNumbers = Dictionary(
      files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    self.address = address
  }

  /// The number of a file, which is added to ``files`` if it is new.
  public mutating func number(ofFile path: String) -> Int {
    if let known = fileNumbers[path] { return known }
    fileNumbers[path] = files.count
    files.append(path)
    return files.count - 1
  }

  /// Writes a section's bytes and the places to fill in.
  private struct Writer {
    var bytes = ByteWriter()
    var patches: [ELFFile.Patch] = []
    let address: UInt64?

    init(_ address: UInt64?) { self.address = address }

    /// An absolute address in `.text`, of 64 bits.
    mutating func codeAddress(_ offset: Int) {
      patch(.absolute64, ".text", offset)
      bytes.integer((address ?? 0) &+ (address == nil ? 0 : UInt64(offset)))
    }

    /// An offset in another debug section, of 32 bits.
    mutating func offset(_ offset: Int, in section: String) {
      patch(.absolute32, section, offset)
      bytes.integer(address == nil ? UInt32(0) : UInt32(offset))
    }

    mutating func patch(_ type: MachineRelocation, _ target: String, _ addend: Int) {
      guard address == nil else { return }
      patches.append(
        ELFFile.Patch(offset: bytes.bytes.count, target: target, type: type, addend: addend))
    }

    mutating func text(_ text: String) {
      bytes.raw(text.utf8)
      bytes.byte(0)
    }

    /// Sets a length field of 32 bits that counts what follows it.
    mutating func setLength(at place: Int) {
      let length = UInt32(bytes.bytes.count - place - 4)
      for byte in 0..<4 {
        bytes.bytes[place + byte] = UInt8(truncatingIfNeeded: length >> (8 * byte))
      }
    }
  }

  // MARK: Unwinding

  /// How to unwind all functions.
  public var unwindSection: Section {
    var writer = Writer(address)
    writer.bytes.integer(UInt32(0))
    writer.bytes.integer(UInt32(0))  // A common part.
    writer.bytes.byte(1)
    writer.text("zR")
    writer.bytes.unsigned(1)  // Code offsets are in bytes,
    writer.bytes.signed(-8)  // places of registers in words, downwards.
    writer.bytes.byte(Register.dwarfReturnAddress)
    writer.bytes.unsigned(1)
    // Addresses of 64 bits, or of 32 relative to themselves.
    writer.bytes.byte(address == nil ? 0x1B : 0x00)
    writer.bytes.raw([0x0C, Register.rsp.dwarfNumber, 8])  // DW_CFA_def_cfa
    writer.bytes.raw([0x80 | Register.dwarfReturnAddress, 1])  // DW_CFA_offset
    finishEntry(&writer, start: 0)
    for function in functions {
      let start = writer.bytes.bytes.count
      writer.bytes.integer(UInt32(0))
      writer.bytes.integer(UInt32(start + 4))  // Back to the common part.
      if address == nil {
        writer.patch(.relative32, ".text", function.code.lowerBound)
        writer.bytes.integer(UInt32(0))
        writer.bytes.integer(UInt32(function.code.count))
      } else {
        writer.codeAddress(function.code.lowerBound)
        writer.bytes.integer(UInt64(function.code.count))
      }
      writer.bytes.unsigned(0)
      if let exits = function.frameExits { writeFrame(&writer.bytes, exits) }
      finishEntry(&writer, start: start)
    }
    if address != nil { writer.bytes.integer(UInt32(0)) }
    return Section(
      name: ELFFile.unwindSection, bytes: writer.bytes.bytes, patches: writer.patches)
  }

  /// Pads an entry with instructions that do nothing, and sets its length.
  private func finishEntry(_ writer: inout Writer, start: Int) {
    writer.bytes.align(8)
    writer.setLength(at: start)
  }

  /// The prologue and the exits of baseline code (``BaselineFrame``).
  private func writeFrame(_ writer: inout ByteWriter, _ exits: [Range<Int>]) {
    let (rsp, rbp) = (Register.rsp.dwarfNumber, Register.rbp.dwarfNumber)
    let (rbx, r12) = (Register.rbx.dwarfNumber, Register.r12.dwarfNumber)
    func advance(to offset: Int, from last: Int) {
      let distance = offset - last
      switch distance {
      case 0: break
      case 1..<0x40: writer.byte(0x40 | UInt8(distance))
      default:
        writer.byte(0x04)  // DW_CFA_advance_loc4
        writer.integer(UInt32(distance))
      }
    }
    typealias Prologue = BaselineFrame.Prologue
    advance(to: Prologue.framePointerSaved, from: 0)
    writer.raw([0x0E, 16, 0x80 | rbp, 2])  // DW_CFA_def_cfa_offset, DW_CFA_offset
    advance(to: Prologue.framePointerSet, from: Prologue.framePointerSaved)
    writer.raw([0x0D, rbp])  // DW_CFA_def_cfa_register
    advance(to: Prologue.contextSaved, from: Prologue.framePointerSet)
    writer.raw([0x80 | rbx, 3])
    advance(to: Prologue.memoryBaseSaved, from: Prologue.contextSaved)
    writer.raw([0x80 | r12, 4])
    var last = Prologue.memoryBaseSaved
    for exit in exits {
      advance(to: exit.lowerBound, from: last)
      // DW_CFA_remember_state, DW_CFA_def_cfa, DW_CFA_restore
      writer.raw([0x0A, 0x0C, rsp, 8, 0xC0 | rbp, 0xC0 | rbx, 0xC0 | r12])
      advance(to: exit.upperBound, from: exit.lowerBound)
      writer.byte(0x0B)  // DW_CFA_restore_state
      last = exit.upperBound
    }
  }

  // MARK: Functions and lines

  /// The functions and their lines.
  /// - Parameter producer: what made the code.
  public func debugSections(producer: String) -> [Section] {
    [abbreviations, information(producer), lines]
  }

  /// Two kinds of entries: the unit and a function.
  private var abbreviations: Section {
    let unit: [UInt64] = [
      0x25, 0x08, 0x13, 0x05, 0x03, 0x08, 0x1B, 0x08,  // producer, language, name, directory
      0x10, 0x17, 0x11, 0x01, 0x12, 0x07,  // lines, low_pc, high_pc
    ]
    let function: [UInt64] = [
      0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0x3A, 0x0F,  // name, low_pc, high_pc, file
      0x3B, 0x0F,  // line
    ]
    var writer = ByteWriter()
    for (number, tag, children, pairs) in [(1, 0x11, 1, unit), (2, 0x2E, 0, function)] {
      writer.unsigned(UInt64(number))
      writer.unsigned(UInt64(tag))
      writer.byte(UInt8(children))
      for value in pairs + [0, 0] { writer.unsigned(value) }
    }
    writer.byte(0)
    return Section(name: ".debug_abbrev", bytes: writer.bytes, patches: [])
  }

  private func information(_ producer: String) -> Section {
    var writer = Writer(address)
    writer.bytes.integer(UInt32(0))
    writer.bytes.integer(UInt16(4))
    writer.offset(0, in: ".debug_abbrev")
    writer.bytes.byte(8)
    writer.bytes.unsigned(1)
    writer.text(producer)
    writer.bytes.integer(UInt16(0x0C))  // C99: names are as they are.
    writer.text(files.first ?? "")
    writer.text(".")
    writer.offset(0, in: ".debug_line")
    let start = functions.first?.code.lowerBound ?? 0
    writer.codeAddress(start)
    writer.bytes.integer(UInt64((functions.last?.code.upperBound ?? start) - start))
    for function in functions where !function.rows.isEmpty {
      writer.bytes.unsigned(2)
      writer.text(function.name)
      writer.codeAddress(function.code.lowerBound)
      writer.bytes.integer(UInt32(function.code.count))
      writer.bytes.unsigned(UInt64(function.file + 1))
      writer.bytes.unsigned(UInt64(function.line))
    }
    writer.bytes.byte(0)
    writer.setLength(at: 0)
    return Section(name: ".debug_info", bytes: writer.bytes.bytes, patches: writer.patches)
  }

  private var lines: Section {
    var writer = Writer(address)
    writer.bytes.integer(UInt32(0))
    writer.bytes.integer(UInt16(4))
    let header = writer.bytes.bytes.count
    writer.bytes.integer(UInt32(0))
    // Instructions of 1 byte, 1 operation each; rows are statements; special opcodes from 13 on, which are not used.
    writer.bytes.raw([1, 1, 1, 0xFB, 14, 13])
    writer.bytes.raw([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])
    writer.bytes.byte(0)  // No directories.
    for file in files {
      writer.text(file)
      writer.bytes.raw([0, 0, 0])
    }
    writer.bytes.byte(0)
    writer.setLength(at: header)
    for function in functions where !function.rows.isEmpty { write(function, to: &writer) }
    writer.setLength(at: 0)
    return Section(name: ".debug_line", bytes: writer.bytes.bytes, patches: writer.patches)
  }

  private func write(_ function: Function, to writer: inout Writer) {
    writer.bytes.raw([0, 9, 2])  // DW_LNE_set_address
    writer.codeAddress(function.code.lowerBound)
    var last = Line(codeOffset: 0, file: 0, line: 1)
    let first = Line(codeOffset: 0, file: function.file, line: function.line)
    for row in [first] + function.rows {
      if row.file != last.file {
        writer.bytes.byte(4)  // DW_LNS_set_file
        writer.bytes.unsigned(UInt64(row.file + 1))
      }
      if row.line != last.line {
        writer.bytes.byte(3)  // DW_LNS_advance_line
        writer.bytes.signed(Int64(row.line - last.line))
      }
      if row.codeOffset != last.codeOffset {
        writer.bytes.byte(2)  // DW_LNS_advance_pc
        writer.bytes.unsigned(UInt64(row.codeOffset - last.codeOffset))
      }
      writer.bytes.byte(1)  // DW_LNS_copy
      last = row
    }
    writer.bytes.byte(2)
    writer.bytes.unsigned(UInt64(function.code.count - last.codeOffset))
    writer.bytes.raw([0, 1, 1])  // DW_LNE_end_sequence
  }
}
