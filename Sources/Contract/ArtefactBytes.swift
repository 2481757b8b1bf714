import Bytes

/// Why bytes are not a usable artefact.
public struct ArtefactError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of error; decides the exit code.
  public enum Kind: Sendable, Equatable {
    /// Damaged, or not an artefact.
    case corrupt
    /// Valid, but for another machine or another version.
    case incompatible
    /// The file cannot be read, or memory cannot be allocated.
    case system
  }

  /// The kind of error.
  public var kind: Kind
  /// A description for people.
  public var message: String
  /// Name of the section; empty for the file as a whole.
  public var section: String
  /// Offset in the section's contents, or in the file.
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

/// Reads the parts of an artefact in place.
///
/// The memory of `bytes` must outlive the reader.
public typealias ArtefactReader = ByteReader<ArtefactFormat>

/// Errors of artefact sections.
public struct ArtefactFormat: ByteFormat {
  /// The artefact's memory.
  public typealias Storage = UnsafeRawBufferPointer

  /// The section that errors name; empty for the file as a whole.
  public let section: String

  /// Creates the format of a section.
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

  /// Reads a string that the writer's `string(_:)` wrote.
  public mutating func string() throws(ArtefactError) -> String {
    try text(Int(try integer(UInt32.self)))
  }

  /// Reads the count of items that take at least `minimumSize` bytes each. Rejects counts that the remaining bytes cannot hold,
  /// so that callers never reserve more memory than the file's size justifies.
  public mutating func count(minimumSize: Int) throws(ArtefactError) -> Int {
    try count(UInt64(try integer(UInt32.self)), minimumSize: minimumSize, at: position)
  }
}

/// A row of 32-bit words. All tables of fixed-size rows in an artefact consist of these.
public protocol ArtefactRow: Sendable {
  static var wordCount: Int { get }
  init(words: UnsafePointer<UInt32>)
  func append(to words: inout [UInt32])
}

/// Rows that are read in place.
///
/// The memory belongs to the artefact's mapping and must outlive the table.
@frozen
public struct ArtefactTable<Row: ArtefactRow>: @unchecked Sendable, RandomAccessCollection {
  // Immutable memory, so it can be shared between threads.
  /// The first word of the first row.
  public let words: UnsafePointer<UInt32>
  /// Number of rows.
  public let count: Int

  /// A table in memory that must outlive it.
  @inlinable
  public init(words: UnsafePointer<UInt32>, count: Int) {
    self.words = words
    self.count = count
  }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }
  /// Decodes a row.
  @inlinable public subscript(index: Int) -> Row {
    precondition(index >= 0 && index < count)
    return Row(words: words + index * Row.wordCount)
  }
}

extension ByteWriter {
  /// Writes the row count, then the rows.
  public mutating func table<Row: ArtefactRow>(_ rows: [Row]) {
    integer(UInt32(rows.count))
    var words: [UInt32] = []
    words.reserveCapacity(rows.count * Row.wordCount)
    for row in rows { row.append(to: &words) }
    for word in words { integer(word) }
  }
}

extension ArtefactReader {
  /// Reads a table in place.
  public mutating func table<Row: ArtefactRow>(of _: Row.Type) throws(ArtefactError)
    -> ArtefactTable<Row>
  {
    let count = try count(minimumSize: 4 * Row.wordCount)
    guard let base = bytes.baseAddress, Int(bitPattern: base + position) % 4 == 0 else {
      throw error("table is not aligned")
    }
    let rows = try raw(4 * Row.wordCount * count)
    // Aligned, in bounds, and nothing else accesses this memory as another type.
    let start = rows.baseAddress ?? base
    return ArtefactTable(words: start.assumingMemoryBound(to: UInt32.self), count: count)
  }
}
