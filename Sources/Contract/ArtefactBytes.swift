/// Why bytes are not an artefact that can be used.
public struct ArtefactError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Damaged, or never was one.
    case corrupt
    /// Sound, but for another machine or another version.
    case incompatible
    /// The file cannot be read, or memory not be had.
    case system
  }

  public var kind: Kind
  public var message: String
  /// Name of the section; empty for the file as a whole.
  public var section: String
  /// Bytes from the start of the section's contents, or of the file.
  public var offset: Int

  public init(_ kind: Kind, _ message: String, section: String = "", offset: Int = 0) {
    self.kind = kind
    self.message = message
    self.section = section
    self.offset = offset
  }

  public var description: String {
    section.isEmpty
      ? "\(message) (at byte \(offset))" : "\(message) (\(section), at byte \(offset))"
  }
}

/// Appends little-endian values.
public struct ArtefactWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func integer<T: FixedWidthInteger>(_ value: T) {
    var bits = value.littleEndian
    withUnsafeBytes(of: &bits) { bytes.append(contentsOf: $0) }
  }

  public mutating func raw(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  public mutating func string(_ text: String) {
    integer(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  public mutating func align(_ alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}

/// Reads what ``ArtefactWriter`` wrote, checking bounds at each step.
///
/// The memory behind `bytes` must outlive the reader.
public struct ArtefactReader {
  public let bytes: UnsafeRawBufferPointer
  public let section: String
  public private(set) var offset = 0

  public init(_ bytes: UnsafeRawBufferPointer, section: String = "") {
    self.bytes = bytes
    self.section = section
  }

  public var remaining: Int { bytes.count - offset }

  public func error(_ message: String) -> ArtefactError {
    ArtefactError(.corrupt, message, section: section, offset: offset)
  }

  public mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(ArtefactError) -> T
  {
    guard remaining >= MemoryLayout<T>.size else { throw error("unexpected end") }
    // In bounds by the check above; `FixedWidthInteger`s of the standard library are trivial types.
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
    offset += MemoryLayout<T>.size
    return T(littleEndian: value)
  }

  public mutating func raw(_ count: Int) throws(ArtefactError) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else { throw error("unexpected end") }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  public mutating func string() throws(ArtefactError) -> String {
    let count = try integer(UInt32.self)
    let utf8 = try raw(Int(count))
    guard let text = String(validating: utf8, as: UTF8.self) else { throw error("not UTF-8") }
    return text
  }

  /// A count of items that take at least `minimumSize` bytes each, so that no count makes us reserve
  /// more memory than the file's own size warrants.
  public mutating func count(minimumSize: Int) throws(ArtefactError) -> Int {
    let count = Int(try integer(UInt32.self))
    guard count <= remaining / max(1, minimumSize) else { throw error("count beyond the end") }
    return count
  }

  public mutating func align(_ alignment: Int) throws(ArtefactError) {
    while offset % alignment != 0 {
      guard try integer(UInt8.self) == 0 else { throw error("padding is not zero") }
    }
  }

  public func expectEnd() throws(ArtefactError) {
    guard remaining == 0 else { throw error("unexpected bytes at the end") }
  }
}

/// A table of rows of 32-bit words: what all fixed-size tables of an artefact are made of.
public protocol ArtefactRow: Sendable {
  static var wordCount: Int { get }
  init(words: UnsafePointer<UInt32>)
  func append(to words: inout [UInt32])
}

/// Rows that stay where they are in the artefact.
///
/// The memory behind it belongs to the artefact's mapping and must outlive the table.
@frozen
public struct ArtefactTable<Row: ArtefactRow>: @unchecked Sendable, RandomAccessCollection {
  // Immutable memory, so sharing it between threads is safe.
  public let words: UnsafePointer<UInt32>
  public let count: Int

  @inlinable
  public init(words: UnsafePointer<UInt32>, count: Int) {
    self.words = words
    self.count = count
  }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }
  @inlinable public subscript(index: Int) -> Row {
    precondition(index >= 0 && index < count)
    return Row(words: words + index * Row.wordCount)
  }
}

extension ArtefactWriter {
  public mutating func table<Row: ArtefactRow>(_ rows: [Row]) {
    integer(UInt32(rows.count))
    var words: [UInt32] = []
    words.reserveCapacity(rows.count * Row.wordCount)
    for row in rows { row.append(to: &words) }
    for word in words { integer(word) }
  }
}

extension ArtefactReader {
  public mutating func table<Row: ArtefactRow>(of _: Row.Type) throws(ArtefactError)
    -> ArtefactTable<Row>
  {
    let count = try count(minimumSize: 4 * Row.wordCount)
    guard let base = bytes.baseAddress, Int(bitPattern: base + offset) % 4 == 0 else {
      throw error("table is not aligned")
    }
    let rows = try raw(4 * Row.wordCount * count)
    // Aligned, in bounds, and nothing else views this memory as another type.
    let start = rows.baseAddress ?? base
    return ArtefactTable(words: start.assumingMemoryBound(to: UInt32.self), count: count)
  }
}
