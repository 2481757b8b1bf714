/// Where the baseline code of a function is, and its frame. Offsets and sizes are in bytes; code offsets count from the start
/// of `.text`.
public struct BaselineRow: ArtefactRow, Hashable {
  /// Index in the module's function index space.
  public var function: UInt32
  /// Start of the code, which is also its entry.
  public var code: UInt32
  /// Size of the code.
  public var codeSize: UInt32
  /// Twice the number of slots in its frames, plus 1 if it has vectors (`SlotLayout(frameSlots:hasVectors:)`).
  var packedSlots: UInt32
  /// Index of its first row in ``BaselineTable/resumes``. The next function's rows follow.
  public var firstResume: UInt32
  /// Offset of its first place in the table's encoded places. The next function's places follow.
  public var firstPlace: UInt32

  /// Describes the baseline code of one function.
  public init(
    function: UInt32, code: UInt32, codeSize: UInt32, slots: SlotLayout, firstResume: UInt32,
    firstPlace: UInt32
  ) {
    self.function = function
    self.code = code
    self.codeSize = codeSize
    packedSlots = UInt32(slots.count) << 1 | (slots.hasVectors ? 1 : 0)
    self.firstResume = firstResume
    self.firstPlace = firstPlace
  }

  public static var wordCount: Int { 6 }
  public init(words: UnsafePointer<UInt32>) {
    function = words[0]
    code = words[1]
    codeSize = words[2]
    packedSlots = words[3]
    firstResume = words[4]
    firstPlace = words[5]
  }
  public func append(to words: inout [UInt32]) {
    words += [function, code, codeSize, packedSlots, firstResume, firstPlace]
  }

  /// The homes of locals and operands in its frames.
  public var slots: SlotLayout {
    SlotLayout(frameSlots: Int(packedSlots >> 1), hasVectors: packedSlots & 1 != 0)
  }
}

/// Where a function's baseline code resumes at a ``ResumePoint``.
public struct ResumeRow: ArtefactRow, Hashable {
  /// Byte offset in the module of the instruction.
  public var byteOffset: UInt32
  /// Raw value of a ``ResumePoint/Position``.
  public var position: UInt32
  /// Offset in the function's code.
  public var codeOffset: UInt32

  /// Describes one place to resume at.
  public init(byteOffset: UInt32, position: UInt32, codeOffset: UInt32) {
    self.byteOffset = byteOffset
    self.position = position
    self.codeOffset = codeOffset
  }

  public static var wordCount: Int { 3 }
  public init(words: UnsafePointer<UInt32>) {
    self.init(byteOffset: words[0], position: words[1], codeOffset: words[2])
  }
  public func append(to words: inout [UInt32]) { words += [byteOffset, position, codeOffset] }
}

/// Maps code from `codeOffset` up to the next location to the instruction at `byteOffset`.
public struct BaselineLocation: Sendable, Equatable {
  /// Relative to the start of the function's code.
  public var codeOffset: UInt32
  /// Byte offset in the module of the opcode.
  public var byteOffset: UInt32

  /// Maps the code from an offset on to its instruction.
  public init(codeOffset: UInt32, byteOffset: UInt32) {
    self.codeOffset = codeOffset
    self.byteOffset = byteOffset
  }
}

/// What deopts and backtraces need to know of a function's baseline code, whether an artefact contains it or it has just been
/// compiled.
public protocol BaselineMetadata: Sendable {
  /// Size of the machine code.
  var codeSize: Int { get }
  /// The homes of locals and operands in the function's frames.
  var slots: SlotLayout { get }
  /// The code offset at which a frame resumes; nil if it cannot resume there.
  func codeOffset(of resume: ResumePoint) -> Int?
  /// The wasm instruction that a machine instruction belongs to, as a byte offset in the module; nil if it belongs to none.
  /// - Parameter codeOffset: the offset of any byte of a faulting or calling instruction: the address of a fault, or a return
  ///   address minus 1.
  func byteOffset(at codeOffset: Int) -> Int?
}

extension BaselineMetadata {
  /// The distance from rsp to rbp.
  public var frameSize: Int { BaselineFrame.frameSize(slots) }
}

/// Section `.wpgo.baseline`: the baseline code that the artefact contains, which is in `.text` like all other code.
public struct BaselineTable: Sendable {
  /// Ascending by function, and by code offset.
  public var rows: ArtefactTable<BaselineRow>
  /// By function; those of one function ascending by byte offset, then position. Only the points that the artefact's frame
  /// states need.
  public var resumes: ArtefactTable<ResumeRow>
  /// The functions' ``BaselineLocation``s, each relative to the one before, the first to (0, 0): the difference of the code
  /// offsets as unsigned LEB128, that of the byte offsets as signed LEB128. About 2 bytes each.
  private let places: Places

  fileprivate struct Places: @unchecked Sendable {
    // Immutable memory of the artefact's mapping, so it can be shared between threads.
    let bytes: UnsafeRawBufferPointer
  }

  /// Slots that a frame can have at most: no stack has room for more.
  public static let maximumSlotCount = 1 << 24

  /// Checks what can be checked without the module: all code lies in `.text` without overlap, and all references are in bounds.
  public init(decoding contents: UnsafeRawBufferPointer, textSize: Int) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.baseline.rawValue)
    rows = try reader.table(of: BaselineRow.self)
    resumes = try reader.table(of: ResumeRow.self)
    places = Places(bytes: try reader.raw(try reader.count(minimumSize: 1)))
    try reader.expectEnd()
    var last: BaselineRow?
    for row in rows {
      guard last.map({ $0.function < row.function }) ?? true else {
        throw reader.error("baseline functions are not in order")
      }
      guard row.codeSize > 0, row.code >= last.map({ $0.code + $0.codeSize }) ?? 0,
        Int(row.code) + Int(row.codeSize) <= textSize
      else { throw reader.error("baseline code lies outside of the text, or overlaps") }
      guard row.slots.count <= Self.maximumSlotCount else {
        throw reader.error("baseline function's frame is too large")
      }
      guard row.firstResume >= last?.firstResume ?? 0, row.firstResume <= resumes.count,
        row.firstPlace >= last?.firstPlace ?? 0, row.firstPlace <= places.bytes.count
      else { throw reader.error("baseline functions' parts are not in order") }
      last = row
    }
    for index in rows.indices { try checkResumes(function(index), reader) }
  }

  private func checkResumes(_ function: Function, _ reader: ArtefactReader) throws(ArtefactError) {
    var last: ResumeRow?
    for row in function.resumes {
      guard last.map({ $0.key < row.key }) ?? true, row.codeOffset < function.row.codeSize,
        ResumePoint.Position(rawValue: row.position) != nil
      else { throw reader.error("not a place to resume at") }
      last = row
    }
  }

  /// The row of a function; nil if the artefact has no baseline code of it.
  public func row(function: Int) -> Function? {
    let index = rows.partitioningIndex { Int($0.function) >= function }
    guard index < rows.count, Int(rows[index].function) == function else { return nil }
    return self.function(index)
  }

  /// The function whose baseline code contains an offset in `.text`; nil if none does.
  public func row(containing codeOffset: Int) -> Function? {
    let index = rows.partitioningIndex { Int($0.code) > codeOffset } - 1
    guard index >= 0, codeOffset - Int(rows[index].code) < Int(rows[index].codeSize) else {
      return nil
    }
    return function(index)
  }

  private func function(_ index: Int) -> Function {
    let row = rows[index]
    var (resumeEnd, placeEnd) = (resumes.count, places.bytes.count)
    if index + 1 < rows.count {
      (resumeEnd, placeEnd) = (Int(rows[index + 1].firstResume), Int(rows[index + 1].firstPlace))
    }
    // In bounds, and not descending: checked when the section was decoded.
    return Function(
      row: row, resumes: resumes[Int(row.firstResume)..<resumeEnd],
      places: Places(
        bytes: UnsafeRawBufferPointer(rebasing: places.bytes[Int(row.firstPlace)..<placeEnd])))
  }

  /// A function's part of the table.
  public struct Function: BaselineMetadata {
    /// Its row.
    public let row: BaselineRow
    fileprivate let resumes: Slice<ArtefactTable<ResumeRow>>
    fileprivate let places: Places

    /// Size of the machine code.
    public var codeSize: Int { Int(row.codeSize) }
    /// The homes of locals and operands in the function's frames.
    public var slots: SlotLayout { row.slots }

    /// The code offset at which a frame resumes; nil if no frame state of the artefact resumes there.
    public func codeOffset(of resume: ResumePoint) -> Int? {
      let key = ResumeRow(resume, codeOffset: 0).key
      let index = resumes.partitioningIndex { $0.key >= key }
      guard index < resumes.endIndex, resumes[index].key == key else { return nil }
      return Int(resumes[index].codeOffset)
    }

    /// Decodes the places up to `codeOffset`.
    public func byteOffset(at codeOffset: Int) -> Int? {
      var reader = ArtefactReader(places.bytes, section: ArtefactSection.baseline.rawValue)
      var (place, found): (Int, Int?) = (0, nil)
      var byteOffset = 0
      while reader.remaining > 0 {
        // A 32-bit difference each, and fewer of them than the file has bytes: the sums cannot overflow.
        guard let step = try? reader.unsigned(bits: 32), let change = try? reader.signed(bits: 33)
        else { break }
        place += Int(step)
        byteOffset += Int(change)
        guard place <= codeOffset else { break }
        found = byteOffset
      }
      return found
    }
  }
}

extension ResumeRow {
  fileprivate init(_ resume: ResumePoint, codeOffset: Int) {
    self.init(
      byteOffset: resume.byteOffset, position: resume.position.rawValue,
      codeOffset: UInt32(codeOffset))
  }

  /// Orders the rows of a function.
  fileprivate var key: UInt64 { UInt64(byteOffset) << 32 | UInt64(position) }
}

// MARK: Encoding

extension BaselineTable {
  /// A function's baseline code, to be encoded.
  public struct Entry {
    /// Index in the module's function index space.
    public var function: Int
    /// Range of its code in `.text`.
    public var code: Range<Int>
    /// The homes of locals and operands in its frames.
    public var slots: SlotLayout
    /// The code offset of each point to resume at.
    public var resumes: [ResumePoint: Int]
    /// Ascending by code offset.
    public var locations: [BaselineLocation]

    /// Describes the baseline code of one function.
    public init(
      function: Int, code: Range<Int>, slots: SlotLayout, resumes: [ResumePoint: Int],
      locations: [BaselineLocation]
    ) {
      self.function = function
      self.code = code
      self.slots = slots
      self.resumes = resumes
      self.locations = locations
    }
  }

  /// The section's bytes.
  /// - Parameter entries: ascending by function and by code.
  public static func encode(_ entries: [Entry]) -> [UInt8] {
    var rows: [BaselineRow] = []
    var resumes: [ResumeRow] = []
    var places = ArtefactWriter()
    for entry in entries {
      rows.append(
        BaselineRow(
          function: UInt32(entry.function), code: UInt32(entry.code.lowerBound),
          codeSize: UInt32(entry.code.count), slots: entry.slots,
          firstResume: UInt32(resumes.count), firstPlace: UInt32(places.bytes.count)))
      resumes += entry.resumes.map { ResumeRow($0, codeOffset: $1) }.sorted { $0.key < $1.key }
      var last = BaselineLocation(codeOffset: 0, byteOffset: 0)
      for location in entry.locations {
        places.unsigned(UInt64(location.codeOffset - last.codeOffset))
        places.signed(Int64(location.byteOffset) - Int64(last.byteOffset))
        last = location
      }
    }
    var writer = ArtefactWriter()
    writer.table(rows)
    writer.table(resumes)
    writer.integer(UInt32(places.bytes.count))
    writer.raw(places.bytes)
    return writer.bytes
  }
}
