/// An error in a text, with its position.
public struct WasmTextError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Line number, starting at 1.
  public let line: Int
  /// Column in characters (Unicode scalars), starting at 1.
  public let column: Int
  /// Offset in UTF-8 bytes from the start of the text.
  public let offset: Int
  /// A description of the error.
  public let message: String

  public var description: String { "\(line):\(column): \(message)" }

  /// Computes the line and column of `offset`, so that nothing else has to track them.
  init(_ message: String, at offset: Int, in text: [UInt8]) {
    let offset = min(offset, text.count)
    var line = 1
    var column = 1
    for byte in text[..<offset] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
    self.offset = offset
    self.message = message
  }
}
