/// A cursor over tokens, with parsers for the small parts of the grammar. It is a value: copy it to look ahead.
struct Parser {
  let text: [UInt8]
  let tokens: [Token]
  var position = 0

  init(text: [UInt8], tokens: [Token]) {
    self.text = text
    self.tokens = tokens
  }

  // MARK: Looking

  var peek: Token { tokens[min(position, tokens.count - 1)] }

  func peek(_ distance: Int) -> Token { tokens[min(position + distance, tokens.count - 1)] }

  func bytes(_ token: Token) -> ArraySlice<UInt8> { text[Int(token.start)..<Int(token.end)] }

  func string(_ token: Token) -> String { String(decoding: bytes(token), as: UTF8.self) }

  func token(_ token: Token, is keyword: StaticString) -> Bool {
    guard token.kind == .atom, Int(token.end - token.start) == keyword.utf8CodeUnitCount else {
      return false
    }
    return bytes(token).elementsEqual("\(keyword)".utf8)
  }

  /// Whether the next tokens are `(keyword`.
  func atForm(_ keyword: StaticString) -> Bool {
    peek.kind == .leftParenthesis && token(peek(1), is: keyword)
  }

  /// Whether the next token is an index: an identifier, or an atom that starts with a digit.
  var isAtIndex: Bool { isIndex(peek) }

  func isIndex(_ token: Token) -> Bool {
    token.isId || (token.kind == .atom && text[Int(token.start)].isDigit)
  }

  // MARK: Taking

  mutating func next() -> Token {
    let token = peek
    position += 1
    return token
  }

  /// Consumes `(keyword` if it comes next.
  mutating func takeForm(_ keyword: StaticString) -> Bool {
    guard atForm(keyword) else { return false }
    position += 2
    return true
  }

  mutating func takeKeyword(_ keywords: [StaticString]) -> String? {
    guard let keyword = keywords.first(where: { token(peek, is: $0) }) else { return nil }
    position += 1
    return "\(keyword)"
  }

  mutating func takeKeyword(_ keyword: StaticString) -> Bool {
    guard token(peek, is: keyword) else { return false }
    position += 1
    return true
  }

  mutating func takeId() -> Token? { peek.isId ? next() : nil }

  mutating func close() throws(WasmTextError) {
    guard peek.kind == .rightParenthesis else { throw unexpected("')'") }
    position += 1
  }

  mutating func open() throws(WasmTextError) {
    guard peek.kind == .leftParenthesis else { throw unexpected("'('") }
    position += 1
  }

  /// Skips past the `)` of the form that the cursor is in.
  mutating func skipForm() throws(WasmTextError) {
    var depth = 1
    while depth > 0 {
      switch peek.kind {
      case .leftParenthesis: depth += 1
      case .rightParenthesis: depth -= 1
      case .end, .reserved: throw unexpected("')'")
      default: break
      }
      position += 1
    }
  }

  mutating func stringLiteral() throws(WasmTextError) -> [UInt8] {
    guard peek.kind == .string else { throw unexpected("a string") }
    return StringLiteral.contents(bytes(next()))
  }

  /// Parses a string that is a name: it must be UTF-8 (spec 6.3.4).
  mutating func name() throws(WasmTextError) -> [UInt8] {
    let token = peek
    let result = try stringLiteral()
    if !StringLiteral.isUTF8(result) { throw error("malformed UTF-8 encoding", token) }
    return result
  }

  /// Parses any number of strings, which are concatenated, and a `)`. With `closing`, the text must end there.
  mutating func strings(closing: Bool = false) throws(WasmTextError) -> [UInt8] {
    var result: [UInt8] = []
    while peek.kind == .string { result += try stringLiteral() }
    try close()
    if closing && peek.kind != .end { throw unexpected("the end of the text") }
    return result
  }

  /// Parses an unsigned integer up to `max`.
  mutating func unsigned(max: UInt64, _ what: String) throws(WasmTextError) -> UInt64 {
    let token = peek
    guard token.kind == .atom, let first = bytes(token).first, first.isDigit else {
      throw unexpected(what)
    }
    guard let value = NumberLiteral.unsigned(bytes(token)), value <= max else {
      throw error("\(what) '\(quote(token))' is malformed or out of range", token)
    }
    position += 1
    return value
  }

  // MARK: Identifiers and errors

  /// The name of an identifier. `$a` and `$"a"` have the same name.
  func identifier(_ token: Token) -> [UInt8] {
    let bytes = bytes(token).dropFirst()
    return token.kind == .quotedId ? StringLiteral.contents(bytes) : Array(bytes)
  }

  func error(_ message: String, _ token: Token) -> WasmTextError {
    WasmTextError(message, at: Int(token.start), in: text)
  }

  func unexpected(_ expected: String) -> WasmTextError {
    error("unexpected \(describe(peek)), expected \(expected)", peek)
  }

  private func describe(_ token: Token) -> String {
    switch token.kind {
    case .end: "end of text"
    case .reserved: "token '\(quote(token))' (blank missing?)"
    default: "'\(quote(token))'"
    }
  }

  /// The token's text for a message, truncated if it is long.
  func quote(_ token: Token) -> String {
    let bytes = bytes(token)
    return String(decoding: bytes.prefix(60), as: UTF8.self) + (bytes.count > 60 ? "…" : "")
  }
}
