import Bytes
import Wasm

/// The compact form:
///
///     u64 magic   u32 version   u32 zero   u64 length of the contents   u64 StableHash of the contents
///
/// little-endian, then the contents: LEB128 numbers, hashes as u64, sequences behind their counts, everything in
/// ascending order of its key and keys as differences, so that equal profiles have equal bytes.
///
///     modules:   hash*              runs
///     functions: (hash, ordinal, shape, name, entries, loops, branches, branch tables, calls, sites)*
///     site:      (targets: (number of the function in this file, count)*, other, foreign)
extension ProfileFile {
  static let magic: UInt64 = 0x3146_4F52_504F_4750  // "PGOPROF1"
  /// Of the compact form.
  public static let version: UInt32 = 1
  static let headerSize = 32

  /// The compact form; equal profiles give equal bytes.
  public func encode() -> [UInt8] {
    let contents = encodeContents()
    var writer = ByteWriter()
    writer.integer(Self.magic)
    writer.integer(Self.version)
    writer.integer(UInt32(0))
    writer.integer(UInt64(contents.count))
    writer.integer(contents.withUnsafeBytes { StableHash.of($0) })
    return writer.bytes + contents
  }

  /// What identifies this profile: the checksum of its compact form. Never 0.
  public var hash: UInt64 { max(1, encodeContents().withUnsafeBytes { StableHash.of($0) }) }

  /// Decodes the compact form.
  /// - Throws: `ProfileError`, with the byte offset.
  public init(decoding bytes: [UInt8]) throws(ProfileError) {
    var header = ProfileReader(bytes)
    guard bytes.count >= 8, try header.integer(UInt64.self) == Self.magic else {
      throw ProfileError(.malformed, "not a profile", offset: 0)
    }
    let version = try header.integer(UInt32.self)
    guard version == Self.version else {
      throw ProfileError(
        .version, "profile has version \(version), expected \(Self.version)", offset: 8)
    }
    guard try header.integer(UInt32.self) == 0 else { throw header.error("reserved bits are set") }
    let length = try header.integer(UInt64.self)
    let checksum = try header.integer(UInt64.self)
    guard length == UInt64(bytes.count - Self.headerSize) else {
      throw ProfileError(
        .malformed, "profile has \(bytes.count - Self.headerSize) bytes of contents, not \(length)",
        offset: bytes.count)
    }
    let actual = bytes.withUnsafeBytes {
      StableHash.of(UnsafeRawBufferPointer(rebasing: $0[Self.headerSize...]))
    }
    guard actual == checksum else {
      throw ProfileError(.malformed, "checksum does not match", offset: Self.headerSize)
    }
    self.init()
    try decodeContents(&header)
    try header.expectEnd()
  }

  // MARK: Contents

  private func encodeContents() -> [UInt8] {
    var writer = ByteWriter()
    writer.number(moduleHashes.count)
    for hash in moduleHashes { writer.integer(hash) }
    writer.number(runCount)
    let keys = functions.keys.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
    writer.number(keys.count)
    for key in keys {
      writer.integer(key.hash)
      writer.number(UInt64(key.ordinal))
      if let function = functions[key] { writer.function(function, numbers) }
    }
    return writer.bytes
  }

  private mutating func decodeContents(_ reader: inout ProfileReader) throws(ProfileError) {
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      let hash = try reader.integer(UInt64.self)
      guard moduleHashes.last.map({ $0 < hash }) ?? true else {
        throw reader.error("modules are not in order")
      }
      moduleHashes.append(hash)
    }
    runCount = try reader.number()
    // Targets may be numbers of functions that are still to come.
    var keys: [FunctionKey] = []
    var decoded: [ProfileReader.NumberedFunction] = []
    let count = try reader.count(minimumSize: 24)
    for _ in 0..<count {
      let hash = try reader.integer(UInt64.self)
      guard let ordinal = UInt32(exactly: try reader.number()) else {
        throw reader.error("ordinal is too great")
      }
      let key = FunctionKey(hash: hash, ordinal: ordinal)
      guard keys.last.map({ $0 < key }) ?? true else {
        throw reader.error("functions are not in order")
      }
      keys.append(key)
      decoded.append(try reader.function(functionCount: count))
    }
    for (key, numbered) in zip(keys, decoded) {
      var function = numbered.function
      for (ordinal, targets) in numbered.targets {
        for (number, count) in targets { function.sites[ordinal]?.targets[keys[number]] = count }
      }
      functions[key] = function
    }
  }
}
