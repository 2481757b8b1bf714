/// A token (spec 6.3.1): its kind and its range in the text. Takes 12 bytes.
struct Token {
  enum Kind: UInt8 {
    case leftParenthesis
    case rightParenthesis
    /// A sequence of identifier characters: a keyword or a number. The parser distinguishes them.
    case atom
    /// `$name`
    case id
    /// `$"name"`
    case quotedId
    case string
    /// A sequence that has the form of a token but is none (spec 6.3.1, reserved). An error wherever the parser reads it.
    case reserved
    case end
  }

  var kind: Kind
  var start: UInt32
  var end: UInt32

  var isId: Bool { kind == .id || kind == .quotedId }
}

/// Splits text into tokens. Skips comments and annotations (spec 6.3).
struct Lexer {
  let bytes: [UInt8]
  private(set) var tokens: [Token] = []
  private var position = 0
  /// Number of open parentheses since the start of the outermost annotation. Tokens are dropped while it is not zero.
  private var annotationDepth = 0
  private var annotationStart = 0

  /// All tokens of `bytes`; the last is `.end`.
  static func tokens(of bytes: [UInt8]) throws(WasmTextError) -> [Token] {
    var lexer = Lexer(bytes: bytes)
    guard UInt32(exactly: bytes.count) != nil else {
      throw WasmTextError("text of 4 GiB or more", at: 0, in: [])
    }
    while lexer.position < bytes.count { try lexer.next() }
    if lexer.annotationDepth > 0 { throw lexer.error("unclosed annotation", lexer.annotationStart) }
    lexer.add(.end, from: bytes.count)
    return lexer.tokens
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func error(_ message: String, _ offset: Int) -> WasmTextError {
    WasmTextError(message, at: offset, in: bytes)
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func add(_ kind: Token.Kind, from start: Int) {
    guard annotationDepth == 0 else { return }
    tokens.append(Token(kind: kind, start: UInt32(start), end: UInt32(position)))
  }

  private mutating func next() throws(WasmTextError) {
    let start = position
    switch bytes[position] {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
      position += 1
    case UInt8(ascii: "("):
      try leftParenthesis()
    case UInt8(ascii: ")"):
      position += 1
      if annotationDepth > 0 { annotationDepth -= 1 } else { add(.rightParenthesis, from: start) }
    case UInt8(ascii: ";") where peek(1) == UInt8(ascii: ";"):
      skipLineComment()
    default:
      try run()
    }
  }

  private mutating func leftParenthesis() throws(WasmTextError) {
    let start = position
    if peek(1) == UInt8(ascii: ";") { return try skipBlockComment() }
    let isAnnotation = peek(1) == UInt8(ascii: "@")
    position += isAnnotation ? 2 : 1
    if isAnnotation {
      if annotationDepth == 0 { annotationStart = start }
      annotationDepth += 1
      try annotationName()
    } else if annotationDepth > 0 {
      annotationDepth += 1
    } else {
      add(.leftParenthesis, from: start)
    }
  }

  private mutating func annotationName() throws(WasmTextError) {
    let start = position
    if peek() == UInt8(ascii: "\"") {
      try string()
      if try name(start, position).isEmpty { throw error("empty annotation name", start) }
    } else {
      while let byte = peek(), byte.isIdentifierCharacter { position += 1 }
    }
    if position == start { throw error("empty annotation name", start) }
  }

  /// Skips to a newline or the end of the text.
  private mutating func skipLineComment() {
    while let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
      position += 1
    }
  }

  private mutating func skipBlockComment() throws(WasmTextError) {
    let start = position
    var depth = 0
    repeat {
      switch (peek(), peek(1)) {
      case (UInt8(ascii: "("), UInt8(ascii: ";")):
        depth += 1
        position += 2
      case (UInt8(ascii: ";"), UInt8(ascii: ")")):
        depth -= 1
        position += 2
      case (nil, _):
        throw error("unclosed comment", start)
      default:
        position += 1
      }
    } while depth > 0
  }

  /// Scans the longest sequence of token characters and strings, which forms one token whatever it contains.
  private mutating func run() throws(WasmTextError) {
    let start = position
    var strings = 0
    var firstString = start
    var hasReserved = false
    scan: while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        if strings == 0 { firstString = position }
        strings += 1
        try string()
      case UInt8(ascii: ";") where peek(1) == UInt8(ascii: ";"):
        break scan
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "["), UInt8(ascii: "]"),
        UInt8(ascii: "{"), UInt8(ascii: "}"):
        hasReserved = true
        position += 1
      default:
        guard byte.isIdentifierCharacter else { break scan }
        position += 1
      }
    }
    if position == start { throw error("illegal character", start) }
    let kind = kind(start, strings: strings, firstString: firstString)
    if kind == .quotedId {
      let name = try name(firstString, position)
      if name.isEmpty { throw error("empty identifier", start) }
    }
    let isEmptyId = kind == .id && position == start + 1
    if isEmptyId && annotationDepth == 0 { throw error("empty identifier", start) }
    add(hasReserved ? .reserved : kind, from: start)
  }

  private func kind(_ start: Int, strings: Int, firstString: Int) -> Token.Kind {
    let isDollar = bytes[start] == UInt8(ascii: "$")
    // If the last byte is a closing quote, the string ends the token: a character after it would belong to the token.
    let endsQuoted = bytes[position - 1] == UInt8(ascii: "\"")
    switch strings {
    case 0: return isDollar ? .id : .atom
    case 1 where endsQuoted && firstString == start: return .string
    case 1 where endsQuoted && firstString == start + 1 && isDollar: return .quotedId
    default: return .reserved
    }
  }

  private func name(_ start: Int, _ end: Int) throws(WasmTextError) -> [UInt8] {
    let name = StringLiteral.contents(bytes[start..<end])
    if !StringLiteral.isUTF8(name) { throw error("malformed UTF-8 encoding", start) }
    return name
  }

  /// Scans a string including its quotes. Checks escapes but does not decode them.
  private mutating func string() throws(WasmTextError) {
    let start = position
    position += 1
    while true {
      guard let byte = peek() else { throw error("unclosed string", start) }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        guard let length = StringLiteral.escapeLength(bytes[position...]) else {
          throw error("malformed escape in string", position)
        }
        position += length
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        throw error("unclosed string", start)
      case 0..<0x20, 0x7F:
        throw error("illegal control character in string", position)
      default:
        position += 1
      }
    }
  }
}

extension UInt8 {
  /// Printable ASCII except space, quotes, comma, semicolon and brackets (spec 6.3.5).
  var isIdentifierCharacter: Bool {
    switch self {
    case UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
      UInt8(ascii: ";"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"):
      false
    default:
      self > 0x20 && self < 0x7F
    }
  }
}
