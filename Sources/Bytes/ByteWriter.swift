/// Appends what ``ByteReader`` reads.
@frozen
public struct ByteWriter: Sendable {
  /// What was written.
  public var bytes: [UInt8]

  /// Appends to these bytes.
  @inlinable public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  /// One byte.
  @inlinable public mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// Bytes as they are.
  @inlinable
  public mutating func raw(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Little-endian.
  @inlinable
  public mutating func integer<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// LEB128 without a sign, in its shortest form.
  @inlinable
  public mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// LEB128 with a sign, in its shortest form.
  @inlinable
  public mutating func signed(_ value: Int64) {
    var rest = value
    while rest < -64 || rest > 63 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest) & 0x7F)
  }

  /// Appends zeros up to a multiple of `alignment` bytes.
  @inlinable
  public mutating func align(_ alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}
