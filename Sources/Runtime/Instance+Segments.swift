import Contract
import Wasm

/// Tables and memories, segments and what instructions do to them (spec 4.4.6, 4.4.7, 4.5.4). What fails
/// returns the trap and has changed nothing.
extension Instance {
  /// Active segments, element segments first. Those before one that traps stay in effect.
  func initializeFromSegments() throws {
    var failure: TrapCode?
    for (index, segment) in module.elements.enumerated() where failure == nil {
      failure = apply(segment, index)
    }
    try compiledModule.code?.tablesAreInitialized(of: self)
    if let failure { throw Trap(failure) }
    for (index, segment) in module.data.enumerated() {
      guard case .active(let memory, let offset) = segment.mode else { continue }
      let start = evaluate(offset)
      if let trap = memoryInit(index, memory, start, 0, UInt64(data[index].count)) {
        throw Trap(trap)
      }
      dropData(index)
    }
  }

  private func apply(_ segment: ElementSegment, _ index: Int) -> TrapCode? {
    switch segment.mode {
    case .passive: return nil
    case .declarative: break
    case .active(let table, let offset):
      let start = evaluate(offset)
      let count = UInt64(elements[index].count)
      let wasPristine = tables[table].isPristine
      if let trap = tableInit(index, table, start, 0, count) { return trap }
      // The compiler knows what these leave in a table of the module's own.
      if table >= module.importedTableCount { tables[table].isPristine = wasPristine }
    }
    dropElement(index)
    return nil
  }

  // MARK: Memory

  func memoryInit(
    _ segment: Int, _ memory: Int, _ destination: UInt64, _ source: UInt64, _ count: UInt64
  ) -> TrapCode? {
    let bytes = data[segment]
    guard source <= UInt64(bytes.count), count <= UInt64(bytes.count) - source,
      memories[memory].contains(destination, count)
    else { return .outOfBoundsMemoryAccess }
    module.bytes.withUnsafeBytes { module in
      guard count > 0, let start = module.baseAddress else { return }
      (memories[memory].base + Int(destination)).copyMemory(
        from: start + bytes.lowerBound + Int(source), byteCount: Int(count))
    }
    return nil
  }

  func dropData(_ segment: Int) { data[segment] = 0..<0 }

  // MARK: Tables

  func tableFill(_ table: Int, _ start: UInt64, _ reference: UInt64, _ count: UInt64)
    -> TrapCode?
  {
    let table = tables[table]
    guard table.contains(start, count) else { return .outOfBoundsTableAccess }
    guard count > 0 else { return nil }
    table.isPristine = false
    (table.elements + Int(start)).update(repeating: reference, count: Int(count))
    return nil
  }

  func tableCopy(
    _ destinationTable: Int, _ sourceTable: Int, _ destination: UInt64, _ source: UInt64,
    _ count: UInt64
  ) -> TrapCode? {
    let (to, from) = (tables[destinationTable], tables[sourceTable])
    guard to.contains(destination, count), from.contains(source, count) else {
      return .outOfBoundsTableAccess
    }
    guard count > 0 else { return nil }
    to.isPristine = false
    (to.elements + Int(destination)).update(
      from: from.elements + Int(source), count: Int(count))
    return nil
  }

  func tableInit(
    _ segment: Int, _ table: Int, _ destination: UInt64, _ source: UInt64, _ count: UInt64
  ) -> TrapCode? {
    let table = tables[table]
    let available = UInt64(elements[segment].count)
    guard source <= available, count <= available - source, table.contains(destination, count)
    else { return .outOfBoundsTableAccess }
    guard count > 0 else { return nil }
    table.isPristine = false
    elements[segment].withUnsafeBufferPointer { references in
      guard let start = references.baseAddress else { return }
      (table.elements + Int(destination)).update(from: start + Int(source), count: Int(count))
    }
    return nil
  }

  func dropElement(_ segment: Int) { elements[segment] = [] }
}
