import Bytes

/// The building blocks of the binary format (spec 5) besides numbers.
extension ByteWriter {
  mutating func count(_ value: Int) { unsigned(UInt64(value)) }

  /// A length, followed by the bytes.
  mutating func vector(_ contents: [UInt8]) {
    count(contents.count)
    raw(contents)
  }

  /// A section with `entries`; nothing if there are none.
  mutating func section(_ id: UInt8, entries: [[UInt8]]) {
    if entries.isEmpty { return }
    var contents = ByteWriter()
    contents.count(entries.count)
    for entry in entries { contents.raw(entry) }
    byte(id)
    vector(contents.bytes)
  }

  /// The low `width` bits, little-endian.
  mutating func lane(_ value: UInt64, width: Int) {
    switch width {
    case 8: byte(UInt8(truncatingIfNeeded: value))
    case 16: integer(UInt16(truncatingIfNeeded: value))
    case 32: integer(UInt32(truncatingIfNeeded: value))
    default: integer(value)
    }
  }
}
