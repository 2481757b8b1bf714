/// Reads what commands print, from files that anything may have written: every error has its byte offset, and depth is limited.
extension JSON {
  /// Why text is not JSON.
  public struct ParseError: Error, Equatable {
    /// For people.
    public var message: String
    /// Bytes from the start.
    public var offset: Int

    /// An error at a byte.
    public init(message: String, offset: Int) {
      self.message = message
      self.offset = offset
    }
  }

  /// Parses a document (RFC 8259); nothing but blanks may follow it.
  public init(parsing bytes: [UInt8]) throws(ParseError) {
    var parser = Parser(bytes: bytes)
    self = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.next == bytes.count else { throw parser.error("bytes after the end") }
  }

  /// A member of an object, the first with this name.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == name }?.1
  }

  /// The items of an array; empty for anything else.
  public var items: [JSON] { if case .array(let items) = self { items } else { [] } }

  /// A number that is a whole one and not negative.
  public var count: UInt64? { if case .number(let digits) = self { UInt64(digits) } else { nil } }

  private struct Parser {
    let bytes: [UInt8]
    var next = 0

    static let maximumDepth = 100

    func error(_ message: String) -> ParseError { ParseError(message: message, offset: next) }

    var byte: UInt8? { next < bytes.count ? bytes[next] : nil }

    mutating func skipBlanks() {
      while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { next += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard byte == UInt8(ascii: character) else { return false }
      next += 1
      return true
    }

    mutating func value(depth: Int) throws(ParseError) -> JSON {
      guard depth < Self.maximumDepth else { throw error("nested too deep") }
      skipBlanks()
      switch byte {
      case UInt8(ascii: "{"): return try object(depth)
      case UInt8(ascii: "["): return try array(depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      default: return try number()
      }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(ParseError) -> JSON {
      guard bytes[next...].starts(with: word.utf8) else { throw error("not a value") }
      next += word.utf8.count
      return value
    }

    private mutating func number() throws(ParseError) -> JSON {
      let start = next
      while let byte, "+-.eE0123456789".utf8.contains(byte) { next += 1 }
      let digits = String(decoding: bytes[start..<next], as: UTF8.self)
      guard Double(digits) != nil else {
        next = start
        throw error("not a value")
      }
      return .number(digits)
    }

    private mutating func array(_ depth: Int) throws(ParseError) -> JSON {
      next += 1
      var items: [JSON] = []
      skipBlanks()
      if take("]") { return .array([]) }
      repeat {
        items.append(try value(depth: depth + 1))
        skipBlanks()
      } while take(",")
      guard take("]") else { throw error("expected , or ]") }
      return .array(items)
    }

    private mutating func object(_ depth: Int) throws(ParseError) -> JSON {
      next += 1
      var members: [(String, JSON)] = []
      skipBlanks()
      if take("}") { return .object([]) }
      repeat {
        skipBlanks()
        guard byte == UInt8(ascii: "\"") else { throw error("expected a name") }
        let name = try string()
        skipBlanks()
        guard take(":") else { throw error("expected :") }
        members.append((name, try value(depth: depth + 1)))
        skipBlanks()
      } while take(",")
      guard take("}") else { throw error("expected , or }") }
      return .object(members)
    }

    /// Surrogates that `\u` gives become U+FFFD: no name of ours has any.
    private mutating func string() throws(ParseError) -> String {
      next += 1
      var text: [UInt8] = []
      while let byte {
        next += 1
        switch byte {
        case UInt8(ascii: "\""):
          guard let string = String(validating: text, as: UTF8.self) else {
            throw error("string is not UTF-8")
          }
          return string
        case UInt8(ascii: "\\"): text += try escaped()
        case ..<0x20:
          next -= 1
          throw error("control character in a string")
        default: text.append(byte)
        }
      }
      throw error("unexpected end")
    }

    private mutating func escaped() throws(ParseError) -> [UInt8] {
      guard let byte else { throw error("unexpected end") }
      next += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
      case UInt8(ascii: "b"): return [0x08]
      case UInt8(ascii: "f"): return [0x0C]
      case UInt8(ascii: "n"): return [0x0A]
      case UInt8(ascii: "r"): return [0x0D]
      case UInt8(ascii: "t"): return [0x09]
      case UInt8(ascii: "u"):
        let digits = String(decoding: bytes[next...].prefix(4), as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
          let code = UInt32(digits, radix: 16)
        else { throw error("not four hexadecimal digits") }
        next += 4
        return Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
      default:
        next -= 1
        throw error("unknown escape")
      }
    }
  }
}
