import Bytes
import Wasm

/// What stands before the blocks of a ``CountersFile``, whose comment has the layout.
struct CountersHeader {
  let moduleRange: Range<Int>
  let moduleHash: UInt64
  /// Of the first block.
  let countersOffset: Int
  /// Bytes of a block's counters.
  let countersSize: Int
  /// 0 when it is made.
  let blockCount: Int

  init(module: Module, countersSize: Int) {
    let start = CountersFile.headerSize
    moduleRange = start..<start + module.bytes.count
    moduleHash = module.hash
    countersOffset = Self.inPages(moduleRange.upperBound)
    self.countersSize = countersSize
    blockCount = 0
  }

  /// Bytes from one block to the next: whole pages, one at least.
  var stride: Int { Self.inPages(max(1, countersSize)) }

  private static func inPages(_ size: Int) -> Int {
    (size + CountersFile.pageSize - 1) & ~(CountersFile.pageSize - 1)
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(CountersFile.magic)
    writer.integer(CountersFile.version)
    writer.integer(UInt32(0))
    writer.integer(UInt64(moduleRange.lowerBound))
    writer.integer(UInt64(moduleRange.count))
    writer.integer(moduleHash)
    writer.integer(UInt64(countersOffset))
    writer.integer(UInt64(countersSize))
    writer.integer(StableHash.of(writer.bytes))
    writer.integer(UInt64(blockCount))
    return writer.bytes
  }

  /// Reads and checks it.
  /// - Parameter bytes: of the whole file, within which all that the header tells of lies.
  init(decoding bytes: [UInt8]) throws(ProfileError) {
    guard bytes.count >= CountersFile.headerSize else {
      throw ProfileError(.malformed, "unexpected end", offset: bytes.count)
    }
    var reader = ProfileReader(bytes)
    guard try reader.integer(UInt64.self) == CountersFile.magic else {
      throw ProfileError(.malformed, "not a profile", offset: 0)
    }
    let found = try reader.integer(UInt32.self)
    guard found == CountersFile.version else {
      throw ProfileError(
        .version, "counters have version \(found), expected \(CountersFile.version)", offset: 8)
    }
    var checksum = ProfileReader(bytes, offset: 56)
    guard try checksum.integer(UInt64.self) == StableHash.of(bytes[..<56]) else {
      throw ProfileError(.malformed, "checksum does not match", offset: 56)
    }
    _ = try reader.integer(UInt32.self)
    let moduleOffset = try reader.integer(UInt64.self)
    let moduleSize = try reader.integer(UInt64.self)
    moduleHash = try reader.integer(UInt64.self)
    let counters = try reader.integer(UInt64.self)
    let size = try reader.integer(UInt64.self)
    let count = try checksum.integer(UInt64.self)
    let total = UInt64(bytes.count)
    // Each is at most the file's size, so that the sums cannot overflow.
    guard moduleOffset == UInt64(CountersFile.headerSize), moduleSize <= total, counters <= total,
      size <= total, count >= 1,
      Self.inPages(Int(moduleOffset + moduleSize)) == Int(counters)
    else {
      throw ProfileError(
        .malformed, "file is cut off, or its parts overlap", offset: bytes.count)
    }
    moduleRange = Int(moduleOffset)..<Int(moduleOffset + moduleSize)
    countersOffset = Int(counters)
    countersSize = Int(size)
    // Beyond them there may be the beginning of one that was being added.
    guard count <= UInt64(CountersFile.maximumBlockCount) else {
      throw ProfileError(
        .malformed, "more than \(CountersFile.maximumBlockCount) blocks of counters",
        offset: CountersFile.blockCountOffset)
    }
    guard count <= (total - counters) / UInt64(Self.inPages(max(1, Int(size)))) else {
      throw ProfileError(.malformed, "file is cut off", offset: bytes.count)
    }
    blockCount = Int(count)
    guard StableHash.of(bytes[moduleRange]) == moduleHash else {
      throw ProfileError(
        .malformed, "recorded module does not match its checksum",
        offset: CountersFile.headerSize)
    }
    guard bytes[moduleRange.upperBound..<countersOffset].allSatisfy({ $0 == 0 }) else {
      throw ProfileError(.malformed, "padding is not zero", offset: moduleRange.upperBound)
    }
  }
}
