/// One of a module's index spaces (spec 6.6.1): its number of entries and its identifiers.
struct IndexSpace {
  let noun: String
  /// Number of entries declared so far. Complete after the first pass.
  private(set) var count = 0
  /// Number of entries that the second pass has defined so far.
  private var defined = 0
  private(set) var indices: [[UInt8]: Int] = [:]

  init(_ noun: String) { self.noun = noun }

  /// Declares the next entry, with its identifier if it has one.
  mutating func declare(_ id: Token?, _ parser: Parser) throws(WasmTextError) {
    if let id, indices.updateValue(count, forKey: parser.identifier(id)) != nil {
      throw parser.error("duplicate \(noun) \(parser.quote(id))", id)
    }
    count += 1
  }

  /// Returns the index of the next entry that the second pass defines.
  mutating func define() -> Int {
    defer { defined += 1 }
    return defined
  }

  /// Parses an index. Numbers are not compared with `count`: validation checks them.
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

  /// Parses an index; returns 0 if there is none.
  func optionalIndex(_ parser: inout Parser) throws(WasmTextError) -> UInt64 {
    parser.isAtIndex ? try index(&parser) : 0
  }

  /// Identifiers in ascending order of their indices.
  var names: [(index: Int, name: [UInt8])] {
    indices.map { (index: $0.value, name: $0.key) }.sorted { $0.index < $1.index }
  }
}
