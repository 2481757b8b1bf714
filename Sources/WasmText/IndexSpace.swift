/// One of a module's index spaces (spec 6.6.1): how many entries, and which identifiers.
struct IndexSpace {
  let noun: String
  /// Entries declared so far; after the first pass, all.
  private(set) var count = 0
  /// Entries that the second pass has come to.
  private var defined = 0
  private(set) var indices: [[UInt8]: Int] = [:]

  init(_ noun: String) { self.noun = noun }

  /// Gives the next entry its identifier, if any.
  mutating func declare(_ id: Token?, _ parser: Parser) throws(WasmTextError) {
    if let id, indices.updateValue(count, forKey: parser.identifier(id)) != nil {
      throw parser.error("duplicate \(noun) \(parser.quote(id))", id)
    }
    count += 1
  }

  /// The index of the entry that the second pass defines next.
  mutating func define() -> Int {
    defer { defined += 1 }
    return defined
  }

  /// The index that comes next in the text. Numbers are not held against `count`: that is validation.
  func index(_ parser: inout Parser) throws(WasmTextError) -> UInt64 {
    let token = parser.peek
    guard token.isId else {
      return try parser.unsigned(max: UInt64(UInt32.max), "a \(noun) index")
    }
    parser.position += 1
    guard let index = indices[parser.identifier(token)] else {
      throw parser.error("unknown \(noun) \(parser.quote(token))", token)
    }
    return UInt64(index)
  }

  /// An index, or 0 if none comes next.
  func optionalIndex(_ parser: inout Parser) throws(WasmTextError) -> UInt64 {
    parser.isAtIndex ? try index(&parser) : 0
  }

  /// Identifiers by ascending index.
  var names: [(index: Int, name: [UInt8])] {
    indices.map { (index: $0.value, name: $0.key) }.sorted { $0.index < $1.index }
  }
}
