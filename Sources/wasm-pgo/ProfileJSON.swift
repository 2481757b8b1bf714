import CommandLineSupport
import Feedback

/// Profiles as JSON, with the names of one file.
struct ProfileJSON {
  var file: ProfileFile

  /// - Parameter keys: the functions to list, in this order.
  func profile(_ keys: [FunctionKey]) -> JSON {
    .object([
      ("runs", .integer(file.runCount)),
      ("modules", .array(file.moduleHashes.map { .string(hexadecimal($0)) })),
      ("function_count", .integer(file.functions.count)),
      ("weight", .integer(file.functions.values.reduce(0) { saturatingSum($0, $1.weight) })),
      ("functions", .array(keys.compactMap(function))),
    ])
  }

  private func function(_ key: FunctionKey) -> JSON? {
    guard let function = file.functions[key] else { return nil }
    func list<Value>(
      _ counts: [Int: Value], _ members: (Value) -> [(String, JSON)]
    ) -> JSON {
      .array(
        counts.sorted { $0.key < $1.key }.map {
          .object([("instruction", .integer($0.key))] + members($0.value))
        })
    }
    return .object(
      identity(key) + [
        ("weight", .integer(function.weight)), ("entries", .integer(function.entryCount)),
        ("loops", list(function.loops) { [("count", .integer($0))] }),
        (
          "branches",
          list(function.branches) {
            [("taken", .integer($0.taken)), ("not_taken", .integer($0.notTaken))]
          }
        ),
        (
          "branch_tables",
          list(function.branchTables) { [("counts", .array($0.map { .integer($0) }))] }
        ),
        ("calls", list(function.calls) { [("count", .integer($0))] }),
        ("sites", list(function.sites, site)),
      ])
  }

  private func identity(_ key: FunctionKey) -> [(String, JSON)] {
    [
      ("name", .string(file.name(key))), ("hash", .string(hexadecimal(key.hash))),
      ("ordinal", .integer(key.ordinal)),
    ]
  }

  private func site(_ site: ProfileFile.Site) -> [(String, JSON)] {
    let order = site.targets.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return [
      ("count", .integer(site.totalCount)), ("state", .string(site.state)),
      (
        "targets",
        .array(order.map { .object(identity($0.key) + [("count", .integer($0.value))]) })
      ),
      ("others", .integer(site.otherCount)), ("foreign", .integer(site.foreignCount)),
    ]
  }

  /// - Parameter top: sites and functions at most.
  func comparison(_ comparison: ProfileComparison, top: Int) -> JSON {
    func percent(_ share: Double) -> JSON { .decimal(100 * share, places: 2) }
    let sites = comparison.sites.prefix(top).map { row in
      JSON.object([
        ("function", .object(identity(row.function))), ("instruction", .integer(row.ordinal)),
        ("moved_percent", percent(row.moved)), ("heat_percent", percent(row.heat)),
        ("before", .object(row.before.map(site) ?? [])),
        ("after", .object(row.after.map(site) ?? [])),
      ])
    }
    let functions = comparison.functions.prefix(top).map { row in
      JSON.object([
        ("function", .object(identity(row.function))), ("before_percent", percent(row.before)),
        ("after_percent", percent(row.after)),
      ])
    }
    return .object([
      ("overlap_percent", percent(comparison.overlap)),
      ("site_count", .integer(comparison.sites.count)), ("sites", .array(sites)),
      ("function_count", .integer(comparison.functions.count)), ("functions", .array(functions)),
    ])
  }
}
