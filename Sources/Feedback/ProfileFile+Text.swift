/// The text form (`profile show`): functions by weight, each with its sites in order.
///
///     2 runs of 1 module (00c0ffee00c0ffee)
///     3 functions, 2 entered, 2 call sites
///
///     main  61.2 %  entries 1
///       @12 loop           999
///       @20 indirect call  1000  polymorphic
///             60.0 %  600  circle
///       @33 call           1000
///
/// A weight is a function's share of all events counted: entries, back-edges and calls. `@n` is the
/// instruction's ordinal in its body.
extension ProfileFile {
  /// Functions that have counts, the heaviest first.
  public var functionsByWeight: [FunctionKey] {
    let weights = functions.mapValues(\.weight)
    return functions.keys.filter { weights[$0, default: 0] > 0 }.sorted {
      (weights[$1, default: 0], $0) < (weights[$0, default: 0], $1)
    }
  }

  /// - Parameters:
  ///   - limit: functions at most; the heaviest come first.
  ///   - only: no other functions.
  public func describe(limit: Int = .max, only: [FunctionKey]? = nil) -> String {
    var text = summary
    let total = functions.values.reduce(0) { saturatingSum($0, $1.weight) }
    let order = only ?? functionsByWeight
    for key in order.prefix(limit) {
      guard let function = functions[key] else { continue }
      text +=
        "\n\(name(key))  \(share(function.weight, of: total))  entries \(function.entryCount)\n"
      for line in function.lines(name) { text += "  " + line + "\n" }
    }
    if order.count > limit { text += "\n(\(order.count - limit) more functions)\n" }
    return text
  }

  private var summary: String {
    let hashes = moduleHashes.map(hexadecimal).joined(separator: ", ")
    let entered = functions.values.count { $0.entryCount > 0 }
    let sites = functions.values.reduce(0) { $0 + $1.calls.count + $1.sites.count }
    return """
      \(runCount) \(runCount == 1 ? "run" : "runs") of \
      \(moduleHashes.count) \(moduleHashes.count == 1 ? "module" : "modules") (\(hashes))
      \(functions.count) functions, \(entered) entered, \(sites) call sites reached

      """
  }

  /// The call sites through tables and references, those with the most calls first.
  /// - Parameter limit: sites at most.
  public func describeSites(limit: Int = .max) -> String {
    let total = functions.values.reduce(0) { saturatingSum($0, $1.weight) }
    let rows = functions.flatMap { key, function in
      function.sites.map { (key: key, ordinal: $0.key, site: $0.value) }
    }
    let order = rows.sorted {
      ($1.site.totalCount, $0.key, $0.ordinal) < ($0.site.totalCount, $1.key, $1.ordinal)
    }
    var text = summary + "\n"
    for row in order.prefix(limit) {
      text += "\(name(row.key)) @\(row.ordinal)  \(share(row.site.totalCount, of: total))  "
      text += row.site.lines(name).joined(separator: "\n") + "\n"
    }
    if order.count > limit { text += "\n(\(order.count - limit) more sites)\n" }
    return text
  }

  /// The functions with this name, or this hash as ``name(_:)`` writes it.
  public func functions(named text: String) -> [FunctionKey] {
    functions.keys.filter {
      name($0) == text || hexadecimal($0.hash) == text
    }.sorted()
  }

  /// A function's name, else its hash; its ordinal tells it from those with the same body.
  public func name(_ key: FunctionKey) -> String {
    let known = functions[key]?.name ?? ""
    if !known.isEmpty { return known }
    return hexadecimal(key.hash) + (key.ordinal == 0 ? "" : "#\(key.ordinal)")
  }
}

extension ProfileFile.Site {
  /// V8's lattice.
  public var state: String {
    if otherCount > 0 { return "megamorphic" }
    return switch targets.count + (foreignCount > 0 ? 1 : 0) {
    case 0: "uninitialized"
    case 1: targets.isEmpty ? "foreign" : "monomorphic"
    default: "polymorphic"
    }
  }

  /// Executions of the site.
  public var totalCount: UInt64 {
    targets.values.reduce(saturatingSum(otherCount, foreignCount), saturatingSum)
  }
}

extension ProfileFile.Function {
  /// Events counted in it: entries, back-edges and calls.
  public var weight: UInt64 {
    var sum = entryCount
    for count in loops.values { sum = saturatingSum(sum, count) }
    for count in calls.values { sum = saturatingSum(sum, count) }
    for site in sites.values { sum = saturatingSum(sum, site.totalCount) }
    return sum
  }

  fileprivate func lines(_ name: (FunctionKey) -> String) -> [String] {
    var rows: [(ordinal: Int, kind: String, rest: [String])] = []
    for (ordinal, count) in loops { rows.append((ordinal, "loop", ["\(count)"])) }
    for (ordinal, branch) in branches {
      rows.append((ordinal, "branch", ["taken \(branch.taken), not taken \(branch.notTaken)"]))
    }
    for (ordinal, counts) in branchTables {
      let list = counts.map(String.init).joined(separator: " ")
      rows.append((ordinal, "br_table", [list]))
    }
    for (ordinal, count) in calls { rows.append((ordinal, "call", ["\(count)"])) }
    for (ordinal, site) in sites { rows.append((ordinal, "indirect call", site.lines(name))) }
    rows.sort { ($0.ordinal, $0.kind) < ($1.ordinal, $1.kind) }
    return rows.flatMap { row in
      ["\(pad("@\(row.ordinal)", 5)) \(pad(row.kind, 13))  \(row.rest[0])"] + row.rest.dropFirst()
    }
  }
}

extension ProfileFile.Site {
  fileprivate func lines(_ name: (FunctionKey) -> String) -> [String] {
    let total = totalCount
    func line(_ count: UInt64, _ target: String) -> String {
      "      \(share(count, of: total))  \(count)  \(target)"
    }
    let order = targets.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return ["\(total)  \(state)"] + order.map { line($0.value, name($0.key)) }
      + (otherCount > 0 ? [line(otherCount, "(others)")] : [])
      + (foreignCount > 0 ? [line(foreignCount, "(other instances, host)")] : [])
  }
}

private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// 16 digits.
package func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// Per cent with one digit; 100 at most, since sums stick at their greatest value and their parts may not.
package func share(_ part: UInt64, of whole: UInt64) -> String {
  guard whole > 0 else { return "0.0 %" }
  let tenths = Int((Double(min(part, whole)) / Double(whole) * 1000).rounded())
  return "\(tenths / 10).\(tenths % 10) %"
}
