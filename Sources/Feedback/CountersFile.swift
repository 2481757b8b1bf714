import Bytes
import Files
import Glibc
import Wasm

/// The counters of a recording, in a mapped file: what a killed process has counted is in the file, which
/// can be read at any time, and holds the module so that nothing else is needed for it. Little-endian:
///
///     0 u64 magic     8 u32 version           12 u32 zero
///     16 u64 offset of the module   24 u64 its length   32 u64 its StableHash
///     40 u64 offset of the counters (page-aligned)   48 u64 their length
///     56 u64 StableHash of the bytes above
///
/// The counters alone carry no checksum, since they change all the time.
public final class CountersFile {
  static let magic: UInt64 = 0x3154_4E43_4F47_5057  // "WPGOCNT1"
  /// Of the file's format.
  public static let version: UInt32 = 2
  static let headerSize = 64
  private static let pageSize = 4096

  /// Where each counter is.
  public let layout: FeedbackLayout
  /// `layout.size` bytes, for `ContextLayout.counters`. Valid as long as this object.
  public let counters: UnsafeMutableRawPointer
  private let module: Module
  /// Where the file is to be, or is.
  public let path: HostString
  private let mapping: UnsafeMutableRawPointer
  private let mappedSize: Int
  /// Nil once the file is in its place.
  private var replacement: FileReplacement?

  /// Creates the file with all counts zero, in place of any other: a recording that still goes on into the old file
  /// is not disturbed.
  /// - Parameter module: valid.
  public convenience init(creating path: HostString, module: Module) throws(ProfileError) {
    try self.init(preparing: path, module: module)
    try publish()
  }

  /// The same, but the file is not in its place before ``publish()``.
  public init(preparing path: HostString, module: Module) throws(ProfileError) {
    layout = FeedbackLayout(module)
    self.module = module
    self.path = path
    guard isReplaceable(path) else {
      throw ProfileError(.system, "not a regular file, which the counters are mapped from")
    }
    let header = CountersHeader(module: module, countersSize: layout.size)
    // One page more than empty: a mapping has to have a size.
    mappedSize = max(layout.size, 8)
    let replacement: FileReplacement
    do throws(FileError) { replacement = try FileReplacement(path) } catch {
      throw ProfileError(.system, "cannot create it: \(error.code)")
    }
    let file = replacement.descriptor
    defer { close(file) }
    guard Self.write(header.encode() + module.bytes, to: file),
      ftruncate(file, off_t(header.countersOffset + layout.size)) == 0,
      Self.reserve(off_t(header.countersOffset), off_t(layout.size), in: file),
      let mapping = mmap(
        nil, mappedSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, off_t(header.countersOffset)),
      mapping != MAP_FAILED
    else {
      let error = Self.systemError("write it")
      replacement.abandon()
      throw error
    }
    self.replacement = replacement
    self.mapping = mapping
    counters = mapping
  }

  deinit {
    replacement?.abandon()
    munmap(mapping, mappedSize)
  }

  /// Whether the file is in its place.
  public var isPublished: Bool { replacement == nil }

  /// Puts the file in its place.
  public func publish() throws(ProfileError) {
    guard let replacement else { return }
    do throws(FileError) { try replacement.commit() } catch {
      throw ProfileError(.system, "cannot replace it: \(error.code)")
    }
    self.replacement = nil
  }

  /// What was counted so far.
  public func profile() throws(ProfileError) -> ProfileFile {
    // The mapping is `layout.size` long and lives as long as `self`.
    try ProfileFile(
      module: module, layout: layout,
      counters: UnsafeRawBufferPointer(start: counters, count: layout.size))
  }

  /// Puts the compact profile in the file's place.
  public func finish() throws(ProfileError) { try profile().write(path: path) }

  // MARK: Reading

  static func isCounters(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 8
      && (0..<8).allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: magic >> (8 * UInt64($0))) }
  }

  /// The profile in the bytes of a counters file.
  public static func profile(decoding bytes: [UInt8]) throws(ProfileError) -> ProfileFile {
    let header = try CountersHeader(decoding: bytes)
    let module: Module
    do throws(WasmError) {
      module = try Module(validating: Array(bytes[header.moduleRange]))
    } catch {
      throw ProfileError(
        .malformed, "recorded module: \(error.message)",
        offset: header.moduleRange.lowerBound + error.offset)
    }
    let layout = FeedbackLayout(module)
    guard layout.size == header.countersSize else {
      throw ProfileError(
        .malformed, "counters do not fit the module", offset: header.countersOffset)
    }
    let counters = Array(bytes[header.countersOffset...])
    do {
      return try counters.withUnsafeBytes {
        try ProfileFile(
          module: module, layout: layout, counters: $0, offset: header.countersOffset)
      }
    } catch let error as ProfileError {
      throw error
    } catch {
      preconditionFailure("\(error) is not thrown in there")
    }
  }

  // MARK: System

  private static func systemError(_ operation: String) -> ProfileError {
    ProfileError(.system, "cannot \(operation): \(String(cString: strerror(errno)))")
  }

  /// Takes the space on the disk: counting on a full one would end the process.
  private static func reserve(_ offset: off_t, _ size: off_t, in file: Int32) -> Bool {
    let code = size == 0 ? 0 : posix_fallocate(file, offset, size)
    errno = code
    return code == 0
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      // The range is within the array, which outlives the call.
      let count = bytes.withUnsafeBytes {
        Glibc.write(file, $0.baseAddress! + written, bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  /// The layout of a file; see ``CountersFile``.
  private struct CountersHeader {
    var moduleRange: Range<Int>
    var moduleHash: UInt64
    var countersOffset: Int
    var countersSize: Int

    init(module: Module, countersSize: Int) {
      moduleRange = headerSize..<headerSize + module.bytes.count
      moduleHash = module.hash
      countersOffset = (moduleRange.upperBound + pageSize - 1) & ~(pageSize - 1)
      self.countersSize = countersSize
    }

    func encode() -> [UInt8] {
      var writer = ByteWriter()
      writer.integer(magic)
      writer.integer(version)
      writer.integer(UInt32(0))
      writer.integer(UInt64(moduleRange.lowerBound))
      writer.integer(UInt64(moduleRange.count))
      writer.integer(moduleHash)
      writer.integer(UInt64(countersOffset))
      writer.integer(UInt64(countersSize))
      writer.integer(StableHash.of(writer.bytes))
      return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(ProfileError) {
      guard bytes.count >= headerSize else {
        throw ProfileError(.malformed, "unexpected end", offset: bytes.count)
      }
      var reader = ProfileReader(bytes)
      guard try reader.integer(UInt64.self) == magic else {
        throw ProfileError(.malformed, "not a profile", offset: 0)
      }
      let found = try reader.integer(UInt32.self)
      guard found == version else {
        throw ProfileError(
          .version, "counters have version \(found), expected \(version)", offset: 8)
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
      let total = UInt64(bytes.count)
      // Each is at most the file's size, so that the sums cannot overflow.
      guard moduleOffset == UInt64(headerSize), moduleSize <= total, counters <= total,
        size <= total, counters + size == total, moduleOffset + moduleSize <= counters
      else {
        throw ProfileError(
          .malformed, "file is cut off, or its parts overlap", offset: bytes.count)
      }
      moduleRange = Int(moduleOffset)..<Int(moduleOffset + moduleSize)
      countersOffset = Int(counters)
      countersSize = Int(size)
      guard StableHash.of(bytes[moduleRange]) == moduleHash else {
        throw ProfileError(
          .malformed, "recorded module does not match its checksum", offset: headerSize)
      }
      guard bytes[moduleRange.upperBound..<countersOffset].allSatisfy({ $0 == 0 }) else {
        throw ProfileError(.malformed, "padding is not zero", offset: moduleRange.upperBound)
      }
    }
  }
}
