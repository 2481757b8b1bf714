/// The binary format's primitives (spec 5.2), all in their shortest form.
struct BinaryWriter {
  var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func count(_ value: Int) { unsigned(UInt64(value)) }

  mutating func signed(_ value: Int64) {
    var rest = value
    while rest < -64 || rest > 63 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest) & 0x7F)
  }

  /// The lowest `count` bytes, the lowest first.
  mutating func littleEndian(_ value: UInt64, count: Int) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
  }

  /// A length, then the bytes.
  mutating func vector(_ contents: [UInt8]) {
    count(contents.count)
    bytes.append(contentsOf: contents)
  }

  /// A section with `entries`, or nothing if there are none.
  mutating func section(_ id: UInt8, entries: [[UInt8]]) {
    if entries.isEmpty { return }
    var contents = BinaryWriter()
    contents.count(entries.count)
    for entry in entries { contents.bytes.append(contentsOf: entry) }
    byte(id)
    vector(contents.bytes)
  }
}
