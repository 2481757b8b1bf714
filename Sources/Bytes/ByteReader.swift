/// Reads the bytes of a format: little-endian integers, LEB128, UTF-8. Nothing it reads is trusted; each step is checked
/// against the end of its range.
///
/// All is inlinable, so that each format gets code of its own: decoding a module through unspecialized generics
/// takes ten times as long.
@frozen
public struct ByteReader<Format: ByteFormat> {
  /// What is read.
  public let bytes: Format.Storage
  @usableFromInline var next: Int
  /// Where the range ends, counted as ``position`` is.
  public let end: Int
  /// Makes the errors of the format, and keeps what else reading it takes.
  public var format: Format

  /// - Parameter range: is cut off at the end of `bytes`.
  @inlinable
  public init(_ bytes: Format.Storage, _ range: Range<Int>, format: Format) {
    self.bytes = bytes
    self.format = format
    let range = range.clamped(to: 0..<bytes.count)
    next = range.lowerBound
    end = range.upperBound
  }

  /// Of the next byte, from the start of `bytes`.
  @inlinable public var position: Int { next }
  /// Bytes left.
  @inlinable public var remaining: Int { end - next }
  /// Whether all is read.
  @inlinable public var isAtEnd: Bool { next >= end }

  /// The format's error, where the reader stands.
  @inlinable
  public func failure(_ problem: ByteProblem) -> Format.Failure { failure(problem, at: next) }

  /// The format's error for a problem at a position.
  @inlinable
  public func failure(_ problem: ByteProblem, at position: Int) -> Format.Failure {
    format.failure(problem, at: position, end: end)
  }

  // MARK: Bytes

  /// The next byte.
  @inlinable @inline(__always)
  public mutating func byte() throws(Format.Failure) -> UInt8 {
    guard next < end else { throw failure(.unexpectedEnd) }
    defer { next &+= 1 }
    return bytes[next]
  }

  /// The next byte, left unread.
  @inlinable
  public func peek() throws(Format.Failure) -> UInt8 {
    guard next < end else { throw failure(.unexpectedEnd) }
    return bytes[next]
  }

  /// The range of the next `count` bytes, which are skipped.
  @inlinable
  public mutating func skip(_ count: Int) throws(Format.Failure) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw failure(.lengthOutOfBounds) }
    defer { next += count }
    return next..<next + count
  }

  /// Zeros up to a multiple of `alignment` bytes.
  @inlinable
  public mutating func align(_ alignment: Int) throws(Format.Failure) {
    while next % alignment != 0 {
      guard try byte() == 0 else { throw failure(.nonzeroPadding) }
    }
  }

  /// Fails unless all is read.
  @inlinable
  public func expectEnd() throws(Format.Failure) {
    guard isAtEnd else { throw failure(.trailingBytes) }
  }

  /// `count` bytes of UTF-8.
  @inlinable
  public mutating func text(_ count: Int) throws(Format.Failure) -> String {
    let range = try skip(count)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw failure(.invalidUTF8, at: range.lowerBound)
    }
    return text
  }

  /// Checks a number of items of at least `minimumSize` bytes each, so that no number makes anybody reserve memory out
  /// of proportion to what is left.
  /// - Parameter position: for the error.
  @inlinable
  public func count(
    _ count: UInt64, minimumSize: Int, at position: Int
  ) throws(Format.Failure) -> Int {
    guard count <= UInt64(remaining / max(1, minimumSize)) else {
      throw failure(.countOutOfBounds, at: position)
    }
    return Int(count)
  }

  // MARK: Integers

  /// Little-endian, of at most 8 bytes.
  @inlinable
  public mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(Format.Failure) -> T
  {
    let size = MemoryLayout<T>.size
    guard size <= remaining else { throw failure(.unexpectedEnd) }
    var bits: UInt64 = 0
    for index in 0..<size { bits |= UInt64(bytes[next &+ index]) &<< UInt64(8 * index) }
    next &+= size
    return T(truncatingIfNeeded: bits)
  }

  /// Unsigned LEB128 (spec 5.2.2).
  /// - Parameter bits: of its type, at most 64.
  @inlinable @inline(__always)
  public mutating func unsigned(bits: Int) throws(Format.Failure) -> UInt64 {
    if next < end, bytes[next] < 0x80 {
      defer { next &+= 1 }
      return UInt64(bytes[next])
    }
    return try slowUnsigned(bits: bits)
  }

  /// Signed LEB128 (spec 5.2.2).
  /// - Parameter bits: of its type, at most 64.
  @inlinable @inline(__always)
  public mutating func signed(bits: Int) throws(Format.Failure) -> Int64 {
    if next < end, bytes[next] < 0x80 {
      defer { next &+= 1 }
      return Int64(Int8(bitPattern: bytes[next] &<< 1) >> 1)
    }
    return try slowSigned(bits: bits)
  }

  /// At most ceil(bits / 7) bytes, no excess bits in the last (WebAssembly's rules, spec 5.2.2).
  @inlinable @inline(never)
  mutating func slowUnsigned(bits: Int) throws(Format.Failure) -> UInt64 {
    var result: UInt64 = 0
    var shift = 0
    while true {
      let start = next
      let byte = try byte()
      if shift + 7 >= bits {
        guard byte < 0x80 else { throw failure(.integerTooLong, at: start) }
        guard byte >> (bits - shift) == 0 else { throw failure(.integerTooLarge, at: start) }
      }
      result |= UInt64(byte & 0x7F) &<< UInt64(shift)
      if byte < 0x80 { return result }
      shift += 7
    }
  }

  @inlinable @inline(never)
  mutating func slowSigned(bits: Int) throws(Format.Failure) -> Int64 {
    var result: Int64 = 0
    var shift = 0
    while true {
      let start = next
      let byte = try byte()
      let payload = Int64(Int8(bitPattern: byte << 1) >> 1)
      if shift + 7 >= bits {
        guard byte < 0x80 else { throw failure(.integerTooLong, at: start) }
        let excess = payload >> Int64(bits - shift - 1)
        guard excess == 0 || excess == -1 else { throw failure(.integerTooLarge, at: start) }
      }
      if byte < 0x80 { return result | payload &<< Int64(shift) }
      result |= Int64(byte & 0x7F) &<< Int64(shift)
      shift += 7
    }
  }
}

extension ByteReader where Format.Storage == UnsafeRawBufferPointer {
  /// The next `count` bytes, where they are.
  @inlinable
  public mutating func raw(_ count: Int) throws(Format.Failure) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[try skip(count)])
  }
}
