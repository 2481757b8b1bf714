/// What happens when a module is instantiated.
extension Module {
  /// Whether an active element segment writes to an imported table, where references to the module's functions remain even if
  /// instantiation fails later.
  public var fillsImportedTables: Bool {
    elements.contains { segment in
      if case .active(let table, _) = segment.mode { table < importedTableCount } else { false }
    }
  }

  /// Why instantiation always fails, whatever is imported and as long as nobody raises a limit; for people.
  public var instantiationObstacles: [String] {
    var result: [String] = []
    let own = tables[importedTableCount...]
    let limit = UInt64(ImplementationLimits.tableSize)
    if let index = own.firstIndex(where: { $0.limits.min > limit }) {
      let count = tables[index].limits.min
      result.append("table \(index) has \(count) elements, the limit is \(limit)")
    } else {
      // No more than 100,000 of what is below the limit.
      let sum = own.reduce(0) { $0 + $1.limits.min }
      if sum > limit {
        result.append("its tables have \(sum) elements together, the limit is \(limit)")
      }
    }
    for (index, segment) in elements.enumerated() {
      guard case .active(let table, let offset) = segment.mode, table >= importedTableCount,
        let start = offset.constant(tables[table].addressType)
      else { continue }
      if !fits(start, segment.items.count, in: tables[table].limits.min) {
        result.append("element segment \(index) does not fit into table \(table)")
      }
    }
    for (index, segment) in data.enumerated() {
      guard case .active(let target, let offset) = segment.mode, target >= importedMemoryCount,
        let start = offset.constant(memories[target].addressType)
      else { continue }
      let memory = memories[target]
      // A size of more than 64 bits has room for every segment.
      let size = memory.limits.min.multipliedReportingOverflow(by: UInt64(memory.pageSize))
      if !size.overflow, !fits(start, segment.bytes.count, in: size.partialValue) {
        result.append("data segment \(index) does not fit into memory \(target)")
      }
    }
    return result
  }

  private func fits(_ start: UInt64, _ count: Int, in size: UInt64) -> Bool {
    start <= size && UInt64(count) <= size - start
  }
}

extension ConstantExpression {
  /// The value of a lone constant of a type.
  fileprivate func constant(_ type: ValueType) -> UInt64? {
    guard steps.count == 1, case .constant(type, let bits) = steps[0] else { return nil }
    return bits
  }
}
