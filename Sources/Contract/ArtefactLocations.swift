/// Maps machine code, from `codeOffset` up to the next row, to a wasm instruction.
public struct LocationRow: Sendable, Hashable {
  /// Start of the row's code.
  public var codeOffset: UInt32
  /// Nil after the last function.
  public var location: CodeLocation?

  /// Maps the code from an offset on to its instruction.
  public init(codeOffset: UInt32, location: CodeLocation?) {
    self.codeOffset = codeOffset
    self.location = location
  }
}

/// Section `.wpgo.locations`: two lists, each ascending by code offset.
public struct LocationTable: Sendable {
  /// The start of each function's code, and the calls in it, each at the last byte of its instruction.
  public let rows: LocationList
  /// The instruction that traps if a memory access faults, up to the next row. Other instructions may be in between.
  public let faults: LocationList

  /// The section's bytes.
  /// - Parameters: rows that ascend by code offset.
  public static func encode(_ rows: [LocationRow], faults: [LocationRow]) -> [UInt8] {
    var writer = ArtefactWriter()
    LocationList.encode(rows, to: &writer)
    LocationList.encode(faults, to: &writer)
    return writer.bytes
  }

  /// Finds the lists in the section. Their rows are checked when they are read.
  /// - Parameter nodeCount: number of inlining nodes.
  public init(decoding contents: UnsafeRawBufferPointer, nodeCount: Int) throws(ArtefactError) {
    var reader = ArtefactReader(contents, section: ArtefactSection.locations.rawValue)
    rows = try LocationList(decoding: &reader, nodeCount: nodeCount)
    faults = try LocationList(decoding: &reader, nodeCount: nodeCount)
    try reader.expectEnd()
  }

  /// The call whose last byte is at `codeOffset`. For other code, the last call before it, or the start of its function.
  public func locate(_ codeOffset: Int) -> CodeLocation? { rows.row(codeOffset)?.location }

  /// The wasm instruction that traps when the machine code at `codeOffset` faults.
  public func locate(fault codeOffset: Int) -> CodeLocation? { faults.row(codeOffset)?.location }

  /// The last call or access at or before `codeOffset`, or the start of its function.
  public func locate(near codeOffset: Int) -> CodeLocation? {
    [rows, faults].compactMap { $0.row(codeOffset) }.max { $0.codeOffset < $1.codeOffset }?.location
  }
}

/// Rows that are searched in place, in blocks of 64:
///
///     u32 number of blocks   (u32 code offset of its first row, u32 start among the bytes) for each block
///     u32 number of bytes    the rows' bytes, padded to a multiple of 4
///
/// A row is LEB128 numbers, relative to the row before; the first of a block, to its code offset, node 0 and byte offset 0:
///
///     unsigned code offset << 2 | kind   kind 0: same node: signed byte offset
///                                        kind 1: signed node, signed byte offset
///                                        kind 2: code that belongs to no instruction
///
/// The memory belongs to the artefact's mapping and must outlive the list.
public struct LocationList: @unchecked Sendable {
  // Immutable memory, so it can be shared between threads.
  private let blocks: ArtefactTable<Block>
  private let bytes: UnsafeRawBufferPointer
  private let nodeCount: Int

  private static let blockSize = 64

  private struct Block: ArtefactRow {
    var codeOffset: UInt32
    var start: UInt32

    static var wordCount: Int { 2 }
    init(codeOffset: UInt32, start: UInt32) {
      self.codeOffset = codeOffset
      self.start = start
    }
    init(words: UnsafePointer<UInt32>) { self.init(codeOffset: words[0], start: words[1]) }
    func append(to words: inout [UInt32]) { words += [codeOffset, start] }
  }

  private enum Kind {
    static let sameNode: UInt64 = 0
    static let otherNode: UInt64 = 1
    static let none: UInt64 = 2
  }

  // MARK: Encoding

  fileprivate static func encode(_ rows: [LocationRow], to writer: inout ArtefactWriter) {
    var blocks: [Block] = []
    var bytes = ArtefactWriter()
    var codeOffset: UInt32 = 0
    var location = CodeLocation(node: 0, byteOffset: 0)
    for (number, row) in rows.enumerated() {
      if number % blockSize == 0 {
        blocks.append(Block(codeOffset: row.codeOffset, start: UInt32(bytes.bytes.count)))
        codeOffset = row.codeOffset
        location = CodeLocation(node: 0, byteOffset: 0)
      }
      let distance = UInt64(row.codeOffset - codeOffset) << 2
      codeOffset = row.codeOffset
      guard let next = row.location else {
        bytes.unsigned(distance | Kind.none)
        continue
      }
      if next.node == location.node {
        bytes.unsigned(distance | Kind.sameNode)
      } else {
        bytes.unsigned(distance | Kind.otherNode)
        bytes.signed(Int64(next.node) - Int64(location.node))
      }
      bytes.signed(Int64(next.byteOffset) - Int64(location.byteOffset))
      location = next
    }
    writer.table(blocks)
    writer.integer(UInt32(bytes.bytes.count))
    writer.raw(bytes.bytes)
    writer.align(4)
  }

  // MARK: Decoding

  fileprivate init(decoding reader: inout ArtefactReader, nodeCount: Int) throws(ArtefactError) {
    blocks = try reader.table(of: Block.self)
    bytes = try reader.raw(reader.count(minimumSize: 1))
    try reader.align(4)
    self.nodeCount = nodeCount
  }

  /// All rows.
  /// - Throws: if one is malformed, refers to no inlining node, or is not behind the one before.
  public func all() throws(ArtefactError) -> [LocationRow] {
    var result: [LocationRow] = []
    for block in blocks.indices {
      try read(block) { row in
        if let last = result.last, last.codeOffset >= row.codeOffset { return false }
        result.append(row)
        return true
      }
    }
    return result
  }

  /// The last row at or before `codeOffset`; nil if there is none, or if the rows there are malformed.
  fileprivate func row(_ codeOffset: Int) -> LocationRow? {
    let block = blocks.partitioningIndex { Int($0.codeOffset) > codeOffset } - 1
    guard block >= 0 else { return nil }
    var found: LocationRow?
    do throws(ArtefactError) {
      try read(block) { row in
        // The rest of the block is behind it.
        if Int(row.codeOffset) <= codeOffset { found = row }
        return true
      }
    } catch {
      return nil
    }
    return found
  }

  /// - Parameter body: takes each row; returns false if it cannot be there.
  private func read(
    _ block: Int, _ body: (LocationRow) -> Bool
  ) throws(ArtefactError) {
    let start = Int(blocks[block].start)
    let end = block + 1 < blocks.count ? Int(blocks[block + 1].start) : bytes.count
    let format = ArtefactFormat(section: ArtefactSection.locations.rawValue)
    guard start <= end, end <= bytes.count else {
      throw format.failure(.unexpectedEnd, at: start, end: bytes.count)
    }
    var reader = ArtefactReader(bytes, start..<end, format: format)
    var codeOffset = UInt64(blocks[block].codeOffset)
    var node: Int64 = 0
    var byteOffset: Int64 = 0
    while !reader.isAtEnd {
      let head = try reader.unsigned(bits: 34)
      codeOffset += head >> 2
      var location: CodeLocation?
      switch head & 3 {
      case Kind.none: break
      case Kind.sameNode, Kind.otherNode:
        if head & 3 == Kind.otherNode { node += try reader.signed(bits: 33) }
        byteOffset += try reader.signed(bits: 33)
        guard node >= 0, node < nodeCount, let place = UInt32(exactly: byteOffset) else {
          throw reader.error("location is of no inlined body")
        }
        location = CodeLocation(node: UInt32(node), byteOffset: place)
      default: throw reader.error("unknown kind of location")
      }
      guard let offset = UInt32(exactly: codeOffset),
        body(LocationRow(codeOffset: offset, location: location))
      else { throw reader.error("locations are not in order") }
    }
  }
}
