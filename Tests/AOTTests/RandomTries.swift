import TestSupport

/// Random programs of tries, throws and guards: functions `f0` to `f4`, of which each calls those behind it. `run` calls the first.
struct RandomTries {
  private var random: TestRandom
  /// Labels around the statement, and which of them are arms of a legacy `try`.
  private var labels: [Bool] = []
  private var calls = 0
  private var counters = 0
  private var loopDepth = 0
  private(set) var sites: [DeoptCase.Site] = []
  private(set) var text = ""

  private static let functionCount = 5
  private static let tagCount = 3

  init(seed: UInt64) {
    random = TestRandom(seed: seed)
    var functions = ""
    for function in 0..<Self.functionCount {
      calls = 0
      counters = 0
      let body = block(function, depth: 4) + "\n" + block(function, depth: 4)
      let locals = (0..<counters).map { " (local $c\($0) i32)" }.joined()
      functions += """
        (func $f\(function) (export "f\(function)") (type $t)
          (local $l2 i32) (local $l3 i32) (local $x exnref)\(locals)
          (local.set $l2 (i32.const 5)) (local.set $l3 (i32.mul (local.get 1) (i32.const 3)))
          \(body)
          (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.xor (local.get 1)
            (i32.add (local.get $l2) (local.get $l3)))))

        """
    }
    let entries = (0..<Self.functionCount).map { "$f\($0)" }.joined(separator: " ")
    text = """
      (module
        (type $t (func (param i32 i32) (result i32)))
        (type $g (func (param i32) (result i32)))
        (tag $t0 (param i32)) (tag $t1 (param i32)) (tag $t2 (param i32))
        (table \(2 + Self.functionCount) funcref) (elem (i32.const 0) $hot $cold \(entries))
        (func $hot (export "hot") (type $g) (i32.add (local.get 0) (i32.const 1)))
        (func $cold (type $g) (i32.mul (local.get 0) (i32.const 3)))
        \(functions)
        (func (export "run") (type $t) (call $f0 (local.get 0) (local.get 1))))
      """
  }

  // MARK: Choices

  private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
  private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  private mutating func local() -> String { ["0", "1", "$l2", "$l3"][below(4)] }

  private mutating func value() -> String {
    let operation = ["add", "xor", "mul", "sub"][below(4)]
    let other = chance(50) ? "(local.get \(local()))" : "(i32.const \(1 + below(8)))"
    return "(i32.\(operation) (local.get \(local())) \(other))"
  }

  private mutating func condition() -> String {
    let mask = [1, 3, 7][below(3)]
    return
      "(i32.eq (i32.and (local.get \(local())) (i32.const \(mask))) (i32.const \(below(3) & mask)))"
  }

  // MARK: Statements

  private mutating func block(_ function: Int, depth: Int) -> String {
    (0..<1 + below(3)).map { _ in statement(function, depth) }.joined(separator: "\n")
  }

  /// A block within a label.
  private mutating func labelled(_ function: Int, _ depth: Int, isArm: Bool = false) -> String {
    labels.append(isArm)
    defer { labels.removeLast() }
    return block(function, depth: depth - 1)
  }

  private mutating func statement(_ function: Int, _ depth: Int) -> String {
    let kind = depth <= 0 ? 0 : below(100)
    switch kind {
    case ..<20: return "(local.set \(local()) \(value()))"
    case ..<40 where function + 1 < Self.functionCount && loopDepth < 2: return call(function)
    case ..<52: return "(if \(condition()) (then (throw $t\(below(Self.tagCount)) \(value()))))"
    case ..<60: return guarded(function)
    case ..<66:
      let arms = labels.indices.filter { labels[$0] }
      guard !arms.isEmpty else { return "(if \(condition()) (then (throw $t0 \(value()))))" }
      let arm = arms[below(arms.count)]
      return "(if \(condition()) (then (rethrow \(labels.count - arm))))"
    case ..<68: return "(if \(condition()) (then (throw_ref (local.get $x))))"
    case ..<74: return loop(function, depth)
    case ..<79:
      return "(if \(condition()) (then \(labelled(function, depth))))"
    case ..<84:
      let target = below(labels.count + 1)
      return "try\n\(labelled(function, depth))\ndelegate \(target)"
    case ..<92: return legacyTry(function, depth)
    default: return tryTable(function, depth)
    }
  }

  /// A direct call, or an indirect one that is speculated on.
  private mutating func call(_ function: Int) -> String {
    func other() -> Int { function + 1 + below(Self.functionCount - function - 1) }
    let target = other()
    if chance(40) { return "(local.set \(local()) (call $f\(target) \(value()) \(value())))" }
    sites.append(.init("f\(function)", calls, "f\(target)"))
    calls += 1
    return """
      (local.set \(local()) (call_indirect (type $t) \(value()) \(value())
        (select (i32.const \(2 + other())) (i32.const \(2 + target)) \(condition()))))
      """
  }

  private mutating func guarded(_ function: Int) -> String {
    sites.append(.init("f\(function)", calls, "hot"))
    calls += 1
    let name = local()
    return "(local.set \(name) (call_indirect (type $g) (local.get \(name)) \(condition())))"
  }

  private mutating func loop(_ function: Int, _ depth: Int) -> String {
    let counter = "$c\(counters)"
    counters += 1
    loopDepth += 1
    defer { loopDepth -= 1 }
    return """
      (local.set \(counter) (i32.const 0))
      (loop
        \(labelled(function, depth))
        (br_if 0 (i32.lt_u (local.tee \(counter) (i32.add (local.get \(counter)) (i32.const 1)))
          (i32.const \(2 + below(2))))))
      """
  }

  private mutating func legacyTry(_ function: Int, _ depth: Int) -> String {
    var result = "try\n\(labelled(function, depth))\n"
    for tag in (0..<Self.tagCount).shuffled(using: &random).prefix(below(3)) {
      result += "catch $t\(tag)\n(local.set \(local()))\n"
      result += labelled(function, depth, isArm: true) + "\n"
    }
    if chance(50) || !result.contains("\ncatch") {
      result += "catch_all\n\(labelled(function, depth, isArm: true))\n"
    }
    return result + "end"
  }

  private mutating func tryTable(_ function: Int, _ depth: Int) -> String {
    let keeps = chance(40)
    let catchesAll = chance(40)
    let tag = below(Self.tagCount)
    // Inside of three blocks.
    labels += [false, false, false]
    let body = labelled(function, depth)
    labels.removeLast()
    let handler = block(function, depth: depth - 1)
    labels.removeLast()
    let other = block(function, depth: depth - 1)
    labels.removeLast()
    let keep = keeps ? "(local.set $x)" : ""
    return """
      (block
        (block
          (block (result i32\(keeps ? " exnref" : ""))
            (try_table (catch\(keeps ? "_ref" : "") $t\(tag) 0) \(catchesAll ? "(catch_all 1)" : "")
              \(body))
            (br 2))
          \(keep) (local.set \(local()))
          \(handler)
          (br 1))
        \(other))
      """
  }
}
