import Foundation

/// A folder that is removed with the object.
public final class TemporaryFolder {
  public let root: URL

  public init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "wasm-pgo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  public func url(_ name: String) -> URL { root.appending(path: name) }

  /// Names of the files in it, in order.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() }
  }

  public func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: url(name))
  }

  public func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }
}
