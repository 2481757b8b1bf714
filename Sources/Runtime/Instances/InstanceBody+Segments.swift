import Contract
import Wasm

/// Tables and memories, segments and what instructions do to them (spec 4.4.6, 4.4.7, 4.5.4). What fails
/// returns the trap and has changed nothing; what is interrupted has changed a part.
extension InstanceBody {
  /// Active segments, element segments first. Those before one that traps stay in effect.
  func initializeFromSegments() throws {
    var failure: TrapCode?
    for (index, segment) in module.elements.enumerated() where failure == nil {
      failure = apply(segment, index)
    }
    if let failure { throw Trap(failure) }
    try compiledModule.code?.tablesAreInitialized(of: self)
    for (index, segment) in module.data.enumerated() {
      guard case .active(let memory, let offset) = segment.mode else { continue }
      let start = evaluate(offset).low
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
      let start = evaluate(offset).low
      let count = UInt64(segment.items.count)
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
    let isDone = module.bytes.withUnsafeBytes { module in
      guard count > 0, let start = module.baseAddress else { return true }
      let (to, from) = (
        memories[memory].base + Int(destination), start + bytes.lowerBound + Int(source)
      )
      // In eights of bytes, and what is left.
      let rest = Int(count) & ~7
      (to + rest).copyMemory(from: from + rest, byteCount: Int(count) & 7)
      return inPortions(rest / 8, isInterrupted) {
        (to + 8 * $0).copyMemory(from: from + 8 * $0, byteCount: 8 * $1)
      }
    }
    return isDone ? nil : .interrupted
  }

  private func isInterrupted() -> Bool { store.interrupter.isRequested }

  func dropData(_ segment: Int) { data[segment] = 0..<0 }

  // MARK: Tables

  func tableFill(_ table: Int, _ start: UInt64, _ reference: UInt64, _ count: UInt64)
    -> TrapCode?
  {
    let table = tables[table]
    guard table.contains(start, count) else { return .outOfBoundsTableAccess }
    guard count > 0 else { return nil }
    table.isPristine = false
    let isDone = inPortions(Int(count), isInterrupted) {
      (table.elements + Int(start) + $0).update(repeating: reference, count: $1)
    }
    return isDone ? nil : .interrupted
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
    let (target, start) = (to.elements + Int(destination), from.elements + Int(source))
    // Overlapping elements move as if all at once: from their end where the destination is above.
    let isDone = inPortions(Int(count), isBackward: target > start, isInterrupted) {
      (target + $0).update(from: start + $0, count: $1)
    }
    return isDone ? nil : .interrupted
  }

  func tableInit(
    _ segment: Int, _ table: Int, _ destination: UInt64, _ source: UInt64, _ count: UInt64
  ) -> TrapCode? {
    let table = tables[table]
    let available = isElementDropped[segment] ? 0 : UInt64(module.elements[segment].items.count)
    guard source <= available, count <= available - source, table.contains(destination, count)
    else { return .outOfBoundsTableAccess }
    guard count > 0 else { return nil }
    table.isPristine = false
    let items = module.elements[segment].items
    let isDone = inPortions(Int(count), isInterrupted) { start, count in
      for number in start..<start + count {
        table.elements[Int(destination) + number] = reference(items[Int(source) + number])
      }
    }
    return isDone ? nil : .interrupted
  }

  /// What an element stands for: evaluated when it is needed, since it is the same at any time.
  private func reference(_ item: ElementItem) -> UInt64 {
    switch item {
    case .function(let index): UInt64(UInt(bitPattern: context + layout.funcRef(index)))
    case .global(let index): globalAddress(index).load(as: UInt64.self)
    case .null: 0
    case .expression(let expression): evaluate(expression).low
    }
  }

  func dropElement(_ segment: Int) { isElementDropped[segment] = true }
}
