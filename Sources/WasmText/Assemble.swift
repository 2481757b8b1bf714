import Wasm

/// Translates a module of the text format (spec chapter 6) to the binary format.
///
/// The result is well-formed but not necessarily valid: `Module(validating:)` checks that. It has a name section if the text
/// has identifiers other than labels. Annotations are ignored.
/// - Parameter text: One `(module …)` in any of its forms (including `binary` and `quote`), or only its fields.
/// - Throws: The first error in the text, or the first use of a feature that is not in `FeatureSet.valid`.
public func assemble(_ text: String) throws(WasmTextError) -> [UInt8] {
  try assemble(text, features: .valid)
}

/// Translates with other features.
/// - Parameter features: The features that the module may use.
package func assemble(_ text: String, features: FeatureSet) throws(WasmTextError) -> [UInt8] {
  try assemble(Array(text.utf8), features: features)
}

/// Translates bytes that need not be UTF-8.
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

/// A quoted module must be a plain one: quotes do not nest.
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
