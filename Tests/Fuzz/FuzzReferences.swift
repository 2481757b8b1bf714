/// Calls by typed references: in locals, globals and tables of their own for each signature, which change. A local `$own…` is never null and
/// has no default, `$maybe…` may be null; so may the last element of `$refs…`, while a call through `$full…` cannot meet any.
extension FuzzGenerator {
  /// The type `$t…` of each signature; with subtypes also `$s…` and, final, `$u…` below it.
  func typeFields() -> String {
    let types = signatures.enumerated().map { number, signature in
      guard hasSubtypes else { return "(type $t\(number) \(signature.text))" }
      let text = signature.text
      return "(rec (type $t\(number) (sub \(text))) (type $s\(number) (sub $t\(number) \(text))))\n"
        + "(type $u\(number) (sub final $s\(number) \(text)))"
    }
    return types.joined(separator: "\n")
  }

  /// The type of a signature's n-th function.
  func typeName(_ signature: Int, of number: Int) -> String {
    hasSubtypes ? ["$t", "$s", "$u"][number % 3] + "\(signature)" : "$t\(signature)"
  }

  /// The type by which a function is called through a table: seldom one that not all functions there have.
  mutating func calledType(_ signature: Int) -> String {
    hasSubtypes && chance(4)
      ? (chance(50) ? "$s" : "$u") + "\(signature)" : "$t\(signature)"
  }

  /// What a module has for them, one of each for every signature.
  func referenceFields() -> String {
    guard hasReferences else { return "" }
    return signatures.indices.map { signature in
      let type = "(ref null $t\(signature))"
      let items = members[signature].map { "(ref.func \($0))" }.joined(separator: " ")
      let count = members[signature].count
      return """
        (table $refs\(signature) \(count + 1) \(type))
        (elem (table $refs\(signature)) (i32.const 0) \(type) \(items))
        (table $full\(signature) \(count) (ref $t\(signature)) (ref.func \(members[signature][0])))
        (global $r\(signature) (export "r\(signature)") (mut \(type)) (ref.func \(members[signature][0])))

        """
    }.joined()
  }

  /// The declarations of a function's locals, and what sets those without a default.
  func referenceLocals() -> (locals: String, start: String) {
    guard hasReferences else { return ("", "") }
    let locals = signatures.indices.map {
      "(local $own\($0) (ref $t\($0))) (local $maybe\($0) (ref null $t\($0)))"
    }
    let start = signatures.indices.map { "(local.set $own\($0) (ref.func \(members[$0][0])))" }
    return (locals.joined(separator: " "), start.joined(separator: "\n"))
  }

  private mutating func anySignature() -> Int { number(0...signatures.count - 1) }

  /// A reference that may be null, seldom is.
  private mutating func reference(_ signature: Int, _ depth: Int) -> String {
    let type = "(ref null $t\(signature))"
    switch number(depth == 0 ? 2...7 : 0...7) {
    case 0:
      return "(select (result \(type)) \(reference(signature, depth - 1)) "
        + "\(reference(signature, depth - 1)) \(expression(.i32, 1)))"
    case 1: return present(signature, depth - 1)
    case 2: return "(ref.func \(members[signature][number(0...members[signature].count - 1)]))"
    case 3 where hasReferenceLocals: return "(local.get $maybe\(signature))"
    case 4 where hasReferenceLocals: return "(local.get $own\(signature))"
    case 5: return "(global.get $r\(signature))"
    default:
      let count = members[signature].count + (chance(4) ? 1 : 0)
      return "(table.get $refs\(signature) \(place(start: 0, count: count)))"
    }
  }

  /// A reference that is not null, whether types say so or not.
  private mutating func present(_ signature: Int, _ depth: Int) -> String {
    let other = "(ref.func \(members[signature][0]))"
    switch number(0...4) {
    case 0:
      return "(block (result (ref $t\(signature))) "
        + "(br_on_non_null 0 \(reference(signature, max(0, depth)))) \(other))"
    case 1 where hasReferenceLocals: return "(local.get $own\(signature))"
    case 2:
      return
        "(table.get $full\(signature) \(place(start: 0, count: members[signature].count)))"
    case 3 where chance(20): return "(ref.as_non_null \(reference(signature, max(0, depth))))"
    default: return other
    }
  }

  /// The call's arguments are on the stack.
  /// - Parameter form: of the mnemonic, before `call_ref`.
  mutating func callByReference(_ signature: Int, form: String) -> String {
    "(\(form)call_ref $t\(signature) \(chance(50) ? reference(signature, 1) : present(signature, 1)))\n"
  }

  /// Another reference in one of the places, now and then null.
  mutating func changeReference() -> String {
    let signature = anySignature()
    let value = chance(4) ? "(ref.null $t\(signature))" : reference(signature, 2)
    switch number(0...5) {
    case 0 where hasReferenceLocals: return "(local.set $maybe\(signature) \(value))\n"
    case 1 where hasReferenceLocals:
      return "(local.set $own\(signature) \(present(signature, 2)))\n"
    case 2: return "(global.set $r\(signature) \(value))\n"
    case 3:
      return "(table.set $full\(signature) "
        + "\(place(start: 0, count: members[signature].count)) \(present(signature, 2)))\n"
    case 4:
      return """
        (block (drop (br_on_null 0 \(value)))
          (global.set $gi32 (i32.add (global.get $gi32) (i32.const 1))))

        """
    default:
      return "(table.set $refs\(signature) "
        + "\(place(start: 0, count: members[signature].count)) \(value))\n"
    }
  }
}
