import TestSupport

/// Exceptions: thrown by callees, seldom, through calls with operands beneath them; caught by the first clause that fits, by handlers that read
/// locals which the body changed, some of which nobody else reads; kept and thrown again; in both forms.
extension FuzzGenerator {
  /// Number of tags that modules share. Another one is like the first, and no handler names it.
  static let tagCount = 3

  mutating func makeTags() {
    // Values of an exception are no references.
    tags = (0..<Self.tagCount).map { _ in kinds(0...3) }
  }

  /// Definitions, or imports of the library's.
  func tagFields(importsLibrary: Bool) -> String {
    guard hasExceptions else { return "" }
    let fields = tags.enumerated().map { number, kinds in
      let parameters = kinds.map { "(param \($0.rawValue))" }.joined(separator: " ")
      return importsLibrary
        ? "(import \"lib\" \"x\(number)\" (tag $x\(number) \(parameters)))"
        : "(tag $x\(number) (export \"x\(number)\") \(parameters))"
    }
    return fields.joined(separator: "\n")
  }

  /// The tag that no handler names.
  var otherTag: String {
    guard hasExceptions, let first = tags.first else { return "" }
    return "(tag $other " + first.map { "(param \($0.rawValue))" }.joined(separator: " ") + ")"
  }

  /// Locals of a function, for what its handlers need.
  var exceptionLocals: [String] {
    (0..<tries).map { "(local $d\($0) i32)" } + (hasExceptions ? ["(local $exception exnref)"] : [])
  }

  /// Seldom.
  mutating func throwing() -> String {
    let tag = number(0...Self.tagCount - 1)
    let name = tag == 0 && chance(15) ? "$other" : "$x\(tag)"
    let values = tags[tag].map { clamped($0, 1) }.joined(separator: " ")
    return "(if \(rarely()) (then (throw \(name) \(values))))\n"
  }

  private mutating func rarely() -> String {
    "(i32.eq (i32.and \(expression(.i32, 2)) (i32.const \(chance(50) ? 15 : 3))) (i32.const 1))"
  }

  /// A call, or several, with handlers around.
  mutating func trying() -> String {
    let beneath = kinds(0...2)
    let pushes = beneath.map { expression($0, 1) + "\n" }.joined()
    let number = tries
    tries += 1
    let text =
      "(local.set $d\(number) (global.get $depth))\n"
      + (chance(35) ? legacyTry(number) : tryTable(number))
    var keeps = ""
    for kind in beneath.reversed() { keeps += kind.isFloat ? absorb(kind) : keep(kind) }
    return pushes + text + keeps
  }

  private mutating func body() -> String {
    loopDepth += 1
    defer { loopDepth -= 1 }
    var text = ""
    for _ in 0..<number(1...2) {
      if chance(60), let local = valueLocal() { text += setLocal(local) }
      if chance(40) { text += throwing() }
      text += callStatement()
    }
    if let local = valueLocal() { text += setLocal(local) }
    return text
  }

  private mutating func valueLocal() -> Int? {
    locals.indices.filter { $0 > 2 && valueKinds.contains(locals[$0]) }
      .randomElement(using: &random)
  }

  private mutating func setLocal(_ local: Int) -> String {
    "(local.set \(local) \(clamped(locals[local], 1)))\n"
  }

  /// - Parameter number: of the `try`.
  private mutating func handler(_ kinds: [FuzzKind], _ number: Int) -> String {
    var text = ""
    for kind in kinds.reversed() { text += keep(kind) }
    text += "(global.set $depth (local.get $d\(number)))\n"
    if let local = valueLocal() { text += "(local.get \(local))\n" + absorb(locals[local]) }
    if chance(25) { text += callStatement() }
    return text
  }

  private mutating func tryTable(_ number: Int) -> String {
    let tag = self.number(0...Self.tagCount - 1)
    let keeps = chance(40)
    let catchesAll = chance(60)
    let keepsAll = chance(50)
    let all = catchesAll ? " (catch_all\(keepsAll ? "_ref" : "") $a\(number))" : ""
    let results = (tags[tag].map(\.rawValue) + (keeps ? ["exnref"] : [])).joined(separator: " ")
    var handler = keeps ? "(local.set $exception)\n" : ""
    handler += self.handler(tags[tag], number)
    if keeps && chance(50) {
      handler += "(if \(rarely()) (then (throw_ref (local.get $exception))))\n"
    }
    var text = """
      (block $h\(number)\(results.isEmpty ? "" : " (result \(results))")
        (try_table (catch\(keeps ? "_ref" : "") $x\(tag) $h\(number))\(all)
          \(body()))
        (br $o\(number)))
      \(handler)
      """
    if catchesAll {
      var rest = keepsAll ? "(local.set $exception)\n" : ""
      rest += self.handler([], number)
      if keepsAll && chance(50) { rest += "(throw_ref (local.get $exception))\n" }
      text = """
        (block $a\(number)\(keepsAll ? " (result exnref)" : "")
          \(text) (br $o\(number)))
        \(rest)
        """
    }
    return "(block $o\(number)\n\(text))\n"
  }

  private mutating func legacyTry(_ number: Int) -> String {
    let tag = self.number(0...Self.tagCount - 1)
    var body = body()
    if chance(30) { body = "(try (do \(body)) (delegate $t\(number)))\n" }
    var arms = "(catch $x\(tag) \(handler(tags[tag], number))"
    if chance(40) { arms += "(if \(rarely()) (then (rethrow $t\(number))))\n" }
    arms += ")\n"
    if chance(60) {
      arms += "(catch_all \(handler([], number))"
      arms += chance(30) ? "(rethrow $t\(number)))\n" : ")\n"
    }
    return "(try $t\(number) (do \(body))\n\(arms))\n"
  }

  /// What the driver does with exceptions of its calls: mostly it goes on.
  mutating func guarded(_ body: String) -> String {
    guard hasExceptions, chance(85) else { return body }
    return """
      (block $caught (try_table (catch_all $caught) \(body)))
      (global.set $depth (i32.const 0))

      """
  }
}
