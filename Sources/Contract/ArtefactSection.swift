import Wasm

/// The artefact's own ELF sections. Each starts with a header of ``headerSize`` bytes:
///
///     u64 magic   u32 version   u32 zero   u64 length of the contents   u64 StableHash of the contents
///
/// and is padded with zeros to a multiple of 8. ``ArtefactFile`` protects the rest of the file.
public enum ArtefactSection: String, Sendable, CaseIterable {
  case manifest = ".wpgo.manifest"
  case module = ".wpgo.module"
  case code = ".wpgo.code"
  case baseline = ".wpgo.baseline"
  case deopt = ".wpgo.deopt"
  case guards = ".wpgo.guards"
  case locations = ".wpgo.locations"
  case sites = ".wpgo.sites"
  case handlers = ".wpgo.handlers"

  /// Size of the header before the contents.
  public static let headerSize = 32
  private static let magic: UInt64 = 0x3154_4345_534F_4750  // "PGOSECT1"

  /// The version of the section's format.
  public var version: UInt32 {
    switch self {
    case .code: 5
    case .deopt, .guards, .locations, .sites: 2
    case .manifest, .module, .baseline, .handlers: 1
    }
  }

  /// Adds the header and the padding to a section's contents.
  public func seal(_ contents: [UInt8]) -> [UInt8] {
    var writer = ArtefactWriter()
    writer.integer(Self.magic)
    writer.integer(version)
    writer.integer(UInt32(0))
    writer.integer(UInt64(contents.count))
    writer.integer(StableHash.of(contents))
    writer.raw(contents)
    writer.align(8)
    return writer.bytes
  }

  /// The hash of the contents according to the section's header. ``open(_:)`` verifies it.
  public func hash(_ bytes: UnsafeRawBufferPointer) throws(ArtefactError) -> UInt64 {
    var reader = ArtefactReader(bytes, section: rawValue)
    _ = try reader.raw(Self.headerSize - 8)
    return try reader.integer()
  }

  /// Returns the contents of a section that ``seal(_:)`` created.
  public func open(_ bytes: UnsafeRawBufferPointer) throws(ArtefactError) -> UnsafeRawBufferPointer
  {
    var reader = ArtefactReader(bytes, section: rawValue)
    guard try reader.integer(UInt64.self) == Self.magic else {
      throw reader.error("not a section of an artefact")
    }
    let found = try reader.integer(UInt32.self)
    guard found == version else {
      throw ArtefactError(
        .incompatible, "section has version \(found), expected \(version)", section: rawValue)
    }
    guard try reader.integer(UInt32.self) == 0 else { throw reader.error("reserved bits are set") }
    let length = try reader.integer(UInt64.self)
    let hash = try reader.integer(UInt64.self)
    guard let length = Int(exactly: length) else { throw reader.error("unexpected end") }
    let contents = try reader.raw(length)
    guard reader.remaining < 8 else { throw reader.error("unexpected bytes at the end") }
    try reader.align(8)
    try reader.expectEnd()
    guard StableHash.of(contents) == hash else { throw reader.error("checksum does not match") }
    return contents
  }
}
