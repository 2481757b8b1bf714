/// A 64-bit content hash that is the same in every process, build and version: what files name
/// modules, bodies and sections by. It is xxHash64 with seed 0 (the algorithm's published
/// description); it resists accidents, not attacks.
public enum StableHash {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The hash of all bytes.
  public static func of(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { of($0) }
  }

  /// The hash of all bytes of the slice.
  public static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { of($0) }
  }

  /// The hash of all bytes of the buffer.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var position = 0
    var hash = prime5
    if bytes.count >= 32 {
      hash = hashStripes(bytes, &position)
    }
    hash &+= UInt64(bytes.count)
    while position + 8 <= bytes.count {
      hash = rotate(hash ^ round(0, read(bytes, position)), 27) &* prime1 &+ prime4
      position += 8
    }
    if position + 4 <= bytes.count {
      let word = UInt64(
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
      hash = rotate(hash ^ (word &* prime1), 23) &* prime2 &+ prime3
      position += 4
    }
    while position < bytes.count {
      hash = rotate(hash ^ (UInt64(bytes[position]) &* prime5), 11) &* prime1
      position += 1
    }
    return avalanche(hash)
  }

  /// Four lanes over all whole stripes of 32 bytes.
  private static func hashStripes(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> UInt64
  {
    var a = prime1 &+ prime2
    var b = prime2
    var c: UInt64 = 0
    var d = 0 &- prime1
    while position + 32 <= bytes.count {
      a = round(a, read(bytes, position))
      b = round(b, read(bytes, position + 8))
      c = round(c, read(bytes, position + 16))
      d = round(d, read(bytes, position + 24))
      position += 32
    }
    var hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
    for lane in [a, b, c, d] { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
    return hash
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }

  @inline(__always)
  private static func read(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }
}
