/// Reads the binary format's primitives (spec 5.2) from a range of a module's bytes.
struct ByteReader {
  let bytes: [UInt8]
  /// Of the next byte, from the start of the module.
  private(set) var position: Int
  /// Where the section or body ends.
  let end: Int

  /// `range` is cut off at the end of `bytes`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    let range = range.clamped(to: 0..<bytes.count)
    position = range.lowerBound
    end = range.upperBound
  }

  var remaining: Int { end - position }
  var isAtEnd: Bool { position >= end }

  var unexpectedEnd: WasmError { .malformed("unexpected end of section or function", at: end) }

  // MARK: Bytes

  @inline(__always)
  mutating func byte() throws(WasmError) -> UInt8 {
    guard position < end else { throw unexpectedEnd }
    defer { position &+= 1 }
    return bytes[position]
  }

  /// The next byte, left unread.
  func peek() throws(WasmError) -> UInt8 {
    guard position < end else { throw unexpectedEnd }
    return bytes[position]
  }

  /// The range of the next `count` bytes.
  mutating func skip(_ count: Int) throws(WasmError) -> Range<Int> {
    guard count <= remaining else { throw .malformed("length out of bounds", at: position) }
    defer { position += count }
    return position..<position + count
  }

  /// Little-endian; `count` is at most 8.
  mutating func fixed(_ count: Int) throws(WasmError) -> UInt64 {
    guard count <= remaining else { throw unexpectedEnd }
    var result: UInt64 = 0
    for index in 0..<count { result |= UInt64(bytes[position + index]) &<< UInt64(8 * index) }
    position += count
    return result
  }

  // MARK: Integers

  @inline(__always)
  mutating func u32() throws(WasmError) -> UInt32 {
    if position < end, bytes[position] < 0x80 {
      defer { position &+= 1 }
      return UInt32(bytes[position])
    }
    return UInt32(truncatingIfNeeded: try slowUnsigned(bits: 32))
  }

  /// A u32 as an index or a count.
  @inline(__always)
  mutating func index() throws(WasmError) -> Int { Int(try u32()) }

  @inline(__always)
  mutating func u64() throws(WasmError) -> UInt64 {
    if position < end, bytes[position] < 0x80 {
      defer { position &+= 1 }
      return UInt64(bytes[position])
    }
    return try slowUnsigned(bits: 64)
  }

  /// - Parameter bits: 32, 33 or 64.
  @inline(__always)
  mutating func signed(bits: Int) throws(WasmError) -> Int64 {
    if position < end, bytes[position] < 0x80 {
      defer { position &+= 1 }
      return Int64(Int8(bitPattern: bytes[position] &<< 1) >> 1)
    }
    return try slowSigned(bits: bits)
  }

  /// LEB128 (spec 5.2.2): at most ceil(bits / 7) bytes, no excess bits in the last.
  @inline(never)
  private mutating func slowUnsigned(bits: Int) throws(WasmError) -> UInt64 {
    var result: UInt64 = 0
    var shift = 0
    while true {
      let start = position
      let next = try byte()
      let isLast = shift + 7 >= bits
      if isLast {
        guard next < 0x80 else {
          throw .malformed("integer representation too long", at: start)
        }
        guard next >> (bits - shift) == 0 else { throw .malformed("integer too large", at: start) }
      }
      result |= UInt64(next & 0x7F) &<< UInt64(shift)
      if next < 0x80 { return result }
      shift += 7
    }
  }

  @inline(never)
  private mutating func slowSigned(bits: Int) throws(WasmError) -> Int64 {
    var result: Int64 = 0
    var shift = 0
    while true {
      let start = position
      let next = try byte()
      let payload = Int64(Int8(bitPattern: next << 1) >> 1)
      if shift + 7 >= bits {
        guard next < 0x80 else {
          throw .malformed("integer representation too long", at: start)
        }
        let excess = payload >> Int64(bits - shift - 1)
        guard excess == 0 || excess == -1 else {
          throw .malformed("integer too large", at: start)
        }
      }
      if next < 0x80 { return result | payload &<< Int64(shift) }
      result |= Int64(next & 0x7F) &<< Int64(shift)
      shift += 7
    }
  }

  // MARK: Vectors and names

  /// The length of a vector whose elements take at least one byte each, so that nobody reserves
  /// memory out of proportion to the module.
  mutating func count(limit: Int, of what: String) throws(WasmError) -> Int {
    let start = position
    let count = try index()
    guard count <= limit else {
      throw .limit("\(count) \(what), the limit is \(limit)", at: start)
    }
    return count
  }

  mutating func name() throws(WasmError) -> String {
    let length = try index()
    let start = position
    let range = try skip(length)
    guard let name = String(validating: bytes[range], as: UTF8.self) else {
      throw .malformed("malformed UTF-8 encoding", at: start)
    }
    return name
  }
}
