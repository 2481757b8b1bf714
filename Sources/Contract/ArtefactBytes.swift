import Bytes

/// Why bytes are not an artefact that can be used.
public struct ArtefactError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of fault it is; decides the exit code.
  public enum Kind: Sendable, Equatable {
    /// Damaged, or never was one.
    case corrupt
    /// Sound, but for another machine or another version.
    case incompatible
    /// The file cannot be read, or memory not be had.
    case system
  }

  /// The kind of fault.
  public var kind: Kind
  /// What is wrong, in words.
  public var message: String
  /// Name of the section; empty for the file as a whole.
  public var section: String
  /// Bytes from the start of the section's contents, or of the file.
  public var offset: Int

  /// An error at an offset of a section.
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

/// Writes the parts of an artefact; ``ArtefactReader`` reads them back.
public typealias ArtefactWriter = ByteWriter

extension ByteWriter {
  /// Length in bytes, then UTF-8.
  public mutating func string(_ text: String) {
    integer(UInt32(text.utf8.count))
    raw(text.utf8)
  }
}

/// Reads the parts of an artefact where they are mapped.
///
/// The memory behind `bytes` must outlive the reader.
public typealias ArtefactReader = ByteReader<ArtefactFormat>

/// Errors of artefact sections.
public struct ArtefactFormat: ByteFormat {
  /// The artefact's memory.
  public typealias Storage = UnsafeRawBufferPointer

  /// For errors; empty for the file as a whole.
  public let section: String

  /// Of the section with this name.
  public init(section: String) { self.section = section }

  /// The error for a problem at a position.
  public func failure(_ problem: ByteProblem, at position: Int, end: Int) -> ArtefactError {
    let message =
      switch problem {
      case .unexpectedEnd, .lengthOutOfBounds: "unexpected end"
      case .countOutOfBounds: "count beyond the end"
      case .integerTooLong, .integerTooLarge: "number is too great"
      case .invalidUTF8: "not UTF-8"
      case .nonzeroPadding: "padding is not zero"
      case .trailingBytes: "unexpected bytes at the end"
      }
    return ArtefactError(.corrupt, message, section: section, offset: position)
  }
}

extension ArtefactReader {
  /// Reads a section's contents, which must outlive the reader.
  public init(_ bytes: UnsafeRawBufferPointer, section: String = "") {
    self.init(bytes, 0..<bytes.count, format: ArtefactFormat(section: section))
  }

  /// The section's name.
  public var section: String { format.section }

  /// An error at the current position.
  public func error(_ message: String) -> ArtefactError {
    ArtefactError(.corrupt, message, section: section, offset: position)
  }

  /// What `string(_:)` of the writer wrote.
  public mutating func string() throws(ArtefactError) -> String {
    try text(Int(try integer(UInt32.self)))
  }

  /// A count of items that take at least `minimumSize` bytes each, so that no count makes us reserve
  /// more memory than the file's own size warrants.
  public mutating func count(minimumSize: Int) throws(ArtefactError) -> Int {
    try count(UInt64(try integer(UInt32.self)), minimumSize: minimumSize, at: position)
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
  /// The first row's first word.
  public let words: UnsafePointer<UInt32>
  /// Rows.
  public let count: Int

  /// Rows in memory that must outlive the table.
  @inlinable
  public init(words: UnsafePointer<UInt32>, count: Int) {
    self.words = words
    self.count = count
  }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }
  /// A row, decoded.
  @inlinable public subscript(index: Int) -> Row {
    precondition(index >= 0 && index < count)
    return Row(words: words + index * Row.wordCount)
  }
}

extension ByteWriter {
  /// Row count, then the rows.
  public mutating func table<Row: ArtefactRow>(_ rows: [Row]) {
    integer(UInt32(rows.count))
    var words: [UInt32] = []
    words.reserveCapacity(rows.count * Row.wordCount)
    for row in rows { row.append(to: &words) }
    for word in words { integer(word) }
  }
}

extension ArtefactReader {
  /// A table, in place.
  public mutating func table<Row: ArtefactRow>(of _: Row.Type) throws(ArtefactError)
    -> ArtefactTable<Row>
  {
    let count = try count(minimumSize: 4 * Row.wordCount)
    guard let base = bytes.baseAddress, Int(bitPattern: base + position) % 4 == 0 else {
      throw error("table is not aligned")
    }
    let rows = try raw(4 * Row.wordCount * count)
    // Aligned, in bounds, and nothing else views this memory as another type.
    let start = rows.baseAddress ?? base
    return ArtefactTable(words: start.assumingMemoryBound(to: UInt32.self), count: count)
  }
}
