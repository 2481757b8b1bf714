/// A cursor over tokens, and what the grammar's small parts look like. A struct without owner: whoever
/// copies it looks ahead.
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

  /// Whether `(keyword` comes next.
  func atForm(_ keyword: StaticString) -> Bool {
    peek.kind == .leftParenthesis && token(peek(1), is: keyword)
  }

  /// Whether an index comes next: an identifier or an atom that begins with a digit.
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

  /// Goes past `(keyword` if it comes next.
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

  /// Goes past the parenthesis that closes the form whose inside the cursor is in.
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

  /// A string that is a name: UTF-8 (spec 6.3.4).
  mutating func name() throws(WasmTextError) -> [UInt8] {
    let token = peek
    let result = try stringLiteral()
    if !StringLiteral.isUTF8(result) { throw error("malformed UTF-8 encoding", token) }
    return result
  }

  /// Any number of strings, joined, then `)`; with `closing` also the end of the text.
  mutating func strings(closing: Bool = false) throws(WasmTextError) -> [UInt8] {
    var result: [UInt8] = []
    while peek.kind == .string { result += try stringLiteral() }
    try close()
    if closing && peek.kind != .end { throw unexpected("the end of the text") }
    return result
  }

  /// An unsigned integer up to `max`.
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

  /// What an identifier names; `$a` and `$"a"` are the same.
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

  /// The token for a message, cut if it is long.
  func quote(_ token: Token) -> String {
    let bytes = bytes(token)
    return String(decoding: bytes.prefix(60), as: UTF8.self) + (bytes.count > 60 ? "…" : "")
  }
}
