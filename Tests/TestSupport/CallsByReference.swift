/// Makes calls through a table of a module's text calls by reference: for programs whose table has functions of one type, as those of
/// the deopt matrix.
///
///     (table 2 funcref) (elem (i32.const 0) $a $b)
///     (call_indirect (type $t) x index)
///
/// becomes
///
///     (table 2 (ref null $t)) (elem (table 0) (i32.const 0) (ref null $t) (ref.func $a) (ref.func $b))
///     (call_ref $t x (table.get index))
func callingByReference(_ text: String) -> String {
  let call = "(call_indirect (type $"
  guard let first = text.firstRange(of: call) else { return text }
  let type = text[first.upperBound...].prefix { $0 != ")" }
  let reference = "(ref null $\(type))"
  var result = ""
  var rest = text.replacing("funcref)", with: reference + ")")[...]
  while let segment = rest.firstRange(of: "(elem (i32.const ") {
    let offset = rest[segment.upperBound...].prefix { $0 != ")" }
    let names = rest[offset.endIndex...].dropFirst().prefix { $0 != ")" }
    let items = names.split(separator: " ").map { "(ref.func \($0))" }.joined(separator: " ")
    result += rest[..<segment.lowerBound]
    result += "(elem (table 0) (i32.const \(offset)) \(reference) \(items)"
    rest = rest[names.endIndex...]
  }
  return replaceCalls(Array(result + rest), Array("\(call)\(type))"), Array("(call_ref $\(type)"))
}

/// - Parameters:
///   - old: how calls through the table begin.
///   - new: how those by reference do.
private func replaceCalls(_ text: [Character], _ old: [Character], _ new: [Character]) -> String {
  var result: [Character] = []
  /// The open calls: their depth, and where in the result their last operand so far begins.
  var open: [(depth: Int, last: Int)] = []
  var depth = 0
  var position = 0
  while position < text.count {
    let character = text[position]
    if character == "(" {
      if let call = open.last, call.depth == depth { open[open.count - 1].last = result.count }
      depth += 1
      if text[position...].starts(with: old) {
        open.append((depth, 0))
        result += new
        position += old.count
        continue
      }
    } else if character == ")" {
      if let call = open.last, call.depth == depth {
        open.removeLast()
        result.insert(contentsOf: "(table.get ", at: call.last)
        result.append(")")
      }
      depth -= 1
    }
    result.append(character)
    position += 1
  }
  return String(result)
}
