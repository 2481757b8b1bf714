import Wasm

/// Translates a module of the text format (spec chapter 6) to the binary format.
///
/// The result is well-formed; whether it is valid is for `Module(validating:)` to say. It has a name section
/// when the text has identifiers (but labels). Annotations are ignored.
/// - Parameter text: One `(module …)` in any of its forms (`binary` and `quote` too), or only its fields.
/// - Throws: The first error in the text, and what needs a feature that is not in `FeatureSet.valid`.
public func assemble(_ text: String) throws(WasmTextError) -> [UInt8] {
  try assemble(text, features: .valid)
}

/// As above.
/// - Parameter features: What the module may need.
package func assemble(_ text: String, features: FeatureSet) throws(WasmTextError) -> [UInt8] {
  try assemble(Array(text.utf8), features: features)
}

/// As above, from bytes that need not be UTF-8.
package func assemble(
  _ text: [UInt8], features: FeatureSet = .valid
) throws(WasmTextError) -> [UInt8] {
  if let start = firstInvalidUTF8(text) {
    throw WasmTextError("malformed UTF-8 encoding", at: start, in: text)
  }
  var parser = Parser(text: text, tokens: try Lexer.tokens(of: text))
  guard parser.takeForm("module") else {
    return try assembleFields(parser, isWrapped: false, features)
  }
  let id = parser.takeId()
  switch parser.takeKeyword(["binary", "quote"]) {
  case "binary":
    return try parser.strings(closing: true)
  case "quote":
    let start = parser.peek
    let quoted = try parser.strings(closing: true)
    do throws(WasmTextError) {
      return try assembleQuoted(quoted, features)
    } catch {
      throw parser.error("in quoted module: \(error)", start)
    }
  default:
    return try assembleFields(parser, id: id, isWrapped: true, features)
  }
}

/// A quoted module is a plain one: quotes do not nest.
private func assembleQuoted(
  _ text: [UInt8], _ features: FeatureSet
) throws(WasmTextError) -> [UInt8] {
  if let start = firstInvalidUTF8(text) {
    throw WasmTextError("malformed UTF-8 encoding", at: start, in: text)
  }
  var parser = Parser(text: text, tokens: try Lexer.tokens(of: text))
  guard parser.takeForm("module") else {
    return try assembleFields(parser, isWrapped: false, features)
  }
  let id = parser.takeId()
  return try assembleFields(parser, id: id, isWrapped: true, features)
}

private func assembleFields(
  _ parser: Parser, id: Token? = nil, isWrapped: Bool, _ features: FeatureSet
) throws(WasmTextError) -> [UInt8] {
  var assembler = Assembler(parser, features)
  try assembler.declareFields(isWrapped: isWrapped)
  try assembler.defineTypes()
  try assembler.defineFields()
  return assembler.module(id: id)
}

private func firstInvalidUTF8(_ text: [UInt8]) -> Int? {
  do {
    _ = try UTF8Span(validating: text.span)
    return nil
  } catch {
    return error.byteOffsets.lowerBound
  }
}
