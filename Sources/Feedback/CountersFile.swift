import Bytes
import Files
import Glibc
import Wasm

/// The counters of a recording, in a mapped file: what a killed process has counted is in the file, which
/// can be read at any time, and holds the module so that nothing else is needed for it. Little-endian:
///
///     0 u64 magic     8 u32 version           12 u32 zero
///     16 u64 offset of the module   24 u64 its length   32 u64 its StableHash
///     40 u64 offset of the first block of counters   48 u64 length of a block's counters
///     56 u64 StableHash of the bytes above
///     64 u64 number of blocks
///
/// A block has a counter for everything that is counted (``FeedbackLayout``), and begins on a page of its own. The profile is the
/// sum of all. The number of blocks and the counters carry no checksum, since they change all the time.
public final class CountersFile {
  static let magic: UInt64 = 0x3154_4E43_4F47_5057  // "WPGOCNT1"
  /// Of the file's format.
  public static let version: UInt32 = 3
  /// Blocks that a file has at most.
  public static let maximumBlockCount = 64
  static let blockCountOffset = 64
  static let headerSize = 72
  static let pageSize = 4096

  /// Where each counter is in a block.
  public let layout: FeedbackLayout
  /// Where the file is to be, or is.
  public let path: HostString
  private let header: CountersHeader
  private let descriptor: Int32
  private var blocks: [UnsafeMutableRawPointer] = []
  private var place: Place
  /// Who made it: a file that is aside is not a forked process's to remove.
  private let process = getpid()

  private enum Place {
    case aside(FileReplacement)
    case published
    case nowhere(ProfileError)
  }

  /// Makes a file without blocks, which is not in its place before ``publish()``. It takes that of any other: a recording that
  /// still goes on into the old file is not disturbed.
  /// - Parameters:
  ///   - module: valid.
  ///   - layout: the module's.
  public init(
    preparing path: HostString, module: Module, layout: FeedbackLayout
  ) throws(ProfileError) {
    self.layout = layout
    self.path = path
    guard isReplaceable(path) else {
      throw ProfileError(.system, "not a regular file, which the counters are mapped from")
    }
    header = CountersHeader(module: module, countersSize: layout.size)
    let replacement: FileReplacement
    do throws(FileError) { replacement = try FileReplacement(path) } catch {
      throw ProfileError(.system, "cannot create it: \(error.code)")
    }
    place = .aside(replacement)
    descriptor = replacement.descriptor
    guard Self.write(header.encode() + module.bytes, to: descriptor) else {
      throw Self.systemError("write it")
    }
  }

  deinit {
    if case .aside(let replacement) = place, process == getpid() { replacement.abandon() }
    for block in blocks { munmap(block, header.stride) }
    close(descriptor)
  }

  /// Adds a block of zeros.
  /// - Returns: `layout.size` bytes, for `ContextLayout.counters`. Valid as long as this object.
  public func addBlock() throws(ProfileError) -> UnsafeMutableRawPointer {
    let offset = header.countersOffset + blocks.count * header.stride
    // Takes the space on the disk: counting on a full one would end the process.
    let code = posix_fallocate(descriptor, off_t(offset), off_t(header.stride))
    errno = code
    guard code == 0,
      let block = mmap(
        nil, header.stride, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(offset)),
      block != MAP_FAILED
    else { throw Self.systemError("extend it") }
    blocks.append(block)
    // Only now do readers know of it.
    var count = UInt64(blocks.count).littleEndian
    guard pwrite(descriptor, &count, 8, off_t(Self.blockCountOffset)) == 8 else {
      throw Self.systemError("write it")
    }
    return block
  }

  /// Whether the file is in its place.
  public var isPublished: Bool {
    if case .published = place { true } else { false }
  }

  /// Puts the file in its place, unless it is there already.
  /// - Throws: `.system`; the file is nowhere then, and stays so.
  public func publish() throws(ProfileError) {
    switch place {
    case .published: return
    case .nowhere(let error): throw error
    case .aside(let replacement):
      do throws(FileError) { try replacement.commit() } catch {
        let failure = ProfileError(.system, "cannot replace it: \(error.code)")
        place = .nowhere(failure)
        throw failure
      }
      place = .published
    }
  }

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
    do {
      return try bytes.withUnsafeBytes { bytes in
        // The header was checked: all blocks are within the file.
        let blocks = (0..<header.blockCount).map { number in
          let start = header.countersOffset + number * header.stride
          return CounterBlock(
            UnsafeRawBufferPointer(rebasing: bytes[start..<start + layout.size]), fileOffset: start)
        }
        return try ProfileFile(module: module, layout: layout, blocks: blocks)
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
}
