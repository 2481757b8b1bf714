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
        let start = offset.constant(.i32)
      else { continue }
      if start + UInt64(segment.items.count) > tables[table].limits.min {
        result.append("element segment \(index) does not fit into table \(table)")
      }
    }
    for (index, segment) in data.enumerated() {
      guard case .active(let target, let offset) = segment.mode, target >= importedMemoryCount,
        let start = offset.constant(memories[target].addressType)
      else { continue }
      let memory = memories[target]
      if start + UInt64(segment.bytes.count) > memory.limits.min * UInt64(memory.pageSize) {
        result.append("data segment \(index) does not fit into the memory")
      }
    }
    return result
  }
}

extension ConstantExpression {
  /// The value of a lone constant of a type.
  fileprivate func constant(_ type: ValueType) -> UInt64? {
    guard steps.count == 1, case .constant(type, let bits) = steps[0] else { return nil }
    return bits
  }
}
