import Contract
import Files
import Glibc
import Wasm

/// Keeps compiled partitions in a folder from one compilation to the next. Each has a file, named by the hash of its
/// ``PartitionKey``. The file contains the whole key, so hash collisions do no harm. If outputs with the same key were compiled
/// for profiles that differ by more than ``PartitionWeights`` tolerates, only the last one is kept.
///
///     magic │ size of key │ key │ PartitionWeights │ PartitionOutput │ checksum
///
/// Files are put in place by rename, so several compilers may share a folder. A damaged or unreadable file is a miss and is
/// rewritten. Files are never removed; an operator may delete any of them at any time.
public struct PartitionCache: Sendable {
  private static let magic: UInt64 = 0x3665_6863_6163_7077  // "wpcache6"

  /// The folder.
  public let directory: HostString

  /// Creates the folder if it does not exist.
  /// - Throws: the reason why it cannot be used.
  public init(directory: HostString) throws(FileError) {
    self.directory = directory
    guard directory.withCString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
      throw FileError(path: directory, operation: "make", errno: errno)
    }
    // Also fails if the path is not a directory.
    let inside = directory.appending(".")
    guard inside.withCString({ access($0, R_OK | W_OK | X_OK) }) == 0 else {
      throw FileError(path: directory, operation: "use", errno: errno)
    }
  }

  /// The path of the file for a key.
  func path(_ key: [UInt8], _ suffix: String) -> HostString {
    let digits = String(StableHash.of(key), radix: 16)
    let zeros = String(repeating: "0", count: 16 - digits.count)
    return directory.appending("\(zeros)\(digits).\(suffix)")
  }

  func find(_ key: [UInt8], _ weights: PartitionWeights) -> PartitionOutput? {
    Self.read(path(key, "part")) { (reader: inout ArtefactReader) throws(ArtefactError) in
      guard try reader.integer(UInt64.self) == Self.magic,
        try reader.integer(UInt64.self) == UInt64(key.count),
        try reader.raw(key.count).elementsEqual(key),
        try PartitionWeights(decoding: &reader).resembles(weights)
      else { return nil }
      return try PartitionOutput(decoding: &reader)
    }
  }

  /// Failing to write the file is not an error: a full disk must not fail a compilation that succeeded.
  func keep(_ output: PartitionOutput, _ key: [UInt8], _ weights: PartitionWeights) {
    var writer = ArtefactWriter()
    writer.integer(Self.magic)
    writer.integer(UInt64(key.count))
    writer.raw(key)
    weights.encode(to: &writer)
    writer.raw(output.encode())
    Self.write(writer, to: path(key, "part"))
  }

  // MARK: Files with a checksum

  static func write(_ contents: ArtefactWriter, to path: HostString) {
    try? Files.replaceFile(path, with: Checksum.seal(contents))
  }

  /// - Returns: nil if the file is missing or damaged, or if `decode` does not read all of it.
  static func read<Value>(
    _ path: HostString, _ decode: (inout ArtefactReader) throws(ArtefactError) -> Value?
  ) -> Value? {
    guard let file = try? Files.readFile(path) else { return nil }
    return Checksum.open(file, decode)
  }
}

/// Looks up the outputs of partitions, and of parts of them, in the cache if there is one. Failures are not cached: a function
/// that exceeded a limit may stay within another one, or compile on another machine.
struct CachedPartitions {
  var cache: PartitionCache?
  var key: PartitionKey?

  func find(_ functions: [Int]) -> PartitionOutput? {
    guard let cache, let key else { return nil }
    return cache.find(key.bytes(functions), key.weights(functions))
  }

  func keep(_ output: PartitionOutput, _ functions: [Int]) {
    guard let cache, let key else { return }
    cache.keep(output, key.bytes(functions), key.weights(functions))
  }
}
