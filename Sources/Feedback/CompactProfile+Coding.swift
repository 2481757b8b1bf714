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
///     functions: (hash, ordinal, shape, name, entries, loops, branches, branch tables, calls, sites, anchors)*
///     site:      (targets: (number of the function in this file, count)*, other, foreign)
///     anchor:    (ordinal, u8: kind and eight times the depth, u32: hash)
///
/// Version 1 has no anchors.
extension CompactProfile {
  static let magic: UInt64 = 0x3146_4F52_504F_4750  // "PGOPROF1"
  static let version: UInt32 = 2
  static let headerSize = 32

  /// Equal profiles give equal bytes.
  func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(Self.headerSize + 32 * functions.count + 3 * values.count)
    writer.raw([UInt8](repeating: 0, count: Self.headerSize))
    writeContents(to: &writer)
    var header = ByteWriter()
    header.integer(Self.magic)
    header.integer(Self.version)
    header.integer(UInt32(0))
    header.integer(UInt64(writer.bytes.count - Self.headerSize))
    header.integer(StableHash.of(writer.bytes[Self.headerSize...]))
    writer.bytes.replaceSubrange(..<Self.headerSize, with: header.bytes)
    return writer.bytes
  }

  private func writeContents(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(moduleHashes.count))
    for hash in moduleHashes { writer.integer(hash) }
    writer.unsigned(runCount)
    writer.unsigned(UInt64(functions.count))
    for function in functions {
      writer.integer(function.key.hash)
      writer.unsigned(UInt64(function.key.ordinal))
      writer.integer(function.shape)
      writer.unsigned(UInt64(function.name.count))
      writer.raw(names[function.name])
      writer.unsigned(function.entryCount)
      var start = function.sites.lowerBound
      for kind in Kind.allCases {
        var end = start
        while end < function.sites.upperBound, sites[end].kind == kind { end += 1 }
        write(sites[start..<end], kind, to: &writer)
        start = end
      }
      write(anchors[function.anchors], to: &writer)
    }
  }

  private func write(_ anchors: ArraySlice<SiteAnchor>, to writer: inout ByteWriter) {
    writer.unsigned(UInt64(anchors.count))
    var next: UInt32 = 0
    for anchor in anchors {
      writer.unsigned(UInt64(anchor.ordinal - next))
      next = anchor.ordinal + 1
      writer.byte(anchor.kind.rawValue | anchor.depth << 3)
      writer.integer(anchor.hash)
    }
  }

  private func write(_ sites: ArraySlice<Site>, _ kind: Kind, to writer: inout ByteWriter) {
    writer.unsigned(UInt64(sites.count))
    var next = 0
    for site in sites {
      writer.unsigned(UInt64(site.ordinal - next))
      next = site.ordinal + 1
      let values = self.values[site.values]
      switch kind {
      case .loop, .branch, .call: for value in values { writer.unsigned(value) }
      case .branchTable:
        writer.unsigned(UInt64(values.count))
        for value in values { writer.unsigned(value) }
      case .targets:
        writer.unsigned(UInt64(values.count / 2 - 1))
        for value in values.dropFirst(2) { writer.unsigned(value) }
        for value in values.prefix(2) { writer.unsigned(value) }
      }
    }
  }

  /// Replaces the contents by those of a file in the compact form.
  /// - Throws: `ProfileError`, with the byte offset. The contents are undefined then.
  mutating func decode(_ bytes: [UInt8]) throws(ProfileError) {
    removeAll()
    var reader = ProfileReader(bytes)
    guard bytes.count >= 8, try reader.integer(UInt64.self) == Self.magic else {
      throw ProfileError(.malformed, "not a profile", offset: 0)
    }
    let version = try reader.integer(UInt32.self)
    guard 1...Self.version ~= version else {
      throw ProfileError(
        .version, "profile has version \(version), expected \(Self.version)", offset: 8)
    }
    guard try reader.integer(UInt32.self) == 0 else { throw reader.error("reserved bits are set") }
    let length = try reader.integer(UInt64.self)
    let checksum = try reader.integer(UInt64.self)
    guard length == UInt64(bytes.count - Self.headerSize) else {
      throw ProfileError(
        .malformed, "profile has \(bytes.count - Self.headerSize) bytes of contents, not \(length)",
        offset: bytes.count)
    }
    guard StableHash.of(bytes[Self.headerSize...]) == checksum else {
      throw ProfileError(.malformed, "checksum does not match", offset: Self.headerSize)
    }
    try readContents(&reader, hasAnchors: version >= 2)
    try reader.expectEnd()
  }

  // MARK: Contents

  private mutating func readContents(
    _ reader: inout ProfileReader, hasAnchors: Bool
  ) throws(ProfileError) {
    for _ in 0..<(try reader.count(minimumSize: 8)) {
      let hash = try reader.integer(UInt64.self)
      guard moduleHashes.last.map({ $0 < hash }) ?? true else {
        throw reader.error("modules are not in order")
      }
      moduleHashes.append(hash)
    }
    runCount = try reader.number()
    let count = try reader.count(minimumSize: 24)
    functions.reserveCapacity(count)
    for _ in 0..<count {
      let hash = try reader.integer(UInt64.self)
      guard let ordinal = UInt32(exactly: try reader.number()) else {
        throw reader.error("ordinal is too great")
      }
      let key = FunctionKey(hash: hash, ordinal: ordinal)
      guard functions.last.map({ $0.key < key }) ?? true else {
        throw reader.error("functions are not in order")
      }
      let shape = try reader.integer(UInt64.self)
      let name = try reader.name()
      // Most functions were never entered.
      if reader.skipZeros(hasAnchors ? 7 : 6) {
        appendFunction(key, shape: shape, name: name, entryCount: 0)
        continue
      }
      appendFunction(key, shape: shape, name: name, entryCount: try reader.number())
      for kind in Kind.allCases { try readSites(kind, of: count, &reader) }
      if hasAnchors {
        try readAnchors(&reader)
        // Merging leaves functions without counts alone.
        let function = functions[functions.count - 1]
        guard !function.isCold || function.anchors.isEmpty else {
          throw reader.error("anchors of a function without counts")
        }
      }
    }
  }

  private mutating func readAnchors(_ reader: inout ProfileReader) throws(ProfileError) {
    let start = anchors.count
    var next: UInt64 = 0
    for _ in 0..<(try reader.count(minimumSize: 6)) {
      let difference = try reader.number()
      guard difference < Self.maximumOrdinal - 1, next + difference < Self.maximumOrdinal - 1 else {
        throw reader.error("instruction's ordinal is too great")
      }
      let tag = try reader.byte()
      guard let kind = SiteAnchor.Kind(rawValue: tag & 7) else {
        throw reader.error("unknown kind of an anchor")
      }
      anchors.append(
        SiteAnchor(
          ordinal: UInt32(next + difference), kind: kind, depth: tag >> 3,
          hash: try reader.integer()))
      next += difference + 1
    }
    functions[functions.count - 1].anchors = start..<anchors.count
  }

  /// Places of instructions are below the size of any module.
  private static var maximumOrdinal: UInt64 { 1 << 32 }

  private mutating func readSites(
    _ kind: Kind, of functionCount: Int, _ reader: inout ProfileReader
  ) throws(ProfileError) {
    var next: UInt64 = 0
    for _ in 0..<(try reader.count(minimumSize: 2)) {
      let difference = try reader.number()
      guard difference < Self.maximumOrdinal, next + difference < Self.maximumOrdinal else {
        throw reader.error("instruction's ordinal is too great")
      }
      let first = values.count
      switch kind {
      case .loop, .call: values.append(try reader.positive())
      case .branch:
        values.append(try reader.number())
        values.append(try reader.number())
      case .branchTable:
        for _ in 0..<(try reader.count(minimumSize: 1)) { values.append(try reader.number()) }
      case .targets: try readTargets(of: functionCount, &reader)
      }
      appendSite(kind, ordinal: Int(next + difference), firstValue: first)
      next += difference + 1
    }
  }

  /// Targets may be numbers of functions that are still to come.
  private mutating func readTargets(
    of functionCount: Int, _ reader: inout ProfileReader
  ) throws(ProfileError) {
    let first = values.count
    values += [0, 0]
    for _ in 0..<(try reader.count(minimumSize: 2)) {
      let number = try reader.number()
      let isInOrder = values.count == first + 2 || values[values.count - 2] < number
      guard number < UInt64(functionCount), isInOrder else {
        throw reader.error("target is not a function of the profile, or not in order")
      }
      values.append(number)
      values.append(try reader.positive())
    }
    values[first] = try reader.number()
    values[first + 1] = try reader.number()
  }
}

/// Reads the parts of a compact profile. Nothing that it reads is trusted: each number is checked before it
/// sizes or indexes anything.
typealias ProfileReader = ByteReader<ProfileFormat>

struct ProfileFormat: ByteFormat {
  typealias Storage = [UInt8]

  func failure(_ problem: ByteProblem, at position: Int, end: Int) -> ProfileError {
    let message =
      switch problem {
      case .unexpectedEnd, .lengthOutOfBounds, .countOutOfBounds: "unexpected end"
      case .integerTooLong, .integerTooLarge: "number is too great"
      case .invalidUTF8: "name is not UTF-8"
      case .nonzeroPadding: "padding is not zero"
      case .trailingBytes: "bytes after the end"
      }
    return ProfileError(.malformed, message, offset: position)
  }
}

extension ProfileReader {
  init(_ bytes: [UInt8], offset: Int = 0) {
    self.init(bytes, min(offset, bytes.count)..<bytes.count, format: ProfileFormat())
  }

  func error(_ message: String) -> ProfileError {
    ProfileError(.malformed, message, offset: position)
  }

  mutating func number() throws(ProfileError) -> UInt64 { try unsigned(bits: 64) }

  /// A number of things of at least `minimumSize` bytes each, which must fit in what is left.
  mutating func count(minimumSize: Int) throws(ProfileError) -> Int {
    let start = position
    return try count(try number(), minimumSize: minimumSize, at: start)
  }

  fileprivate mutating func positive() throws(ProfileError) -> UInt64 {
    let value = try number()
    guard value > 0 else { throw error("count is zero") }
    return value
  }

  /// Skips so many bytes if all are zero.
  fileprivate mutating func skipZeros(_ count: Int) -> Bool {
    guard remaining >= count, (position..<position + count).allSatisfy({ bytes[$0] == 0 }) else {
      return false
    }
    return (try? skip(count)) != nil
  }

  /// UTF-8 behind its length.
  fileprivate mutating func name() throws(ProfileError) -> ArraySlice<UInt8> {
    let range = try skip(try count(minimumSize: 1))
    let name = bytes[range]
    // Most names are ASCII, which needs no string to be made.
    guard name.allSatisfy({ $0 < 0x80 }) || String(validating: name, as: UTF8.self) != nil else {
      throw failure(.invalidUTF8, at: range.lowerBound)
    }
    return name
  }
}
