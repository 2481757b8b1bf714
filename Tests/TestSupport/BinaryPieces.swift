import Bytes

/// Pieces of the binary format, for modules that no text is to be written for: large ones, and such as are not valid.
public enum BinaryPieces {
  public static let header: [UInt8] = [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]

  /// An unsigned LEB128.
  public static func leb(_ value: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.unsigned(UInt64(value))
    return writer.bytes
  }

  public static func section(_ id: UInt8, _ contents: [UInt8]) -> [UInt8] {
    [id] + leb(contents.count) + contents
  }
}
